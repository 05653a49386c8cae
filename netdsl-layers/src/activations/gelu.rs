//! The Gaussian error linear unit.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

/// `Gelu(x) = x Φ(x)` with the distribution function `Φ` of the standard normal.
///
/// The derivative is `Φ(x) + x φ(x)` with the density `φ`.
///
/// Hendrycks & Gimpel 2016, "Gaussian Error Linear Units (GELUs)", arXiv:1606.08415.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gelu;

expression!(Gelu {});

impl DeclaredActivation for Gelu {
    const NAME: &'static str = "Gelu";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for Gelu {
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

/// `x factor`, and zero where the factor is, for an infinite `x` too.
fn times(x: f64, factor: f64) -> f64 {
    if factor == 0.0 { 0.0 } else { x * factor }
}

/// The distribution function of the standard normal.
fn distribution(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// The density of the standard normal.
fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) * (0.5 * std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2)
}

impl Elementwise for Gelu {
    fn value(&self, x: f64) -> f64 {
        times(x, distribution(x))
    }
    fn derivative(&self, x: f64) -> f64 {
        distribution(x) + times(x, density(x))
    }
    fn turning_points(&self) -> &'static [f64] {
        &[-6.0, -2.5, -1.0, 0.0, 1.0, 2.5, 6.0]
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
impl<T: crate::Element> crate::ElementwiseKernel<T> for Gelu {
    const FROM_INPUT: bool = true;

    #[inline(always)]
    fn apply(&self, x: T) -> T {
        x.gelu()
    }
    #[inline(always)]
    fn slope(&self, x: T) -> T {
        x.gelu_slope()
    }
}
