//! The exponential function.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

/// `Exponential(x) = exp(x)`.
///
/// It is its own derivative, and in a stack leaves the range of every number format within a few layers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exponential;

expression!(Exponential {});

impl DeclaredActivation for Exponential {
    const NAME: &'static str = "Exponential";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for Exponential {
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

impl Elementwise for Exponential {
    fn value(&self, x: f64) -> f64 {
        libm::exp(x)
    }
    fn derivative(&self, x: f64) -> f64 {
        libm::exp(x)
    }
    fn turning_points(&self) -> &'static [f64] {
        &[]
    }
    fn analytic(&self) -> bool {
        true
    }
    fn slopes_near_zero(&self) -> Option<(f64, f64)> {
        None
    }
    fn slopes_far_out(&self) -> Option<(f64, f64)> {
        None
    }
    fn grows_exponentially(&self) -> bool {
        true
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::ElementwiseKernel<T> for Exponential {
    const FROM_INPUT: bool = false;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        x.power_of_e()
    }
    #[inline(always)]
    fn slope(&self, output: T) -> T {
        output
    }
}
