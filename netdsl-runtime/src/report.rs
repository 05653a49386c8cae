//! A page that shows forecast and measurement side by side.

use std::fmt::Write;
use std::path::Path;

use netdsl_layers::{Forecast, Verdict};
use netdsl_plot::{Plot, Series, escape, page};

use crate::error::Error;
use crate::norm::Norm;
use crate::trace::{GradientTrace, Record};
use crate::trainer::History;

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
/// forecast and measured, the norms over the steps, and the loss.
///
/// It is legible at the width of a phone, on dark paper, and for the colour-blind.
#[derive(Clone, Debug)]
pub struct Report {
    title: String,
    overview: String,
    sections: String,
    runs: usize,
}

impl Report {
    /// A page without a training.
    pub fn new(title: &str) -> Self {
        Self { title: title.into(), overview: String::new(), sections: String::new(), runs: 0 }
    }

    /// Adds a training.
    ///
    /// # Errors
    /// [`Error::Write`] where a plot can't be drawn.
    pub fn add(&mut self, run: &Run<'_>) -> Result<(), Error> {
        self.runs += 1;
        let title = escape(run.title);
        let (number, forecast) = (self.runs, run.forecast.verdict.name());
        let measured = run.trace.verdict().map_or("nothing measured", Verdict::name);
        let outcome = match run.outcome {
            Ok(history) => history.epochs.last().map_or("no epoch".into(), ToString::to_string),
            Err(error) => escape(&error.to_string()),
        };
        // Writing to a string can't fail.
        let _ = writeln!(
            self.overview,
            "<tr><td><a href=\"#run-{number}\">{title}</a><td>{forecast}<td>{measured}<td>{outcome}"
        );
        let _ = writeln!(
            self.sections,
            "<section id=\"run-{number}\"><h2>{title}</h2>\n<p>Forecast: <b>{forecast}</b>. Measured: <b>{measured}</b>. \
             Ended with: {outcome}.</p>\n<div class=plots>"
        );
        for plot in [by_depth(run), by_step(run.trace), by_epoch(run)] {
            let drawn = plot.html().map_err(std::io::Error::other);
            self.sections += &drawn.map_err(Error::write("the report"))?;
        }
        let _ = writeln!(
            self.sections,
            "</div>\n<details><summary>Figures</summary><pre>{}\n\n{}</pre></details></section>",
            escape(&run.forecast.to_string()),
            escape(&run.trace.to_string())
        );
        Ok(())
    }

    /// The page.
    pub fn html(&self) -> String {
        let Self { title, overview, sections, .. } = self;
        page(
            title,
            &format!(
                "<div class=wide><table><tr><th>Training<th>Forecast<th>Measured<th>End\n{overview}</table></div>\n\
                 {sections}"
            ),
        )
    }

    /// Writes the page to a file.
    ///
    /// # Errors
    /// [`Error::Write`]
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let name = path.as_ref().display().to_string();
        std::fs::write(path, self.html()).map_err(Error::write(name))
    }
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

fn by_epoch(run: &Run<'_>) -> Plot {
    let epochs = run.outcome.map(|history| history.epochs.as_slice()).unwrap_or_default();
    let values = || epochs.iter().flat_map(|epoch| [Some(epoch.loss), epoch.validation_loss]).flatten();
    let (low, high) =
        values().fold((f64::INFINITY, 0f64), |(low, high), loss| (low.min(loss), high.max(loss)));
    // A loss that falls by much more than half is flat on a linear axis.
    let logarithmic = high > 20.0 * low;
    let over_epochs = |label: &str, losses: Vec<Option<f64>>| Series {
        label: label.into(),
        points: (1..)
            .zip(losses)
            .filter_map(|(epoch, loss)| {
                let loss = loss?;
                Some((f64::from(epoch), if logarithmic { loss.log10() } else { loss }))
            })
            .collect(),
        ..Series::default()
    };
    let mut series = vec![over_epochs("training", epochs.iter().map(|epoch| Some(epoch.loss)).collect())];
    if epochs.iter().any(|epoch| epoch.validation_loss.is_some()) {
        series.push(over_epochs("validation", epochs.iter().map(|epoch| epoch.validation_loss).collect()));
    }
    Plot { title: "Loss by epoch", x: "epoch", y: "loss", logarithmic, series }
}
