//! A branch beside a shortcut.

use super::combination::Combination;
use super::gradient::Gradient;
use super::propagated::{NotForecastable, Propagated};
use super::signal::Signal;
use crate::layer::Layer;

/// `h = shortcut(x) + t · branch(x)`.
///
/// Branch and shortcut are uncorrelated where the branch ends in a weight of mean zero, so their second moments add
/// (Yang & Schoenholz 2017); common means add too.
pub(crate) fn residual<'a>(
    branch: &'a dyn Layer,
    shortcut: &'a dyn Layer,
    scale: f64,
    signal: &Signal<'a>,
) -> Result<Propagated<'a>, NotForecastable> {
    let mut through_unchanged = true;
    shortcut.leaves("", &mut |_, _| through_unchanged = false);
    let branch = branch.propagate(signal)?;
    branch.output.check_open()?;
    let shortcut = match shortcut.propagate(signal) {
        Ok(shortcut) => shortcut,
        Err(error) => return Err(error.after(branch)),
    };
    let through = &shortcut.output;
    through.check_open()?;
    let log_scale = 2.0 * libm::log(scale.abs());
    let log_branch = branch.output.log_square + log_scale;
    let log_shortcut = through.log_square;
    let largest = log_branch.max(log_shortcut);
    let (of_branch, of_shortcut) = (libm::exp(log_branch - largest), libm::exp(log_shortcut - largest));
    let sign = if scale < 0.0 { -1.0 } else { 1.0 };
    let cross = 2.0 * sign * branch.output.mean * through.mean * (of_branch * of_shortcut).sqrt();
    let total = of_branch + of_shortcut + cross;
    let (of_branch, of_shortcut, cross) = (of_branch / total, of_shortcut / total, cross / total);
    let both = |branch: f64, shortcut: f64| of_branch * branch + of_shortcut * shortcut;
    let b = &branch.output;
    let mut output = b.clone();
    output.source = None;
    output.normalised = false;
    output.unknown = b.unknown.clone().or_else(|| through.unknown.clone());
    output.dead = b.dead * through.dead;
    output.collapse = b.collapse.min(through.collapse);
    output.profile = b.profile.mixed(of_branch, &through.profile, of_shortcut + cross);
    output.log_square = largest + libm::log(total);
    output.correlation = (both(b.correlation, through.correlation) + cross).clamp(-1.0, 1.0);
    output.position_correlation =
        (both(b.position_correlation, through.position_correlation) + cross).clamp(-1.0, 1.0);
    output.mean = sign * of_branch.sqrt() * b.mean + of_shortcut.sqrt() * through.mean;
    output.shared = both(b.shared, through.shared);
    output.shared_product = both(b.shared_product, through.shared_product);
    let square = output.mean * output.mean;
    let apart = |signal: &Signal<'_>, moment: f64| moment - signal.mean * signal.mean;
    output.mean_square = square + both(apart(b, b.mean_square), apart(through, through.mean_square));
    output.mean_product = square + both(apart(b, b.mean_product), apart(through, through.mean_product));
    let sum = (of_branch + of_shortcut) * (of_branch + of_shortcut);
    let fresh = 4.0 * of_branch * of_shortcut / output.width as f64;
    let noise = |shortcut: f64, branch: f64, before: f64| {
        sum * shortcut + of_branch * of_branch * (branch - before).max(0.0)
    };
    output.noise = noise(through.noise, b.noise, signal.noise) + fresh * b.correlation * through.correlation;
    output.pair_noise = noise(through.pair_noise, b.pair_noise, signal.pair_noise) + fresh;

    let width = signal.width as f64;
    let (correlation, position_correlation) = (signal.correlation, signal.position_correlation);
    let others = signal.positions as f64 - 1.0;
    let to_branch = libm::exp(0.5 * (log_branch - output.log_square));
    // The mean of the branch's output over the units, and the scale of the output, both relative to what is asked for.
    let branch_mean = sign * of_branch.sqrt() * branch.output.mean;
    let to_signal = libm::exp(0.5 * (output.log_square - signal.log_square));
    let to_shortcut = libm::exp(0.5 * (log_shortcut - output.log_square));
    let mut leaves = branch.leaves;
    leaves.extend(shortcut.leaves);
    let (branch_back, shortcut_back) = (branch.backward, shortcut.backward);
    let backward = move |gradient: Gradient| {
        let (noise, pair_noise) = (gradient.noise, gradient.pair_noise);
        let part = |log_scale: f64, share: f64| Gradient {
            log_scale: gradient.log_scale + log_scale,
            coherence: gradient.coherence * share,
            coherence_before: None,
            with_value: None,
            curvature: None,
            of_branch: (0.0, 1.0),
            ..gradient.clone()
        };
        let shortcut = shortcut_back(part(0.0, to_shortcut));
        let mut result = branch_back(part(log_scale, to_branch));
        let (one, other) = (&result.gradient, &shortcut.gradient);
        let largest = one.log_scale.max(other.log_scale);
        let (of_one, of_other) = (libm::exp(one.log_scale - largest), libm::exp(other.log_scale - largest));
        let sum = |one: Combination, other: Combination| one * of_one + other * of_other;
        let (along_one, along_other) = (of_one.sqrt() * one.coherence, of_other.sqrt() * other.coherence);
        let together = 2.0 * gradient.parallel(1.0) * along_one * along_other;
        let square = sum(one.square, other.square);
        // The mean of the branch's Jacobian, `amplitude · h 1ᵀ / sqrt Q`, couples what comes through the shortcut with
        // what comes through the branch.
        let (amplitude, mean_amplitude) = if through_unchanged {
            (result.gradient.of_branch.0 * scale, result.gradient.of_branch.1 * scale)
        } else {
            (0.0, 0.0)
        };
        let one = &result.gradient;
        let before =
            |along: Combination, mean: Combination| (along - mean * branch_mean) * to_signal * of_other;
        let along = before(gradient.along_mean, gradient.mean_square);
        let pair_along = before(gradient.pair_along_mean, gradient.mean_product);
        let (mean_square, mean_product) = (gradient.mean_square * of_other, gradient.mean_product * of_other);
        let square = square + along * (2.0 * amplitude);
        let product_cross = pair_along * (2.0 * amplitude);
        let typical = |moment: Combination| moment.at(&gradient.typical);
        let share = (of_one * typical(one.square) / typical(square).max(1e-300)).clamp(0.0, 1.0);
        let mixed = |before: f64, branch: f64| before + share * share * (branch - before).max(0.0);
        let joined = Gradient {
            log_scale: largest,
            square: square + Combination::constant(together),
            product: sum(one.product, other.product)
                + product_cross
                + Combination::constant(together * correlation),
            position_sum: sum(one.position_sum, other.position_sum)
                + Combination::constant(together * position_correlation * others),
            pair_position_sum: sum(one.pair_position_sum, other.pair_position_sum)
                + Combination::constant(together * correlation * others),
            mean_square: sum(one.mean_square, other.mean_square) + mean_square * (2.0 * mean_amplitude),
            mean_product: sum(one.mean_product, other.mean_product) + mean_product * (2.0 * mean_amplitude),
            along_mean: one.along_mean * of_one + along * (1.0 + mean_amplitude) + mean_square * amplitude,
            pair_along_mean: one.pair_along_mean * of_one
                + pair_along * (1.0 + mean_amplitude)
                + mean_product * (amplitude * correlation),
            noise: mixed(noise, one.noise),
            pair_noise: mixed(pair_noise, one.pair_noise) + 4.0 * share * (1.0 - share) / width,
            coherence: along_one + along_other,
            profile: one.profile.mixed(share, &other.profile, 1.0 - share),
            ..gradient.clone()
        };
        result.gradient = Gradient {
            with_value: None,
            curvature: None,
            of_branch: (0.0, 0.0),
            coherence_before: None,
            ..joined
        };
        result.parameters.extend(shortcut.parameters);
        result.leaves.extend(shortcut.leaves);
        result
    };
    Ok(Propagated { output, leaves, backward: Box::new(backward) })
}
