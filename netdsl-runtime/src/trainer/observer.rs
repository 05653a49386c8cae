//! Looking on while a network trains.

use crate::checkpoint::CheckpointError;
use crate::error::Error;
use crate::step::StepReport;
use crate::trainer::history::Epoch;

/// A step within a training.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a, T> {
    /// The number of the epoch, from 1.
    pub epoch: usize,
    /// The number of the batch in the epoch, from 1.
    pub batch: usize,
    /// What the step was like.
    pub report: StepReport<'a, T>,
}

/// Someone who looks on while a [`Trainer`](crate::Trainer) works. An error ends the training.
pub trait Observer<T, N> {
    /// Called before the first step.
    ///
    /// # Errors
    /// Whatever is to end the training.
    fn begin(&mut self, network: &N) -> Result<(), Error>;

    /// Called after each step, with the network as the step has left it.
    ///
    /// # Errors
    /// Whatever is to end the training.
    fn step(&mut self, network: &N, moment: &Moment<'_, T>) -> Result<(), Error>;

    /// Called after each epoch, with its number from 1 and what it came to.
    ///
    /// # Errors
    /// Whatever is to end the training.
    fn epoch(&mut self, network: &N, number: usize, epoch: &Epoch) -> Result<(), Error>;

    /// Called where the gradients of a step have left the range of the element type, which ends the training: with the
    /// gradients that did, and the network as it was before.
    ///
    /// # Errors
    /// What is returned then is the first error, not this one.
    fn failed(&mut self, network: &N, moment: &Moment<'_, T>) -> Result<(), Error>;

    /// A name, and what is to be kept under it in checkpoints so that a training that goes on goes on for the one who looks on
    /// too; none where there is nothing to keep.
    fn memory(&self) -> Option<(&'static str, String)> {
        None
    }

    /// Takes up what [`memory`](Self::memory) was in the checkpoint that the training goes on from; called after
    /// [`begin`](Self::begin), where there is something under the name.
    ///
    /// # Errors
    /// Where that can't be understood.
    fn recall(&mut self, memory: &str) -> Result<(), CheckpointError> {
        let _ = memory;
        Ok(())
    }
}
