//! Squared for small differences, absolute for large ones.

use crate::arguments::Arguments;
use crate::expression::expression;
use crate::loss::{DeclaredLoss, Loss, OutputKind, PositionTarget, TargetKind};
use crate::shape::Shape;

/// `L = mean h(y - t)` with `h(d) = d² / 2` for `|d| <= delta`, else `delta (|d| - delta / 2)`, over every number of the
/// batch, as in Keras.
///
/// The derivative is the difference, cut off at `±delta`. In the language `Huber(delta = 1.0)`.
///
/// Huber 1964, "Robust Estimation of a Location Parameter".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    /// Where the loss turns from squared to absolute.
    pub delta: f64,
}

impl Default for Huber {
    fn default() -> Self {
        Self { delta: 1.0 }
    }
}

expression!(Huber { delta });

impl DeclaredLoss for Huber {
    const NAME: &'static str = "Huber";

    fn resolve(arguments: &mut Arguments<'_>, _: Shape) -> Self {
        let delta = arguments.real("delta", Some(0), 1.0, "a number above 0", |delta| delta > 0.0);
        Self { delta }
    }
}

impl Huber {
    /// The term of a difference and its derivative.
    #[inline(always)]
    fn term(&self, difference: f64) -> (f64, f64) {
        let size = libm::fabs(difference);
        if size <= self.delta {
            (0.5 * difference * difference, difference)
        } else {
            (self.delta * (size - 0.5 * self.delta), self.delta * difference.signum())
        }
    }
}

impl Loss for Huber {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn written(&self) -> String {
        format!("{}({:?})", Self::NAME, self.delta)
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
            let (loss, derivative) = self.term(output - target);
            sum += loss;
            *gradient = derivative;
        }
        sum
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::LossKernel<T> for Huber {
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
                let (loss, derivative) = self.term((value - target).to_f64());
                (loss, T::from_f64(derivative))
            },
        )
    }
}
