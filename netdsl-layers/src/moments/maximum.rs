//! Maxima over positions.

use super::gaussian::{Function, OfGaussian, Rule, distribution};
use super::gradient::Gradient;
use super::limits;
use super::profile::Profile;
use super::propagated::{Backpropagated, NotForecastable, Propagated};
use super::signal::{Signal, log_or_nothing};
use crate::window::Axis;

/// The largest value of each window.
///
/// Behind a growing function `φ` the largest of `k` values `φ(z)` is `φ` of the largest `z`. Given what the positions have
/// in common, the others are independent, so that the largest has the density `k Φ(y)^(k-1)` times the normal one.
pub(crate) fn maximum<'a>(signal: &Signal<'a>, axes: &[Axis; 2]) -> Result<Propagated<'a>, NotForecastable> {
    signal.check_open()?;
    limits::windows(axes)?;
    let (inputs, outputs) = (signal.positions as f64, axes.iter().map(|axis| axis.output).product::<usize>());
    let covered = |axis: &Axis| (0..axis.output).map(|output| axis.positions(output).len()).sum::<usize>();
    let size = axes.iter().map(|axis| covered(axis) as f64 / axis.output as f64).product::<f64>();
    let mean_square = signal.mean * signal.mean;
    let linear = OfGaussian {
        function: Function::PiecewiseLinear(1.0, 1.0),
        mean: signal.mean,
        variance: (1.0 - mean_square).max(0.0),
    };
    let (gaussian, covariance, slopes, log_unit) = match &signal.source {
        Some(source) => {
            let pair = source.gaussian.pair(source.covariance);
            let slopes = (source.single.slope_square, pair.slope_product);
            (source.gaussian, source.covariance, Some(slopes), source.log_unit)
        }
        None => (linear, signal.correlation - mean_square, None, signal.log_square),
    };
    let covariance = covariance.clamp(0.0, gaussian.variance);
    let (common, own) = (covariance.sqrt(), (gaussian.variance - covariance).sqrt());
    let points = gaussian.function.turning_points();
    let [mut square, mut product, mut mean, mut slope_square, mut slope_product] = [0.0; 5];
    gaussian.common(covariance).each(|t, weight| {
        let centre = gaussian.mean + common * t;
        let borders = points.iter().map(|point| (point - centre) / own);
        let [mut total, mut value, mut of_square, mut slope, mut of_slope] = [0.0; 5];
        Rule::with_borders(borders.filter(|border| border.is_finite())).each(|y, weight| {
            let weight = weight * libm::pow(distribution(y), size - 1.0);
            let z = centre + own * y;
            let (at, derivative) = (gaussian.function.value(z), gaussian.function.derivative(z));
            total += weight;
            value += weight * at;
            of_square += weight * at * at;
            slope += weight * derivative;
            of_slope += weight * derivative * derivative;
        });
        let (value, slope) = (value / total, slope / total);
        square += weight * of_square / total;
        mean += weight * value;
        product += weight * value * value;
        slope_square += weight * of_slope / total;
        slope_product += weight * slope * slope;
    });
    let (energy, square) = (square, square.max(1e-300));
    let width = signal.width as f64;
    let mut output = signal.clone();
    output.positions = outputs;
    output.log_square = log_or_nothing(energy) + log_unit;
    output.correlation = (product / square).clamp(-1.0, 1.0);
    output.position_correlation = output.correlation;
    output.mean = mean / square.sqrt();
    let mean_square = output.mean * output.mean;
    output.mean_square = mean_square + (1.0 - mean_square) / width;
    output.mean_product = mean_square + (output.correlation - mean_square) / width;
    (output.shared, output.shared_product) = (0.0, 0.0);
    (output.source, output.normalised) = (None, false);
    let over = |index: usize| {
        let (axis, energies) = (&axes[index], signal.profile.along(index, axes[index].input));
        let mean = |covered: &[f64]| covered.iter().sum::<f64>() / covered.len() as f64;
        (0..axis.output).map(|output| mean(&energies[axis.positions(output)])).collect()
    };
    output.profile = Profile::normalised([over(0), over(1)]).0;
    let axes = *axes;
    let at_maximum = slopes.map(|(of_one, of_two)| {
        (slope_square / of_one.max(1e-300), slope_product / f64::max(of_two, 1e-300))
    });
    let scale = libm::exp(0.5 * (output.log_square - signal.log_square));
    let twice = chosen_twice(&axes, outputs);
    Ok(Propagated::leaf(output, move |gradient| {
        let outputs = outputs as f64;
        let share = outputs / inputs;
        let shared = gradient.position_sum * twice;
        let spread = |index: usize| {
            let energies = gradient.profile.along(index, axes[index].output);
            let mut spread = vec![0.0; axes[index].input];
            for (output, energy) in energies.iter().enumerate() {
                let covered = axes[index].positions(output);
                let weight = energy / covered.len() as f64;
                spread[covered].iter_mut().for_each(|sum| *sum += weight);
            }
            spread
        };
        Backpropagated::plain(Gradient {
            square: (gradient.square + shared) * share,
            product: gradient.product * (share / size),
            position_sum: (gradient.position_sum - shared) * share,
            pair_position_sum: (gradient.product * (1.0 - 1.0 / size) + gradient.pair_position_sum) * share,
            mean_square: gradient.mean_square * (share / size),
            mean_product: gradient.mean_product * (share / size),
            profile: Profile::normalised([spread(0), spread(1)]).0,
            at_maximum,
            ..gradient.regridded(scale, share)
        })
    }))
}

/// The share of the pairs of outputs whose windows have the same largest value: windows of `k` positions that share `m` of
/// them do so with the probability `m / (2 k - m)`.
fn chosen_twice(axes: &[Axis; 2], outputs: usize) -> f64 {
    let offsets =
        |axis: &Axis| (0..axis.output).take_while(|offset| offset * axis.stride < axis.size).count();
    let size = (axes[0].size * axes[1].size) as f64;
    let mut sum = 0.0;
    for down in 0..offsets(&axes[0]) {
        for right in 0..offsets(&axes[1]) {
            if (down, right) == (0, 0) {
                continue;
            }
            let shared =
                ((axes[0].size - down * axes[0].stride) * (axes[1].size - right * axes[1].stride)) as f64;
            let mut pairs = ((axes[0].output - down) * (axes[1].output - right)) as f64;
            for offset in [down, right] {
                pairs *= if offset == 0 { 1.0 } else { 2.0 };
            }
            sum += pairs * shared / (2.0 * size - shared);
        }
    }
    if outputs > 1 { sum / (outputs as f64 * (outputs as f64 - 1.0)) } else { 0.0 }
}
