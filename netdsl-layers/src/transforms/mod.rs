//! The parts that optimizers are chained from, one file each.

mod adadelta_ratio;
mod bias_correction;
mod clip_norm;
mod corrected_moments;
mod infinity_norm;
mod learning_rate;
mod moments;
mod momentum;
mod nesterov_moments;
mod only;
mod orthogonal;
mod scale;
mod second_moment;
mod sign_momentum;
mod trust_ratio;
mod weight_decay;

pub use adadelta_ratio::AdadeltaRatio;
pub use bias_correction::BiasCorrection;
pub use clip_norm::ClipNorm;
pub use corrected_moments::CorrectedMoments;
pub use infinity_norm::InfinityNorm;
pub use learning_rate::LearningRate;
pub use moments::Moments;
pub use momentum::Momentum;
pub use nesterov_moments::NesterovMoments;
pub use only::Only;
pub use orthogonal::Orthogonal;
pub use scale::Scale;
pub use second_moment::{Average, SecondMoment};
pub use sign_momentum::SignMomentum;
pub use trust_ratio::TrustRatio;
pub use weight_decay::WeightDecay;

use crate::element::Element;

/// The norm, summed in double precision.
fn norm<T: Element>(values: &[T]) -> f64 {
    values.iter().map(|value| (*value).to_f64().powi(2)).sum::<f64>().sqrt()
}

/// `a / b`, and no step where there has been no gradient and no epsilon: zero over zero is zero.
#[inline(always)]
fn ratio<T: Element>(a: T, b: T) -> T {
    if b > T::zero() { a / b } else { T::zero() }
}

/// Implements the two facets of a transform that works value by value, with what it remembers.
macro_rules! elementwise {
    ([$($name:literal),*]) => {
        fn memory(&self, _tensor: &$crate::ParameterRange) -> Vec<$crate::Memory> {
            vec![$($crate::Memory { name: $name, start: 0.0 }),*]
        }

        fn whole_tensors(&self) -> bool {
            false
        }
    };
}
use elementwise;

/// Implements a transform that only multiplies, with what it multiplies with in a step.
macro_rules! factor {
    (|$self:ident, $now:ident| $factor:expr) => {
        $crate::transforms::elementwise!([]);

        fn factor(&$self, $now: $crate::Now) -> Option<f64> {
            Some($factor)
        }

        fn apply(&$self, part: &$crate::Part<'_, T>, _state: $crate::State<'_, T>, update: &mut [T]) {
            let $now = part.now;
            $crate::optimizer::multiply(update, $factor);
        }
    };
}
use factor;
