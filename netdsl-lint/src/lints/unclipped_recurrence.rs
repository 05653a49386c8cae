//! ### What it does
//! Finds recurrent networks whose gradient norm is spread over decades from seed to seed, or grows along the sequence,
//! under an optimizer whose steps follow the gradient and that does not clip.
//!
//! ### Why is this bad
//! Where the gradient is heavy-tailed, most steps are small and a few are huge. One of those undoes what many others
//! have learnt; that is what clipping was introduced for.
//!
//! ### The maths
//! The gradient of a recurrent weight is a sum of products of as many matrices as there are steps, and the logarithm of
//! the norm of such a product has a variance that grows with their number (Hanin & Nica 2018). The lint compares the
//! forecast standard deviation of the decimal logarithm of the norm, and the growth of the gradient from the last step to
//! the first.
//!
//! ### Example
//! ```netdsl
//! pub struct Tail {
//!     input: [50, 2] ~ Normal(0.0, 1.0),
//!     memory: SimpleRnn(16, activation = Relu, recurrent_init = Normal(0.0, 0.35)),
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//!     optimizer: Sgd(learning_rate = 0.01),
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Tail {
//!     input: [50, 2] ~ Normal(0.0, 1.0),
//!     memory: SimpleRnn(16, activation = Relu, recurrent_init = Normal(0.0, 0.35)),
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//!     optimizer: Sgd(learning_rate = 0.01, clip = GlobalNorm(1.0)),
//! }
//! ```
//!
//! ### References
//! - Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, arXiv:1211.5063
//! - Hanin & Nica 2018, Products of Many Large Random Matrices and Gradients in Deep Neural Networks, arXiv:1812.05994

use netdsl_layers::power_of_ten;

use crate::fix::Remedy;
use crate::forecast::Steps;
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::remedies::CLIPPING;
use crate::settings::Threshold;
use crate::structure::recurrent_weights;

/// How far the norm may be spread.
const LARGEST_SPREAD: Threshold = Threshold {
    lint: "unclipped_recurrence",
    name: "largest_spread",
    default: 0.43,
    most: f64::INFINITY,
    meaning: "the standard deviation of the decimal logarithm of the gradient's norm: at 0.43 one seed in a hundred has a \
              norm of ten times the median",
};

/// How much the gradient may grow along the sequence.
const LARGEST_TIME_RATIO: Threshold = Threshold {
    lint: "unclipped_recurrence",
    name: "largest_time_ratio",
    default: 31.6,
    most: f64::INFINITY,
    meaning: "the gradient at the first step of a sequence relative to that at the last; the same as `largest_growth` of \
              exploding_gradient along depth",
};

/// A recurrent step is heavy-tailed and nothing clips.
pub(super) struct UnclippedRecurrence;

impl Lint for UnclippedRecurrence {
    fn name(&self) -> &'static str {
        "unclipped_recurrence"
    }

    fn group(&self) -> Group {
        Group::Suspicious
    }

    fn source(&self) -> &'static str {
        include_str!("unclipped_recurrence.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[LARGEST_SPREAD, LARGEST_TIME_RATIO]
    }

    fn remedies(&self) -> &'static [Remedy] {
        &[CLIPPING]
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        let optimizer = context.network.optimizer.as_deref()?;
        if optimizer.clip().is_some() || !Steps::new(context.forecast, optimizer).follow_the_gradient() {
            return None;
        }
        let spread = |index: usize| context.forecast.parameters[index].gradient_norm_log10_std.unwrap_or(0.0);
        let weight = recurrent_weights(context).max_by(|one, other| spread(one.index).total_cmp(&spread(other.index)))?;
        let decades = spread(weight.index);
        let growth = context.forecast.time_decay_log10.unwrap_or(0.0);
        let is_spread = decades > context.limit(&LARGEST_SPREAD);
        let is_growing = growth > libm::log10(context.limit(&LARGEST_TIME_RATIO));
        (is_spread || is_growing).then(|| Finding {
            subject: Subject::Layer(weight.leaf),
            message: format!(
                "the gradient of `{}` is forecast to be heavy-tailed, with a norm of {} ±{decades:.2} decades and {} times as \
                 large at the first step of a sequence as at the last, and nothing clips it",
                weight.name,
                power_of_ten(context.forecast.parameters[weight.index].gradient_norm_log10.unwrap_or(f64::NEG_INFINITY)),
                power_of_ten(growth),
            ),
            advice: "clip: `clip = GlobalNorm(1.0)` in the optimizer",
        })
    }
}
