//! One step of training.

use std::marker::PhantomData;

use netdsl_layers::{
    Buffer, Chain, Clip, Element, Interval, Kernel, Layer, OptimizerKernel, ParameterRange, add_scaled,
    buffer, lengthen,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::checkpoint::{CheckpointError, Container, Tensor};
use crate::clipping::{NormHistory, clip};
use crate::descent::Descent;
use crate::error::{Error, NonFinite, Stage};
use crate::examples::Examples;
use crate::feature_shape::TargetShape;
use crate::inputs::Inputs;
use crate::known::what_there_is;
use crate::network::{INPUT, Network, TARGET, Target, TargetsOf, check_pairs};
use crate::norm::Norm;
use crate::workspace::{Batch, Workspace, non_finite, non_finite_tensor};

/// The norm of a gradient before and after clipping.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParameterNorms {
    /// As the backward pass gave it, also where it does not fit the element type.
    pub before: Norm,
    /// As the optimizer got it.
    pub after: Norm,
}

/// What a step was like.
#[derive(Clone, Copy)]
pub struct StepReport<'a, T> {
    /// The number of the step, from 1.
    pub step: u64,
    /// The mean loss of the batch, before the step.
    pub loss: f64,
    /// The parameters, in the order of the declaration.
    pub parameters: &'a [ParameterRange],
    /// The norms of their gradients, in the same order.
    pub norms: &'a [ParameterNorms],
    /// The norm of all gradients together.
    pub total: ParameterNorms,
    /// Whether gradients had to be rescaled by powers of two, because one did not fit the element type.
    pub rescaled: bool,
    /// The norm of the change of each parameter over its norm before the step, in the same order; not a number for a
    /// parameter of zeros.
    pub changes: &'a [f64],
    outputs: &'a dyn Outputs<T>,
}

impl<T> StepReport<'_, T> {
    /// Calls `visit` with the layers in their order and their outputs for the last batch of the step.
    pub fn outputs(&self, visit: &mut dyn FnMut(&str, &[T])) {
        self.outputs.visit(visit);
    }
}

impl<T> std::fmt::Debug for StepReport<'_, T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("StepReport")
            .field("step", &self.step)
            .field("loss", &self.loss)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

/// Someone who knows the outputs of the layers.
trait Outputs<T> {
    fn visit(&self, visit: &mut dyn FnMut(&str, &[T]));
}

impl<T: Element, N: Network<T>> Outputs<T> for TrainingStep<T, N> {
    fn visit(&self, visit: &mut dyn FnMut(&str, &[T])) {
        let layers = N::layers();
        let saved = self.workspace.saved(layers.saved_len(self.examples));
        layers.outputs("", self.examples, saved, self.output(self.examples), visit);
    }
}

/// Forward, loss, backward, clipping and optimizer, with all that they need between two steps.
///
/// A step either succeeds or leaves the network as it was. It allocates nothing once it has seen its largest batch.
#[derive(Debug)]
pub struct TrainingStep<T, N> {
    workspace: Workspace<T>,
    chain: Chain<T>,
    clip: Option<Clip>,
    history: NormHistory,
    learning_rate: f64,
    random: ChaCha8Rng,
    parameters: Vec<ParameterRange>,
    before: Vec<Norm>,
    norms: Vec<ParameterNorms>,
    /// By how much each of them has changed in the last step that was made.
    changes: Vec<f64>,
    descents: Vec<Descent>,
    /// Whether each of them stays as it is.
    frozen: Vec<bool>,
    /// The gradients of the parts of a step, where it has several.
    sum: Buffer<T>,
    sum_exponents: Vec<i32>,
    /// The running statistics of the step, until it is known to succeed.
    statistics: Vec<T>,
    /// The last step that was tried.
    tried: Tried,
    /// How many examples its last part had.
    examples: usize,
    step: u64,
    /// The lengths of the buffers are those of this network.
    network: PhantomData<fn(N)>,
}

/// How far a step has come.
#[derive(Clone, Copy, Debug)]
struct Tried {
    loss: f64,
    rescaled: bool,
    /// Whether its gradients are known.
    measured: bool,
}

const LEARNING_RATE: &str = "the learning rate";
const A_POSITIVE_NUMBER: &str = "a finite number above 0";

/// A part of the batch of a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a, T, Y> {
    pub(crate) batch: Batch<'a, T, Y>,
    /// Its share of the examples of the step.
    pub(crate) share: f64,
}

/// Refuses what is not finite and above zero.
fn positive(name: &'static str, value: f64) -> Result<(), Error> {
    if Interval::POSITIVE.contains(value) {
        return Ok(());
    }
    Err(Error::setting(name, value, A_POSITIVE_NUMBER))
}

/// The error with the number of the step.
fn in_step(step: u64, error: Error) -> Error {
    match error {
        Error::NonFinite(error) => NonFinite { step: Some(step), ..error }.into(),
        other => other,
    }
}

impl<T: Element, N: Network<T>> TrainingStep<T, N> {
    /// The first step of a network; `seed` is that of dropout.
    ///
    /// # Errors
    /// [`Error::Setting`] where the learning rate or the bound of clipping is not finite and above zero, a setting of the optimizer
    /// is not what a declaration could have there, or it has no transform, [`Error::Threads`] where the environment variable `NETDSL_NUM_THREADS` says no number of threads.
    pub fn new(optimizer: &dyn OptimizerKernel<T>, seed: u64) -> Result<Self, Error> {
        if let Some(clip) = optimizer.clip() {
            const BOUND: &str = "the bound of clipping";
            positive(BOUND, clip.bound())?;
            if let Some(expected) = clip.refuse() {
                return Err(Error::setting(BOUND, clip.bound(), expected));
            }
        }
        let learning_rate = optimizer.learning_rate();
        positive(LEARNING_RATE, learning_rate)?;
        let transforms = optimizer.transforms();
        if transforms.is_empty() {
            return Err(Error::setting("the number of transforms of the optimizer", 0.0, "at least 1"));
        }
        let checked = transforms.iter().try_for_each(|transform| transform.check());
        checked.map_err(Error::setting_of("the optimizer"))?;
        let layers = N::layers();
        let parameters = ParameterRange::of(layers.parameters());
        let sizes = layers.sizes();
        let zero = ParameterNorms { before: Norm::ZERO, after: Norm::ZERO };
        Ok(Self {
            workspace: Workspace::new()?,
            chain: Chain::new(transforms, parameters.clone()),
            clip: optimizer.clip(),
            history: NormHistory::default(),
            learning_rate,
            random: ChaCha8Rng::seed_from_u64(seed),
            before: vec![Norm::ZERO; parameters.len()],
            norms: vec![zero; parameters.len()],
            changes: vec![f64::NAN; parameters.len()],
            descents: vec![Descent::START; parameters.len()],
            frozen: vec![false; parameters.len()],
            sum: buffer(0, T::zero()),
            sum_exponents: Vec::new(),
            statistics: vec![T::zero(); sizes.statistics],
            parameters,
            tried: Tried { loss: f64::NAN, rescaled: false, measured: false },
            examples: 0,
            step: 0,
            network: PhantomData,
        })
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    /// Changes the learning rate from the next step on.
    ///
    /// # Errors
    /// [`Error::Setting`] where it is not finite and above zero; then it stays as it was.
    pub fn set_learning_rate(&mut self, learning_rate: f64) -> Result<(), Error> {
        positive(LEARNING_RATE, learning_rate)?;
        self.learning_rate = learning_rate;
        Ok(())
    }

    /// Keeps a parameter as it is from the next step on, or all below a path: `stem` freezes `stem.weight` and `stem.bias`.
    /// Their gradients count as zero. Running statistics are no parameters and go on.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`] where there is none.
    pub fn freeze(&mut self, name: &str) -> Result<(), Error> {
        let below = format!("{name}.");
        let mut found = false;
        for (parameter, frozen) in self.parameters.iter().zip(&mut self.frozen) {
            if parameter.name == name || parameter.name.starts_with(&below) {
                (*frozen, found) = (true, true);
            }
        }
        if found {
            return Ok(());
        }
        let mut known: Vec<&str> = Vec::new();
        for parameter in &self.parameters {
            for (end, _) in parameter.name.match_indices('.').chain([(parameter.name.len(), "")]) {
                let path = &parameter.name[..end];
                if !known.contains(&path) {
                    known.push(path);
                }
            }
        }
        Err(Error::UnknownParameter { name: name.into(), hint: what_there_is(name, known.into_iter()) })
    }

    /// Whether all parameters are frozen, and there are no running statistics.
    pub(crate) fn changes_nothing(&self) -> bool {
        self.statistics.is_empty() && self.frozen.iter().all(|frozen| *frozen)
    }

    /// Trains the network on one batch.
    ///
    /// # Errors
    /// Wrong shapes, inputs and targets; [`Error::NonFinite`] where a number leaves the range of `T`, with the name of
    /// the first layer or parameter: in the order of the pass, so that it is the one nearest to the output for a
    /// gradient. The network is then as it was; the optimizer's memory is no longer of use where its own step has failed.
    pub fn run<X, Y>(&mut self, network: &mut N, input: &X, target: &Y) -> Result<StepReport<'_, T>, Error>
    where
        X: Examples<T, N::Input> + ?Sized,
        Y: Examples<Target<T, N>, <TargetsOf<T, N> as TargetShape>::Shape<N::Output>> + ?Sized,
    {
        let (values, target) = (input.values(INPUT)?, target.values(TARGET)?);
        check_pairs::<T, N>(&values, &target)?;
        let inputs = Inputs { values: &values, lengths: input.lengths() };
        let batch = Batch { inputs, targets: &target, weights: None };
        self.begin(network);
        self.add(network, Part { batch, share: 1.0 })?;
        self.finish(network, self.learning_rate)?;
        Ok(self.report())
    }

    /// Begins a step, to be made of one or more parts.
    pub(crate) fn begin(&mut self, network: &N) {
        self.tried = Tried { loss: 0.0, rescaled: false, measured: false };
        self.changes.fill(f64::NAN);
        self.sum_exponents.clear();
        self.statistics.clear();
        self.statistics.extend_from_slice(network.tensors().statistics());
    }

    /// Takes in a part of the step: as many targets as inputs, that the loss is defined for.
    pub(crate) fn add(&mut self, network: &N, part: Part<'_, T, Target<T, N>>) -> Result<(), Error> {
        let layers = N::layers();
        let Self { workspace, parameters, before, random, tried, .. } = self;
        let passed = workspace.backward(network, parameters, part.batch, random, before);
        let passed = passed.map_err(|error| in_step(self.step + 1, error))?;
        tried.loss += passed.loss * part.share;
        tried.rescaled |= passed.rescaled;
        let batch = part.batch.inputs.values.len() / layers.sizes().input;
        self.examples = batch;
        layers.update_statistics(batch, workspace.saved(layers.saved_len(batch)), &mut self.statistics);
        if part.share < 1.0 {
            self.accumulate(part.share);
        }
        Ok(())
    }

    /// Adds the gradients of a part to those of the parts before.
    fn accumulate(&mut self, share: f64) {
        let Self { workspace, parameters, sum, sum_exponents, .. } = self;
        let values: usize = parameters.iter().map(|parameter| parameter.range.len()).sum();
        let first = sum_exponents.is_empty();
        lengthen(sum, values, T::zero());
        sum_exponents.resize(parameters.len(), i32::MIN / 2);
        let share = T::from_f64(share);
        let exponents = workspace.exponents.iter().zip(sum_exponents);
        for (parameter, (exponent, sum_exponent)) in parameters.iter().zip(exponents) {
            let gradient = &mut workspace.gradient[parameter.range.clone()];
            gradient.iter_mut().for_each(|value| *value *= share);
            let sum = &mut sum[parameter.range.clone()];
            if first {
                sum.copy_from_slice(gradient);
                *sum_exponent = *exponent;
            } else {
                *sum_exponent = add_scaled(sum, *sum_exponent, gradient, *exponent);
            }
        }
    }

    /// The output of the last part.
    pub(crate) fn output(&self, examples: usize) -> &[T] {
        self.workspace.output(examples * N::layers().sizes().output)
    }

    /// What the last step was like.
    pub(crate) fn report(&self) -> StepReport<'_, T> {
        let total = ParameterNorms {
            before: Norm::total(self.norms.iter().map(|norms| norms.before)),
            after: Norm::total(self.norms.iter().map(|norms| norms.after)),
        };
        let Tried { loss, rescaled, .. } = self.tried;
        StepReport {
            step: self.step,
            loss,
            parameters: &self.parameters,
            norms: &self.norms,
            total,
            rescaled,
            changes: &self.changes,
            outputs: self,
        }
    }

    /// What a step was like that has just failed, where it came as far as its gradients.
    pub(crate) fn failed(&self) -> Option<StepReport<'_, T>> {
        self.tried.measured.then(|| StepReport { step: self.step + 1, ..self.report() })
    }

    /// Makes the step of the parts that were added.
    pub(crate) fn finish(&mut self, network: &mut N, learning_rate: f64) -> Result<(), Error> {
        if !self.sum_exponents.is_empty() {
            std::mem::swap(&mut self.sum, &mut self.workspace.gradient);
            std::mem::swap(&mut self.sum_exponents, &mut self.workspace.exponents);
        }
        self.attempt(network, learning_rate).map_err(|error| in_step(self.step + 1, error))?;
        self.step += 1;
        Ok(())
    }

    fn attempt(&mut self, network: &mut N, learning_rate: f64) -> Result<(), Error> {
        let Self { workspace, parameters, before, norms, tried, frozen, .. } = self;
        for (index, (parameter, frozen)) in parameters.iter().zip(&*frozen).enumerate() {
            if *frozen {
                workspace.gradient[parameter.range.clone()].fill(T::zero());
                workspace.exponents[index] = 0;
            }
        }
        if frozen.contains(&true) || !self.sum_exponents.is_empty() {
            workspace.norms(parameters, before);
        }
        tried.measured = true;
        for (norms, before) in norms.iter_mut().zip(&*before) {
            *norms = ParameterNorms { before: *before, after: *before };
        }
        // Where rescaling has not helped, clipping does not either.
        if before.iter().all(|norm| norm.is_finite()) {
            let values = network.tensors().parameters();
            let (gradient, exponents) = (&mut workspace.gradient, &mut workspace.exponents);
            clip(self.clip, parameters, values, gradient, exponents, before, &mut self.history);
            if self.clip.is_some() || tried.rescaled {
                for (norms, parameter) in norms.iter_mut().zip(&*parameters) {
                    norms.after = Norm::of(&workspace.gradient[parameter.range.clone()], 0);
                }
            }
        }
        if let Some((parameter, norms)) =
            parameters.iter().zip(norms).rev().find(|(_, n)| !n.after.is_finite())
        {
            return Err(non_finite::<T>(Stage::Gradient, &parameter.name, norms.before).into());
        }
        self.update(network, learning_rate)
    }

    /// Moves parameters and statistics, or neither.
    fn update(&mut self, network: &mut N, learning_rate: f64) -> Result<(), Error> {
        if let Some((_, value)) = crate::workspace::first_non_finite(&self.statistics) {
            let statistics = ParameterRange::of(N::layers().statistics());
            let error = non_finite_tensor(Stage::NewStatistic, &statistics, &self.statistics);
            return Err(error.unwrap_or_else(|| non_finite::<T>(Stage::NewStatistic, "", value)).into());
        }
        let values = network.tensors().parameters();
        let steps = &mut self.workspace.gradient[..values.len()];
        self.descents.fill(Descent::START);
        let finite = self.chain.update(learning_rate, values, steps, &mut self.descents, Descent::take);
        for (change, descent) in self.changes.iter_mut().zip(&self.descents) {
            *change = descent.relative();
        }
        // Decay moves also what has no gradient.
        for (index, parameter) in self.parameters.iter().enumerate().filter(|(index, _)| self.frozen[*index])
        {
            self.changes[index] = if self.changes[index].is_nan() { f64::NAN } else { 0.0 };
            steps[parameter.range.clone()].copy_from_slice(&values[parameter.range.clone()]);
        }
        if !self.descents.iter().all(Descent::surely_finite)
            && let Some(error) = non_finite_tensor(Stage::Update, &self.parameters, steps)
        {
            return Err(error.into());
        }
        if !finite {
            let infinite = self.chain.state().find(|(_, _, values)| !netdsl_layers::finite(values));
            let name = infinite.map_or("", |(_, tensor, _)| tensor.name.as_str());
            return Err(non_finite::<T>(Stage::Update, name, "infinite in its averages").into());
        }
        let tensors = network.tensors_mut();
        // Cheaper than a copy; what was the old parameters is overwritten by the next gradient.
        tensors.swap_parameters(&mut self.workspace.gradient);
        tensors.statistics_mut().copy_from_slice(&self.statistics);
        Ok(())
    }

    /// How many steps have been made.
    pub(crate) fn steps(&self) -> u64 {
        self.step
    }

    /// Puts all that the next step depends on, beside the network, into a file.
    pub(crate) fn write(&self, file: &mut Container) -> Memory {
        for (buffer, tensor, values) in self.chain.state() {
            file.insert(memory_name(buffer, tensor), Tensor::of(&tensor.shape, values));
        }
        let norms: Vec<f64> = self.history.norms().collect();
        if !norms.is_empty() {
            file.insert(NORMS.into(), Tensor::of(&[norms.len()], &norms));
        }
        let drawn = self.random.get_word_pos();
        Memory {
            step: self.step,
            chain_step: self.chain.step(),
            drawn: [(drawn >> 64) as u64, drawn as u64],
            norms: norms.len(),
        }
    }

    /// Takes up where a file has left off; `self` is new, with the same seed.
    pub(crate) fn read(&mut self, file: &Container, memory: &Memory) -> Result<(), CheckpointError> {
        for (buffer, tensor, into) in self.chain.restore(memory.chain_step) {
            let name = memory_name(buffer, tensor);
            let values = file.get(&name, &tensor.shape)?.values(&name)?;
            into.copy_from_slice(&values);
        }
        if memory.norms > 0 {
            file.list(NORMS)?.into_iter().for_each(|norm| self.history.push(norm));
        }
        self.step = memory.step;
        self.random.set_word_pos(u128::from(memory.drawn[0]) << 64 | u128::from(memory.drawn[1]));
        Ok(())
    }
}

/// What the next step depends on, beside tensors.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) step: u64,
    pub(crate) chain_step: i32,
    /// How many random words have been drawn.
    drawn: [u64; 2],
    /// How many norms the clipping remembers.
    norms: usize,
}

const NORMS: &str = "clip.norms";

fn memory_name(buffer: &str, tensor: &ParameterRange) -> String {
    format!("optimizer.{buffer}.{}", tensor.name)
}
