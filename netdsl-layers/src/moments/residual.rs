//! A branch beside a shortcut.

use super::combination::Combination;
use super::gradient::Gradient;
use super::propagated::{NotForecastable, Propagated};
use super::signal::{BeforeProduct, Signal};
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
    let (outside, scatter_outside, scatter_at_start) =
        (signal.passed, signal.scatter_passed, signal.scatter_at_start);
    let signal =
        &Signal { passed: 1.0, scatter_passed: 1.0, scatter_at_start: signal.scatter, ..signal.clone() };
    let branch = branch.propagate(signal)?;
    branch.output.check_open()?;
    let shortcut = match shortcut.propagate(signal) {
        Ok(shortcut) => shortcut,
        Err(error) => return Err(error.after(branch)),
    };
    let through = &shortcut.output;
    through.check_open()?;
    let log_scale = 2.0 * libm::log(scale.abs());
    // The parts that their noise took from the logarithms of their scales are not those that it takes from that of the sum.
    let added = |of: &Signal<'_>| {
        let passed = of.passed * of.passed;
        ((of.noise - passed * signal.noise).max(0.0), (of.pair_noise - passed * signal.pair_noise).max(0.0))
    };
    let (fresh_branch, fresh_shortcut) = (added(&branch.output), added(through));
    let log_branch = branch.output.log_square + log_scale + fresh_branch.0 / 2.0;
    let log_shortcut = through.log_square + fresh_shortcut.0 / 2.0;
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
    output.normalised = b.normalised || through.normalised;
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
    // How much of a change of the scale each passes on, of which the product of their means takes part in both.
    let (of_both, of_other) = (of_branch + cross / 2.0, of_shortcut + cross / 2.0);
    let passed = of_both * b.passed + of_other * through.passed;
    let crossed = 4.0 * of_branch * of_shortcut / output.width as f64;
    let noise = |branch: f64, shortcut: f64| of_both * of_both * branch + of_other * of_other * shortcut;
    output.noise = passed * passed * signal.noise;
    output.pair_noise = passed * passed * signal.pair_noise;
    output.add_noise(
        noise(fresh_branch.0, fresh_shortcut.0) + crossed * b.correlation * through.correlation,
        noise(fresh_branch.1, fresh_shortcut.1) + crossed,
    );
    let squared = passed * passed;
    let fresh = [
        (output.noise - squared * signal.noise).max(0.0),
        (output.pair_noise - squared * signal.pair_noise).max(0.0),
    ];
    let before = signal.clone();
    let of_parts = [(of_branch, b, of_shortcut, through), (of_shortcut, through, of_branch, b)];
    let parts = of_parts.map(|(share, signal, of_other, other)| Part {
        share,
        correlation: signal.correlation,
        normalised: signal.normalised,
        beside: of_other * other.scatter_passed,
    });
    let (passed_branch, passed_shortcut) = (b.passed, through.passed);
    let together = b.scatter_passed * through.scatter_passed * signal.scatter;
    output.scatter = of_branch * of_branch * b.scatter
        + of_shortcut * of_shortcut * through.scatter
        + 2.0 * of_branch * of_shortcut * together;
    output.scatter_passed = scatter_outside * both(b.scatter_passed, through.scatter_passed);
    output.scatter_at_start = scatter_at_start;
    output.before_product = BeforeProduct::default();
    output.passed = outside * passed;

    let width = signal.width as f64;
    let (correlation, position_correlation) = (signal.correlation, signal.position_correlation);
    let (mean_square, mean_product) = (signal.mean_square, signal.mean_product);
    let others = signal.positions as f64 - 1.0;
    // `h · g` is shared as the products of the two parts with their sum are.
    // Of a part that is zero nothing is shared, however much larger the other is.
    let relative_to = |part: f64| libm::exp(0.5 * (output.log_square - part).min(600.0));
    let to_branch = of_both * relative_to(branch.output.log_square + log_scale);
    let to_shortcut = of_other * relative_to(through.log_square);
    let mut leaves = branch.leaves;
    leaves.extend(shortcut.leaves);
    let (branch_back, shortcut_back) = (branch.backward, shortcut.backward);
    let backward = move |gradient: Gradient| {
        let (noise, pair_noise) = (gradient.noise, gradient.pair_noise);
        let part = |of: Part, log_scale: f64, share: f64| Gradient {
            log_scale: gradient.log_scale + log_scale,
            coherence: gradient.coherence * share,
            with_value: with_value(of, &gradient),
            response: gradient.response * of.share,
            beside: gradient.response * of.beside,
            ..gradient.clone()
        };
        let shortcut = shortcut_back(part(parts[1], 0.0, to_shortcut));
        let mut result = branch_back(part(parts[0], log_scale, to_branch));
        // The parts that their noise took from the logarithms of their squares are not those that it takes from that of the
        // sum.
        let (one_noise, one_pair_noise) = (result.gradient.noise, result.gradient.pair_noise);
        result.gradient.add_noise(noise - one_noise, pair_noise - one_pair_noise, &before);
        let (one, other) = (&result.gradient, &shortcut.gradient);
        let largest = one.log_scale.max(other.log_scale);
        let (of_one, of_other) = (libm::exp(one.log_scale - largest), libm::exp(other.log_scale - largest));
        let sum = |one: Combination, other: Combination| one * of_one + other * of_other;
        let (along_one, along_other) = (of_one.sqrt() * one.coherence, of_other.sqrt() * other.coherence);
        let (parallel, pairs) = Gradient::parallel(1.0);
        let product_of_both = 2.0 * along_one * along_other;
        let (together, pairs_together) =
            (parallel * product_of_both, pairs * (product_of_both * correlation));
        let square = sum(one.square, other.square) + together;
        let typical = |moment: Combination| moment.at(&gradient.typical);
        let amplitude = along_one + along_other;
        let parallel_share =
            (typical(parallel * (amplitude * amplitude)) / typical(square).max(1e-300)).clamp(0.0, 1.0);
        let share = (of_one * typical(one.square) / typical(square).max(1e-300)).clamp(0.0, 1.0);
        let mixed = |before: f64, branch: f64| share * share * (branch - before).max(0.0);
        let joined = Gradient {
            log_scale: largest,
            square,
            product: sum(one.product, other.product) + pairs_together,
            position_sum: sum(one.position_sum, other.position_sum)
                + together * (position_correlation * others),
            pair_position_sum: sum(one.pair_position_sum, other.pair_position_sum) + pairs_together * others,
            mean_square: sum(one.mean_square, other.mean_square) + together * mean_square,
            mean_product: sum(one.mean_product, other.mean_product) + pairs_together * mean_product,
            swings: std::array::from_fn(|kind| {
                let parts = [
                    (share, passed_branch, one.swings[kind]),
                    (1.0 - share, passed_shortcut, other.swings[kind]),
                ];
                gradient.swings[kind].joined(fresh[kind], passed, parallel_share, parts)
            }),
            coherence: amplitude,
            response: sum(one.response + one.beside, other.response + other.beside) + pairs * product_of_both,
            // What goes beside a branch around this one grows as the gradient does.
            beside: gradient.beside * (typical(square) / typical(gradient.square).max(1e-300)),
            profile: one.profile.mixed(share, &other.profile, 1.0 - share),
            ..gradient.clone()
        };
        let added = (
            mixed(noise, one_noise),
            mixed(pair_noise, one_pair_noise) + 4.0 * share * (1.0 - share) / width,
        );
        result.gradient = Gradient { with_value: None, ..joined };
        result.gradient.add_noise(added.0, added.1, &before);
        result.parameters.extend(shortcut.parameters);
        result.leaves.extend(shortcut.leaves);
        result
    };
    Ok(Propagated { output, leaves, backward: Box::new(backward) })
}

/// What a branch or a shortcut has in the sum of both.
#[derive(Clone, Copy)]
struct Part {
    share: f64,
    correlation: f64,
    /// Whether it is the direct output of a normalisation.
    normalised: bool,
    /// How much of a change of the correlation at the start of both reaches the sum by the other part.
    beside: f64,
}

/// The moments of the gradient multiplied by the value of one part, from those multiplied by the sum of both.
///
/// Of a part that has a share `p` of the sum, `sqrt p` times the sum and `sqrt(1 - p)` times what is independent of it, the
/// product with the gradient has as much of either.
fn with_value(part: Part, gradient: &Gradient) -> Option<[Combination; 4]> {
    let [one, product, near, apart] = gradient.with_value.filter(|_| part.normalised)?;
    let (share, rest) = (part.share, 1.0 - part.share);
    let pair = |with: Combination, without: Combination| with * share + without * (rest * part.correlation);
    Some([
        one * share + gradient.square * rest,
        pair(product, gradient.product),
        pair(near, gradient.position_sum),
        pair(apart, gradient.pair_position_sum),
    ])
}
