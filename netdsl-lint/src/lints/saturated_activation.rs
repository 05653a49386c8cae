//! ### What it does
//! Finds layers most of whose values lie in the flat part of an activation that is bounded on both sides, such as
//! `Sigmoid`, `Tanh`, `HardSigmoid` and `Softsign`.
//!
//! ### Why is this bad
//! Where an activation is flat its derivative is nearly zero: the unit passes hardly any gradient on, and hardly
//! learns. It also passes the same value on whatever its input is.
//!
//! ### The maths
//! A pre-activation is close to `z ~ N(M, V)` at initialisation. The layer is called saturated where
//! `P(|φ'(z)| < 0.0266 φ'(0))` is above one half: the logistic function is that flat beyond ±5, the hyperbolic tangent
//! beyond ±2.5.
//!
//! ### Example
//! ```netdsl
//! pub struct Wide {
//!     input: [784] ~ Uniform(0.0, 1.0),
//!     hidden: Dense(64, activation = Tanh, init = Normal(0.0, 1.0)),
//!     output: Dense(10),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Wide {
//!     input: [784] ~ Uniform(0.0, 1.0),
//!     hidden: Dense(64, activation = Tanh),
//!     output: Dense(10),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### References
//! - Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, section 3
//! - Wardat, Cruz, Le & Rajan 2022, DeepDiagnosis: Automatically Diagnosing Faults and Recommending Actionable Fixes in
//!   Deep Learning Programs: saturation beyond ±5

use crate::fix::Remedy;
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::remedies;
use crate::settings::Threshold;

/// The share of values in the flat part.
const LARGEST_SHARE: Threshold = Threshold {
    lint: "saturated_activation",
    name: "largest_share",
    default: 0.5,
    most: 1.0,
    meaning: "the share of the values of a layer in the flat part of its activation: at one half most units hardly learn",
};

/// Most values lie in the flat part of an activation.
pub(super) struct SaturatedActivation;

impl Lint for SaturatedActivation {
    fn name(&self) -> &'static str {
        "saturated_activation"
    }

    fn group(&self) -> Group {
        Group::Suspicious
    }

    fn source(&self) -> &'static str {
        include_str!("saturated_activation.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[LARGEST_SHARE]
    }

    fn remedies(&self) -> &'static [Remedy] {
        remedies::OF_GRADIENTS
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        let activations = context.forecast.activations.iter().enumerate();
        let saturated = activations.filter_map(|(leaf, activation)| Some((activation.saturation?, leaf, activation)));
        let (share, leaf, activation) = saturated.max_by(|(one, ..), (other, ..)| one.total_cmp(other))?;
        let limit = context.limit(&LARGEST_SHARE);
        (share > limit).then(|| Finding {
            subject: Subject::Layer(leaf),
            message: format!(
                "the activation of `{}` is saturated: {:.0} % of its values are forecast in its flat part (limit {:.0} %)",
                activation.name,
                100.0 * share,
                100.0 * limit,
            ),
            advice: "draw smaller weights, bring the inputs to a scale of about 1, or put a normalisation before the activation",
        })
    }
}
