//! The smooth rectifier.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

use super::sigmoid::logistic;

/// `Softplus(x) = ln(1 + exp(x))`.
///
/// The derivative is `sigmoid(x)`, which from the output `y` is `1 - exp(-y)`.
///
/// Dugas, Bengio, Bélisle, Nadeau & Garcia 2001, "Incorporating Second-Order Functional Knowledge for Better Option
/// Pricing".
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Softplus;

expression!(Softplus {});

impl DeclaredActivation for Softplus {
    const NAME: &'static str = "Softplus";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for Softplus {
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

impl Elementwise for Softplus {
    fn value(&self, x: f64) -> f64 {
        libm::fmax(x, 0.0) + libm::log1p(libm::exp(-libm::fabs(x)))
    }
    fn derivative(&self, x: f64) -> f64 {
        logistic(x)
    }
    fn turning_points(&self) -> &'static [f64] {
        &[-16.0, -6.0, -2.0, 0.0, 2.0, 6.0, 16.0]
    }
    fn analytic(&self) -> bool {
        true
    }
    fn slopes_near_zero(&self) -> Option<(f64, f64)> {
        None
    }
    fn slopes_far_out(&self) -> Option<(f64, f64)> {
        Some((0.0, 1.0))
    }
    fn grows_exponentially(&self) -> bool {
        false
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::ElementwiseKernel<T> for Softplus {
    const FROM_INPUT: bool = false;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        x.softplus()
    }
    #[inline(always)]
    fn slope(&self, output: T) -> T {
        -(-output).power_of_e_less_one()
    }
}
