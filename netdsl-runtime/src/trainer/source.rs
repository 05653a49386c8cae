//! Where a training has its batches from.

use std::ops::ControlFlow;

use netdsl_layers::Element;

use super::interrupt::Interrupt;
use crate::error::Error;
use crate::network::{Network, Target};
use crate::workspace::Batch;

/// The batches of the next step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ready {
    pub(super) batches: usize,
    /// How many examples they have together.
    pub(super) examples: usize,
}

/// The batches of a training, epoch by epoch.
pub(super) trait Source<T: Element, N: Network<T>> {
    /// What it is, where it is no arrays.
    fn kind(&self) -> String;

    /// How many examples an epoch has, where that is known beforehand.
    fn examples(&self) -> Option<usize>;

    /// How many batches an epoch has, where that is known beforehand.
    fn batches(&self) -> Option<usize>;

    /// Goes to the place in an epoch, from 1, behind its first `seen` batches; ctrl-C breaks that off
    /// where it takes its time.
    fn begin(
        &mut self,
        epoch: usize,
        seen: usize,
        interrupt: Option<&Interrupt>,
    ) -> Result<ControlFlow<()>, Error>;

    /// Goes on to the batches of the next step, `most` of them or fewer; none at the end of the epoch.
    fn advance(&mut self, most: usize) -> Result<Option<Ready>, Error>;

    /// One of the batches of the step, by its index.
    fn batch(&mut self, index: usize) -> Batch<'_, T, Target<T, N>>;

    /// How many examples the epoch has had so far.
    fn seen(&self) -> usize;

    /// A checksum of what has to be seen again to go on from here: zero where that is nothing.
    fn checksum(&self) -> u32;
}
