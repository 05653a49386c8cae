//! The forecast by depth, in characters.

use netdsl_layers::{ActivationForecast, Forecast, power_of_ten};

use super::depth::TENTH;
use crate::weights::{Weight, weights};

/// How many characters a chart is wide.
const WIDTH: usize = 60;

/// How many lines a chart has; of more, evenly many are left out in between.
const MOST: usize = 40;

/// The fewest decades that a chart spans, so that what hardly differs looks alike.
const FEWEST_DECADES: f64 = 2.0;

/// The fewest characters from one power of ten on the axis to the next.
const BETWEEN_LABELS: usize = 10;

/// The gradients of the weights with their spread, and the signal and its gradient behind each layer, each over a
/// logarithmic axis and in the order of the declaration. A chart of fewer than two lines is left out.
pub fn render_chart(forecast: &Forecast) -> String {
    let weights = weights(forecast).map(|weight| Row::of_weight(forecast, &weight)).collect();
    let layers = forecast.activations.iter().map(Row::of_layer).collect();
    let weights = chart("gradient norm of the weights: ● median, ├┤ from 10 to 90 % of the seeds", weights);
    let layers = chart("root mean square behind the layers: ● signal, ○ gradient", layers);
    let between = if weights.is_empty() || layers.is_empty() { "" } else { "\n" };
    format!("{weights}{between}{layers}")
}

/// A name, what is written beside it, and what is drawn: a character for a decimal logarithm.
struct Row {
    name: String,
    figures: String,
    marks: Vec<(f64, char)>,
    /// From where to where a line is drawn below the marks.
    line: Option<(f64, f64)>,
}

impl Row {
    fn of_weight(forecast: &Forecast, weight: &Weight<'_>) -> Self {
        let spread = forecast.parameters[weight.index].gradient_norm_log10_std.unwrap_or(0.0);
        let line = weight.gradient_log10.map(|norm| (norm - TENTH * spread, norm + TENTH * spread));
        Self {
            name: weight.name.into(),
            figures: format!("{:>9}", figure(forecast, weight.gradient_log10)),
            marks: weight.gradient_log10.map(|norm| (norm, '●')).into_iter().collect(),
            line,
        }
    }

    fn of_layer(layer: &ActivationForecast) -> Self {
        let figure = |value: Option<f64>| value.map_or("?".into(), power_of_ten);
        let signal = layer.rms_log10.map(|rms| (rms, '●'));
        let gradient = layer.gradient_rms_log10.map(|rms| (rms, '○'));
        Self {
            name: layer.name.to_string(),
            figures: format!("{:>9}  {:>9}", figure(layer.rms_log10), figure(layer.gradient_rms_log10)),
            marks: gradient.into_iter().chain(signal).collect(),
            line: None,
        }
    }

    fn ends(&self) -> impl Iterator<Item = f64> {
        let line = self.line.into_iter().flat_map(|(low, high)| [low, high]);
        line.chain(self.marks.iter().map(|(at, _)| *at)).filter(|at| at.is_finite())
    }
}

fn figure(forecast: &Forecast, norm: Option<f64>) -> String {
    match norm {
        Some(norm) => power_of_ten(norm),
        None if forecast.not_forecastable.is_some() => "?".into(),
        None => "0".into(),
    }
}

fn chart(title: &str, rows: Vec<Row>) -> String {
    let drawn = rows.iter().filter(|row| row.ends().next().is_some()).count();
    let (low, high) = rows
        .iter()
        .flat_map(Row::ends)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)));
    if drawn < 2 {
        return String::new();
    }
    let axis = Axis::new(low, high);
    let names = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let figures = rows.iter().map(|row| row.figures.chars().count()).max().unwrap_or(0);
    let step = rows.len().div_ceil(MOST);
    let mut text = format!("{title}\n{:names$}  {:figures$}  {}\n", "", "", axis.labels());
    for row in rows.iter().step_by(step) {
        let line = format!("{:names$}  {:figures$}  {}", row.name, row.figures, axis.row(row));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A logarithmic axis.
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// An axis from one to the other, and around them where they hardly differ.
    fn new(low: f64, high: f64) -> Self {
        let margin = ((FEWEST_DECADES - (high - low)) / 2.0).max(0.0);
        Self { low: low - margin, high: high + margin }
    }

    /// The character at which a logarithm is drawn.
    fn column(&self, log10: f64) -> usize {
        let share = (log10 - self.low) / (self.high - self.low);
        (share.clamp(0.0, 1.0) * (WIDTH - 1) as f64).round() as usize
    }

    /// The powers of ten that are named.
    fn ticks(&self) -> impl Iterator<Item = (usize, f64)> {
        let columns_of_a_decade = (WIDTH - 1) as f64 / (self.high - self.low);
        let step = (BETWEEN_LABELS as f64 / columns_of_a_decade).ceil().max(1.0);
        let first = (self.low / step).ceil();
        let count = (self.high / step).floor() - first + 1.0;
        (0..count as usize).map(move |index| {
            let log10 = (first + index as f64) * step;
            (self.column(log10), log10)
        })
    }

    fn labels(&self) -> String {
        let mut line = String::new();
        for (column, log10) in self.ticks() {
            line.push_str(&format!("{:width$}1e{log10}", "", width = column.saturating_sub(line.len())));
        }
        line
    }

    fn row(&self, row: &Row) -> String {
        let mut line = [' '; WIDTH];
        self.ticks().for_each(|(column, _)| line[column] = '·');
        if let Some((low, high)) = row.line {
            let (low, high) = (self.column(low), self.column(high));
            if low < high {
                line[low..=high].fill('─');
                (line[low], line[high]) = ('├', '┤');
            }
        }
        for (at, mark) in row.marks.iter().filter(|(at, _)| at.is_finite()) {
            line[self.column(*at)] = *mark;
        }
        line.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use netdsl_layers::{ActivationForecast, Float32, Forecast, ParameterForecast};

    use super::render_chart;

    fn forecast(norms: &[Option<f64>], spread: f64) -> Forecast {
        let weight = |(index, norm): (usize, &Option<f64>)| ParameterForecast {
            name: format!("w{index}").into(),
            shape: vec![2, 2].into(),
            rms: 1.0,
            gradient_norm_log10: *norm,
            gradient_norm_log10_std: norm.map(|_| spread),
            f32: Float32::Finite,
        };
        let parameters: Vec<_> = norms.iter().enumerate().map(weight).collect();
        Forecast { parameters: parameters.into(), ..Forecast::unknown() }
    }

    /// The characters at which a mark stands in the lines of a chart.
    fn columns(chart: &str, mark: char) -> Vec<Option<usize>> {
        let lines = chart.lines().skip(2);
        lines.map(|line| line.chars().position(|letter| letter == mark)).collect()
    }

    #[test]
    fn equal_decades_are_equally_far_apart() {
        let chart = render_chart(&forecast(&[Some(-4.0), None, Some(-2.0), Some(0.0)], 0.0));
        let [Some(first), None, Some(middle), Some(last)] = columns(&chart, '●')[..] else {
            panic!("{chart}")
        };
        assert_eq!(last - first, 59, "{chart}");
        assert!((middle - first).abs_diff(last - middle) <= 1, "{chart}");
        // The axis names each power of ten above its place.
        let labels = chart.lines().nth(1).expect("there is an axis");
        for (label, column) in [("1e-4", first), ("1e-2", middle), ("1e0", last)] {
            assert_eq!(labels.find(label), Some(column), "{chart}");
        }
    }

    #[test]
    fn nine_tenths_of_the_spread_are_drawn() {
        let chart = render_chart(&forecast(&[Some(-3.0), Some(0.0)], 0.5));
        let (left, middle, right) = (columns(&chart, '├'), columns(&chart, '●'), columns(&chart, '┤'));
        let distance = |one: &[Option<usize>], other: &[Option<usize>]| {
            other[0].expect("it is drawn") - one[0].expect("it is drawn")
        };
        // 1.28 standard deviations of half a decade, where 4.28 decades are 59 characters.
        assert_eq!(distance(&left, &middle), 9, "{chart}");
        assert_eq!(distance(&middle, &right), 9, "{chart}");
    }

    #[test]
    fn what_hardly_differs_looks_alike() {
        let chart = render_chart(&forecast(&[Some(0.0), Some(0.1)], 0.0));
        let [Some(one), Some(other)] = columns(&chart, '●')[..] else { panic!("{chart}") };
        assert_eq!(other - one, 3, "{chart}");
    }

    #[test]
    fn a_deep_network_is_thinned_out() {
        let chart = render_chart(&forecast(&vec![Some(0.0); 1000], 0.0));
        assert_eq!(chart.lines().count(), super::MOST + 2);
    }

    #[test]
    fn one_weight_makes_no_chart() {
        assert_eq!(render_chart(&forecast(&[Some(0.0)], 0.0)), "");
    }

    #[test]
    fn signal_and_gradient_share_an_axis() {
        let layer = |name: &'static str, rms: f64, gradient: Option<f64>| ActivationForecast {
            name: name.into(),
            kind: "Dense".into(),
            shape: vec![2].into(),
            rms_log10: Some(rms),
            correlation: None,
            gradient_rms_log10: gradient,
            saturation: None,
            dead_probability: None,
        };
        let activations = vec![layer("first", 0.0, Some(-6.0)), layer("last", -1.0, None)];
        let chart = render_chart(&Forecast { activations: activations.into(), ..Forecast::unknown() });
        let (signal, gradient) = (columns(&chart, '●'), columns(&chart, '○'));
        assert_eq!(signal[0].expect("it is drawn") - gradient[0].expect("it is drawn"), 59, "{chart}");
        assert_eq!(gradient[1], None, "{chart}");
        assert!(chart.lines().last().is_some_and(|line| line.contains('?')), "{chart}");
    }
}
