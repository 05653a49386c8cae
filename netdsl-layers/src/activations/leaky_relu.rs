//! The rectifier with a slope below zero.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

/// `LeakyRelu(alpha)(x) = x` for `x > 0`, `alpha x` else; `alpha` is 0.2 where it is not given, as in Keras 3.
///
/// Maas, Hannun & Ng 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic Models".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyRelu {
    /// The slope below zero.
    pub alpha: f64,
}

expression!(LeakyRelu { alpha });

impl DeclaredActivation for LeakyRelu {
    const NAME: &'static str = "LeakyRelu";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        let alpha = arguments.real("alpha", Some(0), 0.2, "a slope of at least 0", |alpha| alpha >= 0.0);
        Self { alpha }
    }
}

impl Activation for LeakyRelu {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn written(&self) -> String {
        format!("{}({:?})", Self::NAME, self.alpha)
    }
    fn elementwise(&self) -> Option<&dyn Elementwise> {
        Some(self)
    }
    fn coupled(&self) -> Option<&dyn Coupled> {
        None
    }
}

impl Elementwise for LeakyRelu {
    fn value(&self, x: f64) -> f64 {
        if x > 0.0 { x } else { self.alpha * x }
    }
    fn derivative(&self, x: f64) -> f64 {
        if x > 0.0 { 1.0 } else { self.alpha }
    }
    fn turning_points(&self) -> &'static [f64] {
        &[0.0]
    }
    fn analytic(&self) -> bool {
        false
    }
    fn slopes_near_zero(&self) -> Option<(f64, f64)> {
        Some((self.alpha, 1.0))
    }
    fn slopes_far_out(&self) -> Option<(f64, f64)> {
        Some((self.alpha, 1.0))
    }
    fn grows_exponentially(&self) -> bool {
        false
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::ElementwiseKernel<T> for LeakyRelu {
    const FROM_INPUT: bool = true;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        if x > T::zero() { x } else { T::from_f64(self.alpha) * x }
    }
    #[inline(always)]
    fn slope(&self, x: T) -> T {
        if x > T::zero() { T::one() } else { T::from_f64(self.alpha) }
    }
}
