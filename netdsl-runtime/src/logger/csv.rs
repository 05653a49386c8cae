//! Gradient norms as a table.

use std::fmt::{self, Display, Write as _};
use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::lines::{append, create};
use super::sink::{Header, Sink};
use crate::decimal::Decimal;
use crate::error::Error;
use crate::file::shown;
use crate::norm::Norm;
use crate::trace::Record;

/// Comma-separated values with a header: `epoch`, `step`, `loss`, `total`, `clipped_total`, then for each parameter its
/// name, with the norm of its gradient, and `clipped:` with its name, with the norm after clipping. Where they are measured,
/// `update:` with the name of each parameter and `dead:` and `saturated:` with that of each layer come behind.
///
/// Numbers are written with all their digits; those that are not finite as `NaN` and `inf`, those beyond the range of
/// `f64` with three digits. What does not exist is empty. A parameter of zeros has no norm that its change could be a share of: its
/// `update:` is `NaN`, as that of every bias is in step 1 that begins at zero.
pub struct Csv<W: Write = File> {
    writer: csv::Writer<W>,
    name: String,
    /// The header that the table has from an earlier process.
    header: Option<String>,
    /// The text of a cell.
    cell: String,
}

impl Csv {
    /// A table in a new file, in place of one that is there; its folder is made where it is not there.
    ///
    /// # Errors
    /// [`Error::Write`] where the file can't be made.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, Error> {
        let name = shown(path.as_ref());
        let file = create(path.as_ref()).map_err(Error::write(&name))?;
        Ok(Self { writer: csv::Writer::from_writer(file), name, header: None, cell: String::new() })
    }

    /// A table that goes on in a file, which is made where it is not there: for a training that goes on from a checkpoint. The
    /// steps between the checkpoint and the end of the earlier process are then there twice; a row that the process was killed
    /// in is taken away.
    ///
    /// # Errors
    /// [`Error::Write`] where the file can't be opened or begins as no such log does; from the training, [`Error::Column`] where the file is the log of
    /// another network or of other measures.
    pub fn append(path: impl AsRef<Path>) -> Result<Self, Error> {
        let name = shown(path.as_ref());
        let (file, header) = append(path.as_ref(), "epoch,").map_err(Error::write(&name))?;
        Ok(Self { writer: csv::Writer::from_writer(file), name, header, cell: String::new() })
    }
}

impl<W: Write> Csv<W> {
    /// A table that is written to `writer`.
    pub fn to(writer: W) -> Self {
        let name = "the gradient log".into();
        Self { writer: csv::Writer::from_writer(writer), name, header: None, cell: String::new() }
    }

    /// Ends a row, down to the file.
    fn end(&mut self, row: csv::Result<()>) -> Result<(), Error> {
        let written =
            row.and_then(|()| self.writer.write_record(None::<&[u8]>)).map_err(std::io::Error::from);
        written.and_then(|()| self.writer.flush()).map_err(Error::write(&self.name))
    }

    /// Writes a cell, an empty one where there is nothing.
    fn cell(&mut self, value: Option<impl Display>) -> csv::Result<()> {
        self.cell.clear();
        if let Some(value) = value {
            // Numbers can't fail to be written.
            let _ = write!(self.cell, "{value}");
        }
        self.writer.write_field(&self.cell)
    }

    fn cells(&mut self, header: &Header, record: &Record) -> csv::Result<()> {
        self.cell(Some(record.epoch))?;
        self.cell(Some(record.step))?;
        self.cell(Some(Decimal(record.loss)))?;
        self.cell(Some(record.total().exact()))?;
        self.cell(record.clipped_total().map(Norm::exact))?;
        for (index, norm) in record.norms.iter().enumerate() {
            self.cell(Some(norm.exact()))?;
            self.cell(record.clipped.as_ref().map(|clipped| clipped[index].exact()))?;
        }
        for index in (0..header.parameters.len()).filter(|_| header.updates) {
            self.cell(record.updates.as_ref().map(|updates| Decimal(updates[index])))?;
        }
        for index in 0..header.layers.len() {
            let units = record.units.as_ref().map(|units| units[index]);
            self.cell(units.map(|units| Decimal(units.dead)))?;
            self.cell(units.and_then(|units| units.saturated).map(Decimal))?;
        }
        Ok(())
    }
}

impl<W: Write> fmt::Debug for Csv<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Csv").field(&self.name).finish()
    }
}

impl<W: Write> Sink for Csv<W> {
    fn begin(&mut self, header: &Header) -> Result<(), Error> {
        let fixed = ["epoch", "step", "loss", "total", "clipped_total"].map(String::from);
        let names = || header.parameters.iter().map(|parameter| &parameter.name);
        let norms = names().flat_map(|name| [name.clone(), format!("clipped:{name}")]);
        let updates = names().filter(|_| header.updates).map(|name| format!("update:{name}"));
        let layers =
            header.layers.iter().flat_map(|name| [format!("dead:{name}"), format!("saturated:{name}")]);
        let columns: Vec<String> = fixed.into_iter().chain(norms).chain(updates).chain(layers).collect();
        let Some(found) = &self.header else {
            let row = columns.iter().try_for_each(|name| self.writer.write_field(name));
            return self.end(row);
        };
        // The names of parameters and layers have neither commas nor quotes.
        let mut found = found.split(',');
        let mut number = 0;
        let differing = columns.iter().map(Some).chain([None]).find_map(|expected| {
            number += 1;
            let found = found.next();
            (found != expected.map(String::as_str)).then(|| {
                let named = |name: Option<&str>| name.map_or("not there".into(), |name| format!("`{name}`"));
                (named(found), named(expected.map(String::as_str)))
            })
        });
        match differing {
            None => Ok(()),
            Some((found, expected)) => {
                Err(Error::Column { path: self.name.clone(), number, found, expected })
            }
        }
    }

    fn record(&mut self, header: &Header, record: &Record) -> Result<(), Error> {
        let row = self.cells(header, record);
        self.end(row)
    }
}
