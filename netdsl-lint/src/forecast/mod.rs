//! The forecast of a whole network.

mod declaration;
mod verdict;

use netdsl_layers::{
    ActivationForecast, Float32, Forecast, Layer, NotForecast, ParameterForecast, Start, TargetDistribution,
    TargetKind, Verdict, start,
};

pub use declaration::{Declaration, InputDistribution};
pub(crate) use verdict::LARGEST_SIGNAL_LOG10;
use verdict::{LARGEST_GRADIENT_LOG10, SMALLEST_GRADIENT_LOG10, verdict};

/// Forecasts a network. The same declaration gives the same bits on every machine.
pub fn forecast(declaration: &Declaration<'_>) -> Forecast {
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
    match layers.propagate(&declaration.signal()) {
        Ok(propagated) => {
            for (activation, moments) in activations.iter_mut().zip(&propagated.leaves) {
                activation.rms_log10 = Some(moments.rms_log10);
                activation.correlation = Some(moments.correlation);
            }
            let start = start(&propagated.output, declaration.loss, target, terms, parameters.len());
            let flat = propagated.leaves.iter().rposition(|leaf| leaf.flat);
            let back = propagated.back(start.gradient.clone());
            time_decay_log10 = back.gradient.time_decay.filter(|decay| decay.is_finite());
            for (activation, gradient) in activations.iter_mut().zip(back.leaves) {
                activation.gradient_rms_log10 = gradient.is_finite().then_some(gradient);
            }
            for (parameter, moments) in parameters.iter_mut().zip(&back.parameters) {
                figures(parameter, &start, moments);
            }
            underflow_before(flat, layers, &mut parameters);
        }
        Err(error) => {
            for (activation, moments) in activations.iter_mut().zip(&error.leaves) {
                activation.rms_log10 = Some(moments.rms_log10);
                activation.correlation = Some(moments.correlation);
            }
            let layer = activations.get(error.leaves.len()).map(|activation| activation.name.clone());
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
    let averaged = match declaration.loss.target() {
        TargetKind::Values => terms as f64,
        TargetKind::Classes => 1.0,
    };
    forecast.verdict = verdict(&forecast, averaged);
    forecast
}

/// The median and the spread of a parameter's gradient norm, and what `f32` makes of it.
fn figures(parameter: &mut ParameterForecast, start: &Start, moments: &netdsl_layers::ParameterMoments) {
    let Some(norm) = start.gradient_norm(moments) else { return };
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
