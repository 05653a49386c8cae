//! Gradient norms as lines of text.

use std::fmt;
use std::io::{Stdout, Write, stdout};

use netdsl_layers::power_of_ten;

use super::sink::{Header, Sink};
use crate::error::Error;
use crate::trace::{Logged, Record};

/// A line for each record: step, loss, the total norm and the norm of each gradient with the name of its parameter; above
/// them the forecast, where there is one.
pub struct Terminal<W = Stdout>(W);

impl Terminal {
    /// Lines on standard output.
    pub fn new() -> Self {
        Self(stdout())
    }
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}

impl<W: Write> Terminal<W> {
    /// Lines written to `writer`.
    pub fn to(writer: W) -> Self {
        Self(writer)
    }
}

impl<W> fmt::Debug for Terminal<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Terminal")
    }
}

/// `hidden.weight 1.2e-3, hidden.bias 4.5e-2`
fn by_name(parameters: &[Logged], values: impl Iterator<Item = String>) -> String {
    let pairs = parameters.iter().zip(values);
    pairs.map(|(parameter, value)| format!("{} {value}", parameter.name)).collect::<Vec<_>>().join(", ")
}

impl<W: Write> Sink for Terminal<W> {
    fn begin(&mut self, header: &Header) -> Result<(), Error> {
        if header.parameters.iter().all(|parameter| parameter.forecast_log10.is_none()) {
            return Ok(());
        }
        let norm = |parameter: &Logged| parameter.forecast_log10.map_or("-".into(), power_of_ten);
        let line = format!(
            "forecast: gradient norms {}\n",
            by_name(&header.parameters, header.parameters.iter().map(norm))
        );
        let written = self.0.write_all(line.as_bytes()).and_then(|()| self.0.flush());
        written.map_err(Error::write("the gradient log"))
    }

    fn record(&mut self, header: &Header, record: &Record) -> Result<(), Error> {
        let norms = by_name(&header.parameters, record.norms.iter().map(ToString::to_string));
        let clipped = match record.clipped_total() {
            Some(norm) if norm != record.total() => format!(" (clipped to {norm})"),
            _ => String::new(),
        };
        let line = format!(
            "step {}: loss {:.4e}, gradient norm {}{clipped}: {norms}\n",
            record.step,
            record.loss,
            record.total(),
        );
        let written = self.0.write_all(line.as_bytes()).and_then(|()| self.0.flush());
        written.map_err(Error::write("the gradient log"))
    }
}
