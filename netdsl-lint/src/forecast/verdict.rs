//! What a forecast comes to.

use netdsl_layers::{Float32, Forecast, Verdict};

use crate::weights::weights;

/// The root mean square of a signal beyond which single values leave the range of `f32`.
pub(crate) const LARGEST_SIGNAL_LOG10: f64 = 37.8;
/// The same for the elements of a gradient.
pub(crate) const LARGEST_GRADIENT_LOG10: f64 = 38.2;
/// The root mean square of a gradient below which every element is rounded to zero.
pub(crate) const SMALLEST_GRADIENT_LOG10: f64 = -45.0;

/// What the forecast comes to: what leaves the range of `f32` first, then the gradients of the weights.
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
    let gradients = weights(forecast)
        .filter(|weight| weight.norm_log10.is_finite())
        .map(|weight| (weight.gradient_log10.unwrap_or(-300.0), weight.norm_log10));
    Verdict::of_weights(gradients, terms)
}
