//! No activation.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

/// `Linear(x) = x`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Linear;

expression!(Linear {});

impl DeclaredActivation for Linear {
    const NAME: &'static str = "Linear";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for Linear {
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

impl Elementwise for Linear {
    fn value(&self, x: f64) -> f64 {
        x
    }
    fn derivative(&self, _: f64) -> f64 {
        1.0
    }
    fn turning_points(&self) -> &'static [f64] {
        &[]
    }
    fn analytic(&self) -> bool {
        true
    }
    fn slopes_near_zero(&self) -> Option<(f64, f64)> {
        Some((1.0, 1.0))
    }
    fn slopes_far_out(&self) -> Option<(f64, f64)> {
        Some((1.0, 1.0))
    }
    fn grows_exponentially(&self) -> bool {
        false
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::ElementwiseKernel<T> for Linear {
    const FROM_INPUT: bool = false;
    const IDENTITY: bool = true;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        x
    }
    #[inline(always)]
    fn slope(&self, _: T) -> T {
        T::one()
    }
}
