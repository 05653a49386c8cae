//! ### What it does
//! Finds networks whose activations or gradients leave the range of 32-bit floating point at initialisation.
//!
//! ### Why is this bad
//! What is larger than about 3.4e38 becomes an infinity, the difference of two infinities is no number, and one such
//! value spreads over all weights in the first step. Clipping by the norm does not help where the norm itself is
//! infinite.
//!
//! ### The maths
//! The forecast carries the scale of signals and gradients as logarithms, so that it neither overflows nor underflows
//! itself. A signal is taken to leave the range where its root mean square is above 10^37.8, a gradient where that of
//! its elements is above 10^38.2: single elements are larger than the root mean square.
//!
//! ### Example
//! ```netdsl
//! pub struct Huge {
//!     input: [100] ~ Uniform(0.0, 1.0),
//!     hidden: [Dense(100, activation = Relu, init = Uniform(0.9, 1.1)); 10],
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Huge {
//!     input: [100] ~ Uniform(0.0, 1.0),
//!     hidden: [Dense(100, activation = Relu, init = HeNormal); 10],
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//! }
//! ```
//!
//! ### References
//! - IEEE 754-2019, binary32

use netdsl_layers::{Float32, NotForecast, Verdict, power_of_ten};

use crate::fix::Remedy;
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::remedies;
use crate::settings::Threshold;
use crate::weights::weights;

/// Activations or gradients leave the range of `f32`.
pub(super) struct NonFinite;

impl Lint for NonFinite {
    fn name(&self) -> &'static str {
        "non_finite"
    }

    fn group(&self) -> Group {
        Group::Correctness
    }

    fn source(&self) -> &'static str {
        include_str!("non_finite.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[]
    }

    fn remedies(&self) -> &'static [Remedy] {
        remedies::OF_GRADIENTS
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        if context.forecast.verdict != Verdict::NonFinite {
            return None;
        }
        let forward = context.forecast.activations.iter().position(|activation| {
            activation.rms_log10.is_some_and(|rms| rms > crate::forecast::LARGEST_SIGNAL_LOG10)
        });
        let gap = context.forecast.not_forecastable.as_ref();
        let (leaf, message) = match forward {
            None if let Some(NotForecast { layer, reason }) = gap => {
                let leaf = context.network.leaves.iter().position(|leaf| leaf.path == *layer)?;
                let message = format!("the signal leaves the range of `f32` (3.4e38) behind `{layer}`: {reason}");
                (leaf, message)
            }
            Some(leaf) => {
                let activation = &context.forecast.activations[leaf];
                let rms = power_of_ten(activation.rms_log10.unwrap_or(f64::INFINITY));
                let message = format!(
                    "the signal behind `{}` is forecast a root mean square of {rms}, beyond the range of `f32` (3.4e38)",
                    activation.name
                );
                (leaf, message)
            }
            None => {
                let parameters = &context.forecast.parameters;
                let overflow = |index: usize| parameters[index].f32 == Float32::Overflow;
                let worst = weights(context.forecast)
                    .filter(|weight| overflow(weight.index))
                    .max_by(|one, other| one.gradient_log10.unwrap_or(0.0).total_cmp(&other.gradient_log10.unwrap_or(0.0)))?;
                let message = format!(
                    "the gradient of `{}` is forecast a norm of {}, beyond the range of `f32` (3.4e38): training without \
                     clipping ends in infinities at the first step",
                    worst.name,
                    power_of_ten(worst.gradient_log10.unwrap_or(f64::INFINITY)),
                );
                (context.steepest_leaf().or_else(|| context.leaf_of(worst.index))?, message)
            }
        };
        Some(Finding {
            subject: Subject::Layer(leaf),
            message,
            advice: "use the initialisation that fits the activation, or put a normalisation into the stack",
        })
    }
}
