//! The cross-entropy of classes from logits.

use crate::arguments::Arguments;
use crate::expression::expression;
use crate::loss::{DeclaredLoss, Loss, PositionTarget, TargetKind};
use crate::shape::Shape;

/// `L = mean (ln Σ exp(y_k) - y_class)` over the positions of the batch: the cross-entropy of the softmax of logits.
///
/// The target is the index of the class of each position; the derivative is `softmax(y) - onehot(class)`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SoftmaxCrossEntropy;

expression!(SoftmaxCrossEntropy {});

impl DeclaredLoss for SoftmaxCrossEntropy {
    const NAME: &'static str = "SoftmaxCrossEntropy";

    fn resolve(_: &mut Arguments<'_>, _: Shape) -> Self {
        Self
    }
}

impl Loss for SoftmaxCrossEntropy {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn written(&self) -> String {
        Self::NAME.into()
    }
    fn target(&self) -> TargetKind {
        TargetKind::Classes
    }
    fn terms(&self, output: Shape) -> usize {
        output.positions()
    }
    fn at_position(&self, output: &[f64], target: PositionTarget<'_>, gradient: &mut [f64]) -> f64 {
        let PositionTarget::Class(class) = target else { return f64::NAN };
        let largest = output.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        for (gradient, output) in gradient.iter_mut().zip(output) {
            *gradient = libm::exp(output - largest);
            sum += *gradient;
        }
        for gradient in gradient.iter_mut() {
            *gradient /= sum;
        }
        gradient[class] -= 1.0;
        libm::log(sum) + largest - output[class]
    }
}
