//! The probability that a rectifier layer is zero for all inputs.
//!
//! A unit of `n` is dead where its pre-activation is negative for every example. Where all examples point in one direction
//! that is `p = P(z < 0)` for each unit by itself, `1/2` without a mean, and the layer dies with the probability `pⁿ` (Lu,
//! Shin, Su & Karniadakis 2020, "Dying ReLU and Initialization: Theory and Numerical Examples", section 4). Examples that
//! still point in different directions keep units alive. They collapse onto one direction with depth, in narrow layers
//! mostly by the fluctuations of the angle between them, which add up as the sum of the inverse widths (Jakub & Nica 2023,
//! "Depth Degeneracy in Neural Networks").
//!
//! How much of `pⁿ` is left at a collapse of `a` is a function of `a` and `n` alone to a good approximation. The one here was
//! fitted to simulations of batches of 32 through layers of width 2 to 12 with inputs of 2 to 50 features; the tests hold
//! it against the real kernels. Whatever the collapse is, at least `p` to the number of all values of a batch is left: of
//! Gaussian numbers that are not negatively correlated all are negative at least as often as of independent ones (Slepian
//! 1962, "The One-Sided Barrier Problem for Gaussian Noise"). That is what a bias far below zero does.

use super::gaussian::{OfGaussian, distribution};
use super::signal::Signal;
use crate::activation::Elementwise;

/// Whether the function and its slope are zero for all negative arguments.
pub(super) fn can_die(function: &dyn Elementwise) -> bool {
    [-1.0, -1e3].into_iter().all(|x| function.value(x) == 0.0 && function.derivative(x) == 0.0)
}

/// The probability that the signal behind the activation is zero for all examples, and the collapse behind it.
///
/// Behind a normalisation some units are positive for some examples, whatever the weights are.
pub(super) fn dead(signal: &Signal<'_>, before: &OfGaussian<'_>) -> (f64, f64) {
    let width = signal.width as f64;
    if signal.normalised {
        return (0.0, 1.0 / width);
    }
    let negative = if before.variance > 0.0 {
        distribution(-before.mean / before.variance.sqrt())
    } else if before.mean < 0.0 {
        1.0
    } else {
        0.0
    };
    // Inputs that have a mean are collapsed to begin with: the logarithm of the square of their angle falls by about 4 as
    // the sum of the inverse widths grows by 1.
    let collapse = if signal.collapse == 0.0 {
        -0.25 * libm::log((1.0 - signal.correlation.max(0.0)).max(1e-300))
    } else {
        signal.collapse
    };
    let share = left(collapse, width);
    let all_of = |values: f64| libm::exp(values * libm::log(negative.max(1e-300)));
    let dies = (all_of(width) * share).max(all_of(width * signal.items()));
    (1.0 - (1.0 - signal.dead) * (1.0 - dies), collapse + 1.0 / width)
}

/// What is left of the probability at this collapse: from 0 to 1.
fn left(collapse: f64, width: f64) -> f64 {
    const STEEPNESS: f64 = 3.2;
    let half = 2.9 * width / (width + 5.5);
    let odds = libm::pow(collapse / half, STEEPNESS);
    odds / (1.0 + odds)
}

#[cfg(all(test, feature = "kernels"))]
mod tests;
