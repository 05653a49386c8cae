//! What can be wrong with data.

use std::fmt;

use crate::counted::{EXAMPLES, counted, there_are};

/// What can be wrong with data.
///
/// As in [`Error`](crate::Error), the message has the cause.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A table that can't be read.
    #[error("{table} can't be read: {cause}")]
    Csv {
        /// The file, where it is one.
        table: String,
        /// Why, with the line.
        cause: csv::Error,
    },
    /// A file that can't be read.
    #[error("{path} can't be read: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// A column that the table does not have.
    #[error("{table} has no column `{name}`{hint}")]
    Column {
        /// The file, where it is one.
        table: String,
        /// The name that was asked for.
        name: String,
        /// What there is, and what may have been meant.
        hint: String,
    },
    /// A column of which there are two.
    #[error("{table} has the column `{name}` twice, expected one of that name")]
    Twice {
        /// The file, where it is one.
        table: String,
        /// The name that was asked for.
        name: String,
    },
    /// A cell that is no text.
    #[error("line {line}, column {column} of {table} is not encoded in UTF-8, expected a table that is")]
    Encoding {
        /// The file, where it is one.
        table: String,
        /// The line in the file, from 1.
        line: u64,
        /// The number of the column, from 1.
        column: usize,
    },
    /// A cell that is no finite number.
    #[error("line {line}, column `{column}` of {table} is {}, expected a finite number", content(cell))]
    Cell {
        /// The file, where it is one.
        table: String,
        /// The line in the file, from 1.
        line: u64,
        /// The name of the column.
        column: String,
        /// What is there.
        cell: String,
    },
    /// A value that is not finite.
    #[error(
        "row {row}, column {column} of the examples is {value}, expected a finite number (counted from 0)"
    )]
    Value {
        /// The index of the example, from 0.
        row: usize,
        /// The index in the example, row-major, from 0.
        column: usize,
        /// What is there.
        value: f64,
    },
    /// A class beyond the last.
    #[error("example {index} has the class {class}, expected one below {classes}")]
    Class {
        /// The index of the example, from 0.
        index: usize,
        /// The class.
        class: usize,
        /// The number of classes.
        classes: usize,
    },
    /// Too few examples.
    #[error("{}, expected at least {expected}", there_are(*found, EXAMPLES))]
    Examples {
        /// How many there are.
        found: usize,
        /// How many it takes.
        expected: usize,
    },
    /// Too few examples of a class.
    #[error("class {class} has {}, expected at least {expected}", counted(*found, EXAMPLES))]
    OfClass {
        /// The class.
        class: usize,
        /// How many it has.
        found: usize,
        /// How many it takes.
        expected: usize,
    },
    /// A share that is none.
    #[error("the share is {found}, expected a number above 0 and below 1")]
    Share {
        /// The share.
        found: f64,
    },
    /// Examples of another size.
    #[error("the examples have {}, expected {expected}", counted(*found, ["value", "values"]))]
    Width {
        /// How many there are.
        found: usize,
        /// How many it takes.
        expected: usize,
    },
}

/// What a cell has in it, in words.
fn content(cell: &str) -> String {
    if cell.is_empty() { "empty".into() } else { format!("`{cell}`") }
}

/// The message.
impl fmt::Debug for DataError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
