//! The mean of squared differences.

use crate::arguments::Arguments;
use crate::expression::expression;
use crate::loss::{DeclaredLoss, Loss, OutputKind, PositionTarget, TargetKind};
use crate::shape::Shape;

/// `L = mean (y - t)²` over every number of the batch, as in Keras.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeanSquaredError;

expression!(MeanSquaredError {});

impl DeclaredLoss for MeanSquaredError {
    const NAME: &'static str = "MeanSquaredError";

    fn resolve(_: &mut Arguments<'_>, _: Shape) -> Self {
        Self
    }
}

impl Loss for MeanSquaredError {
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
            let difference = output - target;
            *gradient = 2.0 * difference;
            sum += difference * difference;
        }
        sum
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::LossKernel<T> for MeanSquaredError {
    type Targets = crate::Values;

    fn refuse(&self, _output: Shape, target: T) -> Option<String> {
        crate::loss::refuse_non_finite(target)
    }

    fn evaluate(&self, _output: Shape, values: &[T], targets: &[T], gradient: &mut [T]) -> f64 {
        crate::loss::mean_over_values(
            values,
            targets,
            gradient,
            2.0,
            #[inline(always)]
            |value, target| {
                let difference = value - target;
                (difference.to_f64() * difference.to_f64(), difference)
            },
        )
    }
}
