//! Gradient norms as one JSON object a line.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde_json::{Map, Number, Value, json};

use super::lines::{append, create};
use super::sink::{Header, Sink};
use crate::error::Error;
use crate::norm::Norm;
use crate::trace::{Logged, Record};

/// A JSON object on each line: `epoch`, `step`, `loss`, `total`, `norms` by parameter, and where the norms were clipped or
/// could have been `clipped_total` and `clipped`; where they are measured `updates` by parameter, `dead` and `saturated` by
/// layer. The first line has the `forecast` of the norms, where there is one.
///
/// JSON has no word for what is not finite: such numbers are the strings `"NaN"`, `"inf"` and `"-inf"`, and norms beyond
/// the range of `f64` are strings such as `"1.41e1505"`.
pub struct JsonLines<W = File> {
    writer: W,
    name: String,
    begun: bool,
}

impl JsonLines {
    /// Lines in a new file, in place of one that is there; its folder is made where it is not there.
    ///
    /// # Errors
    /// [`Error::Write`] where the file can't be made.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, Error> {
        let name = path.as_ref().display().to_string();
        let writer = create(path.as_ref()).map_err(Error::write(&name))?;
        Ok(Self { writer, name, begun: false })
    }
}

impl JsonLines {
    /// Lines that go on in a file, which is made where it is not there: for a training that goes on from a checkpoint. The
    /// steps between the checkpoint and the end of the earlier process are then there twice; a line that the process was
    /// killed in is taken away.
    ///
    /// # Errors
    /// [`Error::Write`] where the file can't be opened.
    pub fn append(path: impl AsRef<Path>) -> Result<Self, Error> {
        let name = path.as_ref().display().to_string();
        let (writer, _) = append(path.as_ref()).map_err(Error::write(&name))?;
        Ok(Self { writer, name, begun: false })
    }
}

impl<W: Write> JsonLines<W> {
    /// Lines that are written to `writer`.
    pub fn to(writer: W) -> Self {
        Self { writer, name: "the gradient log".into(), begun: false }
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
    fn begin(&mut self, _header: &Header) -> Result<(), Error> {
        self.begun = false;
        Ok(())
    }

    fn record(&mut self, header: &Header, record: &Record) -> Result<(), Error> {
        let parameters = header.parameters.as_slice();
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
        let named = |values: &mut dyn Iterator<Item = (String, f64)>| -> Map<String, Value> {
            values.map(|(name, value)| (name, number(value))).collect()
        };
        if let Some(updates) = &record.updates {
            let names = parameters.iter().map(|parameter| parameter.name.clone());
            object["updates"] = named(&mut names.zip(updates.iter().copied())).into();
        }
        if let Some(units) = &record.units {
            let layers = || header.layers.iter().cloned().zip(units);
            object["dead"] = named(&mut layers().map(|(name, units)| (name, units.dead))).into();
            let saturated = layers().filter_map(|(name, units)| Some((name, units.saturated?)));
            object["saturated"] = named(&mut { saturated }).into();
        }
        if !self.begun && parameters.iter().any(|parameter| parameter.forecast_log10.is_some()) {
            let norms = parameters.iter().filter_map(|parameter| {
                Some((parameter.name.clone(), 10f64.powf(parameter.forecast_log10?)))
            });
            object["forecast"] = named(&mut { norms }).into();
        }
        self.begun = true;
        let written = self.writer.write_all(format!("{object}\n").as_bytes());
        written.and_then(|()| self.writer.flush()).map_err(Error::write(&self.name))
    }
}
