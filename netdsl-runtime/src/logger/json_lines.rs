//! Gradient norms as one JSON object a line.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde_json::{Map, Number, Value, json};

use super::sink::Sink;
use crate::error::Error;
use crate::norm::Norm;
use crate::trace::{Logged, Record};

/// A JSON object on each line: `epoch`, `step`, `loss`, `total`, `norms` by parameter, and where the norms were clipped or
/// could have been `clipped_total` and `clipped`.
///
/// JSON has no word for what is not finite: such numbers are the strings `"NaN"`, `"inf"` and `"-inf"`, and norms beyond
/// the range of `f64` are strings such as `"1.41e1505"`.
pub struct JsonLines<W = File> {
    writer: W,
    name: String,
}

impl JsonLines {
    /// Lines in a new file.
    ///
    /// # Errors
    /// [`Error::Write`] where the file can't be made.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, Error> {
        let name = path.as_ref().display().to_string();
        let writer = File::create(path).map_err(Error::write(&name))?;
        Ok(Self { writer, name })
    }
}

impl<W: Write> JsonLines<W> {
    /// Lines that are written to `writer`.
    pub fn to(writer: W) -> Self {
        Self { writer, name: "the gradient log".into() }
    }
}

impl<W> fmt::Debug for JsonLines<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("JsonLines").field(&self.name).finish()
    }
}

fn number(value: f64) -> Value {
    Number::from_f64(value).map_or_else(|| value.to_string().into(), Value::Number)
}

fn norm(norm: Norm) -> Value {
    Number::from_f64(norm.to_f64()).map_or_else(|| norm.exact().into(), Value::Number)
}

fn by_name(parameters: &[Logged], norms: &[Norm]) -> Map<String, Value> {
    parameters.iter().zip(norms).map(|(parameter, value)| (parameter.name.clone(), norm(*value))).collect()
}

impl<W: Write> Sink for JsonLines<W> {
    fn begin(&mut self, _parameters: &[Logged]) -> Result<(), Error> {
        Ok(())
    }

    fn record(&mut self, parameters: &[Logged], record: &Record) -> Result<(), Error> {
        let mut object = json!({
            "epoch": record.epoch,
            "step": record.step,
            "loss": number(record.loss),
            "total": norm(record.total()),
            "norms": by_name(parameters, &record.norms),
        });
        if let (Some(total), Some(clipped)) = (record.clipped_total(), &record.clipped) {
            object["clipped_total"] = norm(total);
            object["clipped"] = by_name(parameters, clipped).into();
        }
        let written = self.writer.write_all(format!("{object}\n").as_bytes());
        written.and_then(|()| self.writer.flush()).map_err(Error::write(&self.name))
    }
}
