//! A training at work.

use std::ops::ControlFlow;

use netdsl_layers::{Element, Layer, ParameterRange};

use super::early_stopping::Waiting;
use super::evaluation::{Measured, evaluate};
use super::history::{End, Epoch, History, Resumed};
use super::interrupt::Interrupt;
use super::observer::{Moment, Observer};
use super::progress::Display;
use super::saved::{Saved, Settings, StepSettings, check_element};
use super::source::{Ready, Source};
use super::{OnEpoch, Trainer};
use crate::bits::Bits;
use crate::checkpoint::{
    CheckpointError, Checkpoints, Container, NETWORK, Tensor, read_network, write_network,
};
use crate::error::Error;
use crate::file;
use crate::network::Network;
use crate::schedules::Plateau;
use crate::step::{Part, TrainingStep};
use crate::tensors::Tensors;
use crate::workspace::Workspace;

/// What changes while a network trains.
pub(super) struct Run<'t, 'a, T: Element, N: Network<T>> {
    trainer: &'t Trainer<'a, T, N>,
    settings: Settings,
    step: TrainingStep<T, N>,
    source: Box<dyn Source<T, N> + 't>,
    /// The epoch that is being trained, from 1, how many of its batches have been seen, and the sum of the losses of
    /// their examples.
    epoch: usize,
    seen: usize,
    loss: f64,
    measured: Measured<'t, T, N>,
    history: History,
    plateau: Plateau,
    waiting: Waiting,
    /// The parameters averaged over the steps.
    average: Option<Vec<T>>,
    /// The parameters and statistics of the best epoch.
    best: Option<Tensors<T>>,
    workspace: Workspace<T>,
    /// What those who look on have left in the checkpoint that was read.
    remembered: Vec<(String, String)>,
    /// The parameters and statistics that the checkpoint's have taken the place of, until nothing in it can be refused any more.
    replaced: Option<Tensors<T>>,
    /// Where ctrl-C is to end the training.
    interrupt: Option<Interrupt>,
}

impl<'t, 'a, T: Element, N: Network<T>> Run<'t, 'a, T, N> {
    /// A training from its beginning, or from a checkpoint, which `network` then has the parameters of.
    pub(super) fn new(
        trainer: &'t Trainer<'a, T, N>,
        network: &mut N,
        source: Box<dyn Source<T, N> + 't>,
    ) -> Result<Self, Error> {
        network.tensors().check(N::layers())?;
        let mut step = TrainingStep::new(&*trainer.optimizer, trainer.seed)?;
        for name in &trainer.frozen {
            step.freeze(name)?;
        }
        if !trainer.frozen.is_empty() && step.changes_nothing() {
            let (name, expected) = ("the number of parameters that are not frozen", "at least 1");
            return Err(Error::setting(name, 0.0, expected));
        }
        let settings = Settings {
            network: N::NAME.into(),
            source: source.kind(),
            examples: source.examples().unwrap_or(0),
            batch: trainer.batch,
            accumulate: trainer.accumulate,
            seed: trainer.seed,
            shuffle: trainer.shuffle,
            metrics: trainer.metrics.iter().map(|metric| metric.name()).collect(),
            average: trainer.average.is_some(),
            restore_best: trainer.early_stopping.is_some_and(|settings| settings.restore_best),
            steps: StepSettings {
                learning_rate: trainer.optimizer.learning_rate().to_string(),
                clip: trainer.optimizer.clip().map_or("none".into(), |clip| clip.written()),
                optimizer: format!("{:?}", trainer.optimizer.transforms()),
                written: Some(trainer.optimizer.written()),
                schedule: trainer.schedule.written(),
                plateau: trainer.plateau.map_or("none".into(), |plateau| format!("{plateau:?}")),
                average: trainer.average.map_or("none".into(), |decay| decay.to_string()),
                frozen: format!("{:?}", trainer.frozen),
            },
        };
        let mut run = Self {
            settings,
            step,
            source,
            epoch: 1,
            seen: 0,
            loss: 0.0,
            measured: Measured::new(&trainer.metrics),
            history: History::default(),
            plateau: Plateau::default(),
            waiting: Waiting::default(),
            average: trainer.average.map(|_| network.tensors().parameters().to_vec()),
            best: None,
            workspace: Workspace::new()?,
            remembered: Vec::new(),
            replaced: None,
            interrupt: trainer.stop_on_interrupt.then(Interrupt::new).transpose()?,
            trainer,
        };
        let mut read = None;
        if let Some(checkpoints) = &trainer.checkpoints {
            let path = &checkpoints.path;
            file::prepare(path).map_err(CheckpointError::Write).map_err(Error::checkpoint(path))?;
            if checkpoints.resume && path.exists() {
                let file = Container::read(path).and_then(|file| run.read(&file, checkpoints.changes));
                read = Some((file.map_err(Error::checkpoint(path))?, path));
            }
        }
        let left = run.steps_left();
        if !run.over() {
            run.go_to(run.epoch, run.seen)?;
        }
        if let Some((Taken { tensors, checksum }, path)) = read {
            let found = run.source.checksum();
            if !run.over() && found != checksum {
                return Err(Error::checkpoint(path)(CheckpointError::Batches { found, expected: checksum }));
            }
            run.replaced = Some(std::mem::replace(network.tensors_mut(), tensors));
            let early = matches!(run.history.end, End::Early { .. });
            // The one behind the last is none that could be gone on in.
            let epoch = if left == Some(0) { run.history.epochs.len() } else { run.epoch };
            run.history.resumed = Some(Resumed { step: run.step.steps(), epoch, left, early });
        }
        Ok(run)
    }

    /// Trains to the end.
    pub(super) fn train(
        mut self,
        network: &mut N,
        mut observers: Vec<&mut dyn Observer<T, N>>,
        mut on_epoch: Option<OnEpoch<'_, N>>,
    ) -> Result<History, Error> {
        let trainer = self.trainer;
        for observer in &mut observers {
            observer.begin(network)?;
        }
        if let Err(error) = self.remind(&mut observers) {
            if let Some(tensors) = self.replaced {
                *network.tensors_mut() = tensors;
            }
            return Err(error);
        }
        self.replaced = None;
        let mut display = Display::new(trainer.progress, trainer.epochs, self.source.batches());
        if let (Some(resumed), Some(checkpoints)) = (self.history.resumed, &trainer.checkpoints) {
            let advice = resumed.advice().map(|advice| format!("; {advice}")).unwrap_or_default();
            display.say(&format!("{}: {resumed}{advice}", checkpoints.path.display()));
        }
        if self.history.end == End::Interrupted {
            self.say_interrupted(&display);
        }
        while !self.over() {
            while self.make_step(network, &mut observers, &mut display)? {
                if self.interrupt.as_ref().is_some_and(Interrupt::pressed) {
                    self.history.end = End::Interrupted;
                    self.save(network, &observers)?;
                    self.say_interrupted(&display);
                    return self.end(network);
                }
                if let Some(Checkpoints { every_steps: Some(every), .. }) = &trainer.checkpoints
                    && self.step.steps().is_multiple_of(*every)
                {
                    self.save(network, &observers)?;
                }
            }
            let number = self.epoch;
            self.end_epoch(network, &mut display)?;
            if let Some(epoch) = self.history.epochs.last() {
                for observer in &mut observers {
                    observer.epoch(network, number, epoch)?;
                }
                if let Some(ask) = &mut on_epoch
                    && ask(network, number, epoch) == ControlFlow::Break(())
                {
                    self.history.end = End::Stopped;
                }
            }
            self.save(network, &observers)?;
            if !self.over() {
                self.go_to(self.epoch, 0)?;
            }
        }
        self.end(network)
    }

    /// Goes to a place in the data, or ends the training where ctrl-C is pressed on the way.
    fn go_to(&mut self, epoch: usize, seen: usize) -> Result<(), Error> {
        if self.source.begin(epoch, seen, self.interrupt.as_ref())?.is_break() {
            self.history.end = End::Interrupted;
        }
        Ok(())
    }

    fn say_interrupted(&self, display: &Display) {
        let place = format!("interrupted after step {}, in epoch {}", self.step.steps(), self.epoch);
        display.say(&match &self.trainer.checkpoints {
            None => place,
            Some(checkpoints) => format!(
                "{}: {place}: the training goes on from there when it is started again",
                checkpoints.path.display()
            ),
        });
    }

    /// Whether nothing is left to do.
    fn over(&self) -> bool {
        self.history.end != End::Finished || self.epoch > self.trainer.epochs
    }

    /// How many steps there are to the end, where that is known.
    fn steps_left(&self) -> Option<usize> {
        if self.over() {
            return Some(0);
        }
        let of_epoch = |batches: usize| batches.div_ceil(self.trainer.accumulate);
        let all = self.source.batches()?;
        Some((self.trainer.epochs - self.epoch) * of_epoch(all) + of_epoch(all - self.seen.min(all)))
    }

    /// Gives those who look on what they have left in the checkpoint.
    fn remind(&mut self, observers: &mut [&mut dyn Observer<T, N>]) -> Result<(), Error> {
        let Some(checkpoints) = &self.trainer.checkpoints else { return Ok(()) };
        let mut remembered = std::mem::take(&mut self.remembered);
        for observer in observers {
            let Some((name, _)) = observer.memory() else { continue };
            let place = remembered.iter().position(|(other, _)| other == name);
            if let Some((_, memory)) = place.map(|place| remembered.remove(place)) {
                observer.recall(&memory).map_err(Error::checkpoint(&checkpoints.path))?;
            }
        }
        Ok(())
    }

    /// Makes the next step of the epoch, where there is one.
    fn make_step(
        &mut self,
        network: &mut N,
        observers: &mut [&mut dyn Observer<T, N>],
        display: &mut Display,
    ) -> Result<bool, Error> {
        let Some(Ready { batches, examples }) = self.source.advance(self.trainer.accumulate)? else {
            return Ok(false);
        };
        let factor = self.trainer.schedule.factor(self.step.steps());
        if !factor.is_finite() || factor < 0.0 {
            let (name, expected) = ("the factor of the schedule", "a finite number of at least 0");
            return Err(Error::setting(name, factor, expected));
        }
        let rate = self.step.learning_rate() * factor * self.plateau.factor();
        self.step.begin(network);
        let mut made = Ok(());
        for index in 0..batches {
            let batch = self.source.batch(index);
            let of_batch = batch.inputs.values.len() / N::layers().sizes().input;
            made = self.step.add(network, Part { batch, share: of_batch as f64 / examples as f64 });
            if made.is_err() {
                break;
            }
            self.measured.add(self.step.output(of_batch), batch);
        }
        let (epoch, batch) = (self.epoch, self.seen + batches);
        if let Err(error) = made.and_then(|()| self.step.finish(network, rate)) {
            if let Some(report) = self.step.failed() {
                let moment = Moment { epoch, batch, report };
                // The training ends with its own error, not with one of those who look on.
                observers.iter_mut().for_each(|observer| drop(observer.failed(network, &moment)));
            }
            return Err(error);
        }
        if let (Some(average), Some(decay)) = (&mut self.average, self.trainer.average) {
            let (kept, added) = (T::from_f64(decay), T::from_f64(1.0 - decay));
            for (average, value) in average.iter_mut().zip(network.tensors().parameters()) {
                *average = kept * *average + added * *value;
            }
        }
        let moment = Moment { epoch, batch, report: self.step.report() };
        for observer in observers {
            observer.step(network, &moment)?;
        }
        self.loss += moment.report.loss * examples as f64;
        self.seen = batch;
        display.batch(epoch, batch, moment.report.loss);
        Ok(true)
    }

    /// Takes stock after the last batch of an epoch.
    fn end_epoch(&mut self, network: &mut N, display: &mut Display) -> Result<(), Error> {
        let mut epoch = Epoch {
            loss: self.loss / self.source.seen() as f64,
            metrics: self.measured.take(),
            ..Epoch::default()
        };
        self.swap_average(network);
        let validated = self.validate(network, &mut epoch);
        let best = validated.is_ok()
            && self.trainer.early_stopping.is_some_and(|settings| {
                self.waiting.observe(&settings, self.epoch, epoch.monitored()) && settings.restore_best
            });
        if best {
            self.best = Some(network.tensors().clone());
        }
        self.swap_average(network);
        validated?;
        if let Some(plateau) = &self.trainer.plateau {
            self.plateau.observe(plateau, epoch.monitored());
        }
        if self.trainer.early_stopping.is_some_and(|settings| self.waiting.over(&settings)) {
            self.history.end = End::Early { best: self.waiting.epoch };
        }
        display.epoch(self.epoch, &epoch);
        self.history.epochs.push(epoch);
        (self.epoch, self.seen, self.loss) = (self.epoch + 1, 0, 0.0);
        Ok(())
    }

    fn validate(&mut self, network: &N, epoch: &mut Epoch) -> Result<(), Error> {
        let Some(data) = &self.trainer.validation else { return Ok(()) };
        let mut measured = Measured::new(&self.trainer.metrics);
        let loss = evaluate(network, &mut self.workspace, data, self.trainer.batch, &mut measured)?;
        epoch.validation_loss = Some(loss);
        epoch.validation_metrics = measured.take();
        Ok(())
    }

    /// Exchanges the parameters with their averages, where there are any.
    fn swap_average(&mut self, network: &mut N) {
        if let Some(average) = &mut self.average {
            average.swap_with_slice(network.tensors_mut().parameters_mut());
        }
    }

    /// Gives the network what it is to have in the end.
    fn end(mut self, network: &mut N) -> Result<History, Error> {
        self.swap_average(network);
        if let (Some(best), End::Finished | End::Early { .. }) = (self.best, self.history.end) {
            *network.tensors_mut() = best;
        }
        Ok(self.history)
    }

    fn save(&self, network: &N, observers: &[&mut dyn Observer<T, N>]) -> Result<(), Error> {
        let Some(checkpoints) = &self.trainer.checkpoints else { return Ok(()) };
        let path = &checkpoints.path;
        let memories = observers.iter().filter_map(|observer| observer.memory());
        let memories = memories.map(|(name, memory)| (name.into(), memory)).collect();
        self.write(network, memories).and_then(|file| file.write(path)).map_err(Error::checkpoint(path))
    }

    fn write(&self, network: &N, observers: Vec<(String, String)>) -> Result<Container, CheckpointError> {
        let mut file = Container::new(N::NAME);
        write_network::<T, N>(network.tensors(), NETWORK, &mut file);
        if let Some(average) = &self.average {
            for parameter in N::parameters() {
                let tensor = Tensor::of(&parameter.shape, &average[parameter.range]);
                file.insert(format!("{AVERAGE}{}", parameter.name), tensor);
            }
        }
        if let Some(best) = &self.best {
            write_network::<T, N>(best, BEST, &mut file);
        }
        let bits = |sums: &Vec<f64>| sums.iter().copied().map(Bits).collect();
        let saved = Saved {
            settings: self.settings.clone(),
            epoch: self.epoch,
            batches: self.seen,
            loss: Bits(self.loss),
            sums: self.measured.sums.iter().map(bits).collect(),
            history: self.history.epochs.iter().map(Into::into).collect(),
            plateau: self.plateau,
            waiting: self.waiting,
            memory: self.step.write(&mut file),
            checksum: self.source.checksum(),
            observers,
        };
        file.training = Some(serde_json::to_string(&saved).map_err(CheckpointError::Notes)?);
        Ok(file)
    }

    /// Takes up where a file has left off.
    ///
    /// With `changes` the settings of the steps may be others.
    fn read(&mut self, file: &Container, changes: bool) -> Result<Taken<T>, CheckpointError> {
        let saved = file.training.as_ref().ok_or(CheckpointError::NoTraining)?;
        let saved: Saved = serde_json::from_str(saved).map_err(CheckpointError::Notes)?;
        saved.settings.check(&self.settings, changes)?;
        // The file is of the numbers that its tensors have, whatever its age.
        if let Some(found) = file.element(NETWORK) {
            check_element(found, std::any::type_name::<T>())?;
        }
        saved.check(self.source.batches())?;
        let tensors = read_network::<T, N>(file, NETWORK)?;
        if let Some(average) = &mut self.average {
            for ParameterRange { name, shape, range } in N::parameters() {
                let name = format!("{AVERAGE}{name}");
                let values = file.get(&name, &shape)?.values(&name)?;
                average[range].copy_from_slice(&values);
            }
        }
        if self.settings.restore_best && saved.waiting.epoch > 0 {
            self.best = Some(read_network::<T, N>(file, BEST)?);
        }
        self.step.read(file, &saved.memory)?;
        for (sums, saved) in self.measured.sums.iter_mut().zip(saved.sums) {
            sums.iter_mut().zip(saved).for_each(|(sum, saved)| *sum = saved.0);
        }
        self.remembered = saved.observers;
        self.history.epochs = saved.history.into_iter().map(Into::into).collect();
        (self.plateau, self.waiting) = (saved.plateau, saved.waiting);
        (self.epoch, self.seen, self.loss) = (saved.epoch.max(1), saved.batches, saved.loss.0);
        if let Some(settings) = &self.trainer.early_stopping
            && self.waiting.over(settings)
        {
            self.history.end = End::Early { best: self.waiting.epoch };
        }
        Ok(Taken { tensors, checksum: saved.checksum })
    }
}

/// What of a checkpoint is not taken up until all of it is known to fit.
struct Taken<T> {
    tensors: Tensors<T>,
    /// That of the batches that were seen.
    checksum: u32,
}

/// What a checkpoint puts before the names of averages and of the tensors of the best epoch.
const AVERAGE: &str = "average.";
const BEST: &str = "best.";
