//! Expectations against closed forms, and against sums over a fine grid in both variables.

use std::f64::consts::PI;

use super::{Function, OfGaussian, distribution};
use crate::activation::{Activation, Elementwise};
use crate::arguments::Call;
use crate::problem::Place;

/// What the quadrature is good for on a smooth function.
const SMOOTH: f64 = 1e-9;

fn named(name: &str) -> Box<dyn Activation> {
    let place = Place(0);
    let call = Call { name: name.into(), name_place: place, place, arguments: Vec::new(), incomplete: false };
    <dyn Activation>::read(&call).unwrap()
}

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found} instead of {expected}");
}

fn rectifier(below: f64, variance: f64) -> OfGaussian<'static> {
    OfGaussian { function: Function::PiecewiseLinear(below, 1.0), mean: 0.0, variance }
}

/// Cho & Saul 2009, equation 6 with the arc-cosine kernels of order 0 and 1.
#[test]
fn a_rectifier_has_arc_cosine_kernels() {
    for variance in [1e-6, 1.0, 40.0] {
        for correlation in [-0.95f64, -0.3, 0.0, 0.2, 0.7, 0.99] {
            let pair = rectifier(0.0, variance).pair(correlation * variance);
            let angle = libm::acos(correlation);
            let product = variance / (2.0 * PI)
                * ((1.0 - correlation * correlation).sqrt() + correlation * (PI - angle));
            close(pair.product, product, 1e-9 * variance, "product");
            // The conditional slope turns within a small part of the common variable.
            close(pair.slope_product, (PI - angle) / (2.0 * PI), 1e-6, "slope product");
        }
        let single = rectifier(0.0, variance).single();
        close(single.square, variance / 2.0, SMOOTH * variance, "square");
        close(single.slope_square, 0.5, SMOOTH, "slope square");
        close(single.mean, (variance / (2.0 * PI)).sqrt(), SMOOTH * variance.sqrt(), "mean");
        // The fourth power gives the tail beyond the last border more weight.
        close(single.fourth, 1.5 * variance * variance, 1e-8 * variance * variance, "fourth");
        close(single.susceptibility, 1.0, SMOOTH, "susceptibility");
    }
}

/// `leaky(x) = α x + (1 - α) max(x, 0)`, whose products follow from those of the two parts.
#[test]
fn a_leaky_rectifier_is_a_sum_of_two() {
    let (alpha, variance, covariance) = (0.3, 2.0, 0.8);
    let (leaky, rectified) = (rectifier(alpha, variance), rectifier(0.0, variance));
    let (pair, part) = (leaky.pair(covariance), rectified.pair(covariance));
    let rest = 1.0 - alpha;
    close(pair.product, rest * rest * part.product + alpha * covariance, SMOOTH, "product");
    let slopes = alpha * alpha + alpha * rest + rest * rest * part.slope_product;
    close(pair.slope_product, slopes, SMOOTH, "slope product");
}

#[derive(Debug)]
struct Erf;

impl Elementwise for Erf {
    fn value(&self, x: f64) -> f64 {
        libm::erf(x)
    }
    fn derivative(&self, x: f64) -> f64 {
        2.0 / PI.sqrt() * libm::exp(-x * x)
    }
    fn turning_points(&self) -> &'static [f64] {
        &[-6.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 6.0]
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

/// Williams 1997: `E erf(z) erf(z') = 2/π asin(2C / (1 + 2V))`; its derivative in `C` is `E erf'(z) erf'(z')`.
#[test]
fn the_error_function_has_an_arc_sine_kernel() {
    for variance in [0.01, 1.0, 25.0, 4e4] {
        for correlation in [-1.0, -0.4, 0.0, 0.5, 0.999, 1.0] {
            let (covariance, wide) = (correlation * variance, 1.0 + 2.0 * variance);
            let pair =
                OfGaussian { function: Function::Activation(&Erf), mean: 0.0, variance }.pair(covariance);
            let ratio = 2.0 * covariance / wide;
            // At a variance of 40,000 the function is a step over a small part of the common variable.
            let tolerance = if variance > 1e3 { 1e-6 } else { SMOOTH };
            close(pair.product, 2.0 / PI * libm::asin(ratio), tolerance, "product");
            let slopes = 4.0 / (PI * wide * (1.0 - ratio * ratio).sqrt());
            close(pair.slope_product, slopes, tolerance, "slope product");
        }
    }
}

/// `E exp(z) exp(z') = exp(2 M + V + C)`.
#[test]
fn an_exponential_has_the_moments_of_the_log_normal() {
    let exponential = named("Exponential");
    let function = Function::Activation(exponential.elementwise().unwrap());
    for (mean, variance, covariance) in [(0.0, 1.0, 0.5), (-1.0, 0.25, -0.2), (0.5, 2.0, 2.0)] {
        let gaussian = OfGaussian { function, mean, variance };
        let product = libm::exp(2.0 * mean + variance + covariance);
        let pair = gaussian.pair(covariance);
        // The tail beyond 8.5 deviations, which the rule leaves out, weighs exp(2 sqrt V · 8.5).
        close(pair.product / product, 1.0, 1e-7, "product");
        close(pair.slope_product / product, 1.0, 1e-7, "slope product");
        let single = gaussian.single();
        close(single.square / libm::exp(2.0 * mean + 2.0 * variance), 1.0, 1e-7, "square");
        close(single.mean / libm::exp(mean + variance / 2.0), 1.0, 1e-7, "mean");
    }
}

/// The midpoint rule on a grid over both variables, which knows nothing of panels, borders or conditional expectations.
fn by_grid(f: &dyn Elementwise, mean: f64, variance: f64, covariance: f64) -> [f64; 5] {
    const STEP: f64 = 0.04;
    const COUNT: usize = 400;
    let deviation = variance.sqrt();
    let correlation = covariance / variance;
    let apart = (1.0 - correlation * correlation).sqrt();
    let point = |index: usize| (index as f64 + 0.5 - COUNT as f64 / 2.0) * STEP;
    let weight: Vec<f64> = (0..COUNT)
        .map(|index| libm::exp(-0.5 * point(index) * point(index)) * STEP / (2.0 * PI).sqrt())
        .collect();
    let mut sums = [0.0; 5];
    for one in 0..COUNT {
        let x = point(one);
        let (value, slope) = (f.value(mean + deviation * x), f.derivative(mean + deviation * x));
        let (mut values, mut slopes, mut slopes_x) = (0.0, 0.0, 0.0);
        for (other, weight) in weight.iter().enumerate() {
            let y = correlation * x + apart * point(other);
            let z = mean + deviation * y;
            values += weight * f.value(z);
            slopes += weight * f.derivative(z);
            slopes_x += weight * f.derivative(z) * y;
        }
        for (sum, term) in sums.iter_mut().zip([
            value * value,
            value * values,
            slope * slope,
            slope * slopes,
            slope * x * slopes_x,
        ]) {
            *sum += weight[one] * term;
        }
    }
    sums
}

#[test]
fn every_activation_agrees_with_a_grid() {
    for kind in crate::ACTIVATIONS {
        let activation = named(kind.name);
        let Some(elementwise) = activation.elementwise() else { continue };
        // A jump between two points of a grid costs the step times the density there, a kink the square of the step; the
        // tails of an exponential beyond the grid cost less.
        let slope = |x| elementwise.derivative(x);
        let kinked = |x: &f64| (slope(x + 1e-6) - slope(x - 1e-6)).abs() > 1e-3;
        let bent = |x: &f64| (slope(x + 1e-6) + slope(x - 1e-6) - 2.0 * slope(*x)).abs() > 1e-7;
        let points = elementwise.turning_points();
        let (of_values, of_slopes) = match (points.iter().any(kinked), points.iter().any(bent)) {
            (true, _) => (1e-3, 2e-2),
            (false, true) => (1e-5, 2e-3),
            (false, false) => (1e-6, 1e-6),
        };
        for (mean, variance, covariance) in [(0.0, 1.0, 0.6), (0.7, 2.0, -1.1), (-0.5, 0.3, 0.28)] {
            let gaussian = OfGaussian { function: Function::Activation(elementwise), mean, variance };
            let (single, pair) = (gaussian.single(), gaussian.pair(covariance));
            let expected = by_grid(elementwise, mean, variance, covariance);
            let found =
                [single.square, pair.product, single.slope_square, pair.slope_product, pair.slope_x_product];
            for (index, (found, expected)) in found.into_iter().zip(expected).enumerate() {
                let what = format!("{index} of {} at M {mean} V {variance}", kind.name);
                let (scale, tolerance) =
                    if index < 2 { (single.square, of_values) } else { (single.slope_square, of_slopes) };
                close(found / scale, expected / scale, tolerance, &what);
            }
        }
    }
}

#[test]
fn the_closed_form_of_piecewise_linear_functions_agrees_with_the_integrals() {
    for slopes in [(0.0, 1.0), (1.0, 0.0), (0.2, 1.0), (-0.5, 2.0)] {
        for (mean, deviation) in [(0.0, 1.0), (0.7, 1.5), (-1.3, 0.8), (3.0, 1.0), (-2.2, 1.0), (-20.0, 1.0)]
        {
            let function = Function::PiecewiseLinear(slopes.0, slopes.1);
            // Farther out than this the panels are too wide for the tail.
            let gaussian = OfGaussian { function, mean, variance: deviation * deviation };
            let found = gaussian.single();
            let expected = gaussian.single_by(&gaussian.panels(mean, deviation));
            let what = format!("{slopes:?} at {mean} and {deviation}");
            for (found, expected) in [
                (found.mean, expected.mean),
                (found.square, expected.square),
                (found.fourth, expected.fourth),
                (found.slope_square, expected.slope_square),
                (found.slope_fourth, expected.slope_fourth),
                (found.slope_square_x_square, expected.slope_square_x_square),
                (found.along, expected.along),
                (found.susceptibility, expected.susceptibility),
            ] {
                let scale = expected.abs().max(1.0);
                close(found / scale, expected / scale, 1e-7, &what);
            }
        }
    }
}

/// With `C = V` the two variables are one; with `C = 0` they have nothing in common.
#[test]
fn pairs_join_single_variables() {
    for kind in crate::ACTIVATIONS {
        let activation = named(kind.name);
        let Some(elementwise) = activation.elementwise() else { continue };
        for (mean, variance) in [(0.0, 1.0), (1.2, 0.5), (0.3, 6.0)] {
            let gaussian = OfGaussian { function: Function::Activation(elementwise), mean, variance };
            let single = gaussian.single();
            let (same, apart) = (gaussian.pair(variance), gaussian.pair(0.0));
            let scale = single.square.max(1.0);
            close(same.product / scale, single.square / scale, SMOOTH, kind.name);
            close(same.slope_product / scale, single.slope_square / scale, SMOOTH, kind.name);
            close(same.square_product / scale.powi(2), single.fourth / scale.powi(2), SMOOTH, kind.name);
            close(apart.product / scale, single.mean * single.mean / scale, SMOOTH, kind.name);
            // A covariance beyond the variance, as rounding makes it, is cut.
            close(gaussian.pair(1.01 * variance).product / scale, single.square / scale, SMOOTH, kind.name);
        }
    }
}

/// Outside `exp(±50)` an activation is replaced by slopes: what that neglects is below the resolution of a double.
#[test]
fn slopes_are_what_a_function_approaches() {
    for kind in crate::ACTIVATIONS {
        let activation = named(kind.name);
        let Some(elementwise) = activation.elementwise() else { continue };
        for (slopes, scale) in [
            (elementwise.slopes_near_zero(), libm::exp(-50.0)),
            (elementwise.slopes_far_out(), libm::exp(50.0)),
        ] {
            let Some((below, above)) = slopes else { continue };
            close(elementwise.value(scale) / scale, above, 1e-15, kind.name);
            close(elementwise.value(-scale) / -scale, below, 1e-15, kind.name);
        }
    }
}

#[test]
fn the_distribution_function_has_both_tails() {
    close(distribution(0.0), 0.5, 1e-16, "middle");
    // Abramowitz & Stegun, table 26.1: P(1) and 1 - P(3).
    close(distribution(1.0), 0.841_344_746_068_543, 1e-14, "one");
    close(distribution(-3.0), 1.349_898_031_63e-3, 1e-13, "minus three");
}
