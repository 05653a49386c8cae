//! The cross-entropy of independent probabilities.

use crate::arguments::Arguments;
use crate::expression::expression;
use crate::loss::{DeclaredLoss, Loss, OutputKind, PositionTarget, TargetKind};
use crate::shape::Shape;

/// `L = -mean (t ln p + (1 - t) ln(1 - p))` over every number of the batch, with the output `y` for the probability
/// `p`, cut to [1e-7, 1 - 1e-7] as in Keras.
///
/// The derivative is `(p - t) / (p (1 - p))`, and 0 where `y` was cut. From logits use `SigmoidCrossEntropy`, which has
/// no such flat ends.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BinaryCrossEntropy;

expression!(BinaryCrossEntropy {});

impl DeclaredLoss for BinaryCrossEntropy {
    const NAME: &'static str = "BinaryCrossEntropy";

    fn resolve(_: &mut Arguments<'_>, _: Shape) -> Self {
        Self
    }
}

/// How far probabilities stay from 0 and 1.
const EPSILON: f64 = 1e-7;

/// The term of a probability and its derivative, by this natural logarithm.
#[inline(always)]
fn term(probability: f64, target: f64, logarithm: impl Fn(f64) -> f64) -> (f64, f64) {
    let cut = probability.clamp(EPSILON, 1.0 - EPSILON);
    let loss = -(target * logarithm(cut) + (1.0 - target) * logarithm(1.0 - cut));
    // A NaN was not cut and goes on as one.
    let derivative =
        if cut == probability || cut.is_nan() { (cut - target) / (cut * (1.0 - cut)) } else { 0.0 };
    (loss, derivative)
}

impl Loss for BinaryCrossEntropy {
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
        OutputKind::Probabilities
    }
    fn terms(&self, output: Shape) -> usize {
        output.len()
    }
    fn at_position(&self, output: &[f64], target: PositionTarget<'_>, gradient: &mut [f64]) -> f64 {
        let PositionTarget::Values(target) = target else { return f64::NAN };
        let mut sum = 0.0;
        for ((gradient, output), target) in gradient.iter_mut().zip(output).zip(target) {
            let (loss, derivative) = term(*output, *target, libm::log);
            sum += loss;
            *gradient = derivative;
        }
        sum
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::LossKernel<T> for BinaryCrossEntropy {
    type Targets = crate::Values;

    fn refuse(&self, _output: Shape, target: T) -> Option<String> {
        crate::loss::refuse_improbable(target)
    }

    fn evaluate(&self, _output: Shape, values: &[T], targets: &[T], gradient: &mut [T]) -> f64 {
        crate::loss::mean_over_values(
            values,
            targets,
            gradient,
            1.0,
            #[inline(always)]
            |value, target| {
                let (loss, derivative) =
                    term(value.to_f64(), target.to_f64(), crate::transcendental::Transcendental::logarithm);
                (loss, T::from_f64(derivative))
            },
        )
    }
}
