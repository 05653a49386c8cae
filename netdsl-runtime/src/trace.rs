//! The gradient norms of a training, as a value and as text.

use std::fmt;

use netdsl_layers::{Forecast, Limits, Ratios, Verdict, power_of_ten};

use crate::logger::{Header, Units};
use crate::monitor::SATURATED_SHARE;
use crate::norm::Norm;

/// The gradient norms of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The epoch, from 1; 0 before the first step.
    pub epoch: usize,
    /// The step, from 1; 0 before the first.
    pub step: u64,
    /// The loss; not a number where there was none.
    pub loss: f64,
    /// The norm of the gradient of each parameter, in the order of the declaration.
    pub norms: Vec<Norm>,
    /// The same after clipping; none on a probe, whose gradients nobody clips.
    pub clipped: Option<Vec<Norm>>,
    /// The norm of the change of each parameter in the step over the norm of the parameter before it, where that is
    /// measured; not a number for a parameter of zeros.
    pub updates: Option<Vec<f64>>,
    /// The units of each layer with an activation function, where they are counted.
    pub units: Option<Vec<Units>>,
}

impl Record {
    /// The norm of all gradients together.
    pub fn total(&self) -> Norm {
        Norm::total(self.norms.iter().copied())
    }

    /// The same after clipping.
    pub fn clipped_total(&self) -> Option<Norm> {
        Some(Norm::total(self.clipped.as_ref()?.iter().copied()))
    }
}

/// A parameter that gradient norms are logged of.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// The dotted path.
    pub name: String,
    /// The shape.
    pub shape: Vec<usize>,
    /// The norm of the parameter itself, before the first step.
    pub norm: Norm,
    /// The decimal logarithm of the gradient norm that was forecast for the first step; none where there is no forecast of
    /// it, minus infinity where it is zero.
    pub forecast_log10: Option<f64>,
}

impl Logged {
    /// Whether this is a weight, and no bias or gain.
    pub fn is_weight(&self) -> bool {
        self.shape.len() > 1
    }
}

/// The gradient norms of a training: what a [`GradientLogger`](crate::GradientLogger) has seen.
///
/// Its text is meant for snapshot tests: it has the same layout everywhere and three significant digits, because the
/// order in which a matrix product sums depends on the machine and shows in the digits behind them.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientTrace {
    pub(crate) header: Header,
    pub(crate) records: Vec<Record>,
    /// The layers with an activation function and their units, on the examples of the first record.
    pub(crate) first_units: Vec<(String, Units)>,
    /// Over how many numbers of an example the loss is averaged.
    pub(crate) terms: f64,
    /// The decimal logarithm of the largest number of the element type.
    pub(crate) largest_log10: f64,
}

impl GradientTrace {
    /// The parameters, in the order of the declaration.
    pub fn parameters(&self) -> &[Logged] {
        &self.header.parameters
    }

    /// What the records have in common.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The steps that were logged.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The verdict on the gradients that were measured first, by the rule of the forecast; none where nothing was logged. Dead is a
    /// network with a layer whose units were all zero for all of the examples.
    pub fn verdict(&self) -> Option<Verdict> {
        let first = self.records.first()?;
        if first.norms.iter().any(|norm| !norm.is_finite() || norm.log10() > self.largest_log10) {
            return Some(Verdict::NonFinite);
        }
        if self.first_units.iter().any(|(_, units)| units.dead == 1.0) {
            return Some(Verdict::Dead);
        }
        Some(self.ratios().map_or(Verdict::Healthy, |ratios| ratios.verdict(Limits::DEFAULT)))
    }

    /// The verdict in words, and what [`saturated`](Self::saturated) says beside it.
    fn measured(&self) -> String {
        let Some(verdict) = self.verdict() else { return "nothing measured".into() };
        let beside = self.saturated().map(|saturated| format!(" ({saturated})")).unwrap_or_default();
        format!("{} measured{beside}", verdict.name())
    }

    /// The layer with the most values at an end of its activation function at first, where these are most: what makes gradients
    /// vanish, or be zero, whatever the weights behind it are.
    pub(crate) fn saturated(&self) -> Option<String> {
        let shares = self.first_units.iter().filter_map(|(name, units)| Some((name, units.saturated?)));
        let (name, share) = shares.max_by(|a, b| a.1.total_cmp(&b.1))?;
        let percent = 100.0 * share;
        (share >= SATURATED_SHARE)
            .then(|| format!("{percent:.0} % of the values of `{name}` are at an end of its activation"))
    }

    /// What the verdict on the gradients that were measured first compares.
    pub(crate) fn ratios(&self) -> Option<Ratios> {
        let first = self.records.first()?;
        let weights = self
            .header
            .parameters
            .iter()
            .zip(&first.norms)
            .filter(|(parameter, _)| parameter.is_weight() && parameter.norm != Norm::ZERO)
            .map(|(parameter, norm)| (norm.log10(), parameter.norm.log10()));
        Ratios::of_weights(weights, self.terms)
    }

    /// The same of a forecast.
    pub(crate) fn ratios_of(&self, forecast: &Forecast) -> Option<Ratios> {
        let weights = forecast.parameters.iter().filter(|parameter| parameter.is_weight());
        let weights = weights
            .filter_map(|parameter| Some((parameter.gradient_norm_log10?, parameter.norm_log10())))
            .filter(|(_, weight)| weight.is_finite());
        Ratios::of_weights(weights, self.terms)
    }

    /// The gradients that were measured first, beside those that were forecast.
    pub fn compare<'a>(&'a self, forecast: &'a Forecast) -> Comparison<'a> {
        Comparison { trace: self, forecast }
    }

    /// The records that the text shows: the first, the last and some in between.
    fn shown(&self) -> Vec<&Record> {
        let (count, shown) = (self.records.len(), self.records.len().min(COLUMNS));
        (0..shown).map(|column| &self.records[column * (count - 1) / (shown - 1).max(1)]).collect()
    }
}

/// How many steps the text shows.
const COLUMNS: usize = 6;

/// A row for each parameter and a column for up to six steps.
impl fmt::Display for GradientTrace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown();
        let verdict = self.verdict().map_or("nothing measured", Verdict::name);
        writeln!(formatter, "gradient norms of `{}`: {verdict}", self.header.network)?;
        let width =
            self.header.parameters.iter().map(|parameter| parameter.name.len()).chain([7]).max().unwrap_or(7);
        let mut row = |name: &str, cells: Vec<String>| {
            let cells: String = cells.iter().map(|cell| format!("  {cell:>9}")).collect();
            writeln!(formatter, "{name:width$}{cells}")
        };
        row("step", shown.iter().map(|record| record.step.to_string()).collect())?;
        row("loss", shown.iter().map(|record| format!("{:.2e}", record.loss)).collect())?;
        for (index, parameter) in self.header.parameters.iter().enumerate() {
            row(&parameter.name, shown.iter().map(|record| record.norms[index].to_string()).collect())?;
        }
        row("total", shown.iter().map(|record| record.total().to_string()).collect())?;
        if shown
            .iter()
            .any(|record| record.clipped.is_some() && record.clipped_total() != Some(record.total()))
        {
            let clipped =
                |record: &&Record| record.clipped_total().map_or("-".into(), |norm| norm.to_string());
            row("clipped", shown.iter().map(clipped).collect())?;
        }
        Ok(())
    }
}

/// Forecast and measured gradient norms, a row for each parameter that has both.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    trace: &'a GradientTrace,
    forecast: &'a Forecast,
}

/// How far apart two numbers are in powers of ten.
fn decades(forecast: f64, measured: f64) -> String {
    let difference = measured - forecast;
    if difference.is_finite() { format!("{difference:+.2}") } else { "-".into() }
}

/// The last column is the decimal logarithm of measured over forecast.
impl fmt::Display for Comparison<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trace, forecast } = *self;
        let measured = trace.measured();
        let names = forecast.parameters.iter().map(|parameter| parameter.name.len());
        let width = names.chain([9]).max().unwrap_or(9);
        writeln!(
            formatter,
            "gradient norms of `{}`: {} forecast, {measured}",
            trace.header.network,
            forecast.known_verdict().map_or("unknown", Verdict::name)
        )?;
        write!(formatter, "{:width$}  {:>9}  {:>9}  {:>7}", "parameter", "forecast", "measured", "decades")?;
        let norms = trace.records.first().map(|record| record.norms.as_slice()).unwrap_or_default();
        for parameter in forecast.parameters.iter() {
            let found = trace.header.parameters.iter().position(|logged| logged.name == parameter.name);
            let Some(norm) = found.and_then(|index| norms.get(index)) else { continue };
            let expected = parameter.gradient_norm_log10.map_or_else(|| "0".into(), power_of_ten);
            let off = decades(parameter.gradient_norm_log10.unwrap_or(f64::NEG_INFINITY), norm.log10());
            write!(formatter, "\n{:width$}  {expected:>9}  {norm:>9}  {off:>7}", parameter.name)?;
        }
        Ok(())
    }
}
