//! The buffers of a pass, and the pass itself.

use netdsl_layers::{
    Backward, Buffer, Element, Forward, Kernel, Layer, LossKernel, ParameterRange, Shape, buffer, finite,
    lengthen, normalise, share_out,
};
use rand_chacha::ChaCha8Rng;

use crate::error::{Error, NonFinite, Stage};
use crate::inputs::Inputs;
use crate::network::{Network, Target};
use crate::norm::Norm;

/// Everything that a pass writes to; it grows with the largest batch and is then used again.
#[derive(Debug)]
pub(crate) struct Workspace<T> {
    output: Buffer<T>,
    saved: Buffer<T>,
    output_gradient: Buffer<T>,
    scratch: Buffer<T>,
    pub(crate) gradient: Buffer<T>,
    pub(crate) exponents: Vec<i32>,
}

/// Inputs with their targets, and for each example, or for each of its positions, what its loss is multiplied with, where
/// that is not 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch<'a, T, Y> {
    pub(crate) inputs: Inputs<'a, T>,
    pub(crate) targets: &'a [Y],
    pub(crate) weights: Option<&'a [f64]>,
}

/// What a backward pass has found out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passed {
    /// The mean loss.
    pub(crate) loss: f64,
    /// Whether gradients had to be rescaled on the way.
    pub(crate) rescaled: bool,
}

/// The first `len` values, which are there afterwards.
fn room<T: Element>(buffer: &mut Buffer<T>, len: usize) -> &mut [T] {
    lengthen(buffer, len, T::zero());
    &mut buffer[..len]
}

pub(crate) fn first_non_finite<T: Element>(values: &[T]) -> Option<(usize, T)> {
    // Nearly always there is nothing to be found.
    if finite(values) {
        return None;
    }
    values.iter().copied().enumerate().find(|(_, value)| !value.is_finite())
}

/// Whether every input is finite and such as the first layer takes.
pub(crate) fn check_input<T: Element, N: Network<T>>(inputs: Inputs<'_, T>) -> Result<(), Error> {
    inputs.check_lengths::<N>()?;
    let (layers, input) = (N::layers(), inputs.values);
    let (index, value, expected) = if let Some((index, value)) = first_non_finite(input) {
        (index, value, "a finite number".into())
    } else {
        let mut values = input.iter().copied().enumerate();
        let Some(found) = values.find_map(|(index, value)| Some((index, value, layers.refuse(value)?)))
        else {
            return Ok(());
        };
        found
    };
    let width = layers.sizes().input;
    Err(Error::Input { example: index / width, index: index % width, value: value.to_f64(), expected })
}

/// The error of the first value that is not finite.
pub(crate) fn non_finite<T: Element>(stage: Stage, name: &str, value: impl ToString) -> NonFinite {
    let element = std::any::type_name::<T>();
    NonFinite { step: None, stage, name: name.into(), value: value.to_string(), element }
}

/// The error of the first value of these tensors that is not finite.
pub(crate) fn non_finite_tensor<T: Element>(
    stage: Stage,
    tensors: &[ParameterRange],
    values: &[T],
) -> Option<NonFinite> {
    let (index, value) = first_non_finite(values)?;
    let tensor = tensors.iter().find(|tensor| tensor.range.contains(&index));
    Some(non_finite::<T>(stage, tensor.map_or("", |tensor| &tensor.name), value))
}

/// Whether steps of the output are padding where those of the input are.
pub(crate) fn padded<T: Element, N: Network<T>>(lengths: Option<&[usize]>) -> Option<&[usize]> {
    lengths.filter(|_| N::layers().keeps_steps() == Ok(true))
}

/// The mean loss of examples with weights, or of the steps of sequences that are data, and its gradient, which is zero at
/// the padding.
///
/// Each example is a mean of its own; the means are weighted by their steps and by the weights, which the sum is not
/// divided by.
fn loss_by_example<T: Element, N: Network<T>>(
    output: &[T],
    targets: &[Target<T, N>],
    lengths: Option<&[usize]>,
    weights: Option<&[f64]>,
    gradient: &mut [T],
) -> f64 {
    let shape = N::layers().output();
    let count = output.len() / shape.len();
    let (width, targets_of_example) = (shape.width(), targets.len() / count);
    let steps = lengths.map_or(count, |lengths| lengths.iter().sum());
    let examples = output.chunks_exact(shape.len()).zip(gradient.chunks_exact_mut(shape.len()));
    let mut loss = 0.0;
    for (index, ((output, gradient), targets)) in
        examples.zip(targets.chunks_exact(targets_of_example)).enumerate()
    {
        let (of_data, steps_of_example) = match lengths {
            None => (shape, 1),
            Some(lengths) => (Shape::sequence(lengths[index], width), lengths[index]),
        };
        let (data, padding) = gradient.split_at_mut(of_data.len());
        let targets = &targets[..targets_of_example * of_data.len() / shape.len()];
        let weight = weights.map_or(1.0, |weights| weights[index]);
        let share = weight * steps_of_example as f64 / steps as f64;
        let of_example = N::declared_loss().evaluate(of_data, &output[..of_data.len()], targets, data);
        // A weight of zero leaves an example out, whatever its loss.
        loss += if share == 0.0 { 0.0 } else { of_example * share };
        let share = T::from_f64(share);
        data.iter_mut().for_each(|value| *value *= share);
        padding.fill(T::zero());
    }
    loss
}

/// The same with a weight for each position of each example, in the order of the targets.
///
/// `row` has room for the features of a position and their gradient, which lie side by side there in every layout.
fn loss_by_position<T: Element, N: Network<T>>(
    output: &[T],
    targets: &[Target<T, N>],
    lengths: Option<&[usize]>,
    weights: &[f64],
    row: &mut [T],
    gradient: &mut [T],
) -> f64 {
    let shape = N::layers().output();
    let (width, positions) = (shape.width(), shape.positions());
    let steps = lengths.map_or(weights.len(), |lengths| lengths.iter().sum());
    let (values, derivatives) = row.split_at_mut(width);
    let mut loss = 0.0;
    for (position, target) in targets.chunks_exact(1).enumerate() {
        let padding = lengths.is_some_and(|lengths| position % positions >= lengths[position / positions]);
        let share = if padding { 0.0 } else { weights[position] / steps as f64 };
        let places = shape.features_at(position);
        if share == 0.0 {
            places.for_each(|place| gradient[place] = T::zero());
            continue;
        }
        places.clone().zip(&mut *values).for_each(|(place, value)| *value = output[place]);
        loss += share * N::declared_loss().evaluate(Shape::features(width), values, target, derivatives);
        let share = T::from_f64(share);
        places.zip(&*derivatives).for_each(|(place, derivative)| gradient[place] = *derivative * share);
    }
    loss
}

fn finite_loss<T: Element>(loss: f64) -> Result<f64, Error> {
    if loss.is_finite() { Ok(loss) } else { Err(non_finite::<T>(Stage::Loss, "", loss).into()) }
}

impl<T: Element> Workspace<T> {
    /// Without a value.
    ///
    /// # Errors
    /// Where it is not said on how many threads to compute.
    pub(crate) fn new() -> Result<Self, Error> {
        netdsl_layers::thread_count()?;
        Ok(Self {
            output: buffer(0, T::zero()),
            saved: buffer(0, T::zero()),
            output_gradient: buffer(0, T::zero()),
            scratch: buffer(0, T::zero()),
            gradient: buffer(0, T::zero()),
            exponents: Vec::new(),
        })
    }

    /// Runs the layers forward and returns the output of the batch.
    ///
    /// # Errors
    /// Where an input, a parameter, a statistic or the output is not finite, or the tensors do not fit the layers.
    pub(crate) fn forward<N: Network<T>>(
        &mut self,
        network: &N,
        inputs: Inputs<'_, T>,
        random: Option<&mut ChaCha8Rng>,
    ) -> Result<&[T], Error> {
        let (layers, tensors) = (N::layers(), network.tensors());
        tensors.check(layers)?;
        let sizes = layers.sizes();
        check_input::<T, N>(inputs)?;
        // An activation such as ReLU can swallow a NaN, so that the output alone does not tell.
        if let Some(error) = self.tensors_non_finite(network) {
            return Err(error.into());
        }
        let batch = inputs.values.len() / sizes.input;
        let output = room(&mut self.output, batch * sizes.output);
        layers.forward(Forward {
            batch,
            lengths: inputs.lengths,
            random,
            parameters: tensors.parameters(),
            statistics: tensors.statistics(),
            input: inputs.values,
            output,
            saved: room(&mut self.saved, layers.saved_len(batch)),
        });
        let output = &self.output[..batch * sizes.output];
        if first_non_finite(output).is_some() {
            let mut first = None;
            let saved = &self.saved[..layers.saved_len(batch)];
            layers.outputs("", batch, saved, output, &mut |path, values| {
                if first.is_none()
                    && let Some((_, value)) = first_non_finite(values)
                {
                    first = Some(non_finite::<T>(Stage::Output, path, value));
                }
            });
            return Err(first.unwrap_or_else(|| non_finite::<T>(Stage::Output, N::NAME, T::nan())).into());
        }
        Ok(output)
    }

    /// The output of the last forward pass.
    pub(crate) fn output(&self, len: usize) -> &[T] {
        &self.output[..len]
    }

    /// What the last forward pass saved.
    pub(crate) fn saved(&self, len: usize) -> &[T] {
        &self.saved[..len]
    }

    fn tensors_non_finite<N: Network<T>>(&self, network: &N) -> Option<NonFinite> {
        let tensors = network.tensors();
        if !tensors.known_finite() && first_non_finite(tensors.parameters()).is_some() {
            return non_finite_tensor(
                Stage::Parameter,
                &ParameterRange::of(N::layers().parameters()),
                tensors.parameters(),
            );
        }
        if first_non_finite(tensors.statistics()).is_some() {
            return non_finite_tensor(
                Stage::Statistic,
                &ParameterRange::of(N::layers().statistics()),
                tensors.statistics(),
            );
        }
        None
    }

    /// The mean loss of the output that the last [`forward`](Self::forward) of these examples left, over the steps that are
    /// data.
    ///
    /// # Errors
    /// Where the loss is not finite. The targets have been checked.
    pub(crate) fn loss<N: Network<T>>(&mut self, batch: Batch<'_, T, Target<T, N>>) -> Result<f64, Error> {
        let len = batch.inputs.values.len() / N::layers().sizes().input * N::layers().sizes().output;
        let (output, targets) = (&self.output[..len], batch.targets);
        let gradient = room(&mut self.output_gradient, len);
        finite_loss::<T>(match (padded::<T, N>(batch.inputs.lengths), batch.weights) {
            (None, None) => N::declared_loss().evaluate(N::layers().output(), output, targets, gradient),
            (lengths, Some(weights)) if weights.len() > len / N::layers().sizes().output => {
                let row = room(&mut self.scratch, 2 * N::layers().output().width());
                loss_by_position::<T, N>(output, targets, lengths, weights, row, gradient)
            }
            (lengths, weights) => loss_by_example::<T, N>(output, targets, lengths, weights, gradient),
        })
    }

    /// Runs forward and backward. Afterwards the gradient of tensor `i` is its part of `gradient` times
    /// `2^exponents[i]`, and `norms[i]` is the norm of that.
    ///
    /// # Errors
    /// As [`forward`](Self::forward) and [`loss`](Self::loss).
    pub(crate) fn backward<N: Network<T>>(
        &mut self,
        network: &N,
        tensors: &[ParameterRange],
        data: Batch<'_, T, Target<T, N>>,
        random: &mut ChaCha8Rng,
        norms: &mut [Norm],
    ) -> Result<Passed, Error> {
        let inputs = data.inputs;
        self.forward(network, inputs, Some(random))?;
        let batch = inputs.values.len() / N::layers().sizes().input;
        let loss = self.loss::<N>(data)?;
        let mut passed = Passed { loss, rescaled: false };
        self.gradients(network, inputs, batch, false);
        self.norms(tensors, norms);
        if norms.iter().any(|norm| !norm.is_finite()) {
            // The pass has used the gradient of the output up.
            self.loss::<N>(data)?;
            self.gradients(network, inputs, batch, true);
            self.norms(tensors, norms);
            passed.rescaled = true;
        }
        Ok(passed)
    }

    /// The norms of the gradients as they are now.
    pub(crate) fn norms(&self, tensors: &[ParameterRange], norms: &mut [Norm]) {
        let end = tensors.last().map_or(0, |tensor| tensor.range.end);
        let start = |index: usize| tensors.get(index).map_or(end, |tensor| tensor.range.start);
        share_out(norms, &start, &|index, norm| {
            *norm = Norm::of(&self.gradient[tensors[index].range.clone()], self.exponents[index]);
        });
    }

    fn gradients<N: Network<T>>(&mut self, network: &N, inputs: Inputs<'_, T>, batch: usize, rescale: bool) {
        let layers = N::layers();
        let sizes = layers.sizes();
        let gradient = &mut self.output_gradient[..batch * sizes.output];
        let exponent = if rescale { normalise(gradient) } else { 0 };
        self.exponents.clear();
        self.exponents.resize(sizes.tensors, exponent);
        layers.backward(&mut Backward {
            batch,
            lengths: inputs.lengths,
            parameters: network.tensors().parameters(),
            input: inputs.values,
            output: &self.output[..batch * sizes.output],
            saved: &self.saved[..layers.saved_len(batch)],
            gradient,
            input_gradient: None,
            parameter_gradient: room(&mut self.gradient, sizes.parameters),
            tensor_exponents: &mut self.exponents,
            exponent,
            rescale,
            scratch: room(&mut self.scratch, layers.scratch_len(batch)),
        });
    }
}
