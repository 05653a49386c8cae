//! Line plots as inline SVG that takes its ink from the page around it.

use std::fmt::{Display, Write};

use plotters::prelude::*;

use crate::page::escape;

/// The colours of Okabe and Ito that stand out from light and dark paper alike, and from each other for the colour-blind.
pub(crate) const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(204, 121, 167)];

/// Small enough that the text stays legible where a phone shrinks the picture to its width.
pub(crate) const SIZE: (u32, u32) = (400, 280);
/// In units of the library, which come out a fifth smaller.
const FONT_SIZE: i32 = 18;

/// A plot that can't be drawn.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the plot can't be drawn: {0}")]
pub struct DrawingError(String);

impl DrawingError {
    pub(crate) fn of(error: impl Display) -> Self {
        Self(error.to_string())
    }
}

/// Numbers that belong together. Those that are not finite are left out.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// What the legend says.
    pub label: String,
    /// From left to right.
    pub points: Vec<(f64, f64)>,
    /// How far each point may be off, drawn as a band.
    pub spread: Vec<f64>,
    /// Whether the points are drawn as circles, without a line.
    pub circles: bool,
}

/// A plot.
#[derive(Clone, Debug)]
pub struct Plot {
    /// The caption.
    pub title: &'static str,
    /// What the abscissa is.
    pub x: &'static str,
    /// What the ordinate is.
    pub y: &'static str,
    /// Whether the ordinates are decimal logarithms.
    pub logarithmic: bool,
    /// What is drawn, in the colours of the legend.
    pub series: Vec<Series>,
}

impl Plot {
    /// The plot with its caption and legend.
    ///
    /// # Errors
    /// [`DrawingError`] where the library for plots gives up.
    pub fn html(&self) -> Result<String, DrawingError> {
        let mut html = format!("<figure><figcaption>{}</figcaption>", self.title);
        html += &self.svg()?;
        html += "<p class=legend>";
        for (mark, colour, label) in self.legend() {
            let label = escape(label);
            // Writing to a string can't fail.
            let _ = write!(html, "<span><b style=\"color:{colour}\">{mark}</b> {label}</span> ");
        }
        let hidden = self.hidden();
        if hidden > 0 {
            let _ = write!(html, "<span>{hidden} zero or not finite: not shown</span>");
        }
        html += "</p></figure>\n";
        Ok(html)
    }

    /// The mark, the colour and the label of each series that has a point.
    pub(crate) fn legend(&self) -> impl Iterator<Item = (&'static str, String, &str)> {
        let drawn = self.series.iter().zip(COLOURS).filter(|(series, _)| !series.points.is_empty());
        drawn.map(|(series, RGBColor(red, green, blue))| {
            let mark = if series.circles { "●" } else { "▬" };
            (mark, format!("#{red:02x}{green:02x}{blue:02x}"), series.label.as_str())
        })
    }

    /// How many points can't be drawn.
    pub(crate) fn hidden(&self) -> usize {
        self.series.iter().flat_map(|series| &series.points).filter(|point| !visible(point)).count()
    }

    /// The plot alone.
    pub(crate) fn svg(&self) -> Result<String, DrawingError> {
        let text = |error: DrawingAreaErrorKind<_>| DrawingError::of(error);
        let points = self.series.iter().flat_map(|series| &series.points).filter(|point| visible(point));
        let (left, right) = range(points.map(|point| point.0));
        let ends = |series: &Series| {
            let spread = series.spread.iter().copied().chain(std::iter::repeat(0.0));
            let points = series.points.iter().zip(spread).filter(|(point, _)| visible(point));
            points.flat_map(|((_, y), spread)| [y - spread, y + spread]).collect::<Vec<_>>()
        };
        let (bottom, top) = range(self.series.iter().flat_map(ends));
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
            let mut chart = ChartBuilder::on(&area)
                .margin(8)
                .x_label_area_size(44)
                .y_label_area_size(70)
                .build_cartesian_2d(left..right, bottom..top)
                .map_err(text)?;
            chart
                .configure_mesh()
                .disable_x_mesh()
                .light_line_style(TRANSPARENT)
                .bold_line_style(BLACK.mix(0.15))
                .label_style(("sans-serif", FONT_SIZE))
                .x_labels(6)
                .y_labels(5)
                .x_desc(self.x)
                .y_desc(self.y)
                .x_label_formatter(&|x| if x.fract() == 0.0 { format!("{x}") } else { String::new() })
                .y_label_formatter(&|y| if self.logarithmic { power(*y) } else { plain(*y) })
                .draw()
                .map_err(text)?;
            for (series, colour) in self.series.iter().zip(COLOURS) {
                let points = series.points.iter().copied().filter(visible);
                if !series.spread.is_empty() {
                    let with_spread =
                        || series.points.iter().zip(&series.spread).filter(|(point, _)| visible(point));
                    let above = with_spread().map(|((x, y), spread)| (*x, y + spread));
                    let below = with_spread().rev().map(|((x, y), spread)| (*x, y - spread));
                    let band: Vec<(f64, f64)> = above.chain(below).collect();
                    chart.draw_series([Polygon::new(band, colour.mix(0.2))]).map_err(text)?;
                }
                // A line of one point could not be seen.
                if series.circles || points.clone().count() == 1 {
                    let circles = points.map(|point| Circle::new(point, 4, colour.filled()));
                    chart.draw_series(circles).map_err(text)?;
                } else {
                    chart.draw_series(LineSeries::new(points, colour.stroke_width(2))).map_err(text)?;
                }
            }
            area.present().map_err(text)?;
        }
        let labels: Vec<String> = self.legend().map(|(_, _, label)| escape(label)).collect();
        let (title, x, labels) = (self.title, self.x, labels.join("; "));
        let named = format!(">\n<title>{title}</title>\n<desc>Over the {x}: {labels}</desc>");
        Ok(svg.replacen("<svg ", "<svg role=\"img\" ", 1).replacen('>', &named, 1))
    }
}

fn visible((x, y): &(f64, f64)) -> bool {
    x.is_finite() && y.is_finite()
}

/// From the smallest to the largest and a little further; around one where there is nothing.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return (0.0, 1.0);
    }
    let margin = if low == high { low.abs().max(1.0) * 0.5 } else { (high - low) * 0.08 };
    (low - margin, high + margin)
}

/// Three digits behind the point, without zeros at the end; with a power of ten where the room beside the axis is too small.
fn plain(value: f64) -> String {
    if value.abs() >= 1e5 {
        return format!("{value:.1e}");
    }
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// A power of ten from its logarithm.
fn power(logarithm: f64) -> String {
    if logarithm.fract() == 0.0 || logarithm.abs() > 300.0 {
        return format!("1e{logarithm:.0}");
    }
    format!("{:.1e}", 10f64.powf(logarithm))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn labels_have_no_zeros_at_the_end() {
        let labels = [0.0, -0.0001, 0.5, 1.0, 100.0, -2.25, 0.1234, 99_999.5, -6.03e29].map(plain);
        assert_eq!(labels, ["0", "0", "0.5", "1", "100", "-2.25", "0.123", "99999.5", "-6.0e29"]);
    }
}
