//! Gradient norms as one JSON object a line.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::lines::{append, create};
use super::sink::{Header, Sink};
use crate::error::Error;
use crate::file::shown;
use crate::norm::Norm;
use crate::trace::{Logged, Record};

/// A JSON object on each line: `epoch`, `step`, `loss`, `total`, `norms` by parameter, and where the norms were clipped or
/// could have been `clipped_total` and `clipped`; where they are measured `updates` by parameter, `dead` and `saturated` by
/// layer. The first line has the `forecast` of the norms, where there is one.
///
/// JSON has no word for what is not finite, and `null` would say that nothing was measured: such numbers are the strings `"NaN"`,
/// `"inf"` and `"-inf"`, and norms beyond the range of `f64` are strings such as `"1.41e1505"`.
pub struct JsonLines<W = File> {
    writer: W,
    name: String,
    begun: bool,
    line: Vec<u8>,
}

impl JsonLines {
    /// Lines in a new file, in place of one that is there; its folder is made where it is not there.
    ///
    /// # Errors
    /// [`Error::Write`] where the file can't be made.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, Error> {
        let name = shown(path.as_ref());
        let writer = create(path.as_ref()).map_err(Error::write(&name))?;
        Ok(Self { writer, name, begun: false, line: Vec::new() })
    }

    /// Lines that go on in a file, which is made where it is not there: for a training that goes on from a checkpoint. The
    /// steps between the checkpoint and the end of the earlier process are then there twice; a line that the process was
    /// killed in is taken away.
    ///
    /// # Errors
    /// [`Error::Write`] where the file can't be opened or begins as no such log does.
    pub fn append(path: impl AsRef<Path>) -> Result<Self, Error> {
        let name = shown(path.as_ref());
        let (writer, _) = append(path.as_ref(), "{").map_err(Error::write(&name))?;
        Ok(Self { writer, name, begun: false, line: Vec::new() })
    }
}

impl<W: Write> JsonLines<W> {
    /// Lines that are written to `writer`.
    pub fn to(writer: W) -> Self {
        Self { writer, name: "the gradient log".into(), begun: false, line: Vec::new() }
    }
}

impl<W> fmt::Debug for JsonLines<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("JsonLines").field(&self.name).finish()
    }
}

/// A number, as a string where it is not finite.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() { serializer.serialize_f64(self.0) } else { serializer.collect_str(&self.0) }
    }
}

/// A norm, as a string where it is not finite or too large for a number.
struct Size(Norm);

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.0.to_f64();
        if value.is_finite() {
            serializer.serialize_f64(value)
        } else {
            serializer.collect_str(&self.0.exact())
        }
    }
}

fn sizes(norms: &[Norm]) -> impl Iterator<Item = Size> + Clone {
    norms.iter().map(|norm| Size(*norm))
}

/// An object of pairs.
struct Object<P>(P);

impl<P: Iterator<Item = (K, V)> + Clone, K: Serialize, V: Serialize> Serialize for Object<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.clone())
    }
}

/// The object of a line.
struct Line<'a> {
    header: &'a Header,
    record: &'a Record,
    /// Whether the forecast is in it.
    forecast: bool,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { header, record, forecast } = self;
        let parameters = header.parameters.iter();
        let names = parameters.clone().map(|parameter| &parameter.name);
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("epoch", &record.epoch)?;
        object.serialize_entry("step", &record.step)?;
        object.serialize_entry("loss", &Number(record.loss))?;
        object.serialize_entry("total", &Size(record.total()))?;
        object.serialize_entry("norms", &Object(names.clone().zip(sizes(&record.norms))))?;
        if let (Some(total), Some(clipped)) = (record.clipped_total(), &record.clipped) {
            object.serialize_entry("clipped_total", &Size(total))?;
            object.serialize_entry("clipped", &Object(names.clone().zip(sizes(clipped))))?;
        }
        if let Some(updates) = &record.updates {
            let updates = updates.iter().map(|change| Number(*change));
            object.serialize_entry("updates", &Object(names.zip(updates)))?;
        }
        if let Some(units) = &record.units {
            let layers = header.layers.iter().zip(units);
            let dead = layers.clone().map(|(name, units)| (name, Number(units.dead)));
            object.serialize_entry("dead", &Object(dead))?;
            let saturated = layers.filter_map(|(name, units)| Some((name, Number(units.saturated?))));
            object.serialize_entry("saturated", &Object(saturated))?;
        }
        let norm = |parameter: &'_ Logged| Some(Number(10f64.powf(parameter.forecast_log10?)));
        let norms = parameters.filter_map(|parameter| Some((&parameter.name, norm(parameter)?)));
        if *forecast && norms.clone().next().is_some() {
            object.serialize_entry("forecast", &Object(norms))?;
        }
        object.end()
    }
}

impl<W: Write> Sink for JsonLines<W> {
    fn begin(&mut self, _header: &Header) -> Result<(), Error> {
        self.begun = false;
        Ok(())
    }

    fn record(&mut self, header: &Header, record: &Record) -> Result<(), Error> {
        let line = Line { header, record, forecast: !self.begun };
        self.begun = true;
        self.line.clear();
        let written = serde_json::to_writer(&mut self.line, &line).map_err(std::io::Error::from);
        self.line.push(b'\n');
        let written = written.and_then(|()| self.writer.write_all(&self.line));
        written.and_then(|()| self.writer.flush()).map_err(Error::write(&self.name))
    }
}
