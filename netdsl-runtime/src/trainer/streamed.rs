//! Batches of iterators on their way into a training.

use std::ops::ControlFlow;

use netdsl_layers::{Element, Targets};

use super::Trainer;
use super::arrays::Data;
use super::batches::Batches;
use super::interrupt::Interrupt;
use super::labelled::{Labelled, Parts};
use super::source::{Ready, Source};
use crate::error::Error;
use crate::examples::Examples;
use crate::network::{INPUT, Network, TARGET, Target, TargetsOf};
use crate::workspace::Batch;

/// What trains on [`Batches`].
pub(super) struct Streamed<'t, 'a, 'b, B, T: Element, N: Network<T>> {
    trainer: &'t Trainer<'a, T, N>,
    batches: Batches<'b, B>,
    /// The number of the epoch, from 1.
    epoch: usize,
    /// How many batches the iterator has given.
    taken: usize,
    /// How many of them were of epochs before.
    before: usize,
    /// How many examples were in those of this epoch.
    examples: usize,
    /// The checksum of all that it has given, where it may be needed.
    checksum: u32,
    /// The batches of the step.
    ready: Vec<Data<'static, T, N>>,
}

impl<'t, 'a, 'b, B: Labelled<T, N>, T: Element, N: Network<T>> Streamed<'t, 'a, 'b, B, T, N> {
    pub(super) fn new(trainer: &'t Trainer<'a, T, N>, batches: Batches<'b, B>) -> Result<Self, Error> {
        if batches.size == Some(0) {
            let (name, expected) = ("the number of batches in an epoch", "at least 1");
            return Err(Error::setting(name, 0.0, expected));
        }
        let (epoch, ready) = (1, Vec::new());
        Ok(Self { trainer, batches, epoch, taken: 0, before: 0, examples: 0, checksum: 0, ready })
    }

    /// The next batch, of which all can be used.
    fn next(&mut self) -> Result<Option<Data<'static, T, N>>, Error> {
        let Some(batch) = self.batches.iterator.next() else { return Ok(None) };
        let batch = self.usable(batch).map_err(|problem| Error::Batch {
            batch: self.taken - self.before + 1,
            epoch: self.epoch,
            problem: Box::new(problem),
        })?;
        if self.trainer.checkpoints.is_some() {
            self.checksum = checksum(self.checksum, &batch);
        }
        self.taken += 1;
        Ok(Some(batch))
    }

    fn usable(&self, batch: B) -> Result<Data<'static, T, N>, Error> {
        let Parts { input, target, weights } = batch.parts()?;
        let mut data = Data::new(input.values(INPUT)?, input.lengths(), target.values(TARGET)?)?;
        data.weights = self.trainer.weights(weights, &data)?;
        Ok(data.into_owned())
    }

    /// The error of an iterator that has come to its end before this number of batches of the epoch.
    fn ended(&self, expected: String) -> Error {
        Error::Batches { epoch: self.epoch, found: self.taken - self.before, expected }
    }
}

impl<B: Labelled<T, N>, T: Element, N: Network<T>> Source<T, N> for Streamed<'_, '_, '_, B, T, N> {
    fn kind(&self) -> String {
        match self.batches.size {
            None => "an iterator for each epoch".into(),
            Some(size) => format!("an iterator, {size} batches in an epoch"),
        }
    }

    fn examples(&self) -> Option<usize> {
        None
    }

    fn batches(&self) -> Option<usize> {
        self.batches.size
    }

    fn begin(
        &mut self,
        epoch: usize,
        seen: usize,
        interrupt: Option<&Interrupt>,
    ) -> Result<ControlFlow<()>, Error> {
        if let Some(of_epoch) = &mut self.batches.of_epoch {
            self.batches.iterator = of_epoch(epoch).fuse();
            (self.taken, self.before, self.checksum) = (0, 0, 0);
        }
        // One iterator for all epochs is passed over epoch by epoch, so that an error says where it was.
        let size = self.batches.size;
        let first = size.map_or(epoch, |size| self.taken / size + 1);
        for passed in first..=epoch {
            (self.epoch, self.before, self.examples) = (passed, self.taken, 0);
            for _ in 0..size.filter(|_| passed < epoch).unwrap_or(seen) {
                let Some(batch) = self.next()? else {
                    return Err(self.ended(size.map_or(format!("at least {seen}"), |size| size.to_string())));
                };
                self.examples += batch.examples();
                if interrupt.is_some_and(Interrupt::pressed) {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn advance(&mut self, most: usize) -> Result<Option<Ready>, Error> {
        self.ready.clear();
        let taken = self.taken - self.before;
        let left = self.batches.size.map_or(usize::MAX, |size| size - taken);
        while self.ready.len() < most.min(left) {
            match (self.next()?, self.batches.size) {
                (Some(batch), _) => self.ready.push(batch),
                (None, Some(size)) => return Err(self.ended(size.to_string())),
                (None, None) if self.taken == 0 => return Err(self.ended("at least 1".into())),
                (None, None) => break,
            }
        }
        let examples = self.ready.iter().map(Data::examples).sum();
        self.examples += examples;
        if self.ready.is_empty() {
            if self.batches.of_epoch.is_some() {
                // The next epoch has an iterator of its own, of which nothing has been seen.
                self.checksum = 0;
            }
            return Ok(None);
        }
        Ok(Some(Ready { batches: self.ready.len(), examples }))
    }

    fn batch(&mut self, index: usize) -> Batch<'_, T, Target<T, N>> {
        self.ready[index].batch()
    }

    fn seen(&self) -> usize {
        self.examples
    }

    fn checksum(&self) -> u32 {
        self.checksum
    }
}

/// The checksum of what has been seen, with this batch at its end.
fn checksum<T: Element, N: Network<T>>(mut seen: u32, batch: &Data<'_, T, N>) -> u32 {
    let mut see = |bytes: [u8; 8]| seen = crc32c::crc32c_append(seen, &bytes);
    see((batch.examples() as u64).to_le_bytes());
    batch
        .lengths
        .iter()
        .flat_map(|lengths| lengths.iter())
        .for_each(|steps| see((*steps as u64).to_le_bytes()));
    batch.input.iter().for_each(|value| see((*value).to_f64().to_le_bytes()));
    batch.target.iter().for_each(|target| see(TargetsOf::<T, N>::bits(*target).to_le_bytes()));
    batch.weights.iter().flatten().for_each(|weight| see(weight.to_le_bytes()));
    seen
}
