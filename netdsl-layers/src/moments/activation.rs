//! Activation functions of Gaussian pre-activations.

use super::combination::Combination;
use super::dead::{can_die, dead};
use super::gaussian::{Function, OfGaussian, Pair, distribution};
use super::gradient::Gradient;
use super::limits;
use super::normal::Stream;
use super::propagated::{NotForecastable, Regime};
use super::signal::{NOTHING, Open, Signal, Source, is_nothing};
use super::swing::Swing;
use crate::activation::{Activation, Elementwise};

/// The largest variance of a pre-activation whose exponential is forecast: beyond it the moments come from events that
/// no batch contains.
const LARGEST_EXPONENT: f64 = 4.0;

/// A signal behind an activation, and what the way back needs.
pub(crate) struct Activated<'a> {
    /// The signal.
    pub(crate) output: Signal<'a>,
    /// In what part of the activation it came about.
    pub(crate) regime: Regime,
    derivatives: Option<Derivatives>,
    before: Signal<'a>,
}

struct Derivatives {
    examples: Pair,
    positions: Pair,
    shared: f64,
    shared_product: f64,
    slope_square: f64,
    slope_fourth: f64,
    with_value: f64,
    along: f64,
    susceptibility: f64,
    /// How much of a change of the correlation is passed on, and what it changes of `E φ'(z) φ'(z')`.
    response: f64,
    curvature_product: f64,
    /// How much of a change of the logarithm of the scale is passed on, and what it changes of the logarithm of `E φ'²`.
    passed: f64,
    slope: f64,
}

/// `h = φ(z)`.
///
/// `E h² = E φ(z)²` and `E h h' = E φ(z) φ(z')` over Gaussian pairs (Poole et al. 2016, Cho & Saul 2009).
pub(crate) fn activate<'a>(
    activation: &'a dyn Activation,
    signal: &Signal<'a>,
) -> Result<Activated<'a>, NotForecastable> {
    let before = signal.clone();
    let Some(elementwise) = activation.elementwise() else {
        let output = coupled(activation, signal)?;
        return Ok(Activated { output, regime: Regime::default(), derivatives: None, before });
    };
    let function = Function::at_scale(elementwise, signal.log_square);
    if function.slopes() == Some((1.0, 1.0)) {
        let output = signal.clone();
        return Ok(Activated { output, regime: Regime::default(), derivatives: None, before });
    }
    // A piecewise linear function is looked at in units of the scale.
    let nothing = is_nothing(signal.log_square);
    let log_unit = if function.slopes().is_some() && !nothing { signal.log_square } else { 0.0 };
    let square = if nothing { 0.0 } else { libm::exp((signal.log_square - log_unit).clamp(-600.0, 600.0)) };
    let mean_square = signal.mean * signal.mean;
    let gaussian = OfGaussian {
        function,
        mean: signal.mean * square.sqrt(),
        variance: (1.0 - mean_square).max(0.0) * square,
    };
    if elementwise.grows_exponentially() && gaussian.variance > LARGEST_EXPONENT {
        let output = largest_of_batch(signal, &gaussian);
        return Ok(Activated { output, regime: Regime::default(), derivatives: None, before });
    }
    let single = gaussian.single();
    let covariance = (signal.correlation - mean_square) * square;
    let position_covariance = (signal.position_correlation - mean_square) * square;
    let examples = gaussian.pair(covariance);
    let positions = if signal.positions == 1 || (covariance - position_covariance).abs() < 1e-12 * square {
        examples
    } else {
        gaussian.pair(position_covariance)
    };
    let shared = gaussian.pair(signal.shared * square);
    let shared_product = if signal.shared == signal.shared_product {
        shared
    } else {
        gaussian.pair(signal.shared_product * square)
    };
    let total = single.square.max(1e-300);
    let width = signal.width as f64;
    let correlation = examples.product / total;
    let mut output = signal.clone();
    output.log_square = if single.square > 0.0 { libm::log(total) + log_unit } else { NOTHING };
    output.correlation = correlation;
    output.position_correlation = positions.product / total;
    output.mean = single.mean / total.sqrt();
    output.mean_square = (shared.product + (single.square - shared.product) / width) / total;
    output.mean_product =
        (shared_product.product + (correlation * total - shared_product.product) / width) / total;
    output.normalised = false;
    let batch = signal.batch as f64;
    let squares = total * total;
    let one = (single.fourth / squares - 1.0) / batch
        + (1.0 - 1.0 / batch) * (examples.square_product / squares - 1.0);
    let pairs = if examples.product.abs() > 1e-12 * total {
        examples.fourth / (examples.product * examples.product) - 1.0
    } else {
        one
    };
    output.profile = signal.profile.passed(single.susceptibility);
    // How much of a change of the correlation is passed on, and what the units of the activation scatter that those before
    // it do not: as much as Gaussian units with the same mean of the products' squares.
    let response = examples.slope_product * square / total;
    let of_pairs = (examples.square_product / (total * total) - correlation * correlation).max(0.0);
    let scatter = output.scatter_of_units() * of_pairs / (1.0 + correlation * correlation);
    let before_units = response * response * signal.scatter_of_units();
    output.scatter_passed *= response;
    output.scatter = response * response * signal.scatter + (scatter - before_units).max(0.0) / width;
    let (linear, linear_pairs) = signal.product_noise();
    let passed = single.susceptibility * single.susceptibility;
    // Of a relative variance `v` a normal logarithm has the variance `ln(1 + v)`: a mean over few units with a long tail.
    let fresh = libm::log1p((one - passed * linear).max(0.0) / width);
    let pair_fresh = libm::log1p((pairs - passed * linear_pairs).max(0.0) / width);
    // A piecewise linear function passes a change of the scale on as it is. By integration by parts the derivative of an
    // expectation with respect to the logarithm of the variance is that with `(x² - 1) / 2`.
    let (passed, slope) = if function.slopes().is_some() {
        (1.0, 0.0)
    } else {
        (single.susceptibility, 0.5 * (single.slope_square_x_square / single.slope_square.max(1e-300) - 1.0))
    };
    output.noise = passed * passed * signal.noise;
    output.pair_noise = passed * passed * signal.pair_noise;
    output.passed *= passed;
    output.add_noise(fresh, pair_fresh);
    let derivatives = Derivatives {
        examples,
        positions,
        shared: shared.slope_product,
        shared_product: shared_product.slope_product,
        slope_square: single.slope_square,
        slope_fourth: single.slope_fourth,
        with_value: single.slope_square_x_square,
        along: single.along,
        susceptibility: single.susceptibility,
        response,
        curvature_product: examples.curvature_product * square,
        passed,
        slope,
    };
    // Four standard deviations from the mean towards zero is as near as all but a few in 100,000 values come.
    let nearest =
        libm::copysign((gaussian.mean.abs() - 4.0 * gaussian.variance.sqrt()).max(0.0), gaussian.mean);
    let flat = log_unit == 0.0
        && nearest != 0.0
        && elementwise.derivative(nearest) <= FLAT * elementwise.value(nearest).abs();
    let mut regime = Regime { flat, saturated: saturated(elementwise, &gaussian), dead: None };
    if can_die(elementwise) {
        (output.dead, output.collapse) = dead(signal, &gaussian);
        regime.dead = Some(output.dead);
    }
    output.source = Some(Source {
        gaussian,
        covariance,
        single,
        log_unit,
        shared: (shared.product, shared_product.product),
    });
    Ok(Activated { output, regime, derivatives: Some(derivatives), before })
}

/// The signal that an exponential makes of a Gaussian too wide for its moments to be seen in a batch: the scale is that of
/// the largest value among all that a batch has, which are `n` Gaussians with a largest one of about `sqrt(2 ln n)`.
fn largest_of_batch<'a>(signal: &Signal<'a>, gaussian: &OfGaussian<'_>) -> Signal<'a> {
    let values = libm::log(signal.items() * signal.width as f64);
    let largest = gaussian.mean + (2.0 * gaussian.variance * values).sqrt();
    let reason = format!(
        "the exponential of a signal of variance {:.1} has moments that no batch shows",
        gaussian.variance
    );
    Signal {
        log_square: 2.0 * largest - values,
        unknown: signal.unknown.clone().or(Some(reason)),
        source: None,
        normalised: false,
        ..signal.clone()
    }
}

/// The slope, relative to that in the middle, below which a bounded activation counts as flat: that of the logistic
/// function beyond ±5, where DeepDiagnosis (Wardat et al. 2022) calls it saturated.
const FLAT_SLOPE: f64 = 0.0266;

/// The share of the values in the flat part of an activation that is bounded on both sides.
fn saturated(function: &dyn Elementwise, gaussian: &OfGaussian<'_>) -> Option<f64> {
    if function.slopes_far_out().is_some() || function.grows_exponentially() {
        return None;
    }
    let limit = FLAT_SLOPE * function.derivative(0.0);
    let border = |sign: f64| {
        let (mut steep, mut flat) = (0.0, 64.0);
        while flat - steep > 1e-3 {
            let middle = (steep + flat) / 2.0;
            if function.derivative(sign * middle) > limit { steep = middle } else { flat = middle }
        }
        flat
    };
    let deviation = gaussian.variance.sqrt().max(1e-300);
    let beyond = |distance: f64| distribution(-distance / deviation);
    Some(beyond(border(1.0) - gaussian.mean) + beyond(border(-1.0) + gaussian.mean))
}

/// How many numbers are drawn for the moments behind a function of all features.
const DRAWS: usize = 20_000;

/// The signal behind a function of all features of a position, from pairs of positions at fixed points.
fn coupled<'a>(activation: &'a dyn Activation, signal: &Signal<'a>) -> Result<Signal<'a>, NotForecastable> {
    let Some(function) = activation.coupled() else {
        return Err(NotForecastable::new(format!("nothing is known of `{}`", activation.name())));
    };
    let open =
        Open { function, mean: signal.mean, correlation: signal.correlation, log_square: signal.log_square };
    let width = signal.width;
    limits::list(width, "features that a function couples")?;
    let count = (DRAWS / (2 * width)).clamp(4, 200);
    let unit = signal.square().sqrt();
    let mean_square = signal.mean * signal.mean;
    let covariance = (signal.correlation - mean_square).clamp(0.0, 1.0);
    let (common, own) = (covariance.sqrt(), (1.0 - mean_square - covariance).max(0.0).sqrt());
    let mut stream = Stream::new(8);
    let (mut one, mut other) = (vec![0.0; width], vec![0.0; width]);
    let (mut square, mut product, mut mean) = (0.0, 0.0, 0.0);
    for _ in 0..count {
        for (one, other) in one.iter_mut().zip(&mut other) {
            let together = signal.mean + common * stream.normal();
            *one = unit * (together + own * stream.normal());
            *other = unit * (together + own * stream.normal());
        }
        function.apply(&mut one);
        function.apply(&mut other);
        for (one, other) in one.iter().zip(&other) {
            square += one * one;
            product += one * other;
            mean += one;
        }
    }
    let values = (count * width) as f64;
    let square = (square / values).max(1e-300);
    let mut output = signal.clone();
    output.log_square = libm::log(square);
    output.correlation = product / values / square;
    output.position_correlation = output.correlation;
    output.mean = mean / values / square.sqrt();
    output.open = Some(open);
    (output.source, output.normalised) = (None, false);
    Ok(output)
}

/// Where a derivative is computed from an output near its plateau, `f32` has nothing left of it below about `2^-25`: the
/// logistic function beyond 17, the hyperbolic tangent beyond 9.
const FLAT: f64 = 4.2e-8;

impl Activated<'_> {
    fn swings_before(&self, gradient: &Gradient, derivatives: &Derivatives) -> [Swing; 2] {
        gradient.swings_before(
            &self.before,
            &self.output,
            derivatives.passed,
            derivatives.slope,
            gradient.parallel_share(),
        )
    }

    /// `∂L/∂z = φ'(z) ∂L/∂h`.
    pub(crate) fn backward(&self, gradient: &Gradient) -> Gradient {
        if gradient.before_activation.is_some() {
            return Gradient { before_activation: None, ..gradient.clone() };
        }
        let Some(derivatives) = &self.derivatives else {
            return gradient.clone();
        };
        let (examples, positions) = (&derivatives.examples, &derivatives.positions);
        let (maximum, pair_maximum) = gradient.at_maximum.unwrap_or((1.0, 1.0));
        let slope_square = derivatives.slope_square * maximum;
        let (slope_product, position_slope_product) =
            (examples.slope_product * pair_maximum, positions.slope_product * pair_maximum);
        let width = self.output.width as f64;
        let batch = self.output.batch as f64;
        let correlation = gradient.typical_correlation();
        let (mut noise, mut pair_noise) = (0.0, 0.0);
        let squares = derivatives.slope_square * derivatives.slope_square;
        if derivatives.slope_square >= 1e-140 {
            noise += (3.0 * (derivatives.slope_fourth / squares - 1.0) / batch
                + (1.0 - 1.0 / batch)
                    * (1.0 + 2.0 * correlation * correlation)
                    * (examples.slope_square_product / squares - 1.0))
                / width;
        }
        if examples.slope_product > 1e-140 {
            let product = examples.slope_product * examples.slope_product;
            pair_noise += 3.0 * (examples.slope_fourth / product - 1.0) / width;
        }
        let (parallel, pairs) = Gradient::parallel(gradient.coherence);
        let coherence = gradient.coherence
            * derivatives.susceptibility
            * libm::exp(0.5 * (self.output.log_square - self.before.log_square));
        let others = self.output.positions as f64 - 1.0;
        let together = pairs * self.output.correlation;
        let positions_together = parallel * (self.output.position_correlation * others);
        // What the direction of the signal takes of the sum over all directions is missing in the others.
        let along = |moment: Combination, parallel: Combination, slope_product: f64| {
            if gradient.coherence == 0.0 || width == 1.0 {
                return moment * slope_product;
            }
            let others = (width * slope_product - derivatives.along) / (width - 1.0);
            (moment - parallel) * others.max(0.0) + parallel * derivatives.along
        };
        let with_value = self.before.normalised.then(|| {
            let apart = examples.slope_x_product;
            [
                gradient.square * derivatives.with_value,
                gradient.product * apart,
                gradient.position_sum * apart,
                gradient.pair_position_sum * apart,
            ]
        });
        let own = |square: Combination, mean: Combination| mean - square * (1.0 / width);
        let mut before = Gradient {
            square: along(gradient.square, parallel, slope_square),
            product: along(gradient.product, together, slope_product),
            position_sum: along(gradient.position_sum, positions_together, position_slope_product),
            pair_position_sum: along(gradient.pair_position_sum, together * others, slope_product),
            mean_square: own(gradient.square, gradient.mean_square) * derivatives.shared
                + gradient.square * (slope_square / width),
            mean_product: own(gradient.product, gradient.mean_product) * derivatives.shared_product
                + gradient.product * (slope_product / width),
            batch_sum: None,
            response: gradient.response * (slope_product * derivatives.response)
                + gradient.product * derivatives.curvature_product,
            beside: gradient.beside * slope_product,
            derivative_sum: gradient.batch_sum,
            swings: self.swings_before(gradient, derivatives),
            with_value,
            coherence,
            at_maximum: None,
            ..gradient.clone()
        };
        before.add_noise(noise, pair_noise, &self.before);
        before
    }
}
