//! Training over epochs.

mod history;
mod observer;
mod progress;

use std::borrow::Cow;

use netdsl_layers::{Element, Layer, OptimizerKernel, Targets};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub use history::{Epoch, History};
pub use observer::{Moment, Observer};
pub use progress::Progress;

use crate::error::Error;
use crate::examples::Examples;
use crate::feature_shape::TargetShape;
use crate::inputs::Inputs;
use crate::network::{INPUT, Network, TARGET, Target, TargetsOf, check_pairs};
use crate::step::TrainingStep;
use crate::workspace::Workspace;
use progress::Display;

/// Trains a network over epochs.
///
/// ```text
/// let history = Trainer::new(Sgd::default()).epochs(5).fit(&mut network, &input, &target)?;
/// ```
pub struct Trainer<'a, T: Element, N: Network<T>> {
    optimizer: Box<dyn OptimizerKernel<T>>,
    epochs: usize,
    batch: usize,
    seed: u64,
    shuffle: bool,
    progress: Progress,
    observers: Vec<&'a mut dyn Observer<T, N>>,
    validation: Option<Pairs<T, N>>,
}

/// Inputs and targets.
struct Pairs<T: Element, N: Network<T>> {
    input: Vec<T>,
    lengths: Option<Vec<usize>>,
    target: Vec<Target<T, N>>,
}

impl<'a, T: Element, N: Network<T>> Trainer<'a, T, N> {
    /// A trainer with this optimizer, for one epoch in batches of the declared size, shuffled with the seed 0.
    pub fn new(optimizer: impl OptimizerKernel<T> + 'static) -> Self {
        Self {
            optimizer: Box::new(optimizer),
            epochs: 1,
            batch: N::BATCH,
            seed: 0,
            shuffle: true,
            progress: Progress::Auto,
            observers: Vec::new(),
            validation: None,
        }
    }

    /// How often to go through the data.
    #[must_use]
    pub fn epochs(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// How many examples a step sees; the last batch of an epoch may have fewer.
    #[must_use]
    pub fn batch(self, batch: usize) -> Self {
        Self { batch, ..self }
    }

    /// The seed of shuffling and dropout.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Whether each epoch sees the data in an order of its own.
    #[must_use]
    pub fn shuffle(self, shuffle: bool) -> Self {
        Self { shuffle, ..self }
    }

    /// How progress is shown.
    #[must_use]
    pub fn progress(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// Has someone look on.
    #[must_use]
    pub fn observe(mut self, observer: &'a mut dyn Observer<T, N>) -> Self {
        self.observers.push(observer);
        self
    }

    /// Data to compute a loss on after each epoch, in inference.
    ///
    /// # Errors
    /// Wrong shapes, no example, inputs that are not finite, targets that the loss is not defined for.
    pub fn validation<X, Y>(mut self, input: &X, target: &Y) -> Result<Self, Error>
    where
        X: Examples<T, N::Input> + ?Sized,
        Y: Examples<Target<T, N>, <TargetsOf<T, N> as TargetShape>::Shape<N::Output>> + ?Sized,
    {
        let (values, target) = (input.values(INPUT)?, target.values(TARGET)?);
        let lengths = input.lengths();
        check_data::<T, N>(Inputs { values: &values, lengths }, &target)?;
        self.validation = Some(Pairs {
            input: values.into_owned(),
            lengths: lengths.map(<[usize]>::to_vec),
            target: target.into_owned(),
        });
        Ok(self)
    }

    /// Trains the network.
    ///
    /// # Errors
    /// Settings and data that are wrong, with nothing changed; [`Error::NonFinite`] where a number leaves the range of
    /// `T`, with the network as the last good step left it; what an observer returns.
    pub fn fit<X, Y>(mut self, network: &mut N, input: &X, target: &Y) -> Result<History, Error>
    where
        X: Examples<T, N::Input> + ?Sized,
        Y: Examples<Target<T, N>, <TargetsOf<T, N> as TargetShape>::Shape<N::Output>> + ?Sized,
    {
        if self.batch == 0 {
            return Err(Error::Setting { name: "the batch", value: 0.0, expected: "at least 1" });
        }
        let (values, target) = (input.values(INPUT)?, target.values(TARGET)?);
        let lengths = input.lengths();
        check_data::<T, N>(Inputs { values: &values, lengths }, &target)?;
        let seed = self.shuffle.then_some(self.seed);
        let mut run = Run {
            step: TrainingStep::new(&*self.optimizer, self.seed)?,
            batches: Batches::<T, N>::new(values, lengths, target, self.batch, seed),
            history: History::default(),
        };
        for observer in &mut self.observers {
            observer.begin(network)?;
        }
        let mut display = Display::new(self.progress, self.epochs, run.batches.count());
        let mut workspace = Workspace::default();
        for epoch in 1..=self.epochs {
            let loss = run.epoch(epoch, network, &mut self.observers, &mut display)?;
            let validation_loss = match &self.validation {
                None => None,
                Some(Pairs { input, lengths, target }) => {
                    let inputs = Inputs { values: input, lengths: lengths.as_deref() };
                    Some(mean_loss(network, &mut workspace, inputs, target, self.batch)?)
                }
            };
            let epoch = Epoch { loss, validation_loss };
            display.epoch(&epoch);
            run.history.epochs.push(epoch);
        }
        Ok(run.history)
    }
}

impl<T: Element, N: Network<T>> std::fmt::Debug for Trainer<'_, T, N> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Trainer")
            .field("optimizer", &self.optimizer)
            .field("epochs", &self.epochs)
            .field("batch", &self.batch)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// What changes while a network trains.
struct Run<'d, T: Element, N: Network<T>> {
    step: TrainingStep<T, N>,
    batches: Batches<'d, T, N>,
    history: History,
}

impl<T: Element, N: Network<T>> Run<'_, T, N> {
    /// Goes through the data once; the mean loss, each batch before its step.
    fn epoch(
        &mut self,
        epoch: usize,
        network: &mut N,
        observers: &mut [&mut dyn Observer<T, N>],
        display: &mut Display,
    ) -> Result<f64, Error> {
        self.batches.shuffle();
        let mut sum = 0.0;
        for batch in 0..self.batches.count() {
            let (inputs, target, examples) = self.batches.gather(batch);
            let batch = batch + 1;
            if let Err(error) = self.step.run_checked(network, inputs, target) {
                if let Some(report) = self.step.failed() {
                    let moment = Moment { epoch, batch, report };
                    // The training ends with its own error, not with one of those who look on.
                    observers.iter_mut().for_each(|observer| drop(observer.failed(network, &moment)));
                }
                return Err(error);
            }
            let moment = Moment { epoch, batch, report: self.step.report() };
            for observer in &mut *observers {
                observer.step(network, &moment)?;
            }
            sum += moment.report.loss * examples as f64;
            display.batch(epoch, batch, moment.report.loss);
        }
        Ok(sum / self.batches.order.len() as f64)
    }
}

/// The data, cut into batches.
struct Batches<'d, T: Element, N: Network<T>> {
    input: Cow<'d, [T]>,
    lengths: Option<&'d [usize]>,
    target: Cow<'d, [Target<T, N>]>,
    /// The values of an example in the two.
    widths: (usize, usize),
    size: usize,
    order: Vec<usize>,
    random: Option<ChaCha8Rng>,
    batch_input: Vec<T>,
    batch_lengths: Vec<usize>,
    batch_target: Vec<Target<T, N>>,
}

/// The stream of random numbers for shuffling: dropout draws from the same seed.
const SHUFFLING: u64 = 1;

impl<'d, T: Element, N: Network<T>> Batches<'d, T, N> {
    fn new(
        input: Cow<'d, [T]>,
        lengths: Option<&'d [usize]>,
        target: Cow<'d, [Target<T, N>]>,
        size: usize,
        seed: Option<u64>,
    ) -> Self {
        let widths = (N::layers().sizes().input, TargetsOf::<T, N>::count(N::layers().output()));
        let examples = input.len() / widths.0;
        let size = size.min(examples);
        let random = seed.map(|seed| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(SHUFFLING);
            random
        });
        Self {
            batch_input: Vec::with_capacity(size * widths.0),
            batch_lengths: Vec::with_capacity(if lengths.is_some() { size } else { 0 }),
            batch_target: Vec::with_capacity(size * widths.1),
            order: (0..examples).collect(),
            input,
            lengths,
            target,
            widths,
            size,
            random,
        }
    }

    fn count(&self) -> usize {
        self.order.len().div_ceil(self.size)
    }

    /// Fisher and Yates, written out so that the order does not depend on the version of a library.
    fn shuffle(&mut self) {
        let Some(random) = &mut self.random else { return };
        for last in (1..self.order.len()).rev() {
            let among = last as u128 + 1;
            let other = (u128::from(random.next_u64()) * among) >> 64;
            self.order.swap(last, other as usize);
        }
    }

    /// The examples of a batch side by side, and their number.
    fn gather(&mut self, batch: usize) -> (Inputs<'_, T>, &[Target<T, N>], usize) {
        let start = batch * self.size;
        let examples = &self.order[start..(start + self.size).min(self.order.len())];
        self.batch_input.clear();
        self.batch_lengths.clear();
        self.batch_target.clear();
        for example in examples {
            self.batch_input.extend_from_slice(&self.input[example * self.widths.0..][..self.widths.0]);
            self.batch_lengths.extend(self.lengths.map(|lengths| lengths[*example]));
            self.batch_target.extend_from_slice(&self.target[example * self.widths.1..][..self.widths.1]);
        }
        let lengths = self.lengths.is_some().then_some(&*self.batch_lengths);
        (Inputs { values: &self.batch_input, lengths }, &self.batch_target, examples.len())
    }
}

/// Whether inputs and targets belong together and all of them can be used.
fn check_data<T: Element, N: Network<T>>(
    inputs: Inputs<'_, T>,
    target: &[Target<T, N>],
) -> Result<(), Error> {
    crate::workspace::check_input::<T, N>(inputs)?;
    check_pairs::<T, N>(inputs.values, target).map(|_| ())
}

/// The mean loss of many examples, in batches.
fn mean_loss<T: Element, N: Network<T>>(
    network: &N,
    workspace: &mut Workspace<T>,
    inputs: Inputs<'_, T>,
    target: &[Target<T, N>],
    batch: usize,
) -> Result<f64, Error> {
    let (input_width, target_width) =
        (N::layers().sizes().input, TargetsOf::<T, N>::count(N::layers().output()));
    let examples = inputs.values.len() / input_width;
    let batch = batch.min(examples);
    let mut sum = 0.0;
    for start in (0..examples).step_by(batch) {
        let end = (start + batch).min(examples);
        let inputs = inputs.part(start..end, input_width);
        workspace.forward(network, inputs, None)?;
        let target = &target[start * target_width..end * target_width];
        sum += workspace.loss::<N>(target, end - start, inputs.lengths)? * (end - start) as f64;
    }
    Ok(sum / examples as f64)
}
