//! The rectifier.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

/// `Relu(x) = max(x, 0)`.
///
/// Nair & Hinton 2010, "Rectified Linear Units Improve Restricted Boltzmann Machines".
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Relu;

expression!(Relu {});

impl DeclaredActivation for Relu {
    const NAME: &'static str = "Relu";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for Relu {
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

impl Elementwise for Relu {
    fn value(&self, x: f64) -> f64 {
        if x > 0.0 { x } else { 0.0 }
    }
    fn derivative(&self, x: f64) -> f64 {
        if x > 0.0 { 1.0 } else { 0.0 }
    }
    fn turning_points(&self) -> &'static [f64] {
        &[0.0]
    }
    fn analytic(&self) -> bool {
        false
    }
    fn slopes_near_zero(&self) -> Option<(f64, f64)> {
        Some((0.0, 1.0))
    }
    fn slopes_far_out(&self) -> Option<(f64, f64)> {
        Some((0.0, 1.0))
    }
    fn grows_exponentially(&self) -> bool {
        false
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::ElementwiseKernel<T> for Relu {
    const FROM_INPUT: bool = false;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        // Written so that a NaN comes out as one.
        if x < T::zero() { T::zero() } else { x }
    }
    #[inline(always)]
    fn slope(&self, output: T) -> T {
        if output > T::zero() { T::one() } else { T::zero() }
    }
}
