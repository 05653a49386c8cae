//! A place that gradient norms are written to.

use std::fmt::Debug;

use crate::error::Error;
use crate::trace::{Logged, Record};

/// What the records of a log have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The name of the network.
    pub network: &'static str,
    /// The parameters, in the order of the declaration.
    pub parameters: Vec<Logged>,
    /// The layers whose units are counted; empty where they are not.
    pub layers: Vec<String>,
    /// Whether the size of updates is measured.
    pub updates: bool,
}

/// A place that gradient norms are written to.
pub trait Sink: Debug {
    /// Called before the first record.
    ///
    /// # Errors
    /// [`Error::Write`]
    fn begin(&mut self, header: &Header) -> Result<(), Error>;

    /// Writes one record, down to the file: what is logged is not lost when the process ends.
    ///
    /// # Errors
    /// [`Error::Write`]
    fn record(&mut self, header: &Header, record: &Record) -> Result<(), Error>;
}
