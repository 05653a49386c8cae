//! ### What it does
//! Finds declared optimizers whose first step changes every weight by a large part of itself. Where the steps follow the
//! gradient, and the gradients are not too large by themselves, one weight before the output layer is enough.
//!
//! ### Why is this bad
//! A step of that size leaves nothing of the initialisation that makes a network trainable. For optimizers that scale
//! their steps, the gradient has no say in it: the learning rate alone is too large.
//!
//! ### The maths
//! The first step of an optimizer is computed from the forecast gradient `g` of each weight `w`, clipping included: for
//! `Sgd` the change is `learning_rate · g`, for `Adam` nearly `learning_rate`. The lint compares it with the root mean
//! square of the weight, and looks at the weight that moves least. One that moves by more than a tenth of itself
//! (`largest_step` of `exploding_gradient`) makes the verdict that the network explodes: where gradient descent without a
//! declared rate would not, the rate is to blame. A network of one layer is left alone where the steps
//! follow the gradient: its loss is convex, so that nothing of the initialisation has to be left.
//!
//! ### Example
//! ```netdsl
//! pub struct Fast {
//!     input: [9] ~ Normal(0.0, 1.0),
//!     hidden: [Dense(64, activation = Relu, init = HeNormal); 2],
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//!     optimizer: Adam(learning_rate = 0.1),
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
use crate::forecast::{Steps, limits};
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::remedies::LEARNING_RATE;
use crate::settings::Threshold;

/// By how much every weight may move.
const LARGEST_STEP: Threshold = Threshold {
    lint: "step_too_large",
    name: "largest_step",
    default: 0.1,
    most: f64::INFINITY,
    meaning: "the first step relative to the weight, of the weight that moves least; the upper line of TheDeepChecker and of \
              DeepDiagnosis",
};

/// Every weight moves by a large part of itself at once.
pub(super) struct StepTooLarge;

impl Lint for StepTooLarge {
    fn name(&self) -> &'static str {
        "step_too_large"
    }

    fn group(&self) -> Group {
        Group::Suspicious
    }

    fn source(&self) -> &'static str {
        include_str!("step_too_large.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[LARGEST_STEP]
    }

    fn remedies(&self) -> &'static [Remedy] {
        &[LEARNING_RATE]
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        let optimizer = context.network.optimizer.as_deref()?;
        let steps = Steps::new(context.forecast, optimizer);
        if context.forecast.verdict == Verdict::Exploding {
            // Where the gradient is what is too large, that is said instead.
            let (weight, step) = steps.too_large_alone(&context.network.declaration(), context.settings)?;
            return Some(Finding {
                subject: Subject::Optimizer,
                message: format!(
                    "the first step of `{}` changes `{}` by {} of itself (limit {:e}), though its gradient is not too large \
                     by itself",
                    optimizer.written(),
                    weight.name,
                    power_of_ten(step),
                    context.limit(&limits::LARGEST_STEP),
                ),
                advice: "lower the learning rate",
            });
        }
        if context.forecast.verdict == Verdict::NonFinite {
            return None;
        }
        // What follows the gradient finds the minimum of a convex loss whatever the weight was.
        if steps.follow_the_gradient() && steps.before_the_output().next().is_none() {
            return None;
        }
        let least = steps.relative().min_by(|(_, one), (_, other)| one.total_cmp(other));
        let (weight, step) = least?;
        let limit = context.limit(&LARGEST_STEP);
        (step > libm::log10(limit)).then(|| Finding {
            subject: Subject::Optimizer,
            message: format!(
                "the first step of `{}` changes every weight by at least {} of itself (limit {limit:e}; `{}`)",
                optimizer.written(),
                power_of_ten(step),
                weight.name,
            ),
            advice: "lower the learning rate",
        })
    }
}
