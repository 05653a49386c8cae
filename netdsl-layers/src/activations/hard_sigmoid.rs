//! The piecewise linear sigmoid.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

/// `HardSigmoid(x) = (x + 3) / 6`, clipped to [0, 1], as in Keras 3 and PyTorch.
///
/// The derivative is 1/6 for `|x| < 3` and 0 beyond.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HardSigmoid;

expression!(HardSigmoid {});

impl DeclaredActivation for HardSigmoid {
    const NAME: &'static str = "HardSigmoid";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for HardSigmoid {
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

impl Elementwise for HardSigmoid {
    fn value(&self, x: f64) -> f64 {
        libm::fmin(libm::fmax(x + 3.0, 0.0), 6.0) / 6.0
    }
    fn derivative(&self, x: f64) -> f64 {
        if libm::fabs(x) < 3.0 { 1.0 / 6.0 } else { 0.0 }
    }
    fn turning_points(&self) -> &'static [f64] {
        &[-3.0, 3.0]
    }
    fn analytic(&self) -> bool {
        false
    }
    fn slopes_near_zero(&self) -> Option<(f64, f64)> {
        None
    }
    fn slopes_far_out(&self) -> Option<(f64, f64)> {
        None
    }
    fn grows_exponentially(&self) -> bool {
        false
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::ElementwiseKernel<T> for HardSigmoid {
    const FROM_INPUT: bool = true;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        let shifted = (x + T::from_f64(3.0)) / T::from_f64(6.0);
        if shifted < T::zero() {
            T::zero()
        } else if shifted > T::one() {
            T::one()
        } else {
            shifted
        }
    }
    #[inline(always)]
    fn slope(&self, x: T) -> T {
        if x.abs() < T::from_f64(3.0) { T::from_f64(1.0 / 6.0) } else { T::zero() }
    }
}
