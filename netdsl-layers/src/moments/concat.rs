//! Branches of one input, side by side.

use super::gradient::Gradient;
use super::propagated::{NotForecastable, Propagated};
use super::signal::{BeforeProduct, Signal};
use crate::layer::Layer;

/// `h = [first(x), second(x)]`.
///
/// A moment that is a mean over the units is the mean of those of the branches, weighted by their widths. Units of
/// different branches have only their means in common, as behind weights of their own.
pub(crate) fn concat<'a>(
    first: &'a dyn Layer,
    second: &'a dyn Layer,
    signal: &Signal<'a>,
) -> Result<Propagated<'a>, NotForecastable> {
    let first = first.propagate(signal)?;
    first.output.check_open()?;
    let second = match second.propagate(signal) {
        Ok(second) => second,
        Err(error) => return Err(error.after(first)),
    };
    second.output.check_open()?;
    let output = beside(&first.output, &second.output, signal);
    let parts = [&first.output, &second.output].map(|branch| Part::new(branch, &output));
    let (correlation, position_correlation) = (signal.correlation, signal.position_correlation);
    let others = signal.positions as f64 - 1.0;
    let mut leaves = first.leaves;
    leaves.extend(second.leaves);
    let (first_back, second_back) = (first.backward, second.backward);
    let backward = move |gradient: Gradient| {
        let mut result = first_back(parts[0].of(&gradient));
        let second = second_back(parts[1].of(&gradient));
        let (one, other) = (&result.gradient, &second.gradient);
        let mut joined = Gradient::sum(&[one, other]);
        // What is parallel to the signal in both adds as amplitudes do; `sum` has added its square in each.
        let along = |part: &Gradient| part.coherence * libm::exp(0.5 * (part.log_scale - joined.log_scale));
        let both = 2.0 * along(one) * along(other);
        let (together, pairs_together) = Gradient::parallel(1.0);
        let (together, pairs_together) = (together * both, pairs_together * (both * correlation));
        joined.square += together;
        joined.product += pairs_together;
        joined.position_sum += together * (position_correlation * others);
        joined.pair_position_sum += pairs_together * others;
        joined.time_decay = one.time_decay.or(other.time_decay);
        result.gradient = joined;
        result.parameters.extend(second.parameters);
        result.leaves.extend(second.leaves);
        result
    };
    Ok(Propagated { output, leaves, backward: Box::new(backward) })
}

/// The signal of both branches, of which `before` is the input.
fn beside<'a>(first: &Signal<'a>, second: &Signal<'a>, before: &Signal<'a>) -> Signal<'a> {
    let width = first.width + second.width;
    let largest = first.log_square.max(second.log_square);
    let part = |branch: &Signal<'_>| branch.width as f64 / width as f64;
    let energy = |branch: &Signal<'_>| part(branch) * libm::exp(branch.log_square - largest);
    let total = energy(first) + energy(second);
    let (of_first, of_second) = (energy(first) / total, energy(second) / total);
    let both = |one: f64, other: f64| of_first * one + of_second * other;
    // The mean of a branch over the units of both, relative to the scale of both.
    let mean = |branch: &Signal<'_>, share: f64| branch.mean * (share * part(branch)).sqrt();
    let (one, other) = (mean(first, of_first), mean(second, of_second));
    let over_units =
        |moment: fn(&Signal<'_>) -> f64| both(part(first) * moment(first), part(second) * moment(second));
    // Both branches inherit the fluctuation of the input and add their own.
    let noise = |moment: fn(&Signal<'_>) -> f64| {
        let own =
            |branch: &Signal<'_>, share: f64| share * share * (moment(branch) - moment(before)).max(0.0);
        moment(before) + own(first, of_first) + own(second, of_second)
    };
    Signal {
        width,
        positions: first.positions,
        batch: first.batch,
        log_square: largest + libm::log(total),
        correlation: both(first.correlation, second.correlation),
        position_correlation: both(first.position_correlation, second.position_correlation),
        mean: one + other,
        mean_square: over_units(|branch| branch.mean_square) + 2.0 * one * other,
        mean_product: over_units(|branch| branch.mean_product) + 2.0 * one * other,
        shared: over_units(|branch| branch.shared),
        shared_product: over_units(|branch| branch.shared_product),
        noise: noise(|branch| branch.noise),
        pair_noise: noise(|branch| branch.pair_noise),
        passed: both(first.passed, second.passed),
        scatter_passed: both(first.scatter_passed, second.scatter_passed),
        scatter_at_start: before.scatter_at_start,
        scatter: of_first * of_first * first.scatter + of_second * of_second * second.scatter,
        before_product: BeforeProduct::default(),
        source: None,
        open: None,
        normalised: false,
        collapse: first.collapse.min(second.collapse),
        dead: first.dead * second.dead,
        unknown: first.unknown.clone().or_else(|| second.unknown.clone()),
        profile: first.profile.mixed(of_first, &second.profile, of_second),
    }
}

/// What of the gradient behind both belongs to one branch.
#[derive(Clone, Copy)]
struct Part {
    /// The units of both over those of the branch.
    fewer: f64,
    /// The scale of the branch's signal relative to that of both.
    scale: f64,
}

impl Part {
    fn new(branch: &Signal<'_>, output: &Signal<'_>) -> Self {
        Self {
            fewer: output.width as f64 / branch.width as f64,
            scale: libm::exp(0.5 * (branch.log_square - output.log_square)),
        }
    }

    /// A mean over fewer units has more left of their random signs; what is parallel to the signal is in proportion to it.
    fn of(self, gradient: &Gradient) -> Gradient {
        let random = gradient.random_mean * self.fewer;
        let over_units = random + (1.0 - gradient.random_mean);
        Gradient {
            mean_square: gradient.mean_square * over_units,
            mean_product: gradient.mean_product * over_units,
            random_mean: random / over_units,
            coherence: gradient.coherence * self.scale,
            response: gradient.response * (self.scale * self.scale / self.fewer),
            ..gradient.clone().unrelated()
        }
    }
}
