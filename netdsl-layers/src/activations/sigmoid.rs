//! The logistic function.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

/// `sigmoid(x) = 1 / (1 + exp(-x))`, with values in (0, 1).
///
/// The derivative is `y (1 - y)`, at most 1/4, and vanishes for large `|x|`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sigmoid;

expression!(Sigmoid {});

impl DeclaredActivation for Sigmoid {
    const NAME: &'static str = "Sigmoid";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for Sigmoid {
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

/// `1 / (1 + exp(-x))` without overflow.
pub(crate) fn logistic(x: f64) -> f64 {
    let small = libm::exp(-libm::fabs(x));
    if x >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) }
}

impl Elementwise for Sigmoid {
    fn value(&self, x: f64) -> f64 {
        logistic(x)
    }
    fn derivative(&self, x: f64) -> f64 {
        self.value_and_derivative(x).1
    }
    fn value_and_derivative(&self, x: f64) -> (f64, f64) {
        let small = libm::exp(-libm::fabs(x));
        let (large, rest) = (1.0 / (1.0 + small), small / (1.0 + small));
        // As a product of two values without cancellation the derivative stays exact far out.
        (if x >= 0.0 { large } else { rest }, large * rest)
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
        None
    }
    fn grows_exponentially(&self) -> bool {
        false
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::ElementwiseKernel<T> for Sigmoid {
    const FROM_INPUT: bool = false;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        x.logistic()
    }
    #[inline(always)]
    fn slope(&self, output: T) -> T {
        output * (T::one() - output)
    }
}
