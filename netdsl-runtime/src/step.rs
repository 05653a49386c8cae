//! One step of training.

use std::marker::PhantomData;

use netdsl_layers::{Chain, Clip, Element, Kernel, Layer, OptimizerKernel, ParameterRange};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::clipping::clip;
use crate::error::{Error, NonFinite, Stage};
use crate::examples::Examples;
use crate::feature_shape::TargetShape;
use crate::inputs::Inputs;
use crate::network::{INPUT, Network, TARGET, Target, TargetsOf, check_pairs};
use crate::norm::Norm;
use crate::workspace::{Workspace, non_finite, non_finite_tensor};

/// The norm of a gradient before and after clipping.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParameterNorms {
    /// As the backward pass gave it, also where it does not fit the element type.
    pub before: Norm,
    /// As the optimizer got it.
    pub after: Norm,
}

/// What a step was like.
#[derive(Clone, Copy, Debug)]
pub struct StepReport<'a> {
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
}

/// Forward, loss, backward, clipping and optimizer, with all that they need between two steps.
///
/// A step either succeeds or leaves the network as it was. It allocates nothing once it has seen its largest batch, beyond
/// what the matrix product packs for itself.
#[derive(Debug)]
pub struct TrainingStep<T, N> {
    workspace: Workspace<T>,
    chain: Chain<T>,
    clip: Option<Clip>,
    learning_rate: f64,
    random: ChaCha8Rng,
    parameters: Vec<ParameterRange>,
    before: Vec<Norm>,
    norms: Vec<ParameterNorms>,
    /// The running statistics of the step, until it is known to succeed.
    statistics: Vec<T>,
    /// The last step that was tried.
    tried: Tried,
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

/// Refuses what is not finite and above zero.
fn positive(name: &'static str, value: f64) -> Result<(), Error> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::Setting { name, value, expected: A_POSITIVE_NUMBER })
}

impl<T: Element, N: Network<T>> TrainingStep<T, N> {
    /// The first step of a network; `seed` is that of dropout.
    ///
    /// # Errors
    /// [`Error::Setting`] where the learning rate or the bound of clipping is not finite and above zero.
    pub fn new(optimizer: &dyn OptimizerKernel<T>, seed: u64) -> Result<Self, Error> {
        if let Some(clip) = optimizer.clip() {
            positive("the bound of clipping", clip.bound())?;
        }
        let learning_rate = optimizer.learning_rate();
        positive(LEARNING_RATE, learning_rate)?;
        let layers = N::layers();
        let parameters = ParameterRange::of(layers.parameters());
        let sizes = layers.sizes();
        let zero = ParameterNorms { before: Norm::ZERO, after: Norm::ZERO };
        Ok(Self {
            workspace: Workspace::default(),
            chain: Chain::new(optimizer.transforms(), parameters.clone()),
            clip: optimizer.clip(),
            learning_rate,
            random: ChaCha8Rng::seed_from_u64(seed),
            before: vec![Norm::ZERO; parameters.len()],
            norms: vec![zero; parameters.len()],
            statistics: vec![T::zero(); sizes.statistics],
            parameters,
            tried: Tried { loss: f64::NAN, rescaled: false, measured: false },
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

    /// Trains the network on one batch.
    ///
    /// # Errors
    /// Wrong shapes, inputs and targets; [`Error::NonFinite`] where a number leaves the range of `T`, with the name of
    /// the first layer or parameter: in the order of the pass, so that it is the one nearest to the output for a
    /// gradient. The network is then as it was; the optimizer's memory is no longer of use where its own step has failed.
    pub fn run<X, Y>(&mut self, network: &mut N, input: &X, target: &Y) -> Result<StepReport<'_>, Error>
    where
        X: Examples<T, N::Input> + ?Sized,
        Y: Examples<Target<T, N>, <TargetsOf<T, N> as TargetShape>::Shape<N::Output>> + ?Sized,
    {
        let (values, target) = (input.values(INPUT)?, target.values(TARGET)?);
        check_pairs::<T, N>(&values, &target)?;
        self.run_checked(network, Inputs { values: &values, lengths: input.lengths() }, &target)?;
        Ok(self.report())
    }

    /// [`run`](Self::run) with as many targets as inputs, that the loss is defined for.
    pub(crate) fn run_checked(
        &mut self,
        network: &mut N,
        inputs: Inputs<'_, T>,
        targets: &[Target<T, N>],
    ) -> Result<(), Error> {
        let step = self.step + 1;
        self.attempt(network, inputs, targets).map_err(|error| match error {
            Error::NonFinite(error) => Error::NonFinite(NonFinite { step: Some(step), ..error }),
            other => other,
        })?;
        self.step = step;
        Ok(())
    }

    /// What the last step was like.
    pub(crate) fn report(&self) -> StepReport<'_> {
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
        }
    }

    /// What a step was like that has just failed, where it came as far as its gradients.
    pub(crate) fn failed(&self) -> Option<StepReport<'_>> {
        self.tried.measured.then(|| StepReport { step: self.step + 1, ..self.report() })
    }

    fn attempt(
        &mut self,
        network: &mut N,
        inputs: Inputs<'_, T>,
        targets: &[Target<T, N>],
    ) -> Result<(), Error> {
        let Self { workspace, parameters, before, norms, random, tried, .. } = self;
        tried.measured = false;
        let passed = workspace.backward(network, parameters, inputs, targets, random, before)?;
        *tried = Tried { loss: passed.loss, rescaled: passed.rescaled, measured: true };
        for (norms, before) in norms.iter_mut().zip(&*before) {
            *norms = ParameterNorms { before: *before, after: *before };
        }
        // Where rescaling has not helped, clipping does not either.
        if before.iter().all(|norm| norm.is_finite()) {
            let values = network.tensors().parameters();
            clip(self.clip, parameters, values, &mut workspace.gradient, &mut workspace.exponents, before);
            if self.clip.is_some() || passed.rescaled {
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
        self.update(network, inputs.values.len() / N::layers().sizes().input)
    }

    /// Moves parameters and statistics, or neither.
    fn update(&mut self, network: &mut N, batch: usize) -> Result<(), Error> {
        let layers = N::layers();
        self.statistics.copy_from_slice(network.tensors().statistics());
        layers.update_statistics(batch, self.workspace.saved(layers.saved_len(batch)), &mut self.statistics);
        if let Some((_, value)) = crate::workspace::first_non_finite(&self.statistics) {
            let statistics = ParameterRange::of(layers.statistics());
            let error = non_finite_tensor(Stage::NewStatistic, &statistics, &self.statistics);
            return Err(error.unwrap_or_else(|| non_finite::<T>(Stage::NewStatistic, "", value)).into());
        }
        let values = network.tensors().parameters();
        let steps = &mut self.workspace.gradient[..values.len()];
        let finite = self.chain.update(self.learning_rate, values, steps);
        for (step, value) in steps.iter_mut().zip(values) {
            *step = *value - *step;
        }
        if let Some(error) = non_finite_tensor(Stage::Update, &self.parameters, steps) {
            return Err(error.into());
        }
        if !finite {
            return Err(non_finite::<T>(Stage::Update, N::NAME, "infinite in its averages").into());
        }
        let tensors = network.tensors_mut();
        tensors.parameters_mut().copy_from_slice(steps);
        tensors.statistics_mut().copy_from_slice(&self.statistics);
        Ok(())
    }
}
