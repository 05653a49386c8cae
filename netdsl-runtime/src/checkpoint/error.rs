//! What can be wrong with a file.

use std::fmt;

use safetensors::SafeTensorError;

/// What can be wrong with a file that a network or a training is read from. Nothing has changed then.
///
/// As in [`Error`](crate::Error), the message has the cause.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// It can't be read.
    #[error("it can't be read: {0}")]
    Read(std::io::Error),
    /// It can't be written; what was there is still there.
    #[error("it can't be written: {0}")]
    Write(std::io::Error),
    /// It is cut off, or no file of safetensors at all.
    #[error("it is no {complete}file of safetensors: {0}", complete = complete(.0))]
    Format(SafeTensorError),
    /// Its bytes are not those that were written.
    #[error("its checksum is {found:08x}, expected {expected:08x}: the file is damaged")]
    Checksum {
        /// That of the file.
        found: u32,
        /// The one that it says.
        expected: u32,
    },
    /// It has notes of netdsl that can't be understood.
    #[error("its notes can't be read: {0}")]
    Notes(serde_json::Error),
    /// It is of a version that this one does not know.
    #[error("it is of format {found}, expected {expected} or lower")]
    Version {
        /// That of the file.
        found: u32,
        /// The highest that is known.
        expected: u32,
    },
    /// A tensor is missing.
    #[error("it has no tensor `{name}`{hint}")]
    Missing {
        /// The tensor.
        name: String,
        /// What there is, and what may be there in its place.
        hint: String,
    },
    /// A tensor too many.
    #[error("it has a tensor `{name}`, which the network does not have{hint}")]
    Unexpected {
        /// The tensor.
        name: String,
        /// What may have been meant.
        hint: String,
    },
    /// A tensor of another shape.
    #[error("its tensor `{name}` has the shape {found:?}, expected {expected:?}")]
    Shape {
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that the network has.
        expected: Vec<usize>,
    },
    /// A tensor of another type.
    #[error("its tensor `{name}` is of the type {found}, expected {expected}")]
    Type {
        /// The tensor.
        name: String,
        /// Its type.
        found: String,
        /// The types that can be read.
        expected: &'static str,
    },
    /// It holds a network, but no training.
    #[error("it holds a network, but no training to go on with")]
    NoTraining,
    /// Its notes contradict each other, which those of netdsl never do.
    #[error("its notes contradict each other: the {name} is {found}, expected {expected}")]
    Contradiction {
        /// What can't be as it is.
        name: &'static str,
        /// What the notes say.
        found: u64,
        /// What follows from the rest of them.
        expected: String,
    },
    /// It is of a training on batches that the iterator does not give again.
    #[error(
        "it is of a training on other batches or weights: those that it had seen have the checksum {found:08x}, expected {expected:08x}: \
         the iterator has to give the same ones again, or start anew with `Checkpoints::fresh`"
    )]
    Batches {
        /// That of the batches that were passed over.
        found: u32,
        /// That of the batches that the training had seen.
        expected: u32,
    },
    /// It is of a training with other settings.
    #[error("it is of a training whose {name} is {found}, expected {expected}: {}", way_out(*steps))]
    Setting {
        /// The setting.
        name: &'static str,
        /// Whether it is one that only the steps from there on depend on, which
        /// [`Checkpoints::with_changes`](crate::Checkpoints::with_changes) allows to differ.
        steps: bool,
        /// That of the file.
        found: String,
        /// That of this training.
        expected: String,
    },
}

/// What a file may still be that begins as one of safetensors does.
fn complete(error: &SafeTensorError) -> &'static str {
    match error {
        SafeTensorError::HeaderTooLarge
        | SafeTensorError::InvalidHeader(_)
        | SafeTensorError::InvalidHeaderDeserialization(_) => "",
        _ => "complete ",
    }
}

fn way_out(steps: bool) -> &'static str {
    if steps {
        "set it back, or go on with the new one by `Checkpoints::with_changes`"
    } else {
        "set it back, or start anew with `Checkpoints::fresh`"
    }
}

/// The message.
impl fmt::Debug for CheckpointError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
