//! A place that gradient norms are written to.

use std::fmt::Debug;

use crate::error::Error;
use crate::trace::{Logged, Record};

/// A place that gradient norms are written to.
pub trait Sink: Debug {
    /// Called before the first record.
    ///
    /// # Errors
    /// [`Error::Write`]
    fn begin(&mut self, parameters: &[Logged]) -> Result<(), Error>;

    /// Writes one record, down to the file: what is logged is not lost when the process ends.
    ///
    /// # Errors
    /// [`Error::Write`]
    fn record(&mut self, parameters: &[Logged], record: &Record) -> Result<(), Error>;
}
