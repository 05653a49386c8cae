//! Gradient norms as lines of text.

use std::fmt;
use std::io::{Stdout, Write, stdout};

use super::sink::Sink;
use crate::error::Error;
use crate::trace::{Logged, Record};

/// A line for each record: step, loss, the total norm and the norm of each gradient.
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

impl<W: Write> Sink for Terminal<W> {
    fn begin(&mut self, _parameters: &[Logged]) -> Result<(), Error> {
        Ok(())
    }

    fn record(&mut self, _parameters: &[Logged], record: &Record) -> Result<(), Error> {
        let norms: Vec<String> = record.norms.iter().map(ToString::to_string).collect();
        let clipped = match record.clipped_total() {
            Some(norm) if norm != record.total() => format!(" (clipped to {norm})"),
            _ => String::new(),
        };
        let line = format!(
            "step {}: loss {:.4e}, gradient norm {}{clipped}: [{}]\n",
            record.step,
            record.loss,
            record.total(),
            norms.join(", ")
        );
        let written = self.0.write_all(line.as_bytes()).and_then(|()| self.0.flush());
        written.map_err(Error::write("the gradient log"))
    }
}
