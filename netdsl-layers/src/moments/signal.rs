//! The moments of a signal.

use super::gaussian::{OfGaussian, Single};
use super::profile::Profile;
use super::propagated::NotForecastable;
use crate::activation::Coupled;
use crate::shape::Shape;

/// The second moments of the values behind a layer, averaged over its units.
///
/// The scale is a logarithm and everything else is relative to it, so that no depth over- or underflows. `a` and `b` are
/// two examples of a batch, `p` and `q` two positions (time steps, pixels) of one example.
#[derive(Clone, Debug)]
pub struct Signal<'a> {
    /// The number of units.
    pub(crate) width: usize,
    /// The number of positions.
    pub(crate) positions: usize,
    /// The number of examples in the batch.
    pub(crate) batch: usize,
    /// `ln Q` with `Q = E h(a, p)²`, the mean over seeds of the logarithm: what a finite width makes of the scale is in it.
    pub(crate) log_square: f64,
    /// `E h(a, p) h(b, q) / Q`
    pub(crate) correlation: f64,
    /// `E h(a, p) h(a, q) / Q`
    pub(crate) position_correlation: f64,
    /// `E h / sqrt Q`, a mean that all units share.
    pub(crate) mean: f64,
    /// `E h̄(a)² / Q` with the mean `h̄` over the units.
    pub(crate) mean_square: f64,
    /// `E h̄(a) h̄(b) / Q`
    pub(crate) mean_product: f64,
    /// The part of the variance that all units share, which weights with a mean make; relative to `Q`.
    pub(crate) shared: f64,
    /// The same of the covariance of two examples.
    pub(crate) shared_product: f64,
    /// The variance of `ln Q` from seed to seed, as sums over one example see it.
    pub(crate) noise: f64,
    /// The same as sums over pairs of examples see it.
    pub(crate) pair_noise: f64,
    /// The variance of the correlation of two examples from pair to pair.
    pub(crate) scatter: f64,
    /// By how much the correlation of two examples grows with that at the start of the branch that this one is within.
    pub(crate) scatter_passed: f64,
    /// [`scatter`](Self::scatter) at the start of that branch.
    pub(crate) scatter_at_start: f64,
    /// Before the last product with a weight, where an output is realised.
    pub(crate) before_product: BeforeProduct,
    /// `d ln Q / d ln Q'` with the scale `Q'` of the signal at the start of the branch that this one is within.
    pub(crate) passed: f64,
    /// The activation that the signal came out of.
    pub(crate) source: Option<Source<'a>>,
    /// What couples the features of the signal, so that nothing but a loss can stand behind it.
    pub(crate) open: Option<Open<'a>>,
    /// Whether the signal is the direct output of a normalisation.
    pub(crate) normalised: bool,
    /// How far the examples have collapsed onto one direction by the fluctuations of finite width: the sum of the inverse
    /// widths of the layers that could die, see [`super::dead`].
    pub(crate) collapse: f64,
    /// The probability that the signal is zero for all examples of a batch.
    pub(crate) dead: f64,
    /// Why the moments are unknown, where only their scale is carried on, to see whether it leaves the range of numbers.
    pub(crate) unknown: Option<String>,
    /// How its energy is spread over the positions.
    pub(crate) profile: Profile,
}

/// What is known of the scale of a signal before a product with a weight.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BeforeProduct {
    /// [`Signal::noise`].
    pub(crate) noise: f64,
    /// [`Signal::pair_noise`].
    pub(crate) pair_noise: f64,
    /// [`Signal::scatter`] relative to the square of what is not common to all examples.
    pub(crate) scatter: f64,
    /// What the product took from [`Signal::log_square`] for the noise of its own.
    pub(crate) taken: f64,
}

/// A function of all features together, and the signal that it was made from.
#[derive(Clone)]
pub(crate) struct Open<'a> {
    /// The function.
    pub(crate) function: &'a dyn Coupled,
    /// The mean of a pre-activation relative to its scale, the correlation of two examples, and the logarithm of the
    /// square of the scale.
    pub(crate) mean: f64,
    pub(crate) correlation: f64,
    pub(crate) log_square: f64,
}

impl std::fmt::Debug for Open<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Open").field("log_square", &self.log_square).finish_non_exhaustive()
    }
}

/// What a signal was made from by an activation.
#[derive(Clone, Debug)]
pub(crate) struct Source<'a> {
    /// The function of the pre-activations, in units in which their scale is `exp(log_scale)`.
    pub(crate) gaussian: OfGaussian<'a>,
    /// The covariance of the pre-activations of two examples.
    pub(crate) covariance: f64,
    /// The expectations of the function.
    pub(crate) single: Single,
    /// The logarithm of the square of the unit.
    pub(crate) log_unit: f64,
    /// The part of the variance of the activations that all units share, and of their covariance.
    pub(crate) shared: (f64, f64),
}

/// The logarithm that stands for the scale of a signal that is exactly zero: far below what any depth makes of one that is
/// not, since a layer takes at most some thousands from it.
pub(crate) const NOTHING: f64 = -1e12;

/// Whether a logarithm is that of something that is exactly zero, or of what was made of it since.
pub(crate) fn is_nothing(log: f64) -> bool {
    log < NOTHING / 2.0
}

/// The logarithm of what may be zero.
pub(crate) fn log_or_nothing(number: f64) -> f64 {
    if number > 0.0 { libm::log(number) } else { NOTHING }
}

/// The variance of the logarithm of a scale that one layer adds at most: far more than any batch shows.
const LARGEST_NOISE: f64 = 20.0;

impl Signal<'_> {
    /// An input of independent values with this mean and standard deviation.
    pub fn input(width: usize, positions: usize, batch: usize, mean: f64, standard_deviation: f64) -> Self {
        let square = mean * mean + standard_deviation * standard_deviation;
        let relative = if square > 0.0 { mean * mean / square } else { 0.0 };
        Self {
            width,
            positions,
            batch,
            log_square: if square > 0.0 { libm::log(square) } else { NOTHING },
            correlation: relative,
            position_correlation: relative,
            mean: if mean < 0.0 { -relative.sqrt() } else { relative.sqrt() },
            mean_square: relative + (1.0 - relative) / width as f64,
            mean_product: relative,
            shared: 0.0,
            shared_product: 0.0,
            noise: 0.0,
            pair_noise: 0.0,
            scatter: (1.0 - relative) * (1.0 - relative) / width as f64,
            scatter_passed: 1.0,
            scatter_at_start: 0.0,
            before_product: BeforeProduct::default(),
            passed: 1.0,
            source: None,
            open: None,
            normalised: false,
            collapse: 0.0,
            dead: 0.0,
            unknown: None,
            profile: Profile::default(),
        }
    }

    /// The signal as the values of that shape: an input of two axes counts as `[time, features]` until a layer takes it for
    /// channels.
    pub(crate) fn settled(&self, shape: Shape) -> Self {
        let (width, positions) = (shape.width(), shape.positions());
        if (width, positions) == (self.width, self.positions) {
            return self.clone();
        }
        let square = self.mean * self.mean;
        let mean_square = square + (self.mean_square - square) * self.width as f64 / width as f64;
        Self { width, positions, mean_square, ..self.clone() }
    }

    /// Whether another layer can stand behind this signal.
    pub(crate) fn check_open(&self) -> Result<(), NotForecastable> {
        match self.open {
            None => Ok(()),
            Some(_) => Err(NotForecastable::new(
                "the layer before it couples the features of an example, which is forecast only at the output",
            )),
        }
    }

    /// The scale, cut to what a double can be.
    pub(crate) fn square(&self) -> f64 {
        if is_nothing(self.log_square) { 0.0 } else { libm::exp(self.log_square.clamp(-600.0, 600.0)) }
    }

    /// The number of items that a feature is normalised over by a batch normalisation.
    pub(crate) fn items(&self) -> f64 {
        self.batch as f64 * self.positions as f64
    }

    /// The signal with that variance of the logarithm of its scale added for one example and for pairs: the scale has the mean
    /// that it is forecast from, so that the mean of its logarithm is lower by half of the variance.
    pub(crate) fn add_noise(&mut self, noise: f64, pair_noise: f64) {
        // `min` takes what is no number for the limit.
        let (noise, pair_noise) = (noise.min(LARGEST_NOISE), pair_noise.min(LARGEST_NOISE));
        self.log_square -= noise / 2.0;
        self.noise += noise;
        self.pair_noise += pair_noise;
    }

    /// The variance of the correlation coefficient of two examples over independent units, times their number: `(1 - c²)²`
    /// for Gaussian ones to the first order in the inverse of it, by the delta method from the variances and covariances of
    /// `Σ x²`, `Σ y²` and `Σ x y`. It scatters around what it is before them.
    pub(crate) fn scatter_of_units(&self) -> f64 {
        let apart = (1.0 - self.correlation * self.correlation - self.scatter).max(0.0);
        apart * apart
    }

    /// The variance of the squared norm of `n` Gaussian units with this mean and correlation, times `n`: as sums over one
    /// example of a batch see it, and as sums over pairs do.
    ///
    /// Without a mean these are `2 (1/B + (1 - 1/B) c²)` and 2: the fluctuation of `Σ z²` over units.
    pub(crate) fn product_noise(&self) -> (f64, f64) {
        let batch = self.batch as f64;
        let m2 = self.mean * self.mean;
        let variance = (1.0 - m2).max(0.0);
        let covariance = (self.correlation - m2).max(0.0);
        let own = variance - covariance;
        let fourth = m2 * m2 + 6.0 * m2 * covariance + 3.0 * covariance * covariance;
        let second = m2 + covariance;
        let one = 3.0 * variance * variance + 6.0 * m2 * variance + m2 * m2 - 1.0;
        let two = fourth + 2.0 * own * second + own * own - 1.0;
        let pairs = if second > 1e-9 { fourth / (second * second) - 1.0 } else { 2.0 };
        ((one / batch + (1.0 - 1.0 / batch) * two).max(0.0), pairs.max(0.0))
    }
}
