//! The gradient at the output.
//!
//! With few outputs the gradient of a batch is dominated by what all its examples have in common, which differs from seed
//! to seed: an average would say little of the median. So outputs are realised at a fixed set of points, and each moment
//! of the gradient keeps its values in all of them.

use super::combination::{Combination, Realisation, TERMS};
use super::gradient::{Gradient, PARALLEL};
use super::limits;
use super::normal::{BASES, Stream, evenly};
use super::profile::Profile;
use super::propagated::{Fluctuation, NotForecastable};
use super::signal::{Signal, is_nothing};
use super::swing::Swing;
use crate::loss::{Loss, PositionTarget, TargetKind};

/// What targets are distributed like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TargetDistribution {
    /// Uniform between two bounds.
    Uniform {
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
    /// Normal.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        standard_deviation: f64,
    },
}

impl TargetDistribution {
    /// What numbers are taken for where nothing is declared.
    pub const STANDARD_NORMAL: Self = Self::Normal { mean: 0.0, standard_deviation: 1.0 };

    /// The distribution, as the language writes it.
    pub fn written(self) -> String {
        match self {
            Self::Uniform { low, high } => format!("Uniform({low:?}, {high:?})"),
            Self::Normal { mean, standard_deviation } => format!("Normal({mean:?}, {standard_deviation:?})"),
        }
    }
}

/// The gradient of a loss at the output, and what its moments are in each realisation.
#[derive(Clone, Debug)]
pub struct Start {
    /// The gradient, whose moments are the terms of the realisations.
    pub gradient: Gradient,
    /// The starting moments of every realisation.
    realisations: Vec<Realisation>,
    /// The standard deviation of the logarithm of the square of the output, and its quantile in each realisation.
    deviation_of_scale: f64,
    scales: Vec<f64>,
    /// For each realisation a quantile of the noise that the layers add.
    scores: Vec<f64>,
}

/// How many numbers all realisations together draw, which bounds their count for wide outputs.
const DRAWS: usize = 200_000;

/// How many moments of parameters are evaluated in all realisations together, which bounds their count for deep networks.
const EVALUATIONS: usize = 150_000;

/// The fewest realisations of an output that is not wide, and the most.
const REALISATIONS: (usize, usize) = (48, 256);

/// The most positions of an example that are realised; the others are like them.
const POSITIONS: usize = 8;

/// Beyond this scale a gradient is taken at this scale and carried on in proportion.
const LARGEST_LOG_SQUARE: f64 = 300.0;

/// Realises outputs and targets and differentiates the loss, for a network with that many parameters.
///
/// # Errors
/// An output that is too wide to be realised.
pub fn start(
    output: &Signal<'_>,
    loss: &dyn Loss,
    target: TargetDistribution,
    terms: usize,
    parameters: usize,
) -> Result<Start, NotForecastable> {
    let (width, batch) = (output.width, output.batch);
    let positions = output.positions.min(POSITIONS);
    limits::list(width.saturating_mul(positions), "outputs")?;
    let for_parameters = (EVALUATIONS / parameters.max(1)).clamp(REALISATIONS.0, REALISATIONS.1);
    // Wide outputs average over their features: there a part of the batch and fewer realisations are enough.
    let examples = (DRAWS / REALISATIONS.0 / width / positions).max(2).min(batch);
    let items = examples * positions;
    let count = (DRAWS / items / width).clamp(4, for_parameters);
    // Where the output is an activation its pre-activations are realised.
    let relative = |mean: f64, correlation: f64, log_square: f64| {
        (None, mean, 1.0 - mean * mean, correlation - mean * mean, log_square)
    };
    let before = output.before_product;
    let coupled = output.open.as_ref().map(|open| open.function);
    let (function, mean, variance, covariance, log_unit) = match (&output.open, &output.source) {
        (Some(open), _) => relative(open.mean, open.correlation, open.log_square + before.taken),
        (None, Some(source)) => {
            let gaussian = &source.gaussian;
            // What a few outputs make of the scale is realised.
            let scale = libm::exp(before.taken);
            let (mean, variance) = (gaussian.mean * scale.sqrt(), gaussian.variance * scale);
            (Some(gaussian.function), mean, variance, source.covariance * scale, source.log_unit)
        }
        (None, None) => relative(output.mean, output.correlation, output.log_square + before.taken),
    };
    let beyond = (log_unit - LARGEST_LOG_SQUARE).max(0.0);
    let unit = libm::exp(0.5 * (log_unit - beyond).max(-600.0));
    let variance = variance.max(0.0);
    let (common, own) =
        (covariance.clamp(0.0, variance).sqrt(), (variance - covariance.max(0.0)).max(0.0).sqrt());
    let repulsion = repulsion(covariance, variance, items as f64);
    let deviation_of_scale = before.pair_noise.max(0.0).sqrt();
    let shift_of_scale = -(before.pair_noise - before.noise) / 2.0;
    let normalisation = 1.0 / (batch as f64 * terms as f64);

    // The numbers that a realisation has few of are laid out evenly.
    let [of_noise, of_scale, of_features @ ..] = BASES;
    let mut shared_stream = Stream::new(1);
    let mut own_stream = Stream::new(2);
    let mut target_stream = Stream::new(3);

    let mut realisations = Vec::with_capacity(count);
    let mut scales = Vec::with_capacity(count);
    let mut square_of_value = 0.0;
    let (mut before_activation, mut behind) = (0.0, 0.0);
    let mut delta = vec![0.0; width * items];
    let mut values = vec![0.0; width];
    let mut slopes = vec![0.0; width];
    let mut centred = vec![0.0; width];
    let mut targets = vec![0.0; width];
    let mut together = vec![0.0; width];
    let mut apart = vec![0.0; width * items];
    let mut along = vec![0.0; items];
    let scatter = (2.0 * before.scatter).clamp(0.0, 2.0);
    let mut owns = vec![own; width];
    for index in 0..count {
        let scale = evenly(of_scale, index);
        let spread = libm::exp(0.5 * (deviation_of_scale * scale + shift_of_scale));
        scales.push(scale);
        for (feature, value) in together.iter_mut().enumerate() {
            *value = match of_features.get(feature) {
                Some(base) => evenly(*base, index),
                None => shared_stream.normal(),
            };
        }
        apart.iter_mut().for_each(|value| *value = own_stream.normal());
        // A feature is a sum over few directions that examples differ in: how much they differ in it is up to chance.
        if scatter > 1e-3 {
            for value in &mut owns {
                *value = own * libm::exp(0.5 * (scatter.sqrt() * own_stream.normal() - scatter / 2.0));
            }
        }
        if repulsion > 0.0 {
            for feature in 0..width {
                let mean = apart.iter().skip(feature).step_by(width).sum::<f64>() / items as f64;
                apart.iter_mut().skip(feature).step_by(width).for_each(|value| *value -= repulsion * mean);
            }
        }
        for item in 0..items {
            for feature in 0..width {
                let deviation =
                    spread * (common * together[feature] + owns[feature] * apart[item * width + feature]);
                let z = mean + deviation;
                let (value, slope) = match function {
                    Some(function) => (function.value(z), function.derivative(z)),
                    None => (z, 1.0),
                };
                values[feature] = value * unit;
                slopes[feature] = slope;
                centred[feature] = deviation;
            }
            if let Some(coupled) = coupled {
                coupled.apply(&mut values);
            }
            let target = match loss.target() {
                TargetKind::Values => {
                    for value in &mut targets {
                        *value = match target {
                            TargetDistribution::Uniform { low, high } => {
                                low + (high - low) * target_stream.uniform()
                            }
                            TargetDistribution::Normal { mean, standard_deviation } => {
                                mean + standard_deviation * target_stream.normal()
                            }
                        };
                    }
                    PositionTarget::Values(&targets)
                }
                TargetKind::Classes => {
                    PositionTarget::Class(((target_stream.uniform() * width as f64) as usize).min(width - 1))
                }
            };
            let gradient = &mut delta[item * width..][..width];
            loss.at_position(&values, target, gradient);
            behind += gradient.iter().map(|value| value * value).sum::<f64>();
            if let Some(coupled) = coupled {
                coupled.pull_back(&values, gradient);
            }
            for feature in 0..width {
                gradient[feature] *= slopes[feature];
                before_activation += gradient[feature] * gradient[feature];
                gradient[feature] *= normalisation;
                square_of_value += centred[feature] * centred[feature] / (spread * spread);
            }
            along[item] =
                gradient.iter().zip(&centred).map(|(gradient, value)| gradient * value).sum::<f64>() / spread;
        }
        let mut realisation = moments(&delta, examples, positions, width, output);
        (realisation[PARALLEL], realisation[PARALLEL + 1]) = parallel(&along, examples, positions);
        realisations.push(realisation);
    }
    // The amplitude `y · g / (K sqrt Q)` of the part of the gradient that is parallel to the output, with the scale that the
    // signal has there.
    let scale = square_of_value / (count * items) as f64 * width as f64 * libm::exp(-before.taken);
    let coherence = if scale > 0.0 { 1.0 / scale.sqrt() } else { 0.0 };
    // A loss whose gradient is proportional to the output is realised at a smaller scale.
    let proportional = beyond > 0.0 && {
        let mut once = vec![0.0; width];
        let mut twice = vec![0.0; width];
        let target = match loss.target() {
            TargetKind::Values => PositionTarget::Values(&targets),
            TargetKind::Classes => PositionTarget::Class(0),
        };
        let at = vec![unit; width];
        let double: Vec<f64> = at.iter().map(|value| 2.0 * value).collect();
        loss.at_position(&at, target, &mut once);
        loss.at_position(&double, target, &mut twice);
        twice[0].abs() > 1.5 * once[0].abs()
    };
    // By how much the product of two gradients grows with the correlation of their outputs, as a share of their squares.
    let mean = |term: usize| realisations.iter().map(|realisation| realisation[term]).sum::<f64>();
    let response = (coherence * coherence * mean(PARALLEL + 1) / mean(0).max(1e-300)).clamp(0.0, 1.0);
    let typical = typical(&realisations);
    let one_output = width == 1;
    let gradient = Gradient {
        log_scale: if proportional { beyond } else { 0.0 },
        square: Combination::term(0),
        product: Combination::term(1),
        position_sum: Combination::term(2),
        pair_position_sum: Combination::term(3),
        mean_square: Combination::term(4),
        mean_product: Combination::term(5),
        before_activation: (function.is_some() || coupled.is_some())
            .then(|| if before_activation > 0.0 { libm::log(behind / before_activation) } else { 0.0 }),
        batch_sum: None,
        derivative_sum: None,
        noise: 0.0,
        pair_noise: 0.0,
        pair_shift: 0.0,
        response: Combination::term(0) * response,
        beside: Combination::ZERO,
        swings: [Swing::OUTPUT; 2],
        with_value: None,
        coherence,
        outputs: width as f64,
        random_mean: if one_output { 0.0 } else { 1.0 },
        typical,
        least_correlation: least_correlation(loss, width),
        profile: Profile::default(),
        at_maximum: None,
        time_decay: None,
    };
    let scores = (0..count).map(|index| evenly(of_noise, index)).collect();
    Ok(Start { gradient, realisations, deviation_of_scale, scales, scores })
}

/// What share of their mean is taken from independent numbers to give them a negative covariance, as behind a batch
/// normalisation, where the sum over the batch is zero.
///
/// With `e - κ ē` the covariance relative to the variance is `-s / (1 - s)` with `s = (2 κ - κ²) / n`.
fn repulsion(covariance: f64, variance: f64, items: f64) -> f64 {
    if covariance >= 0.0 || variance <= 0.0 {
        return 0.0;
    }
    let ratio = (-covariance / variance).min(1.0 / (items - 1.0).max(1.0));
    let taken = items * ratio / (1.0 + ratio);
    1.0 - (1.0 - taken).max(0.0).sqrt()
}

/// Classes have one degree of freedom less than outputs, since the gradients of a position sum to zero.
fn least_correlation(loss: &dyn Loss, width: usize) -> f64 {
    let free = match loss.target() {
        TargetKind::Values => width,
        TargetKind::Classes => width - 1,
    };
    (1.0 / free.max(1) as f64).sqrt()
}

/// `E (y(a) · g(a))²` and `E (y(a) · g(a)) (y(b) · g(b))` in one realisation.
fn parallel(along: &[f64], batch: usize, positions: usize) -> (f64, f64) {
    let (b, p) = (batch as f64, positions as f64);
    let square: f64 = along.iter().map(|value| value * value).sum();
    let over_examples: f64 = (0..positions)
        .map(|position| {
            let sum: f64 = along.iter().skip(position).step_by(positions).sum();
            sum * sum
        })
        .sum();
    let product = if batch > 1 { (over_examples - square) / (b * (b - 1.0) * p) } else { 0.0 };
    (square / (b * p), product)
}

/// The moments of one realisation of the gradient, `[item][feature]` with the positions of an example side by side.
fn moments(delta: &[f64], batch: usize, positions: usize, width: usize, output: &Signal<'_>) -> Realisation {
    let (b, p, k) = (batch as f64, positions as f64, width as f64);
    let at = |example: usize, position: usize, feature: usize| {
        delta[(example * positions + position) * width + feature]
    };
    let (mut square, mut over_examples, mut over_positions, mut over_both) = (0.0, 0.0, 0.0, 0.0);
    for feature in 0..width {
        let mut both = 0.0;
        for position in 0..positions {
            let mut sum = 0.0;
            for example in 0..batch {
                let value = at(example, position, feature);
                square += value * value;
                sum += value;
            }
            over_examples += sum * sum;
            both += sum;
        }
        over_both += both * both;
        if positions > 1 {
            for example in 0..batch {
                let sum: f64 = (0..positions).map(|position| at(example, position, feature)).sum();
                over_positions += sum * sum;
            }
        }
    }
    square /= k * b * p;
    let product = if batch > 1 { (over_examples / (k * p) - b * square) / (b * (b - 1.0)) } else { 0.0 };
    let (mut position_sum, mut pair_position_sum) = (0.0, 0.0);
    if positions > 1 {
        let others = output.positions as f64 - 1.0;
        let near = (over_positions / (k * b) / p - square) / (p - 1.0);
        position_sum = near * others;
        if batch > 1 {
            let apart =
                over_both / k - b * p * square - b * p * (p - 1.0) * near - p * b * (b - 1.0) * product;
            pair_position_sum = apart / (b * (b - 1.0) * p * (p - 1.0)) * others;
        }
    }
    let (mut mean_square, mut mean_product) = (square / k, product.max(0.0) / k);
    if width == 1 {
        (mean_square, mean_product) = (square, product);
    } else if output.shared > 0.5 {
        let means: Vec<f64> = delta.chunks_exact(width).map(|item| item.iter().sum::<f64>() / k).collect();
        mean_square = means.iter().map(|mean| mean * mean).sum::<f64>() / (b * p);
        let sums = (0..positions).map(|position| {
            let sum: f64 = (0..batch).map(|example| means[example * positions + position]).sum();
            sum * sum
        });
        mean_product =
            if batch > 1 { (sums.sum::<f64>() / p - b * mean_square) / (b * (b - 1.0)) } else { 0.0 };
    }
    let mut realisation = [1.0; TERMS];
    realisation[..6].copy_from_slice(&[
        square,
        product,
        position_sum,
        pair_position_sum,
        mean_square,
        mean_product,
    ]);
    realisation
}

/// The realisation with the median correlation between examples.
fn typical(realisations: &[Realisation]) -> Realisation {
    let mut order: Vec<&Realisation> = realisations.iter().collect();
    let ratio =
        |realisation: &Realisation| if realisation[0] > 0.0 { realisation[1] / realisation[0] } else { 0.0 };
    order.sort_by(|one, other| ratio(one).total_cmp(&ratio(other)));
    *order[order.len() / 2]
}

/// The norm of the gradient of one parameter, over seeds.
#[derive(Clone, Copy, Debug)]
pub struct GradientNorm {
    /// The decimal logarithm of the median.
    pub median_log10: f64,
    /// The standard deviation of the normal distribution with the same distance between the outer deciles of the decimal
    /// logarithm: with one output a few realisations cancel almost exactly, which no sample of a few hundred seeds shows.
    pub deviation_log10: f64,
}

impl Start {
    /// The norm of the gradient of a parameter, `None` where it is exactly zero: behind a signal or before a gradient that
    /// is, and where what is left of a sum over all pairs is rounding of the part of its single items.
    pub fn gradient_norm(&self, parameter: &super::ParameterMoments) -> Option<GradientNorm> {
        if is_nothing(parameter.log_scale) {
            return None;
        }
        let count = self.realisations.len();
        let parts =
            |realisation: &Realisation| (parameter.total.at(realisation), parameter.apart.at(realisation));
        let (total, apart) = parts(&self.gradient.typical);
        let share = if total > 0.0 { (apart / total).clamp(0.0, 1.0) } else { 1.0 };
        let [one, pairs] = parameter.fluctuations;
        let fluctuation = Fluctuation::mean([(1.0 - share, one), (share, pairs)].into_iter());
        // What moves with the scale of the output, and the rest.
        let with_scale = if self.deviation_of_scale > 1e-9 {
            let deviation = fluctuation.variance.max(0.0).sqrt();
            (fluctuation.with_output / self.deviation_of_scale).max(-deviation).min(deviation)
        } else {
            0.0
        };
        let deviation = (fluctuation.variance - with_scale * with_scale).max(0.0).sqrt();
        let mut logs = Vec::with_capacity(count);
        let mut structural = true;
        // Loops with an index: this runs in macros that nobody optimises.
        for index in 0..count {
            let (total, apart) = parts(&self.realisations[index]);
            structural &= total <= (1e-7 * (total - apart).abs()).max(SMALLEST);
            logs.push(
                libm::log(total.max(1e-7 * (total - apart)).max(SMALLEST))
                    + deviation * self.scores[index]
                    + with_scale * self.scales[index],
            );
        }
        if structural {
            return None;
        }
        let scale = 0.5 / std::f64::consts::LN_10;
        let [low, middle, high] = quantiles(logs);
        Some(GradientNorm {
            median_log10: (middle + parameter.log_scale + fluctuation.shift) * scale,
            deviation_log10: (high - low) / DECILES * scale,
        })
    }
}

/// Where a square counts as zero that is 1 at the output, and whose scale is apart.
const SMALLEST: f64 = 1e-300;

/// How far the outer deciles of a normal distribution are apart, in standard deviations.
const DECILES: f64 = 2.563_103_131_089_201;

/// The lower decile, the median and the upper decile.
fn quantiles(mut values: Vec<f64>) -> [f64; 3] {
    let count = values.len();
    let [low, middle, high] = [0.1, 0.5, 0.9].map(|share| (share * (count - 1) as f64 + 0.5) as usize);
    select(&mut values, middle, 0, count);
    select(&mut values, low, 0, middle + 1);
    select(&mut values, high, middle, count);
    [values[low], values[middle], values[high]]
}

/// Brings to `index` the value that stands there in order, with none larger between `first` and it and none smaller between
/// it and `end`, if that holds outside of them (Hoare 1961, "Algorithm 65: find").
///
/// The selection of the standard library takes a multiple of the time where it is not optimised, as in a macro.
#[expect(clippy::manual_swap, reason = "`swap` takes twenty times as long where it is not optimised")]
fn select(values: &mut [f64], index: usize, mut first: usize, mut end: usize) {
    while first + 1 < end {
        let pivot = values[index];
        let (mut left, mut right) = (first, end);
        while left < right {
            while values[left] < pivot {
                left += 1;
            }
            while values[right - 1] > pivot {
                right -= 1;
            }
            if left < right {
                let one = values[left];
                values[left] = values[right - 1];
                values[right - 1] = one;
                left += 1;
                right -= 1;
            }
        }
        if right <= index {
            first = left;
        }
        if index < left {
            end = right;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Stream, quantiles};

    /// Also of short lists, and where many values are equal.
    #[test]
    fn quantiles_are_those_of_a_sorted_list() {
        let mut stream = Stream::new(1);
        for count in 1..100 {
            for different in [3.0, 1e9] {
                let values: Vec<f64> = (0..count).map(|_| (stream.uniform() * different).floor()).collect();
                let mut sorted = values.clone();
                sorted.sort_by(f64::total_cmp);
                let at = |share: f64| sorted[(share * (count - 1) as f64 + 0.5) as usize];
                assert_eq!(quantiles(values.clone()), [at(0.1), at(0.5), at(0.9)], "{values:?}");
            }
        }
    }
}
