//! ### What it does
//! Finds networks in which two different inputs arrive at the output layer as the same, to the resolution of 32-bit
//! numbers: because all signals have become equal, or because the signal has faded away.
//!
//! ### Why is this bad
//! Whatever the loss asks for, the network then answers every input alike, and the gradient can only move that one
//! answer. Unlike a small gradient, this is not undone by an optimizer that scales its steps.
//!
//! ### The maths
//! With the root mean square `r` of the values before the output layer and the correlation `c` of two inputs there, two
//! inputs differ by `r sqrt(2 (1 - c))`. What is left is taken relative to the signal, or to 1 where the signal is
//! smaller, since outputs are compared with targets of that scale: `r sqrt(1 - c) / max(r, 1)`. 32-bit numbers resolve
//! 6e-8, sums of a few hundred of them about 1e-6. Layers whose correlation tends to 1 lose it by the same factor in every
//! layer (Schoenholz et al. 2017, section 3).
//!
//! ### Example
//! ```netdsl
//! pub struct Deep {
//!     input: [100] ~ Uniform(0.0, 1.0),
//!     hidden: [Dense(100, activation = Sigmoid); 8],
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//!     optimizer: Adam,
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Deep {
//!     input: [100] ~ Uniform(0.0, 1.0),
//!     hidden: [Dense(100, activation = Relu, init = HeNormal); 8],
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//!     optimizer: Adam,
//! }
//! ```
//!
//! ### References
//! - Schoenholz, Gilmer, Ganguli & Sohl-Dickstein 2017, Deep Information Propagation, arXiv:1611.01232
//! - Poole, Lahiri, Raghu, Sohl-Dickstein & Ganguli 2016, Exponential expressivity in deep neural networks through
//!   transient chaos, arXiv:1606.05340

use netdsl_layers::{Verdict, power_of_ten};

use crate::fix::Remedy;
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::remedies;
use crate::settings::Threshold;
use crate::structure::main_leaves;
use crate::weights::weights;

/// What has to be left of a difference.
const SMALLEST_DIFFERENCE: Threshold = Threshold {
    lint: "lost_signal",
    name: "smallest_difference",
    default: 1e-5,
    most: f64::INFINITY,
    meaning: "what is left at the output layer of the difference between two inputs, relative to the signal or to 1: ten \
              times what sums of 32-bit numbers resolve, and between networks that Adam trained and those it did not",
};

/// Different inputs arrive as the same.
pub(super) struct LostSignal;

impl Lint for LostSignal {
    fn name(&self) -> &'static str {
        "lost_signal"
    }

    fn group(&self) -> Group {
        Group::Correctness
    }

    fn source(&self) -> &'static str {
        include_str!("lost_signal.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[SMALLEST_DIFFERENCE]
    }

    fn remedies(&self) -> &'static [Remedy] {
        remedies::OF_GRADIENTS
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        // Where the gradient vanishes as well, one word for both is enough.
        if context.forecast.verdict == Verdict::Vanishing {
            return None;
        }
        let output = context.leaf_of(weights(context.forecast).last()?.index)?;
        let limit = context.limit(&SMALLEST_DIFFERENCE);
        let difference = |leaf: usize| {
            let activation = &context.forecast.activations[leaf];
            let (rms, correlation) = (activation.rms_log10?, activation.correlation?);
            Some(rms - rms.max(0.0) + 0.5 * libm::log10((1.0 - correlation).max(1e-300)))
        };
        let before: Vec<usize> = main_leaves(context).into_iter().filter(|leaf| *leaf < output).collect();
        let arrives = difference(*before.last()?)?;
        if arrives >= libm::log10(limit) {
            return None;
        }
        let is_lost = |leaf: &&usize| difference(**leaf).is_some_and(|left| left < libm::log10(limit));
        let first = before.iter().rev().take_while(is_lost).last()?;
        let activation = &context.forecast.activations[*first];
        Some(Finding {
            subject: Subject::Layer(*first),
            message: format!(
                "the signal is lost: of the difference between two inputs {} arrives at the output layer, relative to what is \
                 the same, and it falls below what 32-bit numbers resolve in `{}` (limit {limit:e})",
                power_of_ten(arrives),
                activation.name,
            ),
            advice: "use an activation and an initialisation that keep the scale, fewer layers, or residual connections",
        })
    }
}
