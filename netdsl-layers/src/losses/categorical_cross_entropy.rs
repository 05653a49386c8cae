//! The cross-entropy of classes from probabilities.

use crate::arguments::Arguments;
use crate::expression::expression;
use crate::loss::{DeclaredLoss, Loss, OutputKind, PositionTarget, TargetKind};
use crate::shape::Shape;

/// `L = -mean ln p_class` over the positions of the batch, with `p_k = y_k / Σ y`, cut to [1e-7, 1 - 1e-7] as in Keras.
///
/// The target is the index of the class of each position. The derivative is `1 / Σ y - [k = class] / y_class`, and 0
/// where `p_class` was cut. From logits use `SoftmaxCrossEntropy`, which has no such flat ends.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CategoricalCrossEntropy;

expression!(CategoricalCrossEntropy {});

impl DeclaredLoss for CategoricalCrossEntropy {
    const NAME: &'static str = "CategoricalCrossEntropy";

    fn resolve(_: &mut Arguments<'_>, _: Shape) -> Self {
        Self
    }
}

/// How far probabilities stay from 0 and 1.
const EPSILON: f64 = 1e-7;

/// The probability of the class of a position, from the sum of its outputs and the output of the class, and the derivatives
/// of the term with respect to both.
fn cut(sum: f64, of_class: f64) -> (f64, f64, f64) {
    let probability = of_class / sum;
    let cut = probability.clamp(EPSILON, 1.0 - EPSILON);
    if cut == probability || cut.is_nan() { (cut, 1.0 / sum, -1.0 / of_class) } else { (cut, 0.0, 0.0) }
}

impl Loss for CategoricalCrossEntropy {
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
        OutputKind::Distribution
    }
    fn terms(&self, output: Shape) -> usize {
        output.positions()
    }
    fn at_position(&self, output: &[f64], target: PositionTarget<'_>, gradient: &mut [f64]) -> f64 {
        let PositionTarget::Class(class) = target else { return f64::NAN };
        let (probability, by_sum, by_class) = cut(output.iter().sum(), output[class]);
        gradient.fill(by_sum);
        gradient[class] += by_class;
        -libm::log(probability)
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::{CategoricalCrossEntropy, cut};
    use crate::element::Element;
    use crate::loss::{Classes, Logarithms, LossKernel, mean_over_positions, refuse_class};
    use crate::shape::Shape;

    impl<T: Element> LossKernel<T> for CategoricalCrossEntropy {
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
        let mut logarithms = Logarithms::new();
        let row_by_row = values.chunks_exact(width).zip(gradient.chunks_exact_mut(width));
        for ((values, gradient), class) in row_by_row.zip(targets) {
            let sum = values.iter().fold(0.0, |sum, value| sum + (*value).to_f64());
            let of_class = values.get(*class).copied().unwrap_or(T::nan()).to_f64();
            let (probability, by_sum, by_class) = cut(sum, of_class);
            logarithms.add(probability);
            gradient.fill(T::from_f64(by_sum * share));
            if let Some(at_class) = gradient.get_mut(*class) {
                *at_class = T::from_f64((by_sum + by_class) * share);
            }
        }
        -logarithms.sum()
    }
}
