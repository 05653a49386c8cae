//! Verdicts on a training while it runs.

use std::collections::VecDeque;
use std::fmt;

use netdsl_layers::{Element, ParameterRange};
use serde::{Deserialize, Serialize};

use crate::bits::Bits;
use crate::checkpoint::CheckpointError;
use crate::course::{Course, PARTS};
use crate::error::Error;
use crate::logger::{Units, Watched, measure_units};
use crate::network::Network;
use crate::norm::Norm;
use crate::step::ParameterNorms;
use crate::trainer::{Epoch, Moment, Observer};

/// The gradient of the first weight is lost against that of the last below this ratio, and this norm: AutoTrainer.
const VANISHING_RATIO: f64 = 1e-3;
const VANISHING_NORM: f64 = 1e-4;
/// It has exploded above this ratio: AutoTrainer.
const EXPLODING_RATIO: f64 = 70.0;
/// The root mean square of a gradient that is too large, whatever the others are: TheDeepChecker has it of the mean size.
const HUGE: f64 = 1e6;
/// A layer is dead where this share of its units is: AutoTrainer, DeepDiagnosis.
const DEAD_SHARE: f64 = 0.7;
/// A layer is saturated where this share of its values is: as for dead ones, DeepDiagnosis.
pub(crate) const SATURATED_SHARE: f64 = 0.7;
/// What a step changes of a weight, over its norm, as a power of ten: TheDeepChecker.
const UPDATES: [f64; 2] = [1e-4, 1e-1];
/// How many losses are remembered; verdicts on them begin then.
const REMEMBERED: usize = 400;
/// The loss has to fall by this share from one half of them to the other: measured by the bench `verdicts`.
const LEAST_FALL: f64 = 1e-3;
/// Where it falls by less than the second, the mean of twenty steps may go up and down by the first: by the same bench.
const MOST_SWING: f64 = 0.1;
const STEADY_FALL: f64 = 0.05;

/// What is wrong with a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Symptom {
    /// The gradient of the first weight is lost against that of the last.
    Vanishing,
    /// The gradient of the first weight is far larger than that of the last.
    Exploding,
    /// A gradient is very large, though it may be no larger than the others.
    Huge,
    /// Most units of a layer are zero for a whole batch.
    Dead,
    /// Most values of a layer lie where its activation function is flat.
    Saturated,
    /// A step changes a weight by too little to be seen.
    SmallUpdates,
    /// A step changes a weight by a good part of itself.
    LargeUpdates,
    /// The loss no longer falls.
    Plateau,
    /// The loss goes up and down.
    Oscillating,
}

impl Symptom {
    /// The name, as a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vanishing => "vanishing",
            Self::Exploding => "exploding",
            Self::Huge => "huge gradient",
            Self::Dead => "dead",
            Self::Saturated => "saturated",
            Self::SmallUpdates => "small updates",
            Self::LargeUpdates => "large updates",
            Self::Plateau => "plateau",
            Self::Oscillating => "oscillating",
        }
    }

    /// What to change.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Vanishing => {
                "use `Relu` with `init = HeNormal`, a normalisation, or residual connections; the forecast of the \
                 declaration says which of them helps"
            }
            Self::Exploding | Self::Huge => {
                "clip the gradients, as with `clip = GlobalNorm(1.0)`, or use the init of the activation"
            }
            Self::Dead => "use `LeakyRelu(0.01)`, a lower learning rate, or a normalisation in front",
            Self::Saturated => "use a smaller init, inputs around zero, or a normalisation in front",
            Self::SmallUpdates => {
                "raise the learning rate, unless a schedule has lowered it; in place of `Sgd` use `Adam`, whose steps do not shrink with the gradient"
            }
            Self::LargeUpdates => "lower the learning rate, or begin with a warm-up",
            Self::Plateau => "change the learning rate, by a schedule or by `reduce_on_plateau`",
            Self::Oscillating => "lower the learning rate, or use larger batches",
        }
    }
}

/// A symptom, where and when it was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The step, from 1.
    pub step: u64,
    /// What is wrong.
    pub symptom: Symptom,
    /// The parameter or layer; empty for the loss.
    pub place: String,
    /// The figure.
    pub value: f64,
    /// The figure that it should not cross.
    pub limit: f64,
}

/// A sentence with the numbers, and what to change behind it.
impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, symptom, place, value, limit } = self;
        write!(formatter, "step {step}: {}: ", symptom.name())?;
        match symptom {
            Symptom::Vanishing | Symptom::Exploding => write!(
                formatter,
                "the gradient of `{place}` is {value:.2e} of that of the last weight (limit {limit:e})"
            )?,
            Symptom::Huge => write!(
                formatter,
                "the gradient of `{place}` has a root mean square of {value:.2e} (limit {limit:e})"
            )?,
            Symptom::Dead => write!(
                formatter,
                "{:.0} % of the units of `{place}` are zero for the whole batch (limit {:.0} %)",
                100.0 * value,
                100.0 * limit
            )?,
            Symptom::Saturated => write!(
                formatter,
                "{:.0} % of the values of `{place}` are at an end of its activation (limit {:.0} %)",
                100.0 * value,
                100.0 * limit
            )?,
            Symptom::SmallUpdates | Symptom::LargeUpdates => {
                write!(formatter, "a step changes `{place}` by {value:.2e} of itself (limit {limit:e})")?;
            }
            Symptom::Plateau => write!(
                formatter,
                "in {REMEMBERED} steps the loss has fallen by {:.2} % (limit {:.2} %)",
                100.0 * value,
                100.0 * limit
            )?,
            Symptom::Oscillating => write!(
                formatter,
                "in {REMEMBERED} steps the mean loss of {} goes up and down by {:.0} % (limit {:.0} %)",
                REMEMBERED / PARTS,
                100.0 * value,
                100.0 * limit
            )?,
        }
        write!(formatter, "; {}", symptom.advice())
    }
}

/// Looks on while a [`Trainer`](crate::Trainer) works, and says what is wrong: each symptom once for each layer, those of
/// updates once for the worst weight.
///
/// | symptom | is told where | of |
/// |---|---|---|
/// | vanishing | the first weight's gradient norm is below 1e-3 of the last's and below 1e-4 | AutoTrainer |
/// | exploding | it is above 70 times the last's | AutoTrainer |
/// | huge gradient | the root mean square of a weight's gradient is above 1e6 | TheDeepChecker |
/// | dead | 70 % of a layer's units are zero for a whole batch | AutoTrainer, DeepDiagnosis |
/// | saturated | 70 % of a layer's values are beyond those at arguments of ±5 | DeepDiagnosis |
/// | small, large updates | a step changes a weight by less than 1e-4, more than 1e-1 of its norm, in the median of ten looks | TheDeepChecker |
/// | plateau | the mean loss falls by less than 0.1 % from two hundred steps to the next | measured |
/// | oscillating | the mean loss of twenty steps goes up and down by 10 % of itself and falls by less than 5 % so | measured |
///
/// Zhang et al. 2021, "AutoTrainer: An Automatic DNN Training Problem Detection and Repair System"; Wardat et al. 2022,
/// "DeepDiagnosis"; Ben Braiek & Khomh 2023, "Testing Feedforward Neural Networks Training Programs" (TheDeepChecker). For the
/// two of the loss these name no number that holds for a loss taken step by step: AutoTrainer has a swing of 0.03 of the
/// accuracy in a fifth of the epochs, PyTorch's `ReduceLROnPlateau` ten epochs without a fall by 1e-4. So they were measured by
/// the bench `verdicts`, on 25 seeds each of three trainings that stay, four that swing and six healthy ones: 0.1 % in 400 steps
/// sees 92 % of those that stay and says so of 9 % of the healthy ones, most of them with a batch of 8 (1e-4: 84 and 7 %;
/// 1 %: 100 and 14 %; 200 steps: 100 and 35 %); a swing of 10 % sees 66 % of those whose learning rate is too large and says
/// so of 1 % of the healthy ones (5 %: 70 and 29 %; 15 %: 42 and 0 %). A
/// gradient that is not finite is no symptom: it ends the training with an error.
#[derive(Debug)]
pub struct Monitor {
    every: u64,
    parameters: Vec<ParameterRange>,
    watched: Vec<Watched>,
    losses: VecDeque<f64>,
    /// The last ten sizes of updates of each weight.
    updates: Vec<VecDeque<f64>>,
    findings: Vec<Finding>,
    loud: bool,
}

/// What a monitor keeps in a checkpoint, to the last bit.
#[derive(Serialize, Deserialize)]
struct Memory {
    losses: Vec<Bits>,
    updates: Vec<Vec<Bits>>,
    /// Step, symptom, place, value and limit.
    findings: Vec<(u64, Symptom, String, Bits, Bits)>,
}

fn numbers(bits: &[Bits]) -> VecDeque<f64> {
    bits.iter().map(|bits| bits.0).collect()
}

/// Over how many looks the median of updates is taken.
const LOOKS: usize = 10;

impl Default for Monitor {
    fn default() -> Self {
        Self::new()
    }
}

impl Monitor {
    /// One that looks at every tenth step and writes what it finds to standard error.
    pub fn new() -> Self {
        Self {
            every: 10,
            parameters: Vec::new(),
            watched: Vec::new(),
            losses: VecDeque::with_capacity(REMEMBERED),
            updates: Vec::new(),
            findings: Vec::new(),
            loud: true,
        }
    }

    /// Looks at one step in so many; 0 counts as 1. The loss is looked at in every step.
    #[must_use]
    pub fn every(self, steps: u64) -> Self {
        Self { every: steps.max(1), ..self }
    }

    /// Writes nothing.
    #[must_use]
    pub fn silent(self) -> Self {
        Self { loud: false, ..self }
    }

    /// What was found.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn find(&mut self, finding: Finding) {
        let known = |other: &Finding| other.symptom == finding.symptom && other.place == finding.place;
        if self.findings.iter().any(known) {
            return;
        }
        if self.loud {
            eprintln!("{finding}");
        }
        self.findings.push(finding);
    }

    fn look_at_gradients(&mut self, step: u64, norms: &[ParameterNorms]) {
        let parameters = std::mem::take(&mut self.parameters);
        self.compare_weights(step, &parameters, norms);
        self.parameters = parameters;
    }

    fn compare_weights(&mut self, step: u64, parameters: &[ParameterRange], norms: &[ParameterNorms]) {
        let mut weights = parameters
            .iter()
            .zip(norms)
            .filter(|(parameter, _)| parameter.matrix().is_some())
            .map(|(parameter, norms)| (parameter, norms.before));
        let size = |(weight, norm): (&ParameterRange, Norm)| {
            norm.log10() - (weight.range.len() as f64).log10() / 2.0
        };
        let largest = weights.clone().max_by(|a, b| size(*a).total_cmp(&size(*b)));
        if let Some((weight, value)) = largest.map(|largest| (largest.0, 10f64.powf(size(largest))))
            && value > HUGE
        {
            let (symptom, place) = (Symptom::Huge, weight.name.clone());
            self.find(Finding { step, symptom, place, value, limit: HUGE });
        }
        let (Some((first, norm)), Some((_, last))) = (weights.next(), weights.next_back()) else { return };
        let ratio = 10f64.powf(norm.log10() - last.log10());
        let place = first.name.clone();
        if ratio < VANISHING_RATIO && norm.to_f64() < VANISHING_NORM {
            let symptom = Symptom::Vanishing;
            self.find(Finding { step, symptom, place, value: ratio, limit: VANISHING_RATIO });
        } else if ratio > EXPLODING_RATIO {
            let symptom = Symptom::Exploding;
            self.find(Finding { step, symptom, place, value: ratio, limit: EXPLODING_RATIO });
        }
    }

    fn look_at_units(&mut self, step: u64, name: &str, units: Units) {
        let figures = [
            (Symptom::Dead, Some(units.dead), DEAD_SHARE),
            (Symptom::Saturated, units.saturated, SATURATED_SHARE),
        ];
        for (symptom, share, limit) in figures {
            if let Some(value) = share.filter(|share| *share >= limit) {
                self.find(Finding { step, symptom, place: name.into(), value, limit });
            }
        }
    }

    /// Tells of the weight with the smallest and of the one with the largest updates.
    fn look_at_updates(&mut self, step: u64, changes: &[f64]) {
        self.updates.resize_with(changes.len(), VecDeque::new);
        let mut medians = Vec::new();
        for (index, change) in changes.iter().copied().enumerate() {
            let weight = self.parameters[index].matrix().is_some();
            if !weight || !change.is_finite() {
                continue;
            }
            let looks = &mut self.updates[index];
            looks.push_back(change);
            if looks.len() == LOOKS {
                let mut sorted: Vec<f64> = looks.drain(..).collect();
                sorted.sort_by(f64::total_cmp);
                medians.push((sorted[LOOKS / 2], index));
            }
        }
        medians.sort_by(|a, b| a.0.total_cmp(&b.0));
        let [low, high] = UPDATES;
        let smallest = medians.first().filter(|(value, _)| *value < low);
        let largest = medians.last().filter(|(value, _)| *value > high);
        for (worst, symptom, limit) in
            [(smallest, Symptom::SmallUpdates, low), (largest, Symptom::LargeUpdates, high)]
        {
            if let Some((value, index)) = worst
                && self.findings.iter().all(|finding| finding.symptom != symptom)
            {
                let place = self.parameters[*index].name.clone();
                self.find(Finding { step, symptom, place, value: *value, limit });
            }
        }
    }

    fn look_at_loss(&mut self, step: u64, loss: f64) {
        self.losses.push_back(loss);
        if self.losses.len() < REMEMBERED {
            return;
        }
        let losses: Vec<f64> = self.losses.drain(..).collect();
        let Course { fall, swing } = Course::of(&losses);
        let place = String::new();
        if swing > MOST_SWING && fall < STEADY_FALL {
            let symptom = Symptom::Oscillating;
            self.find(Finding { step, symptom, place, value: swing, limit: MOST_SWING });
        } else if fall.is_finite() && fall < LEAST_FALL {
            self.find(Finding { step, symptom: Symptom::Plateau, place, value: fall, limit: LEAST_FALL });
        }
    }
}

impl<T: Element, N: Network<T>> Observer<T, N> for Monitor {
    fn begin(&mut self, _network: &N) -> Result<(), Error> {
        *self = Self { every: self.every, loud: self.loud, ..Self::new() };
        self.parameters = N::parameters();
        self.watched = Watched::of(N::layers());
        Ok(())
    }

    fn step(&mut self, _network: &N, moment: &Moment<'_, T>) -> Result<(), Error> {
        let report = &moment.report;
        self.look_at_loss(report.step, report.loss);
        if !(report.step - 1).is_multiple_of(self.every) {
            return Ok(());
        }
        self.look_at_gradients(report.step, report.norms);
        self.look_at_updates(report.step, report.changes);
        let mut watched = std::mem::take(&mut self.watched);
        let units = measure_units(&mut watched, |visit| report.outputs(visit));
        for (layer, units) in watched.iter().zip(units) {
            self.look_at_units(report.step, &layer.name, units);
        }
        self.watched = watched;
        Ok(())
    }

    fn epoch(&mut self, _network: &N, _number: usize, _epoch: &Epoch) -> Result<(), Error> {
        Ok(())
    }

    fn failed(&mut self, _network: &N, moment: &Moment<'_, T>) -> Result<(), Error> {
        self.look_at_gradients(moment.report.step, moment.report.norms);
        Ok(())
    }

    fn memory(&self) -> Option<(&'static str, String)> {
        let bits = |values: &VecDeque<f64>| values.iter().copied().map(Bits).collect();
        let memory = Memory {
            losses: bits(&self.losses),
            updates: self.updates.iter().map(bits).collect(),
            findings: self
                .findings
                .iter()
                .map(|found| {
                    (found.step, found.symptom, found.place.clone(), Bits(found.value), Bits(found.limit))
                })
                .collect(),
        };
        // Numbers and words can't fail to be written.
        Some(("monitor", serde_json::to_string(&memory).unwrap_or_default()))
    }

    fn recall(&mut self, memory: &str) -> Result<(), CheckpointError> {
        let memory: Memory = serde_json::from_str(memory).map_err(CheckpointError::Notes)?;
        self.losses = numbers(&memory.losses);
        self.updates = memory.updates.iter().map(|looks| numbers(looks)).collect();
        let findings = memory.findings.into_iter();
        self.findings = findings
            .map(|(step, symptom, place, Bits(value), Bits(limit))| Finding {
                step,
                symptom,
                place,
                value,
                limit,
            })
            .collect();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Monitor, Symptom};

    fn symptoms(loss: impl Fn(u32) -> f64) -> Vec<Symptom> {
        let mut monitor = Monitor::new().silent();
        (0..800).for_each(|step| monitor.look_at_loss(step.into(), loss(step)));
        monitor.findings().iter().map(|finding| finding.symptom).collect()
    }

    #[test]
    fn a_loss_that_swings_is_not_one_that_stays() {
        let swings = |step: u32| 1.0 + if (step / 20).is_multiple_of(2) { 0.2 } else { -0.2 };
        assert_eq!(symptoms(swings), [Symptom::Oscillating]);
        assert_eq!(symptoms(|_| 1.0), [Symptom::Plateau]);
        // What rises does not fall, and noise of one step is no swing.
        assert_eq!(symptoms(|step| 1.0 + 0.01 * f64::from(step)), [Symptom::Plateau]);
        let noise = |step: u32| 1.0 / f64::from(step + 50) + f64::from(step % 2) * 1e-3;
        assert_eq!(symptoms(noise), []);
        assert_eq!(symptoms(|_| f64::NAN), []);
    }
}
