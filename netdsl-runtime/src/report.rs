//! A page that shows forecast and measurement side by side.

use std::path::Path;

use netdsl_layers::{Forecast, Limits, Ratios, Verdict, power_of_ten};
use netdsl_plot::{DrawingError, Plot, Series, escape, page, picture, sentence};

use crate::error::Error;
use crate::file::{replace, shown};
use crate::logger::Units;
use crate::monitor::Finding;
use crate::norm::Norm;
use crate::trace::{GradientTrace, Record};
use crate::trainer::{End, History};

/// One training in a report.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// What it shows.
    pub title: &'a str,
    /// What was forecast.
    pub forecast: &'a Forecast,
    /// What was measured.
    pub trace: &'a GradientTrace,
    /// How it ended: the history, or the error that stopped it.
    pub outcome: Result<&'a History, &'a Error>,
}

/// A page in one file, without a script and without anything that is fetched: for each training the gradient norm by depth,
/// forecast and measured, the norms over the steps, the loss, and where they were measured the updates and the units.
///
/// It is legible at the width of a phone, on dark paper, and for the colour-blind.
#[derive(Clone, Debug)]
pub struct Report {
    title: String,
    sections: Vec<Section>,
}

/// What a page says of one training.
#[derive(Clone, Debug)]
pub struct Section {
    title: String,
    forecast: &'static str,
    measured: &'static str,
    /// What stands beside it.
    saturated: Option<String>,
    /// What the two verdicts compare, as HTML.
    ratios: String,
    outcome: String,
    plots: Vec<Plot>,
    figures: String,
    findings: Vec<String>,
    declaration: String,
}

impl Section {
    fn new(run: &Run<'_>) -> Self {
        let outcome = match run.outcome {
            Ok(history) => {
                let last = history.epochs.last().map_or("no epoch".into(), ToString::to_string);
                match history.end {
                    End::Finished => last,
                    End::Early { best } => format!("{last} (stopped early, epoch {best} was the best)"),
                    End::Stopped => format!("{last} (stopped by a callback)"),
                    End::Interrupted => format!("{last} (interrupted)"),
                }
            }
            Err(error) => error.to_string(),
        };
        let mut plots = vec![by_depth(run), by_step(run.trace)];
        plots.extend(loss(run));
        plots.extend(updates(run.trace));
        plots.extend(units(run.trace));
        Self {
            title: run.title.into(),
            forecast: run.forecast.known_verdict().map_or("unknown", Verdict::name),
            measured: run.trace.verdict().map_or("nothing measured", Verdict::name),
            saturated: run.trace.saturated(),
            ratios: ratios(run.trace.ratios_of(run.forecast), run.trace.ratios()),
            outcome,
            plots,
            figures: format!("{}\n\n{}", run.forecast, run.trace),
            findings: Vec::new(),
            declaration: String::new(),
        }
    }

    /// Adds what a [`Monitor`](crate::Monitor) has found.
    pub fn findings(&mut self, findings: &[Finding]) -> &mut Self {
        self.findings.extend(findings.iter().map(ToString::to_string));
        self
    }

    /// Adds the declaration, which is the constant `DECLARATION` of the network.
    pub fn declaration(&mut self, text: &str) -> &mut Self {
        self.declaration = text.into();
        self
    }

    fn row(&self, number: usize) -> String {
        let (title, outcome) = (escape(&self.title), sentence(&self.outcome));
        let (forecast, measured) = (self.forecast, self.measured);
        format!("<tr><td><a href=\"#run-{number}\">{title}</a><td>{forecast}<td>{measured}<td>{outcome}\n")
    }

    fn html(&self, number: usize) -> Result<String, Error> {
        let (title, outcome) = (escape(&self.title), sentence(&self.outcome));
        let beside = self.saturated.as_deref().map(|saturated| format!(": {}", sentence(saturated)));
        let mut html = format!(
            "<section id=\"run-{number}\"><h2>{title}</h2>\n<p>Forecast: <b>{}</b>. Measured: <b>{}</b>{}. Ended with: \
             {outcome}.</p>\n",
            self.forecast,
            self.measured,
            beside.unwrap_or_default()
        );
        html += &self.ratios;
        if !self.findings.is_empty() {
            html += "<ul>";
            self.findings.iter().for_each(|finding| html += &format!("<li>{}", sentence(finding)));
            html += "</ul>\n";
        }
        html += "<div class=plots>";
        for plot in &self.plots {
            html += &plot.html().map_err(drawing)?;
        }
        html += "</div>\n";
        if !self.declaration.is_empty() {
            let text = escape(&self.declaration);
            html += &format!("<details><summary>Declaration</summary><pre>{text}</pre></details>\n");
        }
        let figures = escape(&self.figures);
        html += &format!("<details><summary>Figures</summary><pre>{figures}</pre></details></section>\n");
        Ok(html)
    }
}

fn drawing(error: DrawingError) -> Error {
    Error::write("the report")(std::io::Error::other(error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    replace(path, bytes).map_err(Error::write(shown(path)))
}

impl Report {
    /// A page without a training.
    pub fn new(title: &str) -> Self {
        Self { title: title.into(), sections: Vec::new() }
    }

    /// Adds a training; what is returned takes more of it.
    ///
    /// # Errors
    /// [`Error::Write`] where a plot can't be drawn.
    pub fn add(&mut self, run: &Run<'_>) -> Result<&mut Section, Error> {
        let section = Section::new(run);
        section.html(0)?;
        self.sections.push(section);
        let last = self.sections.len() - 1;
        Ok(&mut self.sections[last])
    }

    /// The page.
    pub fn html(&self) -> String {
        let numbered = || (1..).zip(&self.sections);
        let overview: String = numbered().map(|(number, section)| section.row(number)).collect();
        // What could not be drawn was refused when it was added.
        let sections: String =
            numbered().map(|(number, section)| section.html(number).unwrap_or_default()).collect();
        page(
            &self.title,
            &format!(
                "<div class=wide><table class=runs><tr><th>Training<th>Forecast<th>Measured<th>End\n{overview}</table></div>\n\
                 {sections}"
            ),
        )
    }

    /// Writes the page to a file, whose folder is made where it is not there.
    ///
    /// The file is replaced as a whole, or stays what it was.
    ///
    /// # Errors
    /// [`Error::Write`], also where there is something at `path` that is no file.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        write(path.as_ref(), self.html().as_bytes())
    }

    /// Each plot as a picture of its own: a name for its file without an ending, such as `2-loss-by-epoch` for the second
    /// training, and its SVG.
    ///
    /// # Errors
    /// [`Error::Write`] where a plot can't be drawn.
    pub fn pictures(&self) -> Result<Vec<(String, String)>, Error> {
        let mut pictures = Vec::new();
        for (number, section) in (1..).zip(&self.sections) {
            for plot in &section.plots {
                let name = format!("{number}-{}", plot.title.to_lowercase().replace(' ', "-"));
                let svg = picture(&section.title, std::slice::from_ref(plot), &[]).map_err(drawing)?;
                pictures.push((name, svg));
            }
        }
        Ok(pictures)
    }

    /// Writes each plot as an SVG file to this folder, which is made where it is not there; with the feature `png` as a PNG
    /// file beside it too. Each is replaced as a whole.
    ///
    /// # Errors
    /// [`Error::Write`]
    pub fn write_pictures(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        let folder = folder.as_ref();
        for (name, svg) in self.pictures()? {
            let path = folder.join(&name).with_extension("svg");
            write(&path, svg.as_bytes())?;
            #[cfg(feature = "png")]
            {
                write(&path.with_extension("png"), &netdsl_plot::png(&svg).map_err(drawing)?)?;
            }
        }
        Ok(())
    }
}

/// How many decades from a limit still say the same as the limit: more than the error of 95 % of the forecasts of the measured
/// zoo, 0.12, and of the difference of one seed to the median.
const NEAR: f64 = 0.3;

/// What the verdicts on forecast and measurement compare, with the limits and how far from them each is: a network near a
/// limit is on either side of it by chance.
fn ratios(forecast: Option<Ratios>, measured: Option<Ratios>) -> String {
    type Of = fn(Ratios) -> f64;
    let Limits { largest_ratio, largest_growth, smallest_ratio } = Limits::DEFAULT;
    let rows: [(&str, Of, f64, bool); 4] = [
        ("of the first weight, over the weight", |ratios| ratios.first_to_weight, smallest_ratio, false),
        ("of the first weight, over the largest", |ratios| ratios.first_to_largest, smallest_ratio, false),
        ("of the first weight, over that of the last", |ratios| ratios.first_to_last, largest_growth, true),
        ("the largest, over its weight", |ratios| ratios.largest_to_weight, largest_ratio, true),
    ];
    let mut html = String::from(
        "<div class=wide><table><caption>What the verdicts compare; below each, the decades to its limit, negative beyond it\
         </caption>\n<tr><th>Gradient<th class=number>Forecast<th class=number>Measured<th class=number>Limit\n",
    );
    let mut near = false;
    for (name, of, limit, above) in rows {
        // How many decades within the limit.
        let within = |value: f64| if above { limit.log10() - value } else { value - limit.log10() };
        let [forecast, measured] = [forecast, measured].map(|ratios| ratios.map(of));
        let cell = |value: Option<f64>| match value {
            Some(value) if within(value) < 0.0 => {
                format!("<b>{}</b><br><small>{:.2}</small>", power_of_ten(value), within(value))
            }
            Some(value) => format!("{}<br><small>{:.2}</small>", power_of_ten(value), within(value)),
            None => "-".into(),
        };
        if let (Some(forecast), Some(measured)) = (forecast.map(within), measured.map(within)) {
            near |= (forecast < 0.0) != (measured < 0.0) && forecast.abs().max(measured.abs()) < NEAR;
        }
        let (forecast, measured, sign) = (cell(forecast), cell(measured), if above { "≤" } else { "≥" });
        html += &format!(
            "<tr><td>{name}<td class=number>{forecast}<td class=number>{measured}<td class=number>{sign} {limit}\n"
        );
    }
    html += "</table></div>\n";
    if near {
        html += "<p>Forecast and measurement are on different sides of a limit, and both near it. A forecast is of the \
                 median over seeds, a measurement of one seed and batch: these two agree, and the network is at the limit.\
                 </p>\n";
    }
    html
}

/// The gradients of the weights from the first to the last.
fn by_depth(run: &Run<'_>) -> Plot {
    let weights: Vec<_> =
        run.forecast.parameters.iter().filter(|parameter| parameter.shape.len() > 1).collect();
    let zero = f64::NEG_INFINITY;
    let forecast = Series {
        label: "forecast, ± one standard deviation over seeds".into(),
        points: (1..)
            .zip(&weights)
            .map(|(depth, weight)| (f64::from(depth), weight.gradient_norm_log10.unwrap_or(zero)))
            .collect(),
        spread: weights.iter().map(|weight| weight.gradient_norm_log10_std.unwrap_or(0.0)).collect(),
        circles: false,
    };
    let mut measured =
        Series { label: "measured before the first step".into(), circles: true, ..Series::default() };
    if let Some(first) = run.trace.records().first() {
        let norms =
            run.trace.parameters().iter().zip(&first.norms).filter(|(parameter, _)| parameter.is_weight());
        measured.points =
            (1..).zip(norms).map(|(depth, (_, norm))| (f64::from(depth), norm.log10())).collect();
    }
    Plot {
        title: "Gradient norm by depth",
        x: "weight, from the input",
        y: "norm",
        logarithmic: true,
        series: vec![forecast, measured],
    }
}

/// The gradients of the first and the last weight, and of all parameters, over the steps.
fn by_step(trace: &GradientTrace) -> Plot {
    let over_steps = |label: String, norm: &dyn Fn(&Record) -> Option<Norm>| Series {
        label,
        points: trace
            .records()
            .iter()
            .filter_map(|record| Some((record.step as f64, norm(record)?.log10())))
            .collect(),
        ..Series::default()
    };
    let mut weights = trace.parameters().iter().enumerate().filter(|(_, parameter)| parameter.is_weight());
    let ends = [weights.next(), weights.next_back()];
    let mut series: Vec<Series> = ends
        .into_iter()
        .flatten()
        .map(|(index, parameter)| {
            over_steps(parameter.name.to_string(), &|record| record.norms.get(index).copied())
        })
        .collect();
    series.push(over_steps("all".into(), &|record| Some(record.total())));
    if trace.records().iter().any(|record| record.clipped_total().is_some_and(|norm| norm != record.total()))
    {
        series.push(over_steps("all, clipped".into(), &Record::clipped_total));
    }
    Plot { title: "Gradient norm by step", x: "step", y: "norm", logarithmic: true, series }
}

/// The loss of the epochs, or of the steps where an error has ended the training; none where there is none.
fn loss(run: &Run<'_>) -> Option<Plot> {
    let epochs = run.outcome.map(|history| history.epochs.as_slice()).unwrap_or_default();
    let numbered = || (1..).map(f64::from).zip(epochs);
    let (title, x, training): (_, _, Vec<(f64, f64)>) = if epochs.is_empty() {
        let records = run.trace.records().iter().map(|record| (record.step as f64, record.loss));
        ("Loss by step", "step", records.collect())
    } else {
        ("Loss by epoch", "epoch", numbered().map(|(number, epoch)| (number, epoch.loss)).collect())
    };
    let validation: Vec<_> =
        numbered().filter_map(|(number, epoch)| Some((number, epoch.validation_loss?))).collect();
    let values = training.iter().chain(&validation).map(|point| point.1).filter(|loss| loss.is_finite());
    let (low, high) = values.fold((f64::INFINITY, 0f64), |(low, high), loss| (low.min(loss), high.max(loss)));
    if low == f64::INFINITY {
        return None;
    }
    // A loss that falls by much more than half is flat on a linear axis.
    let logarithmic = high > 20.0 * low;
    let over = |label: &str, points: Vec<(f64, f64)>| Series {
        label: label.into(),
        points: points
            .into_iter()
            .map(|(x, loss)| (x, if logarithmic { loss.log10() } else { loss }))
            .collect(),
        ..Series::default()
    };
    let mut series = vec![over("training", training)];
    if !validation.is_empty() {
        series.push(over("validation", validation));
    }
    Some(Plot { title, x, y: "loss", logarithmic, series })
}

/// The change of the first and the last weight over their norms, where that was measured.
fn updates(trace: &GradientTrace) -> Option<Plot> {
    let records =
        || trace.records().iter().filter_map(|record| Some((record.step, record.updates.as_ref()?)));
    records().next()?;
    let mut weights = trace.parameters().iter().enumerate().filter(|(_, parameter)| parameter.is_weight());
    let ends = [weights.next(), weights.next_back()];
    let series = ends.into_iter().flatten().map(|(index, parameter)| Series {
        label: parameter.name.clone(),
        points: records().map(|(step, updates)| (step as f64, updates[index].log10())).collect(),
        ..Series::default()
    });
    let series = series.collect();
    Some(Plot { title: "Update over weight by step", x: "step", y: "share", logarithmic: true, series })
}

/// The largest share of dead and of saturated units of a layer, where they were counted and there were some.
fn units(trace: &GradientTrace) -> Option<Plot> {
    let records = || trace.records().iter().filter_map(|record| Some((record.step, record.units.as_ref()?)));
    let largest = |label: &str, share: &dyn Fn(&Units) -> Option<f64>| Series {
        label: label.into(),
        points: records()
            .filter_map(|(step, units)| Some((step as f64, units.iter().filter_map(share).reduce(f64::max)?)))
            .collect(),
        ..Series::default()
    };
    let series = vec![
        largest("dead, of the layer with the most", &|units| Some(units.dead)),
        largest("saturated, of the layer with the most", &|units| units.saturated),
    ];
    // Both or neither, so that each has the same colour in every section.
    let idle = |series: &Series| series.points.iter().any(|(_, share)| *share > 0.0);
    series.iter().any(idle).then_some(Plot {
        title: "Idle units by step",
        x: "step",
        y: "share",
        logarithmic: false,
        series,
    })
}
