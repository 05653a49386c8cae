//! What could not be used.

use std::fmt;
use std::io::{self, Write};

use super::Status;

/// An error: what is wrong, and apart from it what to do.
#[derive(Debug)]
pub(super) struct Complaint {
    message: String,
    help: Option<String>,
}

impl Complaint {
    /// The same with what to do.
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        self.advised(Some(help.into()))
    }

    /// The same with what to do, where anything can be said.
    pub(super) fn advised(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    /// The same with what it is about before its message.
    pub(super) fn of(self, subject: impl fmt::Display) -> Self {
        Self { message: format!("{subject}: {}", self.message), ..self }
    }

    /// Writes it to standard error.
    fn write(&self) {
        let help = self.help.iter().map(|help| format!("help: {help}\n")).collect::<String>();
        // Where standard error is closed, the exit status still tells.
        let _ = write!(io::stderr(), "error: {}\n{help}", self.message);
    }
}

impl<M: fmt::Display> From<M> for Complaint {
    fn from(message: M) -> Self {
        Self { message: message.to_string(), help: None }
    }
}

/// The complaints that a command has made so far: they are written as they come, and counted.
#[derive(Default)]
pub(super) struct Complaints(usize);

impl Complaints {
    pub(super) fn add(&mut self, complaint: impl Into<Complaint>) {
        complaint.into().write();
        self.0 += 1;
    }

    pub(super) fn count(&self) -> usize {
        self.0
    }

    /// What they come to.
    pub(super) fn status(&self) -> Status {
        if self.0 == 0 { Status::Clean } else { Status::Unusable }
    }
}
