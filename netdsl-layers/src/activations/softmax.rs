//! The normalised exponential function.

use crate::activation::{Activation, Coupled, DeclaredActivation, Elementwise};
use crate::arguments::Arguments;
use crate::expression::expression;

/// `Softmax(x)_k = exp(x_k) / Σ_j exp(x_j)` over the features of each position.
///
/// From the output `y` the gradient `g` becomes `y (g - Σ_j g_j y_j)`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Softmax;

expression!(Softmax {});

impl DeclaredActivation for Softmax {
    const NAME: &'static str = "Softmax";

    fn resolve(_: &mut Arguments<'_>) -> Self {
        Self
    }
}

impl Activation for Softmax {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn written(&self) -> String {
        Self::NAME.into()
    }
    fn elementwise(&self) -> Option<&dyn Elementwise> {
        None
    }
    fn coupled(&self) -> Option<&dyn Coupled> {
        Some(self)
    }
}

impl Coupled for Softmax {
    fn apply(&self, row: &mut [f64]) {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        for value in row.iter_mut() {
            *value = libm::exp(*value - largest);
            sum += *value;
        }
        row.iter_mut().for_each(|value| *value /= sum);
    }

    fn pull_back(&self, output: &[f64], gradient: &mut [f64]) {
        let mean: f64 = gradient.iter().zip(output).map(|(gradient, output)| gradient * output).sum();
        for (gradient, output) in gradient.iter_mut().zip(output) {
            *gradient = output * (*gradient - mean);
        }
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Softmax;
    use crate::activation::ActivationKernel;
    use crate::element::Element;
    use crate::lanes::{fold, largest, vectorised};

    impl<T: Element> ActivationKernel<T> for Softmax {
        const FROM_INPUT: bool = false;
        const IDENTITY: bool = false;

        fn activate(&self, width: usize, values: &mut [T]) {
            vectorised(
                #[inline(always)]
                || {
                    for row in values.chunks_exact_mut(width) {
                        let largest = largest(row);
                        row.iter_mut().for_each(|value| *value -= largest);
                    }
                    // Over all rows at once: a row alone may be shorter than a register.
                    for value in &mut *values {
                        *value = value.power_of_e();
                    }
                    for row in values.chunks_exact_mut(width) {
                        let sum = fold(row, T::zero(), |sum, value| sum + value, |one, other| one + other);
                        row.iter_mut().for_each(|value| *value /= sum);
                    }
                },
            );
        }

        fn differentiate(&self, width: usize, source: &[T], gradient: &mut [T]) {
            for (gradient, output) in gradient.chunks_exact_mut(width).zip(source.chunks_exact(width)) {
                let mean: T = gradient.iter().zip(output).map(|(gradient, output)| *gradient * *output).sum();
                for (gradient, output) in gradient.iter_mut().zip(output) {
                    *gradient = *output * (*gradient - mean);
                }
            }
        }
    }
}
