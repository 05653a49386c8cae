//! The mean of absolute differences.

use crate::arguments::Arguments;
use crate::expression::expression;
use crate::loss::{DeclaredLoss, Loss, OutputKind, PositionTarget, TargetKind};
use crate::shape::Shape;

/// `L = mean |y - t|` over every number of the batch, as in Keras.
///
/// The derivative is the sign of the difference, and 0 where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeanAbsoluteError;

expression!(MeanAbsoluteError {});

impl DeclaredLoss for MeanAbsoluteError {
    const NAME: &'static str = "MeanAbsoluteError";

    fn resolve(_: &mut Arguments<'_>, _: Shape) -> Self {
        Self
    }
}

/// The sign of a difference, 0 for 0, and NaN for NaN.
#[inline(always)]
fn sign(difference: f64) -> f64 {
    if difference == 0.0 { 0.0 } else { difference.signum() }
}

impl Loss for MeanAbsoluteError {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn written(&self) -> String {
        Self::NAME.into()
    }
    fn target(&self) -> TargetKind {
        TargetKind::Values
    }
    fn takes(&self) -> OutputKind {
        OutputKind::Numbers
    }
    fn terms(&self, output: Shape) -> usize {
        output.len()
    }
    fn at_position(&self, output: &[f64], target: PositionTarget<'_>, gradient: &mut [f64]) -> f64 {
        let PositionTarget::Values(target) = target else { return f64::NAN };
        let mut sum = 0.0;
        for ((gradient, output), target) in gradient.iter_mut().zip(output).zip(target) {
            let (loss, derivative) = (libm::fabs(output - target), sign(output - target));
            sum += loss;
            *gradient = derivative;
        }
        sum
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::LossKernel<T> for MeanAbsoluteError {
    type Targets = crate::Values;

    fn refuse(&self, _output: Shape, target: T) -> Option<String> {
        crate::loss::refuse_non_finite(target)
    }

    fn evaluate(&self, _output: Shape, values: &[T], targets: &[T], gradient: &mut [T]) -> f64 {
        crate::loss::mean_over_values(
            values,
            targets,
            gradient,
            1.0,
            #[inline(always)]
            |value, target| {
                let difference = (value - target).to_f64();
                (difference.abs(), T::from_f64(sign(difference)))
            },
        )
    }
}
