//! The sigmoid linear unit, also called swish.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

use super::sigmoid::{Sigmoid, logistic};

/// `Silu(x) = x sigmoid(x)`.
///
/// Elfwing, Uchibe & Doya 2018, "Sigmoid-weighted linear units for neural network function approximation in
/// reinforcement learning".
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Silu;

expression!(Silu {});

impl DeclaredActivation for Silu {
    const NAME: &'static str = "Silu";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for Silu {
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

impl Elementwise for Silu {
    fn value(&self, x: f64) -> f64 {
        x * logistic(x)
    }
    fn derivative(&self, x: f64) -> f64 {
        self.value_and_derivative(x).1
    }
    fn value_and_derivative(&self, x: f64) -> (f64, f64) {
        let (logistic, slope) = Sigmoid.value_and_derivative(x);
        (x * logistic, logistic + x * slope)
    }
    fn turning_points(&self) -> &'static [f64] {
        &[-16.0, -5.0, -2.0, 0.0, 2.0, 5.0, 16.0]
    }
    fn analytic(&self) -> bool {
        true
    }
    fn slopes_near_zero(&self) -> Option<(f64, f64)> {
        Some((0.5, 0.5))
    }
    fn slopes_far_out(&self) -> Option<(f64, f64)> {
        Some((0.0, 1.0))
    }
    fn grows_exponentially(&self) -> bool {
        false
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::ElementwiseKernel<T> for Silu {
    const FROM_INPUT: bool = true;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        x * x.logistic()
    }
    #[inline(always)]
    fn slope(&self, x: T) -> T {
        let sigmoid = x.logistic();
        sigmoid * (T::one() + x * (T::one() - sigmoid))
    }
}
