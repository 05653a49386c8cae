//! The cross-entropy of independent probabilities from logits.

use crate::arguments::Arguments;
use crate::expression::expression;
use crate::loss::{DeclaredLoss, Loss, OutputKind, PositionTarget, TargetKind};
use crate::shape::Shape;

/// `L = mean (max(y, 0) - y t + ln(1 + exp(-|y|)))` over every number of the batch: the cross-entropy of
/// `sigmoid(y)` against probabilities `t` in [0, 1], from logits, without overflow.
///
/// The derivative is `sigmoid(y) - t`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SigmoidCrossEntropy;

expression!(SigmoidCrossEntropy {});

impl DeclaredLoss for SigmoidCrossEntropy {
    const NAME: &'static str = "SigmoidCrossEntropy";

    fn resolve(_: &mut Arguments<'_>, _: Shape) -> Self {
        Self
    }
}

/// The term of a logit and its derivative.
fn term(logit: f64, target: f64) -> (f64, f64) {
    let small = libm::exp(-libm::fabs(logit));
    let probability = if logit >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
    // `fmax` drops a NaN, but the product beside it keeps it.
    (libm::fmax(logit, 0.0) - logit * target + libm::log1p(small), probability - target)
}

impl Loss for SigmoidCrossEntropy {
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
        OutputKind::Logits
    }
    fn terms(&self, output: Shape) -> usize {
        output.len()
    }
    fn at_position(&self, output: &[f64], target: PositionTarget<'_>, gradient: &mut [f64]) -> f64 {
        let PositionTarget::Values(target) = target else { return f64::NAN };
        let mut sum = 0.0;
        for ((gradient, output), target) in gradient.iter_mut().zip(output).zip(target) {
            let (loss, derivative) = term(*output, *target);
            sum += loss;
            *gradient = derivative;
        }
        sum
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::LossKernel<T> for SigmoidCrossEntropy {
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
            |logit, target| {
                let (size, zero) = (logit.abs(), T::zero());
                let loss = (if logit < zero { zero } else { logit }) - logit * target + (-size).softplus();
                // The smaller of the two probabilities has all digits; the larger has lost them beside one.
                let smaller = (-size).logistic();
                let derivative =
                    if logit < zero { smaller - target } else { (T::one() - target) - smaller };
                (loss.to_f64(), derivative)
            },
        )
    }
}
