//! Files that hold a network, or a training that can be taken up again.

mod container;
mod error;
mod state_dict;

use std::path::{Path, PathBuf};

pub(crate) use container::{Container, Tensor};
pub use error::CheckpointError;
pub(crate) use state_dict::{NETWORK, read_network, write_network};

/// Where and how often a [`Trainer`](crate::Trainer) writes what it needs to go on after it has ended, however it has.
///
/// One file, which is replaced as a whole: it is written beside its place, brought to the disk and then renamed, so that
/// at every moment there is a complete one, the old or the new. It holds the parameters under their names in PyTorch, the
/// memory of the optimizer, the averages, the source of random numbers and the place in the epoch;
/// [`Network::load`](crate::Network::load) reads the network out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoints {
    pub(crate) path: PathBuf,
    pub(crate) every_steps: Option<u64>,
    pub(crate) resume: bool,
    pub(crate) changes: bool,
}

impl Checkpoints {
    /// To this file, after each epoch and where the training is interrupted; its folder is made where it is not there. A
    /// training whose file is there already goes on from it.
    pub fn to(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().into(), every_steps: None, resume: true, changes: false }
    }

    /// After every so many steps too, one at least.
    #[must_use]
    pub fn every_steps(self, steps: u64) -> Self {
        Self { every_steps: Some(steps), ..self }
    }

    /// Goes on also where the optimizer, the learning rate, the schedule or what is frozen are not those of the file: with the
    /// new ones from there on. Without this such a file is refused.
    #[must_use]
    pub fn with_changes(self) -> Self {
        Self { changes: true, ..self }
    }

    /// Starts anew, whether there is a file or not.
    #[must_use]
    pub fn fresh(self) -> Self {
        Self { resume: false, ..self }
    }
}
