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
mod kernels {
    use super::SoftmaxCrossEntropy;
    use crate::element::Element;
    use crate::lanes::{fold, largest};
    use crate::loss::{Classes, Logarithms, LossKernel, mean_over_positions, refuse_class};
    use crate::shape::Shape;

    impl<T: Element> LossKernel<T> for SoftmaxCrossEntropy {
        type Targets = Classes;

        fn refuse(&self, output: Shape, target: usize) -> Option<String> {
            refuse_class(output, target)
        }

        fn evaluate(&self, output: Shape, values: &[T], targets: &[usize], gradient: &mut [T]) -> f64 {
            mean_over_positions(output, values, targets, gradient, rows)
        }
    }

    /// The sum of the terms, and the gradient of so large a share of it.
    #[inline(always)]
    fn rows<T: Element>(
        width: usize,
        values: &[T],
        targets: &[usize],
        share: f64,
        gradient: &mut [T],
    ) -> f64 {
        let mut sum_of_terms = 0.0;
        let row_by_row = values.chunks_exact(width).zip(gradient.chunks_exact_mut(width));
        for ((values, gradient), class) in row_by_row.zip(targets) {
            let largest = largest(values);
            for (gradient, value) in gradient.iter_mut().zip(values) {
                *gradient = *value - largest;
            }
            sum_of_terms += largest.to_f64() - values.get(*class).copied().unwrap_or(T::nan()).to_f64();
        }
        // Over all rows at once: a row alone may be shorter than a register.
        for value in &mut *gradient {
            *value = value.power_of_e();
        }
        let mut logarithms = Logarithms::new();
        for (gradient, class) in gradient.chunks_exact_mut(width).zip(targets) {
            let sum = fold(gradient, 0.0, |sum, power| sum + power.to_f64(), |one, other| one + other);
            logarithms.add(sum);
            let factor = share / sum;
            // What the other classes sum up to has all digits; one less the probability has lost them where they are few.
            let others = sum - gradient.get(*class).copied().unwrap_or(T::nan()).to_f64();
            let rounded = T::from_f64(factor);
            for value in &mut *gradient {
                *value *= rounded;
            }
            if let Some(of_class) = gradient.get_mut(*class) {
                *of_class = T::from_f64(-others * factor);
            }
        }
        sum_of_terms + logarithms.sum()
    }
}
