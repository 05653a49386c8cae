//! What a forecast comes to.

use netdsl_layers::{Float32, Forecast, Verdict};

use crate::weights::weights;

/// The root mean square of a signal beyond which single values leave the range of `f32`.
pub(crate) const LARGEST_SIGNAL_LOG10: f64 = 37.8;
/// The same for the elements of a gradient.
pub(crate) const LARGEST_GRADIENT_LOG10: f64 = 38.2;
/// The root mean square of a gradient below which every element is rounded to zero.
pub(crate) const SMALLEST_GRADIENT_LOG10: f64 = -45.0;

/// A gradient of more than ten times the weight: gradient descent at a rate of 0.01 moves the weight by a tenth of itself.
const LARGEST_RATIO_LOG10: f64 = 1.0;
/// A gradient of the first weight of more than thirty times that of the last.
const LARGEST_GROWTH_LOG10: f64 = 1.5;
/// A gradient of less than a thousandth of the weight, or of the largest gradient.
const SMALLEST_RATIO_LOG10: f64 = -3.0;

/// The verdict by the ratio of each weight's gradient to the weight. `terms` is over how many numbers of an example a loss
/// is averaged whose mean runs over the output: a wide output alone makes no gradient vanish.
pub(super) fn verdict(forecast: &Forecast, terms: f64) -> Verdict {
    let too_large = |activation: &netdsl_layers::ActivationForecast| {
        activation.rms_log10.is_some_and(|rms| rms > LARGEST_SIGNAL_LOG10)
    };
    if forecast.activations.iter().any(too_large)
        || forecast.parameters.iter().any(|parameter| parameter.f32 == Float32::Overflow)
    {
        return Verdict::NonFinite;
    }
    if forecast.not_forecastable.is_some() {
        return Verdict::Healthy;
    }
    let widened = 0.5 * libm::log10(terms);
    let gradients: Vec<(f64, f64)> = weights(forecast)
        .filter(|weight| weight.norm_log10.is_finite())
        .map(|weight| {
            let gradient = weight.gradient_log10.unwrap_or(-300.0);
            (gradient, gradient - weight.norm_log10 + widened)
        })
        .collect();
    let (Some(first), Some(last)) = (gradients.first(), gradients.last()) else { return Verdict::Healthy };
    let largest = gradients.iter().map(|(gradient, _)| *gradient).fold(f64::NEG_INFINITY, f64::max);
    let largest_ratio = gradients.iter().map(|(_, ratio)| *ratio).fold(f64::NEG_INFINITY, f64::max);
    if largest_ratio > LARGEST_RATIO_LOG10 || first.0 - last.0 > LARGEST_GROWTH_LOG10 {
        Verdict::Exploding
    } else if first.1 < SMALLEST_RATIO_LOG10 || first.0 - largest < SMALLEST_RATIO_LOG10 {
        Verdict::Vanishing
    } else {
        Verdict::Healthy
    }
}
