//! The scaled exponential linear unit.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

use super::elu::Elu;

/// `Selu(x) = SCALE · Elu(ALPHA)(x)`: with LeCun's initialisation mean 0 and variance 1 are a fixed point.
///
/// Klambauer, Unterthiner, Mayr & Hochreiter 2017, "Self-Normalizing Neural Networks".
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Selu;

expression!(Selu {});

impl DeclaredActivation for Selu {
    const NAME: &'static str = "Selu";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for Selu {
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

/// The depth of the plateau below zero, before the scale.
const ALPHA: f64 = 1.673_263_242_354_377_2;
/// The slope above zero.
const SCALE: f64 = 1.050_700_987_355_480_5;
const ELU: Elu = Elu { alpha: ALPHA };

impl Elementwise for Selu {
    fn value(&self, x: f64) -> f64 {
        SCALE * ELU.value(x)
    }
    fn derivative(&self, x: f64) -> f64 {
        SCALE * ELU.derivative(x)
    }
    fn turning_points(&self) -> &'static [f64] {
        &[-12.0, -4.0, -1.5, 0.0]
    }
    fn analytic(&self) -> bool {
        false
    }
    fn slopes_near_zero(&self) -> Option<(f64, f64)> {
        Some((SCALE * ALPHA, SCALE))
    }
    fn slopes_far_out(&self) -> Option<(f64, f64)> {
        Some((0.0, SCALE))
    }
    fn grows_exponentially(&self) -> bool {
        false
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::ElementwiseKernel<T> for Selu {
    const FROM_INPUT: bool = false;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        T::from_f64(SCALE) * crate::ElementwiseKernel::apply(&ELU, x)
    }
    #[inline(always)]
    fn slope(&self, output: T) -> T {
        if output > T::zero() { T::from_f64(SCALE) } else { output + T::from_f64(SCALE * ALPHA) }
    }
}
