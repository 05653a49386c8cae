//! What can be wrong with data.

/// What can be wrong with data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A table that can't be read.
    #[error("the table can't be read")]
    Csv(#[from] csv::Error),
    /// A file that can't be read.
    #[error("{path} can't be read: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// A column that the table does not have.
    #[error("the table has no column `{name}`{hint}")]
    Column {
        /// The name that was asked for.
        name: String,
        /// What may have been meant.
        hint: String,
    },
    /// A cell that is no finite number.
    #[error("line {line}, column `{column}` of the table is `{cell}`, expected a finite number")]
    Cell {
        /// The line in the file, from 1.
        line: u64,
        /// The name of the column.
        column: String,
        /// What is there.
        cell: String,
    },
    /// A class beyond the last.
    #[error("class {index} is {class}, expected one below {classes}")]
    Class {
        /// The index among the classes, from 0.
        index: usize,
        /// The class.
        class: usize,
        /// The number of classes.
        classes: usize,
    },
    /// Too few examples.
    #[error("there are {found} examples, expected at least {expected}")]
    Examples {
        /// How many there are.
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
    #[error("the examples have {found} values, expected {expected}")]
    Width {
        /// How many there are.
        found: usize,
        /// How many it takes.
        expected: usize,
    },
}
