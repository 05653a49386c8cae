//! The algebraic sigmoid.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

/// `Softsign(x) = x / (1 + |x|)`, with values in (-1, 1).
///
/// From the output `y` the derivative is `(1 - |y|)²`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Softsign;

expression!(Softsign {});

impl DeclaredActivation for Softsign {
    const NAME: &'static str = "Softsign";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for Softsign {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn written(&self) -> String {
        Self::NAME.into()
    }
    fn elementwise(&self) -> Option<&dyn Elementwise> {
        Some(self)
    }
    fn coupled(&self) -> Option<&dyn Coupled> {
        None
    }
}

impl Elementwise for Softsign {
    fn value(&self, x: f64) -> f64 {
        x / (1.0 + libm::fabs(x))
    }
    fn derivative(&self, x: f64) -> f64 {
        let denominator = 1.0 + libm::fabs(x);
        1.0 / (denominator * denominator)
    }
    fn turning_points(&self) -> &'static [f64] {
        &[-30.0, -8.0, -2.0, -0.5, 0.0, 0.5, 2.0, 8.0, 30.0]
    }
    fn analytic(&self) -> bool {
        false
    }
    fn slopes_near_zero(&self) -> Option<(f64, f64)> {
        Some((1.0, 1.0))
    }
    fn slopes_far_out(&self) -> Option<(f64, f64)> {
        None
    }
    fn grows_exponentially(&self) -> bool {
        false
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::ElementwiseKernel<T> for Softsign {
    const FROM_INPUT: bool = false;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        x / (T::one() + x.abs())
    }
    #[inline(always)]
    fn slope(&self, output: T) -> T {
        let rest = T::one() - output.abs();
        rest * rest
    }
}
