//! ### What it does
//! Finds rectifier networks that are likely to be dead when they are born: a layer all of whose units are zero for every
//! input.
//!
//! ### Why is this bad
//! A dead layer passes the same signal on whatever the input is, and no gradient back: nothing before it ever learns,
//! and the network can only predict a constant. Training again with another seed may work, or not.
//!
//! ### The maths
//! A unit of a layer of `n` is dead where its pre-activation is negative for every input. Deep in a narrow network all
//! inputs point in nearly the same direction, so that each unit is dead with probability 1/2 and all are with `2⁻ⁿ`; over
//! `L` such layers the network is dead with at most `1 - (1 - 2⁻ⁿ)ᴸ`. How near the inputs have come to one direction is
//! counted by the sum of the inverse widths, a fit to simulations. A bias that starts far below zero kills layers of any
//! width.
//!
//! ### Example
//! ```netdsl
//! pub struct Narrow {
//!     input: [2] ~ Normal(0.0, 1.0),
//!     hidden: [Dense(5, activation = Relu, init = HeUniform); 15],
//!     output: Dense(3),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Narrow {
//!     input: [2] ~ Normal(0.0, 1.0),
//!     hidden: [Dense(5, activation = LeakyRelu, init = HeUniform); 15],
//!     output: Dense(3),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### References
//! - Lu, Shin, Su & Karniadakis 2020, Dying ReLU and Initialization: Theory and Numerical Examples, arXiv:1903.06733
//! - Jakub & Nica 2023, Depth Degeneracy in Neural Networks: Vanishing Angles in Fully Connected ReLU Networks on
//!   Initialization, arXiv:2302.09712

use crate::activated::activated;
use crate::fix::Remedy;
use crate::forecast::limits::DEAD_PROBABILITY;
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::remedies::{NORMALISATION, ZERO_BIAS};
use crate::settings::Threshold;

/// How likely a dead layer may be.
const LARGEST_PROBABILITY: Threshold = Threshold {
    lint: "dying_relu",
    name: "largest_probability",
    default: 0.1,
    most: 1.0,
    meaning: "the probability that a layer is zero for every input: one initialisation in ten",
};

/// A slope for negative inputs.
const LEAKY: Remedy = Remedy {
    verb: "write",
    changes: |context| {
        let layers = activated(context).into_iter().filter(|layer| {
            layer.activation.as_ref().is_some_and(|(activation, _)| activation.name() == "Relu")
        });
        layers.filter_map(|layer| layer.activate("LeakyRelu")).collect()
    },
};

/// A layer is likely to be zero for every input.
pub(super) struct DyingRelu;

impl Lint for DyingRelu {
    fn name(&self) -> &'static str {
        "dying_relu"
    }

    fn group(&self) -> Group {
        Group::Suspicious
    }

    fn source(&self) -> &'static str {
        include_str!("dying_relu.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[LARGEST_PROBABILITY, DEAD_PROBABILITY]
    }

    fn remedies(&self) -> &'static [Remedy] {
        &[ZERO_BIAS, LEAKY, NORMALISATION]
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        let activations = context.forecast.activations.iter().enumerate();
        let dead = activations.filter_map(|(leaf, activation)| Some((activation.dead_probability?, leaf, activation)));
        let (probability, leaf, activation) = dead.max_by(|(one, ..), (other, ..)| one.total_cmp(other))?;
        let limit = context.limit(&LARGEST_PROBABILITY);
        (probability > limit).then(|| Finding {
            subject: Subject::Layer(leaf),
            message: format!(
                "all units of `{}` or of a layer before it are zero for every input in {:.0} % of all initialisations (limit \
                 {:.0} %)",
                activation.name,
                100.0 * probability,
                100.0 * limit,
            ),
            advice: "use an activation that is not zero for negative inputs, biases that do not start below zero, wider layers, or \
                     fewer of them",
        })
    }
}
