//! The cross-entropy of classes from logits.

use crate::arguments::Arguments;
use crate::expression::expression;
use crate::loss::{DeclaredLoss, Loss, OutputKind, PositionTarget, TargetKind};
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
    fn takes(&self) -> OutputKind {
        OutputKind::Logits
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

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::LossKernel<T> for SoftmaxCrossEntropy {
    type Targets = crate::Classes;

    fn refuse(&self, output: Shape, target: usize) -> Option<String> {
        crate::loss::refuse_class(output, target)
    }

    fn evaluate(&self, output: Shape, values: &[T], targets: &[usize], gradient: &mut [T]) -> f64 {
        let share = 1.0 / targets.len() as f64;
        crate::loss::mean_over_positions(output, targets, |features, class| {
            let largest = features
                .clone()
                .fold(f64::NEG_INFINITY, |largest, index| largest.max(values[index].to_f64()));
            let mut sum = 0.0;
            for index in features.clone() {
                let power = libm::exp(values[index].to_f64() - largest);
                sum += power;
                gradient[index] = T::from_f64(power);
            }
            let mut of_class = f64::NAN;
            for (feature, index) in features.enumerate() {
                let probability = gradient[index].to_f64() / sum;
                let hit = feature == class;
                if hit {
                    of_class = values[index].to_f64();
                }
                gradient[index] = T::from_f64((probability - f64::from(u8::from(hit))) * share);
            }
            libm::log(sum) + largest - of_class
        })
    }
}
