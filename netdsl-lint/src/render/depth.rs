//! The forecast by depth, as plots.

use netdsl_layers::Forecast;
use netdsl_plot::{Plot, Series};

use crate::weights::weights;

/// How many standard deviations of a normal distribution a tenth of it lies beyond: Φ(-1.2816) = 0.1.
pub(super) const TENTH: f64 = 1.2815515655446004;

/// The gradients of the weights with their spread, and the signal and its gradient behind each layer.
pub(super) fn plots(forecast: &Forecast) -> [Plot; 2] {
    let weights: Vec<_> = weights(forecast).collect();
    let spread = |index: usize| forecast.parameters[index].gradient_norm_log10_std.unwrap_or(0.0);
    let norms = Series {
        label: "median, and from 10 to 90 % of the seeds".into(),
        points: by_depth(weights.iter().map(|weight| weight.gradient_log10)),
        spread: weights.iter().map(|weight| TENTH * spread(weight.index)).collect(),
        circles: false,
    };
    let activations = &forecast.activations;
    let signal = Series {
        label: "signal".into(),
        points: by_depth(activations.iter().map(|layer| layer.rms_log10)),
        ..Series::default()
    };
    let gradient = Series {
        label: "gradient".into(),
        points: by_depth(activations.iter().map(|layer| layer.gradient_rms_log10)),
        ..Series::default()
    };
    [
        Plot {
            title: "Gradient norm of the weights",
            x: "weight, from the input",
            y: "norm",
            logarithmic: true,
            series: vec![norms],
        },
        Plot {
            title: "Signal and gradient behind the layers",
            x: "layer, from the input",
            y: "root mean square",
            logarithmic: true,
            series: vec![signal, gradient],
        },
    ]
}

/// What is zero or not known is no number, which a plot leaves out.
fn by_depth(values: impl Iterator<Item = Option<f64>>) -> Vec<(f64, f64)> {
    (1..).zip(values).map(|(depth, value)| (f64::from(depth), value.unwrap_or(f64::NEG_INFINITY))).collect()
}
