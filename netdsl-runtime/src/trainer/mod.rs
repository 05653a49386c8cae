//! Training over epochs.

mod arrays;
mod batches;
mod early_stopping;
mod evaluation;
mod history;
mod interrupt;
mod labelled;
mod observer;
mod progress;
mod run;
mod saved;
mod source;
mod streamed;

use std::ops::ControlFlow;

use netdsl_layers::{Classes, Element, Interval, Layer, LossKernel, OptimizerKernel, Targets};

use arrays::{Arrays, Data};
pub use batches::Batches;
pub use early_stopping::EarlyStopping;
pub use history::{End, Epoch, History, Resumed};
pub use labelled::{Labelled, Parts};
pub use observer::{Moment, Observer};
pub use progress::Progress;
use run::Run;
use streamed::Streamed;

use crate::checkpoint::Checkpoints;
use crate::error::Error;
use crate::examples::Examples;
use crate::feature_shape::TargetShape;
use crate::metrics::Metric;
use crate::network::{INPUT, Network, TARGET, Target, TargetsOf};
use crate::schedules::{Constant, ReduceOnPlateau, Schedule};

/// What is asked after each epoch: the network, the number of the epoch from 1, and what it came to.
type OnEpoch<'a, N> = Box<dyn FnMut(&N, usize, &Epoch) -> ControlFlow<()> + 'a>;

/// The weight of the example with this target; none where the target is none of those that have one.
type ClassWeight<Y> = Box<dyn Fn(Y) -> Option<f64>>;

/// Trains a network over epochs.
///
/// ```text
/// let history = Trainer::new(Sgd::default()).epochs(5).fit(&mut network, &input, &target)?;
/// ```
pub struct Trainer<'a, T: Element, N: Network<T>> {
    optimizer: Box<dyn OptimizerKernel<T>>,
    epochs: usize,
    batch: usize,
    accumulate: usize,
    seed: u64,
    shuffle: bool,
    schedule: Box<dyn Schedule>,
    plateau: Option<ReduceOnPlateau>,
    early_stopping: Option<EarlyStopping>,
    average: Option<f64>,
    frozen: Vec<String>,
    sample_weights: Option<Vec<f64>>,
    class_weights: Option<ClassWeight<Target<T, N>>>,
    metrics: Vec<Box<dyn Metric<T, TargetsOf<T, N>>>>,
    progress: Progress,
    observers: Vec<&'a mut dyn Observer<T, N>>,
    on_epoch: Option<OnEpoch<'a, N>>,
    validation: Option<Data<'static, T, N>>,
    checkpoints: Option<Checkpoints>,
    stop_on_interrupt: bool,
}

impl<'a, T: Element, N: Network<T>> Trainer<'a, T, N> {
    /// A trainer with this optimizer, for one epoch in batches of the declared size, shuffled with the seed 0.
    pub fn new(optimizer: impl OptimizerKernel<T> + 'static) -> Self {
        Self {
            optimizer: Box::new(optimizer),
            epochs: 1,
            batch: N::BATCH,
            accumulate: 1,
            seed: 0,
            shuffle: true,
            schedule: Box::new(Constant::default()),
            plateau: None,
            early_stopping: None,
            average: None,
            frozen: Vec::new(),
            sample_weights: None,
            class_weights: None,
            metrics: Vec::new(),
            progress: Progress::Auto,
            observers: Vec::new(),
            on_epoch: None,
            validation: None,
            checkpoints: None,
            stop_on_interrupt: false,
        }
    }

    /// How often to go through the data, at least once.
    #[must_use]
    pub fn epochs(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// How many examples go through the network at once; the last batch of an epoch may have fewer.
    #[must_use]
    pub fn batch(self, batch: usize) -> Self {
        Self { batch, ..self }
    }

    /// How many batches make a step, whose gradient is the mean over all of their examples; at the end of an epoch there may
    /// be fewer.
    #[must_use]
    pub fn accumulate(self, batches: usize) -> Self {
        Self { accumulate: batches, ..self }
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

    /// What the learning rate of the optimizer is multiplied with from step to step.
    #[must_use]
    pub fn schedule(self, schedule: impl Schedule + 'static) -> Self {
        Self { schedule: Box::new(schedule), ..self }
    }

    /// Lowers the learning rate where the loss no longer falls, beside the schedule.
    #[must_use]
    pub fn reduce_on_plateau(self, plateau: ReduceOnPlateau) -> Self {
        Self { plateau: Some(plateau), ..self }
    }

    /// Ends the training where the loss no longer falls.
    #[must_use]
    pub fn early_stopping(self, early_stopping: EarlyStopping) -> Self {
        Self { early_stopping: Some(early_stopping), ..self }
    }

    /// Averages the parameters over the steps: `a ← decay · a + (1 - decay) w`, from the parameters that the training starts
    /// with. The validation sees the averages, and the network has them in the end.
    ///
    /// Polyak & Juditsky 1992, "Acceleration of Stochastic Approximation by Averaging".
    #[must_use]
    pub fn average(self, decay: f64) -> Self {
        Self { average: Some(decay), ..self }
    }

    /// Keeps a parameter as it is, or all below a path: `stem` freezes `stem.weight` and `stem.bias`. Where all are kept, only running
    /// statistics are left to train; a network that has none is refused.
    #[must_use]
    pub fn freeze(mut self, name: impl Into<String>) -> Self {
        self.frozen.push(name.into());
        self
    }

    /// What the loss of each example is multiplied with, in the order of the data. The loss of a batch is the sum of that
    /// over the number of examples, as in Keras.
    #[must_use]
    pub fn sample_weights(self, weights: impl Into<Vec<f64>>) -> Self {
        Self { sample_weights: Some(weights.into()), ..self }
    }

    /// Measures the training and the validation by this too.
    #[must_use]
    pub fn metric(mut self, metric: impl Metric<T, TargetsOf<T, N>> + 'static) -> Self {
        self.metrics.push(Box::new(metric));
        self
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

    /// Asks after each epoch whether to go on, with the network, the number of the epoch from 1, and what it came to.
    ///
    /// ```text
    /// trainer.on_epoch(|network: &Net, number: usize, epoch: &Epoch| {
    ///     if epoch.loss < 1e-3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    /// })
    /// ```
    #[must_use]
    pub fn on_epoch(self, ask: impl FnMut(&N, usize, &Epoch) -> ControlFlow<()> + 'a) -> Self {
        Self { on_epoch: Some(Box::new(ask)), ..self }
    }

    /// Writes checkpoints, and goes on from the one that is there: with the network, the optimizer's memory and the epochs of
    /// the file. What is left is told with the progress and in [`History::resumed`]; where that is nothing, nothing is done.
    #[must_use]
    pub fn checkpoints(self, checkpoints: Checkpoints) -> Self {
        Self { checkpoints: Some(checkpoints), ..self }
    }

    /// Ends the training after the step in which ctrl-C is pressed, with a checkpoint where there are any; on the way through the
    /// batches that a resumed training had seen, with the checkpoint as it was. A second press ends the process at once, with status
    /// 130 and the checkpoint as it was.
    ///
    /// Before and behind a training a press ends the process by its signal, as where there is no such setting. A program that
    /// listens to ctrl-C itself, or ignores it, ends its trainings by [`on_epoch`](Self::on_epoch) in place of this: from the first
    /// training with it on, a press outside of one would end the process beside what the program does.
    #[must_use]
    pub fn stop_on_interrupt(self) -> Self {
        Self { stop_on_interrupt: true, ..self }
    }

    /// Data to compute a loss on after each epoch, in inference.
    ///
    /// # Errors
    /// [`Error::Validation`] of wrong shapes, no example, inputs that are not finite, targets that the loss is not defined for.
    pub fn validation<X, Y>(mut self, input: &X, target: &Y) -> Result<Self, Error>
    where
        X: Examples<T, N::Input> + ?Sized,
        Y: Examples<Target<T, N>, <TargetsOf<T, N> as TargetShape>::Shape<N::Output>> + ?Sized,
    {
        let data = || Data::<T, N>::new(input.values(INPUT)?, input.lengths(), target.values(TARGET)?);
        let data = data().map_err(|problem| Error::Validation(Box::new(problem)))?;
        self.validation = Some(data.into_owned());
        Ok(self)
    }

    /// Trains the network.
    ///
    /// # Errors
    /// Settings and data that are wrong, and a checkpoint that is not of this training, with nothing changed;
    /// [`Error::NonFinite`] where a number leaves the range of `T`, and [`Error::Checkpoint`] where the disk takes no more,
    /// with the network as the last good step left it; what an observer returns.
    pub fn fit<X, Y>(mut self, network: &mut N, input: &X, target: &Y) -> Result<History, Error>
    where
        X: Examples<T, N::Input> + ?Sized,
        Y: Examples<Target<T, N>, <TargetsOf<T, N> as TargetShape>::Shape<N::Output>> + ?Sized,
    {
        self.check()?;
        let mut data = Data::new(input.values(INPUT)?, input.lengths(), target.values(TARGET)?)?;
        data.weights = self.weights(self.sample_weights.clone(), &data)?;
        if let Some(weights) = &self.sample_weights {
            check_some_count(weights, "sample")?;
        }
        let observers = std::mem::take(&mut self.observers);
        let on_epoch = self.on_epoch.take();
        let arrays = Arrays::new(data, self.batch, self.shuffle.then_some(self.seed));
        Run::new(&self, network, Box::new(arrays))?.train(network, observers, on_epoch)
    }

    /// Trains the network on batches that come from iterators, in the order they come in.
    ///
    /// Each batch is checked when it comes, and is of any number of examples; a step takes up as many as
    /// [`accumulate`](Self::accumulate) says, which are kept until it is made. [`batch`](Self::batch) is the number of
    /// examples that the validation takes at once, [`shuffle`](Self::shuffle) is of no meaning, and weights of examples
    /// come with their batch.
    ///
    /// From a checkpoint such a training goes on with the same bits where the iterators give the same batches again: it
    /// passes over those that it had seen, and is refused where their checksum is not that of the file.
    ///
    /// ```
    /// use netdsl_runtime::Batches;
    ///
    /// // Each epoch goes through the same hundred batches, or through one endless stream, a hundred batches on.
    /// let batch = |k: usize| (vec![[k as f32 / 100.0]; 8], vec![[1.0f32]; 8]);
    /// let again = Batches::of_epoch(move |_epoch| (0..100).map(batch));
    /// let stream = Batches::endless(100, (0..).map(batch));
    /// # let _ = (again, stream);
    /// ```
    ///
    /// # Errors
    /// As [`fit`](Self::fit); [`Error::Batch`] with what is wrong with a batch, or with the error that its iterator returned as
    /// [`Error::Iterator`], [`Error::Batches`] where an iterator has too few: with the network as the last step left it.
    pub fn fit_batches<B: Labelled<T, N>>(
        mut self,
        network: &mut N,
        batches: Batches<'_, B>,
    ) -> Result<History, Error> {
        self.check()?;
        if let Some(weights) = &self.sample_weights {
            let (name, expected) = (
                "the number of sample weights",
                "0: those of a batch come with it, as `(input, target, weights)`",
            );
            return Err(Error::setting(name, weights.len() as f64, expected));
        }
        let observers = std::mem::take(&mut self.observers);
        let on_epoch = self.on_epoch.take();
        let source = Streamed::new(&self, batches)?;
        Run::new(&self, network, Box::new(source))?.train(network, observers, on_epoch)
    }

    /// Whether the settings make sense.
    fn check(&self) -> Result<(), Error> {
        let every_steps = self.checkpoints.as_ref().and_then(|checkpoints| checkpoints.every_steps);
        let counts = [
            ("the number of epochs", self.epochs == 0),
            ("the batch", self.batch == 0),
            ("the number of batches in a step", self.accumulate == 0),
            ("the number of steps from checkpoint to checkpoint", every_steps == Some(0)),
        ];
        if let Some((name, _)) = counts.into_iter().find(|(_, zero)| *zero) {
            return Err(Error::setting(name, 0.0, "at least 1"));
        }
        if let Some(decay) = self.average
            && !(0.0..1.0).contains(&decay)
        {
            let (name, expected) = ("the decay of the average", "a share of at least 0 and below 1");
            return Err(Error::setting(name, decay, expected));
        }
        self.schedule.check().map_err(Error::setting_of("the schedule"))?;
        if let Some(plateau) = &self.plateau {
            plateau.check().map_err(Error::setting_of("`reduce_on_plateau`"))?;
        }
        if let Some(early_stopping) = &self.early_stopping {
            early_stopping.check().map_err(Error::setting_of("early stopping"))?;
        }
        self.metrics.iter().try_for_each(|metric| metric.check(N::layers().output()))
    }

    /// What the loss of each example or position is multiplied with, where that is not 1: its own weight and that of its class.
    fn weights(
        &self,
        mut weights: Option<Vec<f64>>,
        data: &Data<'_, T, N>,
    ) -> Result<Option<Vec<f64>>, Error> {
        if let Some(weights) = &weights
            && weights.len() != data.examples()
        {
            let kind = ["sample weight", "sample weights"];
            return Err(Error::Weights { kind, weights: weights.len(), expected: data.examples() });
        }
        check_weights(weights.as_deref().unwrap_or_default(), "example")?;
        if let Some(of_class) = &self.class_weights {
            let positions = TargetsOf::<T, N>::count(N::layers().output());
            let of_examples = weights.unwrap_or_else(|| vec![1.0; data.examples()]);
            let of_positions = data.target.iter().enumerate().map(|(index, target)| {
                // A class without a weight can't be: there are as many as the output has features.
                of_examples[index / positions] * of_class(*target).unwrap_or(1.0)
            });
            weights = Some(of_positions.collect());
        }
        Ok(weights)
    }
}

/// Whether these can be weights of examples or classes, what they are of.
fn check_weights(weights: &[f64], of: &str) -> Result<(), Error> {
    match weights.iter().position(|weight| !Interval::AT_LEAST_ZERO.contains(*weight)) {
        None => Ok(()),
        Some(index) => {
            let name = format!("the weight of {of} {index}");
            Err(Error::setting(name, weights[index], "a finite number of at least 0"))
        }
    }
}

/// Whether some count, where nothing could be learnt otherwise.
fn check_some_count(weights: &[f64], of: &'static str) -> Result<(), Error> {
    if weights.iter().any(|weight| *weight > 0.0) {
        return Ok(());
    }
    Err(Error::setting(format!("the largest {of} weight"), 0.0, "a number above 0"))
}

impl<T: Element, N: Network<T>> Trainer<'_, T, N>
where
    N::Loss: LossKernel<T, Targets = Classes>,
{
    /// What the loss of an example is multiplied with according to its class, beside its own weight; where each step of a
    /// sequence, each place of a signal or each pixel of an image has a class, the loss of the step, place or pixel.
    ///
    /// `L = Σ w_class l / n` over the `n` examples or places of the batch, as in Keras, whatever the weights are. PyTorch's
    /// `CrossEntropyLoss(weight=w)` has the mean over the weights, `Σ w_class l / Σ w_class`: this one times `n / Σ w_class`,
    /// which differs from batch to batch. Weights whose mean over the data is 1 make that factor 1 over all batches.
    ///
    /// # Errors
    /// [`Error::Weights`] where there are not as many as classes, [`Error::Setting`] where one is not finite or below 0, or all
    /// are 0.
    pub fn class_weights(self, weights: impl Into<Vec<f64>>) -> Result<Self, Error> {
        let (weights, classes) = (weights.into(), N::layers().output().width());
        if weights.len() != classes {
            let kind = ["class weight", "class weights"];
            return Err(Error::Weights { kind, weights: weights.len(), expected: classes });
        }
        check_weights(&weights, "class")?;
        check_some_count(&weights, "class")?;
        let of_class = move |class: usize| weights.get(class).copied();
        Ok(Self { class_weights: Some(Box::new(of_class)), ..self })
    }
}

impl<T: Element, N: Network<T>> std::fmt::Debug for Trainer<'_, T, N> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Trainer")
            .field("optimizer", &self.optimizer)
            .field("schedule", &self.schedule)
            .field("epochs", &self.epochs)
            .field("batch", &self.batch)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
