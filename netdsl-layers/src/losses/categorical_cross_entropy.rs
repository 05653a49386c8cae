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

/// The term of a position from the sum of its outputs and the output of its class, and the derivatives with respect to
/// both.
fn term(sum: f64, of_class: f64) -> (f64, f64, f64) {
    let probability = of_class / sum;
    let cut = probability.clamp(EPSILON, 1.0 - EPSILON);
    if cut == probability || cut.is_nan() {
        (-libm::log(cut), 1.0 / sum, -1.0 / of_class)
    } else {
        (-libm::log(cut), 0.0, 0.0)
    }
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
        let (loss, by_sum, by_class) = term(output.iter().sum(), output[class]);
        gradient.fill(by_sum);
        gradient[class] += by_class;
        loss
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::LossKernel<T> for CategoricalCrossEntropy {
    type Targets = crate::Classes;

    fn refuse(&self, output: Shape, target: usize) -> Option<String> {
        crate::loss::refuse_class(output, target)
    }

    fn evaluate(&self, output: Shape, values: &[T], targets: &[usize], gradient: &mut [T]) -> f64 {
        let share = 1.0 / targets.len() as f64;
        crate::loss::mean_over_positions(output, targets, |features, class| {
            let (mut sum, mut of_class) = (0.0, f64::NAN);
            for (feature, index) in features.clone().enumerate() {
                let value = values[index].to_f64();
                sum += value;
                if feature == class {
                    of_class = value;
                }
            }
            let (loss, by_sum, by_class) = term(sum, of_class);
            for (feature, index) in features.enumerate() {
                let derivative = by_sum + if feature == class { by_class } else { 0.0 };
                gradient[index] = T::from_f64(derivative * share);
            }
            loss
        })
    }
}
