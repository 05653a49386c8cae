//! Attention of the positions of an example to each other.

use super::gradient::Gradient;
use super::limits;
use super::linear::Weight;
use super::normal::Stream;
use super::propagated::{Backpropagated, NotForecastable, Propagated};
use super::signal::{Signal, log_or_nothing};

/// How many numbers are drawn for the moments of the weights of an attention.
const DRAWS: usize = 6_000;

/// The mean over queries, or pairs of them, of `Σ_s p_ts p_t's`, and the mean of its square.
#[derive(Clone, Copy, Default)]
struct Overlap {
    mean: f64,
    square: f64,
    weight: f64,
}

impl Overlap {
    fn add(&mut self, weight: f64, overlap: f64) {
        self.mean += weight * overlap;
        self.square += weight * overlap * overlap;
        self.weight += weight;
    }

    /// The means; those of `other` where nothing was added.
    fn or(self, other: Self) -> Self {
        if self.weight == 0.0 {
            return other;
        }
        Self { mean: self.mean / self.weight, square: self.square / self.weight, weight: 1.0 }
    }

    /// `E (1 - o) (o + (1 - o) share)`: the covariance of two quantities over the positions that are attended to, squared,
    /// where `share` is the mean square of the cosine between two positions.
    fn covariance(&self, share: f64) -> f64 {
        self.mean - self.square + share * (1.0 - 2.0 * self.mean + self.square)
    }
}

/// The overlap of the attention of a query with itself and of two queries, with normal logits of this variance and this correlation between two queries, from sets of
/// logits at fixed points. Where it is causal, the query at a position sees as many keys as there are positions up to it.
fn overlaps(positions: usize, variance: f64, correlation: f64, causal: bool) -> [Overlap; 2] {
    let correlation = correlation.clamp(0.0, 1.0);
    let deviation = variance.sqrt();
    let (common, own) = (deviation * correlation.sqrt(), deviation * (1.0 - correlation).sqrt());
    let count = (DRAWS / (3 * positions)).clamp(4, 400);
    let mut stream = Stream::new(9);
    let (mut own_overlap, mut overlap) = (Overlap::default(), Overlap::default());
    let mut logits = vec![(0.0, 0.0); positions];
    for _ in 0..count {
        let mut largest = f64::MIN;
        for (one, other) in &mut logits {
            let together = common * stream.normal();
            (*one, *other) = (together + own * stream.normal(), together + own * stream.normal());
            largest = largest.max(*one).max(*other);
        }
        let mut sums = [0.0; 5];
        for (position, (one, other)) in logits.iter().enumerate() {
            // Far below the largest everything would be rounded to zero, where the keys seen so far are all of that kind.
            let at_least = |logit: f64| libm::exp((logit - largest).max(-600.0));
            let (one, other) = (at_least(*one), at_least(*other));
            for (sum, term) in sums.iter_mut().zip([one, other, one * one, other * other, one * other]) {
                *sum += term;
            }
            if causal || position + 1 == positions {
                let [one, other, one_square, other_square, both] = sums;
                own_overlap.add(1.0, one_square / (one * one));
                own_overlap.add(1.0, other_square / (other * other));
                // Of two queries the later one sees more keys; that many pairs end at this position.
                overlap.add(if causal { position as f64 } else { 1.0 }, both / (one * other));
            }
        }
    }
    let own_overlap = own_overlap.or(own_overlap);
    [own_overlap, overlap.or(own_overlap)]
}

/// Self-attention with the four square weights of query, key, value and output, all drawn alike.
///
/// With the correlation `s` of two positions the logits of a query have the variance `(a Q)² (1 - s)` over the keys, `a`
/// being the gain of a weight, and the mixed values keep `Q' = a Q (s + (1 - s) Σ p²)` (Noci et al. 2022). On the way back
/// through the values the sum over all pairs of positions is conserved. The gradient of a logit is
/// `p_ts e_t · (v_s - Σ p v)`, so that those of query and key see the signal only by how far positions are apart.
pub(crate) fn attention<'a>(
    weight: Weight,
    causal: bool,
    signal: &Signal<'a>,
) -> Result<Propagated<'a>, NotForecastable> {
    limits::list(signal.positions, "positions that attend to each other")?;
    let width = signal.width as f64;
    let positions = signal.positions as f64;
    let gain = weight.gain();
    let apart = (1.0 - signal.position_correlation).max(0.0);
    let scale = gain * signal.square();
    let [own_overlap, overlap] =
        overlaps(signal.positions, scale * scale * apart, signal.position_correlation, causal);
    let (square, product) = (own_overlap.mean, overlap.mean);
    let values = weight.forward(signal);
    let (same, correlation) = (signal.position_correlation, signal.correlation);
    let kept = square + (1.0 - square) * same;
    let mut mixed = values.clone();
    mixed.log_square += log_or_nothing(kept);
    // The correlation of two mixtures is a mean over pairs of positions.
    let mean_of_products = (square / kept).min(1.0);
    mixed.scatter *= mean_of_products * mean_of_products;
    mixed.scatter_passed *= mean_of_products;
    mixed.correlation = (correlation / kept).clamp(-1.0, 1.0);
    mixed.position_correlation = ((product + (1.0 - product) * same) / kept).clamp(-1.0, 1.0);
    (mixed.mean, mixed.shared, mixed.shared_product) = (0.0, 0.0, 0.0);
    (mixed.mean_square, mixed.mean_product) = (1.0 / width, mixed.correlation / width);
    let output = weight.forward(&mixed);
    let behind = output.clone();
    let before = signal.clone();
    Ok(Propagated::leaf(output, move |gradient| {
        let of_output = weight.parameters(&gradient, &mixed, &behind);
        let at_mixed = weight.backward(&gradient, &mixed, &behind).unrelated();
        let (over_positions, over_pairs) =
            (at_mixed.square + at_mixed.position_sum, at_mixed.product + at_mixed.pair_position_sum);
        let mut at_values = at_mixed.clone();
        at_values.square = at_mixed.square * square + at_mixed.position_sum * product;
        at_values.position_sum = over_positions - at_values.square;
        at_values.product = over_pairs * (1.0 / positions);
        at_values.pair_position_sum = over_pairs - at_values.product;
        (at_values.mean_square, at_values.mean_product) =
            (at_values.square * (1.0 / width), at_values.product * (1.0 / width));
        let of_values = weight.parameters(&at_values, &before, &values);
        // The gradient of a query is a covariance of keys and values under the attention, applied to that of the mixed
        // values; how it depends on two queries follows from the overlap of the positions that they attend to.
        let share = (before.scatter / (apart * apart).max(1e-12)).max(2.0 / width).min(1.0);
        let factor = scale * apart * values.square() * apart;
        let mut at_queries = at_mixed.clone();
        at_queries.square = at_mixed.square * (factor * own_overlap.covariance(share));
        at_queries.position_sum = at_mixed.position_sum * (factor * overlap.covariance(share));
        let between = factor * (1.0 - square) * (1.0 - square) * share;
        at_queries.product = at_mixed.product * between;
        at_queries.pair_position_sum = at_mixed.pair_position_sum * between;
        (at_queries.mean_square, at_queries.mean_product) =
            (at_queries.square * (1.0 / width), at_queries.product * (1.0 / width));
        let of_queries = weight.parameters(&at_queries, &before, &values);
        // Keys get what queries get, the positions of an example adding up to nothing.
        let mut at_keys = at_queries.clone();
        at_keys.position_sum = at_keys.square * -1.0;
        at_keys.pair_position_sum = at_keys.product * -1.0;
        let gradient = Gradient::sum(&[
            &weight.backward(&at_values, &before, &values),
            &weight.backward(&at_queries, &before, &values),
            &weight.backward(&at_keys, &before, &values),
        ]);
        let parameters =
            [of_queries.clone(), of_queries, of_values, of_output].into_iter().flatten().collect();
        Backpropagated { gradient, parameters, leaves: Vec::new() }
    }))
}
