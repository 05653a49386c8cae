//! ### What it does
//! Finds declared optimizers whose first step hardly changes any weight.
//!
//! ### Why is this bad
//! Where even the weight that moves most needs tens of thousands of steps to change, training takes longer than anyone
//! waits, and looks like a network that does not learn.
//!
//! ### The maths
//! The first step of an optimizer is computed from the forecast gradient `g` of each weight `w`, clipping included: for
//! `Sgd` the change is `learning_rate · g`, for `Adam` nearly `learning_rate`. The lint compares it with the root mean
//! square of the weight, and looks at the weight that moves most.
//!
//! ### Example
//! ```netdsl
//! pub struct Fast {
//!     input: [9] ~ Normal(0.0, 1.0),
//!     hidden: [Dense(64, activation = Relu, init = HeNormal); 2],
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//!     optimizer: Adam(learning_rate = 0.000001),
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Fast {
//!     input: [9] ~ Normal(0.0, 1.0),
//!     hidden: [Dense(64, activation = Relu, init = HeNormal); 2],
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//!     optimizer: Adam(learning_rate = 0.001),
//! }
//! ```
//!
//! ### References
//! - Ben Braiek & Khomh 2023, Testing Feedforward Neural Networks Training Programs (TheDeepChecker), arXiv:2204.00694: the
//!   decimal logarithm of the ratio of update and weight lies within -4 and -1
//! - Wardat, Cruz, Le & Rajan 2022, DeepDiagnosis: within 1e-5 and 1e-1

use netdsl_layers::{Verdict, power_of_ten};

use crate::fix::Remedy;
use crate::forecast::Steps;
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::remedies::LEARNING_RATE;
use crate::settings::Threshold;

/// By how much some weight has to move.
const SMALLEST_STEP: Threshold = Threshold {
    lint: "step_too_small",
    name: "smallest_step",
    default: 1e-5,
    most: f64::INFINITY,
    meaning: "the first step relative to the weight, of the weight that moves most; the lower line of DeepDiagnosis",
};

/// Hardly any weight moves.
pub(super) struct StepTooSmall;

impl Lint for StepTooSmall {
    fn name(&self) -> &'static str {
        "step_too_small"
    }

    fn group(&self) -> Group {
        Group::Suspicious
    }

    fn source(&self) -> &'static str {
        include_str!("step_too_small.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[SMALLEST_STEP]
    }

    fn remedies(&self) -> &'static [Remedy] {
        &[LEARNING_RATE]
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        let optimizer = context.network.optimizer.as_deref()?;
        let steps = Steps::new(context.forecast, optimizer);
        // Where the gradient is what is too small, no rate helps, and other lints say it.
        let is_lost = context.forecast.verdict == Verdict::Vanishing && steps.follow_the_gradient();
        if is_lost || context.forecast.verdict == Verdict::Dead {
            return None;
        }
        let most = steps.relative().max_by(|(_, one), (_, other)| one.total_cmp(other));
        let (weight, step) = most?;
        let limit = context.limit(&SMALLEST_STEP);
        (step < libm::log10(limit)).then(|| Finding {
            subject: Subject::Optimizer,
            message: format!(
                "the first step of `{}` changes no weight by more than {} of itself (limit {limit:e}; `{}`)",
                optimizer.written(),
                power_of_ten(step),
                weight.name,
            ),
            advice: "raise the learning rate",
        })
    }
}
