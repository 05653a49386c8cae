//! The four ways of clipping, on gradients that may not fit their type yet.

use netdsl_layers::{Clip, Element, ParameterRange, scale_by_power};

use crate::norm::Norm;

/// What the norm of a unit's weights counts as at least, so that zeros can grow.
const SMALLEST_WEIGHT_NORM: f64 = 1e-3;

/// Clips the gradients `gradient · 2^exponents` and leaves them without exponents.
///
/// `norms` are theirs, one for each tensor, and finite. A gradient that fits `T` after clipping is finite afterwards,
/// whatever it was before.
pub(crate) fn clip<T: Element>(
    clip: Option<Clip>,
    tensors: &[ParameterRange],
    parameters: &[T],
    gradient: &mut [T],
    exponents: &mut [i32],
    norms: &[Norm],
) {
    let total = match clip {
        Some(Clip::GlobalNorm(_)) => Norm::total(norms.iter().copied()),
        _ => Norm::ZERO,
    };
    for ((tensor, exponent), norm) in tensors.iter().zip(exponents).zip(norms) {
        let values = &mut gradient[tensor.range.clone()];
        match clip {
            None => scale_by_power(values, *exponent),
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

    use super::clip;
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
        clip(mode, &tensors, &WEIGHTS, &mut gradient, &mut exponents, &norms);
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
}
