//! The four ways of clipping, on gradients that may not fit their type yet.

use netdsl_layers::{Clip, Element, scale_by_power};

use crate::norm::Norm;
use crate::tensors::ParameterRange;

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
