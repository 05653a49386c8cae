//! The hyperbolic tangent.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

use super::sigmoid::Sigmoid;

/// `Tanh(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))`, with values in (-1, 1).
///
/// The derivative is `1 - y²`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tanh;

expression!(Tanh {});

impl DeclaredActivation for Tanh {
    const NAME: &'static str = "Tanh";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for Tanh {
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

impl Elementwise for Tanh {
    fn value(&self, x: f64) -> f64 {
        libm::tanh(x)
    }
    fn derivative(&self, x: f64) -> f64 {
        // 4 s(2x) s(-2x) has no cancellation far out, where 1 - tanh² has nothing left.
        4.0 * Sigmoid.derivative(2.0 * x)
    }
    fn value_and_derivative(&self, x: f64) -> (f64, f64) {
        let less = libm::expm1(-2.0 * libm::fabs(x));
        let value = libm::copysign(-less / (2.0 + less), x);
        (value, 4.0 * (1.0 + less) / ((2.0 + less) * (2.0 + less)))
    }
    fn turning_points(&self) -> &'static [f64] {
        &[-8.0, -3.0, -1.0, 0.0, 1.0, 3.0, 8.0]
    }
    fn analytic(&self) -> bool {
        true
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
impl<T: crate::Element> crate::ElementwiseKernel<T> for Tanh {
    const FROM_INPUT: bool = false;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        x.hyperbolic_tangent()
    }
    #[inline(always)]
    fn slope(&self, output: T) -> T {
        T::one() - output * output
    }
}
