//! The exponential linear unit.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

/// `Elu(alpha)(x) = x` for `x > 0`, `alpha (exp(x) - 1)` else; `alpha` is 1 where it is not given.
///
/// From the output `y` the derivative is 1 above zero and `y + alpha` below.
///
/// Clevert, Unterthiner & Hochreiter 2016, "Fast and Accurate Deep Network Learning by Exponential Linear Units".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elu {
    /// The depth of the plateau below zero.
    pub alpha: f64,
}

expression!(Elu { alpha });

impl DeclaredActivation for Elu {
    const NAME: &'static str = "Elu";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        let alpha = arguments.real("alpha", Some(0), 1.0, "a number of at least 0", |alpha| alpha >= 0.0);
        Self { alpha }
    }
}

impl Activation for Elu {
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

impl Elementwise for Elu {
    fn value(&self, x: f64) -> f64 {
        if x > 0.0 { x } else { self.alpha * libm::expm1(x) }
    }
    fn derivative(&self, x: f64) -> f64 {
        if x > 0.0 { 1.0 } else { self.alpha * libm::exp(x) }
    }
    fn turning_points(&self) -> &'static [f64] {
        &[-12.0, -4.0, -1.5, 0.0]
    }
    fn analytic(&self) -> bool {
        false
    }
    fn slopes_near_zero(&self) -> Option<(f64, f64)> {
        Some((self.alpha, 1.0))
    }
    fn slopes_far_out(&self) -> Option<(f64, f64)> {
        Some((0.0, 1.0))
    }
    fn grows_exponentially(&self) -> bool {
        false
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::ElementwiseKernel<T> for Elu {
    const FROM_INPUT: bool = false;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        if x > T::zero() { x } else { T::from_f64(self.alpha) * x.power_of_e_less_one() }
    }
    #[inline(always)]
    fn slope(&self, output: T) -> T {
        if output > T::zero() { T::one() } else { output + T::from_f64(self.alpha) }
    }
}
