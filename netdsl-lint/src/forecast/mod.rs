//! The forecast of a whole network.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod declaration;
pub(crate) mod limits;
mod verdict;

use netdsl_layers::{
    ActivationForecast, ActivationMoments, Float32, Forecast, GradientNorm, Layer, NotForecast,
    NotForecastable, ParameterForecast, ParameterMoments, Propagated, Start, TargetDistribution, TargetKind,
    Verdict, start,
};

use crate::settings::Settings;
pub use declaration::{Declaration, InputDistribution};
pub(crate) use verdict::{LARGEST_DESCENT, LARGEST_SIGNAL_LOG10, Steps, counted, verdict};
use verdict::{LARGEST_GRADIENT_LOG10, SMALLEST_GRADIENT_LOG10};

/// From which probability on a layer counts among those that may be dead.
const LEAST_DEAD_PROBABILITY: f64 = 0.01;

/// Forecasts a network. The same declaration gives the same bits on every machine.
///
/// The settings say what the verdict compares with.
pub fn forecast(declaration: &Declaration<'_>, settings: &Settings) -> Forecast {
    let layers = declaration.layers;
    let mut activations = Vec::new();
    layers.leaves("", &mut |path, leaf| {
        activations.push(ActivationForecast {
            name: path.to_string().into(),
            kind: leaf.kind().into(),
            shape: leaf.output().sizes().to_vec().into(),
            rms_log10: None,
            correlation: None,
            gradient_rms_log10: None,
            saturation: None,
            dead_probability: None,
        });
    });
    let mut parameters: Vec<ParameterForecast> = layers
        .parameters()
        .into_iter()
        .map(|parameter| {
            let (mean, variance) = (parameter.initializer.mean(), parameter.variance());
            ParameterForecast {
                name: parameter.name.into(),
                shape: parameter.shape.into(),
                rms: (mean * mean + variance).sqrt(),
                gradient_norm_log10: None,
                gradient_norm_log10_std: None,
                f32: Float32::Finite,
            }
        })
        .collect();
    let target = declaration.target.unwrap_or(TargetDistribution::STANDARD_NORMAL);
    let terms = declaration.loss.terms(layers.output());
    let (mut not_forecastable, mut time_decay_log10) = (None, None);
    let mut overflows = false;
    let started = layers.propagate(&declaration.signal()).and_then(|propagated| {
        let propagated = in_range(propagated)?;
        overflows = propagated.leaves.iter().any(|leaf| leaf.rms_log10 > LARGEST_SIGNAL_LOG10);
        let propagated = known_to_the_end(propagated)?;
        match start(&propagated.output, declaration.loss, target, terms, parameters.len()) {
            Ok(start) => Ok((propagated, start)),
            Err(error) => Err(NotForecastable { leaves: propagated.leaves, ..error }),
        }
    });
    match started {
        Ok((propagated, start)) => {
            known(&mut activations, &propagated.leaves);
            let flat = propagated.leaves.iter().rposition(|leaf| leaf.regime.flat);
            let back = propagated.back(start.gradient.clone());
            time_decay_log10 = back.gradient.time_decay.filter(|decay| decay.is_finite());
            for (activation, gradient) in activations.iter_mut().zip(back.leaves) {
                activation.gradient_rms_log10 = (gradient < f64::INFINITY).then_some(gradient);
            }
            let gradients: Option<Vec<_>> =
                back.parameters.iter().map(|moments| norm(&start, moments)).collect();
            if let Some(gradients) = gradients {
                for (parameter, norm) in parameters.iter_mut().zip(gradients) {
                    figures(parameter, norm);
                }
                underflow_before(flat, layers, &mut parameters);
            } else {
                // Which layer the way back first failed at is not known; it began at the last one.
                let layer = activations.last().map(|activation| activation.name.clone()).unwrap_or_default();
                not_forecastable = Some(NotForecast { layer, reason: OUT_OF_RANGE.into() });
            }
        }
        Err(error) => {
            known(&mut activations, &error.leaves);
            if overflows {
                parameters.iter_mut().for_each(|parameter| parameter.f32 = Float32::Overflow);
            }
            // Where all leaves are forecast it is the gradient at the last one that is not.
            let layer = activations.get(error.leaves.len()).or(activations.last());
            let layer = layer.map(|activation| activation.name.clone());
            not_forecastable =
                Some(NotForecast { layer: layer.unwrap_or_default(), reason: error.reason.into() });
        }
    }
    let mut forecast = Forecast {
        network: declaration.name.to_string().into(),
        input: declaration.input_distribution.written().into(),
        target: match declaration.loss.target() {
            TargetKind::Classes => "uniform over classes".into(),
            TargetKind::Values => target.written().into(),
        },
        loss: declaration.loss.written().into(),
        batch: declaration.batch,
        parameter_count: layers.sizes().parameters,
        verdict: Verdict::Healthy,
        activations: activations.into(),
        parameters: parameters.into(),
        time_decay_log10,
        not_forecastable,
    };
    forecast.verdict = verdict(&forecast, declaration, settings);
    forecast
}

/// Why there is no figure where one would be infinite or no number.
const OUT_OF_RANGE: &str = "its moments leave the range of double precision";

/// The moments up to the first that is out of range.
fn in_range(mut propagated: Propagated<'_>) -> Result<Propagated<'_>, NotForecastable> {
    // What is exactly zero has a logarithm that is no number, and is known.
    let finite = |leaf: &ActivationMoments| leaf.rms_log10 < f64::INFINITY && leaf.correlation.is_finite();
    let Some(first) = propagated.leaves.iter().position(|leaf| !finite(leaf)) else { return Ok(propagated) };
    propagated.leaves.truncate(first);
    Err(NotForecastable { reason: OUT_OF_RANGE.into(), leaves: propagated.leaves })
}

/// The gradient norm of a parameter, `Some(None)` where it is exactly zero; `None` where it is out of range.
fn norm(start: &Start, moments: &ParameterMoments) -> Option<Option<GradientNorm>> {
    match start.gradient_norm(moments) {
        Some(norm) if !(norm.median_log10.is_finite() && norm.deviation_log10.is_finite()) => None,
        norm => Some(norm),
    }
}

/// The moments, unless only their scale is known from some leaf on.
fn known_to_the_end(mut propagated: Propagated<'_>) -> Result<Propagated<'_>, NotForecastable> {
    let unknown = propagated.leaves.iter().position(|leaf| leaf.unknown.is_some());
    let Some(first) = unknown else { return Ok(propagated) };
    let reason = propagated.leaves[first].unknown.take().unwrap_or_default();
    propagated.leaves.truncate(first);
    Err(NotForecastable { reason, leaves: propagated.leaves })
}

/// What is known of the values behind the layers.
fn known(activations: &mut [ActivationForecast], leaves: &[ActivationMoments]) {
    for (activation, moments) in activations.iter_mut().zip(leaves) {
        activation.rms_log10 = Some(moments.rms_log10);
        activation.correlation = Some(moments.correlation);
        activation.saturation = moments.regime.saturated;
        activation.dead_probability = moments.regime.dead.filter(|dead| *dead >= LEAST_DEAD_PROBABILITY);
    }
}

/// The median and the spread of a parameter's gradient norm, and what `f32` makes of it.
fn figures(parameter: &mut ParameterForecast, norm: Option<GradientNorm>) {
    let Some(norm) = norm else { return };
    let len: f64 = parameter.shape.iter().map(|size| *size as f64).product();
    let element = norm.median_log10 - 0.5 * libm::log10(len);
    parameter.gradient_norm_log10 = Some(norm.median_log10);
    parameter.gradient_norm_log10_std = Some(norm.deviation_log10);
    parameter.f32 = if element > LARGEST_GRADIENT_LOG10 {
        Float32::Overflow
    } else if element < SMALLEST_GRADIENT_LOG10 {
        Float32::Underflow
    } else {
        Float32::Finite
    };
}

/// Before a layer whose derivative is exactly zero in `f32`, and in it, every gradient is zero.
fn underflow_before(flat: Option<usize>, layers: &dyn Layer, parameters: &mut [ParameterForecast]) {
    let Some(flat) = flat else { return };
    let mut index = 0;
    let mut tensors = 0;
    layers.leaves("", &mut |_, leaf| {
        if index <= flat {
            tensors += leaf.sizes().tensors;
        }
        index += 1;
    });
    for parameter in parameters.iter_mut().take(tensors) {
        if parameter.f32 == Float32::Finite {
            parameter.f32 = Float32::Underflow;
        }
    }
}
