//! The self-regularised smooth rectifier.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

use super::sigmoid::logistic;
use super::softplus::Softplus;

/// `Mish(x) = x tanh(ln(1 + exp(x)))`.
///
/// Misra 2019, "Mish: A Self Regularized Non-Monotonic Activation Function", arXiv:1908.08681.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mish;

expression!(Mish {});

impl DeclaredActivation for Mish {
    const NAME: &'static str = "Mish";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for Mish {
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

impl Elementwise for Mish {
    fn value(&self, x: f64) -> f64 {
        x * libm::tanh(Softplus.value(x))
    }
    fn derivative(&self, x: f64) -> f64 {
        let tanh = libm::tanh(Softplus.value(x));
        tanh + x * (1.0 - tanh * tanh) * logistic(x)
    }
    fn turning_points(&self) -> &'static [f64] {
        &[-16.0, -5.0, -2.0, 0.0, 2.0, 5.0, 16.0]
    }
    fn analytic(&self) -> bool {
        true
    }
    fn slopes_near_zero(&self) -> Option<(f64, f64)> {
        Some((0.6, 0.6))
    }
    fn slopes_far_out(&self) -> Option<(f64, f64)> {
        Some((0.0, 1.0))
    }
    fn grows_exponentially(&self) -> bool {
        false
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::ElementwiseKernel<T> for Mish {
    const FROM_INPUT: bool = true;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        x * x.softplus().hyperbolic_tangent()
    }
    #[inline(always)]
    fn slope(&self, x: T) -> T {
        let tanh = x.softplus().hyperbolic_tangent();
        let sigmoid = x.logistic();
        tanh + x * (T::one() - tanh * tanh) * sigmoid
    }
}
