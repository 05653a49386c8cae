//! The ways of clipping, on gradients that may not fit their type yet.

use std::collections::VecDeque;

use netdsl_layers::{Clip, Element, ParameterRange, scale_by_power};

use crate::norm::Norm;

/// What the norm of a unit's weights counts as at least, so that zeros can grow.
const SMALLEST_WEIGHT_NORM: f64 = 1e-3;

/// How many norms the percentile is taken of: enough that one more changes it little.
const REMEMBERED: usize = 10_000;

/// The norms that gradients had, for [`Clip::Auto`].
#[derive(Debug, Default)]
pub(crate) struct NormHistory {
    /// In the order of the steps.
    norms: VecDeque<f64>,
    /// The same from the smallest to the largest.
    sorted: Vec<f64>,
}

impl NormHistory {
    /// Takes a norm in.
    pub(crate) fn push(&mut self, norm: f64) {
        if self.norms.len() == REMEMBERED
            && let Some(oldest) = self.norms.pop_front()
        {
            let place = self.sorted.partition_point(|value| *value < oldest);
            self.sorted.remove(place);
        }
        self.norms.push_back(norm);
        let place = self.sorted.partition_point(|value| *value < norm);
        self.sorted.insert(place, norm);
    }

    /// The norms in their order.
    pub(crate) fn norms(&self) -> impl Iterator<Item = f64> {
        self.norms.iter().copied()
    }

    /// The percentile, between two norms on the line through them, as NumPy has it; none where nothing has been taken in.
    fn percentile(&self, percentile: f64) -> Option<f64> {
        let place = percentile / 100.0 * self.sorted.len().checked_sub(1)? as f64;
        let (low, high) = (self.sorted.get(place.floor() as usize)?, self.sorted.get(place.ceil() as usize)?);
        Some(low + (high - low) * place.fract())
    }
}

/// Clips the gradients `gradient · 2^exponents` and leaves them without exponents.
///
/// `norms` are theirs, one for each tensor, and finite; `history` is what [`Clip::Auto`] has seen. A gradient that fits `T` after clipping is finite afterwards,
/// whatever it was before.
pub(crate) fn clip<T: Element>(
    clip: Option<Clip>,
    tensors: &[ParameterRange],
    parameters: &[T],
    gradient: &mut [T],
    exponents: &mut [i32],
    norms: &[Norm],
    history: &mut NormHistory,
) {
    let total = match clip {
        Some(Clip::GlobalNorm(_) | Clip::Auto(_)) => Norm::total(norms.iter().copied()),
        _ => Norm::ZERO,
    };
    let clip = match clip {
        Some(Clip::Auto(percentile)) => {
            history.push(total.to_f64().min(f64::MAX));
            history.percentile(percentile).map(Clip::GlobalNorm)
        }
        other => other,
    };
    for ((tensor, exponent), norm) in tensors.iter().zip(exponents).zip(norms) {
        let values = &mut gradient[tensor.range.clone()];
        match clip {
            None | Some(Clip::Auto(_)) => scale_by_power(values, *exponent),
            Some(Clip::Value(bound)) => cut(values, *exponent, bound),
            Some(Clip::Norm(bound)) => shorten(values, *exponent, *norm, bound),
            Some(Clip::GlobalNorm(bound)) => shorten(values, *exponent, total, bound),
            Some(Clip::Adaptive(bound)) => {
                let rows = if tensor.shape.len() > 1 { tensor.shape[0] } else { 1 };
                let width = (values.len() / rows).max(1);
                let weights = parameters[tensor.range.clone()].chunks(width);
                for (row, weights) in values.chunks_mut(width).zip(weights) {
                    let weight = Norm::of(weights, 0).to_f64().max(SMALLEST_WEIGHT_NORM);
                    let norm = Norm::of(row, *exponent);
                    shorten(row, *exponent, norm, bound * weight);
                }
            }
        }
        *exponent = 0;
    }
}

/// Cuts each value to `±bound`. In double precision, where what overflows is infinite and is cut like any other.
fn cut<T: Element>(values: &mut [T], exponent: i32, bound: f64) {
    for value in values {
        let mut wide = [value.to_f64()];
        scale_by_power(&mut wide, exponent);
        *value = T::from_f64(wide[0].clamp(-bound, bound));
    }
}

/// Multiplies with `min(1, bound / norm)`.
fn shorten<T: Element>(values: &mut [T], exponent: i32, norm: Norm, bound: f64) {
    if norm.to_f64() <= bound {
        scale_by_power(values, exponent);
        return;
    }
    // First to the size of one, then to the bound, so that nothing on the way leaves the range.
    let (mantissa, power) = norm.parts();
    scale_by_power(values, exponent.saturating_sub(power.clamp(i32::MIN.into(), i32::MAX.into()) as i32));
    let factor = T::from_f64(bound / mantissa);
    values.iter_mut().for_each(|value| *value *= factor);
}

#[cfg(test)]
mod tests {
    use netdsl_layers::{Clip, ParameterRange};

    use super::{NormHistory, REMEMBERED, clip};
    use crate::norm::Norm;

    const WEIGHTS: [f64; 6] = [0.3, -0.4, 0.0, 0.0, 5.0, -12.0];
    const GRADIENT: [f64; 6] = [3.0, -4.0, 0.5, 0.1, 0.6, 0.8];

    /// A weight of two units and a bias, whose gradients are stored as they are times `2^-exponent`.
    fn clipped(mode: Option<Clip>, exponent: i32) -> Vec<f64> {
        let tensor =
            |shape: &[usize], range| ParameterRange { name: String::new(), shape: shape.to_vec(), range };
        let tensors = [tensor(&[2, 2], 0..4), tensor(&[2], 4..6)];
        let mut gradient = GRADIENT.map(|value| value * 2f64.powi(-exponent)).to_vec();
        let norms: Vec<Norm> =
            tensors.iter().map(|tensor| Norm::of(&gradient[tensor.range.clone()], exponent)).collect();
        let mut exponents = [exponent; 2];
        let mut history = NormHistory::default();
        clip(mode, &tensors, &WEIGHTS, &mut gradient, &mut exponents, &norms, &mut history);
        assert_eq!(exponents, [0; 2]);
        gradient
    }

    /// The formulas written out: the rounding of a few operations is all that may differ.
    #[track_caller]
    fn expect(mode: Clip, formula: [f64; 6]) {
        for exponent in [0, 40, -40, 900] {
            for (ours, theirs) in clipped(Some(mode), exponent).iter().zip(formula) {
                assert!((ours - theirs).abs() < 1e-14, "{mode:?} {exponent}: {ours} {theirs}");
            }
        }
    }

    #[test]
    fn follow_their_formulas() {
        let [a, b, c, d, e, f] = GRADIENT;
        expect(Clip::Value(0.7), [0.7, -0.7, 0.5, 0.1, 0.6, 0.7]);
        let weight = (a * a + b * b + c * c + d * d).sqrt();
        expect(
            Clip::Norm(2.0),
            [a * 2.0 / weight, b * 2.0 / weight, c * 2.0 / weight, d * 2.0 / weight, e, f],
        );
        let all = (weight * weight + 1.0).sqrt();
        expect(Clip::GlobalNorm(2.0), GRADIENT.map(|value| value * 2.0 / all));
        expect(Clip::GlobalNorm(6.0), GRADIENT);
        // Units of norm 5 and 0.51 with weights of norm 0.5 and 0, which counts as 1e-3; a bias of norm 1 with 13.
        let (first, second) = (0.1 * 0.5 / 5.0, 0.1 * 1e-3 / 0.26f64.sqrt());
        expect(Clip::Adaptive(0.1), [a * first, b * first, c * second, d * second, e, f]);
    }

    #[test]
    fn nothing_is_clipped_without_a_mode() {
        assert_eq!(clipped(None, 40), GRADIENT);
    }

    /// The values of `numpy.percentile`, NumPy 2.4.6.
    #[test]
    fn the_percentile_is_that_of_numpy() {
        let mut history = NormHistory::default();
        assert_eq!(history.percentile(50.0), None);
        for (norm, tenth, median, largest) in
            [(3.0, 3.0, 3.0, 3.0), (1.0, 1.2, 2.0, 3.0), (7.0, 1.4, 3.0, 7.0), (0.5, 0.65, 2.0, 7.0)]
        {
            history.push(norm);
            let found = [10.0, 50.0, 100.0].map(|percentile| history.percentile(percentile).unwrap());
            for (ours, theirs) in found.iter().zip([tenth, median, largest]) {
                assert!((ours - theirs).abs() < 1e-15, "{found:?}");
            }
        }
    }

    #[test]
    fn old_norms_are_forgotten() {
        let mut history = NormHistory::default();
        (0..REMEMBERED + 500).for_each(|step| history.push((step % 700) as f64));
        assert_eq!((history.norms.len(), history.sorted.len()), (REMEMBERED, REMEMBERED));
        let mut expected: Vec<f64> = history.norms().collect();
        expected.sort_by(f64::total_cmp);
        assert_eq!(history.sorted, expected);
    }

    /// The first norm is its own percentile; a later one is shortened to the percentile of both.
    #[test]
    fn automatic_clipping_follows_the_history() {
        let tensors = [ParameterRange { name: String::new(), shape: vec![2], range: 0..2 }];
        let mut history = NormHistory::default();
        for (gradient, clipped) in [([3.0, 4.0], [3.0, 4.0]), ([30.0, 40.0], [5.7, 7.6])] {
            let mut gradient: [f64; 2] = gradient;
            let norms = [Norm::of(&gradient, 0)];
            let mode = Some(Clip::Auto(10.0));
            clip(mode, &tensors, &[0.0; 2], &mut gradient, &mut [0], &norms, &mut history);
            for (ours, theirs) in gradient.iter().zip(clipped) {
                assert!((ours - theirs).abs() < 1e-14, "{gradient:?}");
            }
        }
    }
}
