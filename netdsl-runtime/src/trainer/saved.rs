//! Where a training stands, as a checkpoint keeps it.

use serde::{Deserialize, Serialize};

use super::arrays::ARRAYS;
use super::early_stopping::Waiting;
use super::history::Epoch;
use crate::bits::Bits;
use crate::checkpoint::CheckpointError;
use crate::schedules::{Constant, Plateau, Schedule};
use crate::step::Memory;

/// The settings that the place in an epoch depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) network: String,
    /// What the batches come from.
    #[serde(default = "arrays")]
    pub(super) source: String,
    pub(super) examples: usize,
    pub(super) batch: usize,
    pub(super) accumulate: usize,
    pub(super) seed: u64,
    pub(super) shuffle: bool,
    pub(super) metrics: Vec<String>,
    pub(super) average: bool,
    pub(super) restore_best: bool,
    pub(super) steps: StepSettings,
}

/// The settings that the steps depend on, as text; a checkpoint can be gone on from with others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StepSettings {
    pub(super) learning_rate: String,
    pub(super) clip: String,
    /// The transforms of the optimizer.
    pub(super) optimizer: String,
    /// The optimizer as it is written, for messages; older files do not have it.
    #[serde(default)]
    pub(super) written: Option<String>,
    pub(super) schedule: String,
    pub(super) plateau: String,
    pub(super) average: String,
    pub(super) frozen: String,
}

impl StepSettings {
    fn check(&self, expected: &Self) -> Result<(), CheckpointError> {
        // What differs is said as it is written, where that shows it.
        let optimizers = match (&self.written, &expected.written) {
            (Some(found), Some(written)) if found != written && self.optimizer != expected.optimizer => {
                (found, written)
            }
            _ => (&self.optimizer, &expected.optimizer),
        };
        let pairs = [
            ("learning rate", &self.learning_rate, &expected.learning_rate),
            ("clipping", &self.clip, &expected.clip),
            ("optimizer", optimizers.0, optimizers.1),
            ("schedule", &schedule(&self.schedule), &schedule(&expected.schedule)),
            ("`reduce_on_plateau`", &self.plateau, &expected.plateau),
            ("decay of the average", &self.average, &expected.average),
            ("list of frozen parameters", &self.frozen, &expected.frozen),
        ];
        first_difference(pairs, true)
    }
}

/// The error of the first setting, by name, that is not as expected.
fn first_difference<const N: usize>(
    settings: [(&'static str, &String, &String); N],
    steps: bool,
) -> Result<(), CheckpointError> {
    match settings.into_iter().find(|(_, found, expected)| found != expected) {
        None => Ok(()),
        Some((name, found, expected)) => {
            let (found, expected) = (found.clone(), expected.clone());
            Err(CheckpointError::Setting { name, steps, found, expected })
        }
    }
}

/// Whether the numbers of a file, by the name of their type, are those that the training computes in.
pub(super) fn check_element(found: &str, expected: &str) -> Result<(), CheckpointError> {
    let (found, expected) = (found.to_string(), expected.to_string());
    first_difference([("type of numbers", &found, &expected)], false)
}

/// A schedule in words: the one that changes nothing is that of a trainer which is given none.
fn schedule(written: &str) -> String {
    if written == Constant::default().written() { "none".into() } else { written.into() }
}

/// A setting that is on or off, in words.
fn switch(on: bool) -> String {
    if on { "on".into() } else { "off".into() }
}

impl Settings {
    /// Whether these, of a file, are those of the training; with `changes` those of the steps may be others.
    pub(super) fn check(&self, expected: &Self, changes: bool) -> Result<(), CheckpointError> {
        let pairs = [
            ("network", &self.network, &expected.network),
            ("source of batches", &self.source, &expected.source),
            ("number of examples", &self.examples.to_string(), &expected.examples.to_string()),
            ("batch", &self.batch.to_string(), &expected.batch.to_string()),
            ("number of batches in a step", &self.accumulate.to_string(), &expected.accumulate.to_string()),
            ("seed", &self.seed.to_string(), &expected.seed.to_string()),
            ("shuffling", &switch(self.shuffle), &switch(expected.shuffle)),
            ("list of metrics", &format!("{:?}", self.metrics), &format!("{:?}", expected.metrics)),
            ("averaging of weights", &switch(self.average), &switch(expected.average)),
            ("keeping of the best epoch", &switch(self.restore_best), &switch(expected.restore_best)),
        ];
        first_difference(pairs, false)?;
        if changes { Ok(()) } else { self.steps.check(&expected.steps) }
    }
}

/// What the batches of a file come from that does not say it.
fn arrays() -> String {
    ARRAYS.into()
}

/// What an epoch came to, to the last bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedEpoch {
    loss: Bits,
    metrics: Vec<(String, Bits)>,
    validation_loss: Option<Bits>,
    validation_metrics: Vec<(String, Bits)>,
}

impl From<&Epoch> for SavedEpoch {
    fn from(epoch: &Epoch) -> Self {
        let bits = |metrics: &[(String, f64)]| {
            metrics.iter().map(|(name, value)| (name.clone(), Bits(*value))).collect()
        };
        Self {
            loss: Bits(epoch.loss),
            metrics: bits(&epoch.metrics),
            validation_loss: epoch.validation_loss.map(Bits),
            validation_metrics: bits(&epoch.validation_metrics),
        }
    }
}

impl From<SavedEpoch> for Epoch {
    fn from(epoch: SavedEpoch) -> Self {
        let numbers =
            |metrics: Vec<(String, Bits)>| metrics.into_iter().map(|(name, value)| (name, value.0)).collect();
        Self {
            loss: epoch.loss.0,
            metrics: numbers(epoch.metrics),
            validation_loss: epoch.validation_loss.map(|loss| loss.0),
            validation_metrics: numbers(epoch.validation_metrics),
        }
    }
}

/// Where a training stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Saved {
    pub(super) settings: Settings,
    /// The epoch that is being trained, from 1.
    pub(super) epoch: usize,
    /// How many of its batches have been seen.
    pub(super) batches: usize,
    /// The sum of the losses of its examples.
    pub(super) loss: Bits,
    /// The sums of its metrics.
    pub(super) sums: Vec<Vec<Bits>>,
    pub(super) history: Vec<SavedEpoch>,
    pub(super) plateau: Plateau,
    pub(super) waiting: Waiting,
    pub(super) memory: Memory,
    /// That of the batches that an iterator has to give again.
    #[serde(default)]
    pub(super) checksum: u32,
    /// What those who look on keep, each under its name.
    pub(super) observers: Vec<(String, String)>,
}

/// More than any training makes, and few enough that counting on does not overflow.
const MOST_STEPS: u64 = 1 << 53;

impl Saved {
    /// Whether all of it fits together, for epochs of so many batches where that is known.
    pub(super) fn check(&self, batches: Option<usize>) -> Result<(), CheckpointError> {
        let epochs = self.history.len();
        let of_epoch = |batches: usize| batches.div_ceil(self.settings.accumulate.max(1));
        // An epoch has one step at least, and an iterator alone knows how many more.
        let of_epochs = epochs.saturating_mul(of_epoch(batches.unwrap_or(1)));
        let least = of_epochs.saturating_add(of_epoch(self.batches)) as u64;
        let most = if batches.is_some() { least } else { MOST_STEPS };
        let steps = self.memory.step;
        let possible = || if least == most { least.to_string() } else { format!("{least} to {most}") };
        let exactly = |name, found: u64, expected: u64| {
            (found != expected).then(|| (name, found, expected.to_string()))
        };
        let at_most = |name, found: usize, most: usize| {
            (found > most).then(|| (name, found as u64, format!("at most {most}")))
        };
        let of_optimizer = u64::try_from(self.memory.chain_step).unwrap_or(u64::MAX);
        let wrong = [
            exactly("epoch", self.epoch as u64, epochs as u64 + 1),
            at_most("number of batches", self.batches, batches.unwrap_or(usize::MAX)),
            (!(least..=most).contains(&steps)).then(|| ("number of steps", steps, possible())),
            exactly("number of the optimizer's steps", of_optimizer, steps.min(i32::MAX as u64)),
            at_most("best epoch", self.waiting.epoch, epochs),
            at_most("number of epochs without an improvement", self.waiting.waited, epochs),
            at_most("number of epochs on a plateau", self.plateau.waited(), epochs),
        ];
        match wrong.into_iter().flatten().next() {
            None => Ok(()),
            Some((name, found, expected)) => Err(CheckpointError::Contradiction { name, found, expected }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StepSettings;

    /// A file of an older version does not say how its optimizer is written: its transforms stand for it.
    #[test]
    fn an_optimizer_is_known_by_its_transforms() {
        let older = r#"{"learning_rate": "0.1", "clip": "none", "optimizer": "[LearningRate]", "schedule": "WarmUp::new(2)",
            "plateau": "none", "average": "none", "frozen": "[]"}"#;
        let older: StepSettings = serde_json::from_str(older).unwrap();
        let same = StepSettings { written: Some("Sgd(learning_rate = 0.1)".into()), ..older.clone() };
        older.check(&same).unwrap();
        let other = StepSettings { optimizer: "[TrustRatio, LearningRate]".into(), ..same.clone() };
        let message = |found: &StepSettings| found.check(&other).unwrap_err().to_string();
        let begin =
            "it is of a training whose optimizer is [LearningRate], expected [TrustRatio, LearningRate]: ";
        assert!(message(&older).starts_with(begin), "{}", message(&older));
        // Written alike, they are told apart by their transforms too.
        assert!(message(&same).starts_with(begin), "{}", message(&same));
        let named = StepSettings { written: Some("Lamb(learning_rate = 0.1)".into()), ..other.clone() };
        let message = same.check(&named).unwrap_err().to_string();
        let begin = "it is of a training whose optimizer is Sgd(learning_rate = 0.1), expected Lamb(learning_rate = 0.1): ";
        assert!(message.starts_with(begin), "{message}");
    }
}
