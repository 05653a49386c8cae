//! The data of a training as arrays, cut into batches.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};

use netdsl_layers::{Element, Layer, Targets};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::interrupt::Interrupt;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::network::{Network, Target, TargetsOf, check_pairs};
use crate::trainer::source::{Ready, Source};
use crate::workspace::Batch;

/// Inputs and targets, and for each example, or for each of its positions, what its loss is multiplied with, where that is
/// not 1.
pub(super) struct Data<'d, T: Element, N: Network<T>> {
    pub(super) input: Cow<'d, [T]>,
    /// How many steps of each example are data, where some are not.
    pub(super) lengths: Option<Cow<'d, [usize]>>,
    pub(super) target: Cow<'d, [Target<T, N>]>,
    pub(super) weights: Option<Vec<f64>>,
}

impl<'d, T: Element, N: Network<T>> Data<'d, T, N> {
    /// Data of which all can be used.
    pub(super) fn new(
        input: Cow<'d, [T]>,
        lengths: Option<&'d [usize]>,
        target: Cow<'d, [Target<T, N>]>,
    ) -> Result<Self, Error> {
        let data = Self { input, lengths: lengths.map(Cow::Borrowed), target, weights: None };
        crate::workspace::check_input::<T, N>(data.inputs())?;
        check_pairs::<T, N>(&data.input, &data.target)?;
        Ok(data)
    }

    /// The inputs of all examples.
    pub(super) fn inputs(&self) -> Inputs<'_, T> {
        Inputs { values: &self.input, lengths: self.lengths.as_deref() }
    }

    /// The number of examples.
    pub(super) fn examples(&self) -> usize {
        self.input.len() / N::layers().sizes().input
    }

    /// The same, apart from what it was taken from.
    pub(super) fn into_owned(self) -> Data<'static, T, N> {
        Data {
            input: Cow::Owned(self.input.into_owned()),
            lengths: self.lengths.map(|lengths| Cow::Owned(lengths.into_owned())),
            target: Cow::Owned(self.target.into_owned()),
            weights: self.weights,
        }
    }

    /// All of it as one batch.
    pub(super) fn batch(&self) -> Batch<'_, T, Target<T, N>> {
        Batch { inputs: self.inputs(), targets: &self.target, weights: self.weights.as_deref() }
    }
}

/// The data, cut into batches.
pub(super) struct Arrays<'d, T: Element, N: Network<T>> {
    data: Data<'d, T, N>,
    /// The values of an example in the input and in the target.
    widths: (usize, usize),
    size: usize,
    order: Vec<usize>,
    /// The batches of the step.
    ready: Range<usize>,
    /// The source of the orders, and how many there have been.
    random: Option<ChaCha8Rng>,
    shuffled: usize,
    input: Vec<T>,
    lengths: Vec<usize>,
    target: Vec<Target<T, N>>,
    weights: Vec<f64>,
}

/// What a checkpoint calls arrays.
pub(super) const ARRAYS: &str = "arrays";

/// The stream of random numbers for shuffling: dropout draws from the same seed.
const SHUFFLING: u64 = 1;

impl<'d, T: Element, N: Network<T>> Arrays<'d, T, N> {
    /// Batches of this size, in an order of its own for each epoch where there is a seed.
    pub(super) fn new(data: Data<'d, T, N>, size: usize, seed: Option<u64>) -> Self {
        let widths = (N::layers().sizes().input, TargetsOf::<T, N>::count(N::layers().output()));
        let examples = data.examples();
        let size = size.min(examples);
        let random = seed.map(|seed| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(SHUFFLING);
            random
        });
        Self {
            input: Vec::with_capacity(size * widths.0),
            target: Vec::with_capacity(size * widths.1),
            lengths: Vec::new(),
            weights: Vec::new(),
            order: (0..examples).collect(),
            ready: 0..0,
            data,
            widths,
            size,
            random,
            shuffled: 0,
        }
    }

    fn count(&self) -> usize {
        self.order.len().div_ceil(self.size)
    }

    /// The number of examples before a batch.
    fn before(&self, batch: usize) -> usize {
        (batch * self.size).min(self.order.len())
    }

    /// Puts the examples in the order of an epoch, from 1, which depends on nothing but the seed and its number: each is
    /// a shuffle of the one before, and those that have been left out are made up for.
    ///
    /// Fisher and Yates, written out so that the order does not depend on the version of a library.
    fn shuffle(&mut self, epoch: usize) {
        let Some(random) = &mut self.random else { return };
        while self.shuffled < epoch {
            for last in (1..self.order.len()).rev() {
                let among = last as u128 + 1;
                let other = (u128::from(random.next_u64()) * among) >> 64;
                self.order.swap(last, other as usize);
            }
            self.shuffled += 1;
        }
    }
}

impl<T: Element, N: Network<T>> Source<T, N> for Arrays<'_, T, N> {
    fn kind(&self) -> String {
        ARRAYS.into()
    }

    fn examples(&self) -> Option<usize> {
        Some(self.order.len())
    }

    fn batches(&self) -> Option<usize> {
        Some(self.count())
    }

    fn begin(
        &mut self,
        epoch: usize,
        seen: usize,
        _interrupt: Option<&Interrupt>,
    ) -> Result<ControlFlow<()>, Error> {
        self.shuffle(epoch);
        self.ready = seen..seen;
        Ok(ControlFlow::Continue(()))
    }

    fn advance(&mut self, most: usize) -> Result<Option<Ready>, Error> {
        let start = self.ready.end;
        self.ready = start..start.saturating_add(most).min(self.count());
        let examples = self.before(self.ready.end) - self.before(start);
        Ok((!self.ready.is_empty()).then_some(Ready { batches: self.ready.len(), examples }))
    }

    /// The examples side by side.
    fn batch(&mut self, index: usize) -> Batch<'_, T, Target<T, N>> {
        let batch = self.ready.start + index;
        let examples = &self.order[self.before(batch)..self.before(batch + 1)];
        let (input, target) = self.widths;
        self.input.clear();
        self.target.clear();
        self.lengths.clear();
        self.weights.clear();
        for example in examples {
            self.input.extend_from_slice(&self.data.input[example * input..][..input]);
            self.target.extend_from_slice(&self.data.target[example * target..][..target]);
            self.lengths.extend(self.data.lengths.as_ref().map(|lengths| lengths[*example]));
            if let Some(weights) = &self.data.weights {
                let width = weights.len() / self.order.len();
                self.weights.extend_from_slice(&weights[example * width..][..width]);
            }
        }
        let lengths = self.data.lengths.is_some().then_some(self.lengths.as_slice());
        let weights = self.data.weights.is_some().then_some(self.weights.as_slice());
        Batch { inputs: Inputs { values: &self.input, lengths }, targets: &self.target, weights }
    }

    fn seen(&self) -> usize {
        self.before(self.ready.end)
    }

    fn checksum(&self) -> u32 {
        0
    }
}
