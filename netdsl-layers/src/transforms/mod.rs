//! The parts that optimizers are chained from, one file each.

mod bias_correction;
mod learning_rate;
mod moments;
mod momentum;
mod second_moment;
mod weight_decay;

pub use bias_correction::BiasCorrection;
pub use learning_rate::LearningRate;
pub use moments::Moments;
pub use momentum::Momentum;
pub use second_moment::{Average, SecondMoment};
pub use weight_decay::WeightDecay;

use crate::element::Element;

/// Whether all values are finite; without an early exit, so that it can be vectorised.
fn finite<T: Element>(values: &[T]) -> bool {
    values.iter().fold(true, |finite, value| finite & value.is_finite())
}
