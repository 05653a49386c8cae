//! The gradients of the weights by depth, as bars.

use netdsl_layers::{Forecast, power_of_ten};

use crate::weights::{Weight, weights};

/// The length of the longest bar.
const LONGEST: usize = 40;

/// How many weights a chart shows; of more, evenly many are left out in between.
const MOST: usize = 40;

/// The fewest decades that a chart spans, so that norms which hardly differ look alike.
const FEWEST_DECADES: f64 = 2.0;

/// A bar for each weight, in the order of the declaration: the logarithm of the norm of its gradient, up to the largest.
/// Empty where fewer than two are known.
pub fn render_chart(forecast: &Forecast) -> String {
    let all: Vec<Weight<'_>> = weights(forecast).collect();
    let known = || all.iter().filter_map(|weight| weight.gradient_log10);
    let (low, high) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let decades = (high - low).max(FEWEST_DECADES);
    if known().count() < 2 {
        return String::new();
    }
    let step = all.len().div_ceil(MOST);
    let shown = || all.iter().step_by(step);
    let width = shown().map(|weight| weight.name.chars().count()).max().unwrap_or(0);
    let bars = shown().map(|weight| {
        let (norm, length) = match weight.gradient_log10 {
            Some(norm) => {
                let share = 1.0 - (high - norm) / decades;
                (power_of_ten(norm), 1 + (share * (LONGEST - 1) as f64) as usize)
            }
            None => ("0".into(), 0),
        };
        format!("{:width$}  {norm:>8}  {}\n", weight.name, "#".repeat(length))
    });
    bars.collect()
}

#[cfg(test)]
mod tests {
    use netdsl_layers::{Float32, Forecast, ParameterForecast};

    use super::render_chart;

    fn chart(norms: &[Option<f64>]) -> String {
        let weight = |(index, norm): (usize, &Option<f64>)| ParameterForecast {
            name: format!("w{index}").into(),
            shape: vec![2, 2].into(),
            rms: 1.0,
            gradient_norm_log10: *norm,
            gradient_norm_log10_std: None,
            f32: Float32::Finite,
        };
        let parameters: Vec<_> = norms.iter().enumerate().map(weight).collect();
        render_chart(&Forecast { parameters: parameters.into(), ..Forecast::unknown() })
    }

    #[test]
    fn bars_are_as_long_as_the_norm_has_decades() {
        let bars = chart(&[Some(-4.0), None, Some(-2.0), Some(0.0)]);
        let lengths: Vec<usize> = bars.lines().map(|line| line.matches('#').count()).collect();
        assert_eq!(lengths, [1, 0, 20, 40], "{bars}");
    }

    #[test]
    fn norms_that_hardly_differ_look_alike() {
        let bars = chart(&[Some(0.0), Some(0.1)]);
        let lengths: Vec<usize> = bars.lines().map(|line| line.matches('#').count()).collect();
        assert_eq!(lengths, [38, 40], "{bars}");
    }

    #[test]
    fn a_deep_network_is_thinned_out() {
        assert_eq!(chart(&vec![Some(0.0); 1000]).lines().count(), super::MOST);
    }

    #[test]
    fn one_weight_makes_no_chart() {
        assert_eq!(chart(&[Some(0.0)]), "");
    }
}
