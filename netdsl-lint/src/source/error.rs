//! Why a source can't be read.

use super::text::Position;

/// Why a source can't be read. The message begins with its path.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The system says no.
    #[error("{path}: {reason}")]
    Unreadable {
        /// The path, as it was given.
        path: String,
        /// What the system says.
        reason: std::io::Error,
    },
    /// A folder can't be listed, or leads back to itself.
    #[error("{0}")]
    Folder(#[from] walkdir::Error),
    /// The file is larger than any that a person writes.
    #[error("{path}: the file is larger than the {} MiB that are read", most >> 20)]
    TooLarge {
        /// The path, as it was given.
        path: String,
        /// The largest size that is read, in bytes.
        most: u64,
    },
    /// A pipe or a device, which may never end.
    #[error("{path}: this is no file")]
    NotAFile {
        /// The path, as it was given.
        path: String,
    },
    /// The file is no text.
    #[error("{path}:{position}: the file is not UTF-8 from here on")]
    NotUnicode {
        /// The path, as it was given.
        path: String,
        /// The first character that is none.
        position: Position,
    },
    /// The text is no Rust.
    #[error("{path}:{position}: {what}")]
    NotRust {
        /// The path, as it was given.
        path: String,
        /// Where the reading stopped.
        position: Position,
        /// What stopped it.
        what: &'static str,
    },
}

impl SourceError {
    /// What to do, where anything can be done but to mend the file.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::NotAFile { .. } => Some("what a pipe gives is read from standard input, which is `-`"),
            _ => None,
        }
    }
}
