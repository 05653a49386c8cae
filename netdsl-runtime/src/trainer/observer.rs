//! Looking on while a network trains.

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
}
