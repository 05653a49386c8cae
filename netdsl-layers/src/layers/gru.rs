//! The gated recurrent layer.

use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::initializer::Initializer;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{GatedWeights, NotForecastable, Propagated, Signal, GruCell, gated, recurrent};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::{Stored, recurrent_tensors};

use super::recurrence;

/// The number of gates, with the candidate.
const GATES: usize = 3;

/// `h(t) = (1 - z) n + z h(t - 1)`, with the reset and update gates `r`, `z` and the candidate `n`:
/// `r = sigmoid(x Wrᵀ + br + h Urᵀ + cr)`, `z = sigmoid(x Wzᵀ + bz + h Uzᵀ + cz)` and
/// `n = activation(x Wnᵀ + bn + r (h Unᵀ + cn))`, where `x = x(t)` and `h = h(t - 1)`.
///
/// `W: [3 units, features]`, `U: [3 units, units]`, both with the gates one after the other in the order `r, z, n`, and
/// `h(0) = 0`. `[time, features]` becomes `[units]`, the last state, or with `return_sequences` `[time, units]`, all
/// states. The parameters are `weight_ih` (`W`), `weight_hh` (`U`), `bias_ih` (`b`) and `bias_hh` (`c`).
///
/// In the language `Gru(units, activation = Tanh, init = GlorotUniform, recurrent_init = Orthogonal(1.0), bias_init =
/// Zeros, bias = true, return_sequences = false)`. The reset comes after the product, as in Keras and PyTorch.
///
/// Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation",
/// arXiv:1406.1078.
#[derive(Clone, Copy, Debug)]
pub struct Gru<A> {
    /// The function of the candidate.
    pub activation: A,
    /// The shape of an example of the input, `[time, features]`.
    pub input: Shape,
    /// The number of values of the state.
    pub units: usize,
    /// Whether there are biases.
    pub bias: bool,
    /// Whether the output is all states and not the last alone.
    pub return_sequences: bool,
    /// How the weight of the input is drawn.
    pub init: Initializer,
    /// How the weight of the state is drawn.
    pub recurrent_init: Initializer,
    /// How the biases are drawn.
    pub bias_init: Initializer,
}

expression!(Gru<A: Activation> {
    activation, input, units, bias, return_sequences, init, recurrent_init, bias_init
});

impl Declared for Gru<Box<dyn Activation>> {
    const NAME: &'static str = "Gru";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let units = arguments.size("units", 0, "64");
        let activation = arguments.activation_or("activation", Box::new(crate::Tanh));
        let init = arguments.initializer("init", Initializer::GLOROT_UNIFORM);
        let recurrent_init = arguments.initializer("recurrent_init", Initializer::ORTHOGONAL);
        let bias_init = arguments.bias_initializer("bias_init", Initializer::ZEROS);
        let bias = arguments.boolean("bias", true);
        let return_sequences = arguments.boolean("return_sequences", false);
        let input = arguments.settle_sequence(input);
        Self { activation, input, units, bias, return_sequences, init, recurrent_init, bias_init }
    }
}

impl<A: Activation> Layer for Gru<A> {
    fn kind(&self) -> &'static str {
        "Gru"
    }

    fn output(&self) -> Shape {
        recurrence::output(self.input, self.units, self.return_sequences)
    }

    fn sizes(&self) -> Sizes {
        let (features, units) = (self.input.width(), self.units);
        Sizes {
            parameters: (GATES * units).saturating_mul(features + units + 2 * usize::from(self.bias)),
            tensors: 2 + 2 * usize::from(self.bias),
            statistics: 0,
            input: self.input.len(),
            output: self.output().len(),
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let (features, units) = (self.input.width(), self.units);
        let parameter = |name: &str, shape, initializer, fan_in| Parameter {
            name: name.into(),
            shape,
            initializer,
            fan_in,
            fan_out: GATES * units,
        };
        let mut parameters = vec![
            parameter("weight_ih", vec![GATES * units, features], self.init, features),
            parameter("weight_hh", vec![GATES * units, units], self.recurrent_init, units),
        ];
        if self.bias {
            parameters.push(parameter("bias_ih", vec![GATES * units], self.bias_init, features));
            parameters.push(parameter("bias_hh", vec![GATES * units], self.bias_init, units));
        }
        parameters
    }

    fn statistics(&self) -> Vec<Parameter> {
        Vec::new()
    }

    fn keeps_steps(&self) -> Result<bool, MixesSteps> {
        Ok(self.return_sequences)
    }

    fn leaves(&self, path: &str, visit: &mut dyn FnMut(&str, &dyn Layer)) {
        visit(path, self);
    }

    fn stored(&self) -> Vec<Stored> {
        recurrent_tensors(self.parameters())
    }

    fn activation(&self) -> Option<&dyn Activation> {
        None
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        let bias = if self.bias { self.bias_init } else { Initializer::ZEROS };
        let fans = [self.input.width(), self.units];
        let weights = GatedWeights {
            units: self.units,
            init: &self.init,
            recurrent_init: &self.recurrent_init,
            biases: 2 * usize::from(self.bias),
            bias_variance: fans.map(|fan_in| bias.variance(fan_in, GATES * self.units)).iter().sum(),
        };
        let activation = recurrent::elementwise(&self.activation)?;
        gated(&GruCell { activation, bias: bias.mean() }, weights, self.return_sequences, signal)
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::{GATES, Gru};
    use crate::activation::ActivationKernel;
    use crate::activations::Sigmoid;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::layers::recurrence::Steps;
    use crate::product::{Matrix, product};

    impl<A: crate::Activation> Gru<A> {
        fn steps<'a>(&self, batch: usize, lengths: Option<&'a [usize]>) -> Steps<'a> {
            Steps {
                batch,
                lengths,
                time: self.input.positions(),
                features: self.input.width(),
                units: self.units,
                gates: GATES * self.units,
                return_sequences: self.return_sequences,
            }
        }

        /// The number of values of the biases of the input.
        fn bias_len(&self) -> usize {
            if self.bias { GATES * self.units } else { 0 }
        }
    }

    impl<T: Element, A: ActivationKernel<T>> Kernel<T> for Gru<A> {
        /// Step after step: the input, the gates, the products with the state, the states, and the candidates before their
        /// activation where the derivative is computed from them.
        fn saved_len(&self, batch: usize) -> usize {
            let steps = self.steps(batch, None);
            steps.inputs() + (2 * GATES + 1 + usize::from(A::FROM_INPUT)) * steps.states()
        }

        fn scratch_len(&self, batch: usize) -> usize {
            let steps = self.steps(batch, None);
            2 * GATES * steps.states() + steps.state() + steps.way_back()
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let steps = self.steps(pass.batch, pass.lengths);
            let (units, state, all) = (self.units, steps.state(), steps.states());
            let (inputs, rest) = pass.saved.split_at_mut(steps.inputs());
            let (gates, rest) = rest.split_at_mut(GATES * all);
            let (products, rest) = rest.split_at_mut(GATES * all);
            let (states, candidates) = rest.split_at_mut(all);
            let (weight, rest) = pass.parameters.split_at(steps.gates * steps.features);
            let (recurrent, rest) = rest.split_at(steps.gates * units);
            let (bias, recurrent_bias) = rest.split_at(self.bias_len());
            steps.input_products(pass.input, weight, bias, inputs, gates);
            products.fill(T::zero());
            if self.bias {
                products.chunks_exact_mut(steps.gates).for_each(|row| row.copy_from_slice(recurrent_bias));
            }
            for step in 0..steps.time {
                let (past, now) = states.split_at_mut(step * state);
                let products = &mut products[GATES * step * state..][..GATES * state];
                let past = step.checked_sub(1).map(|before| &past[before * state..]);
                if let Some(past) = past {
                    let past = Matrix::new(past, steps.batch, units);
                    let recurrent = Matrix::new(recurrent, steps.gates, units);
                    product(past, recurrent.transpose(), T::one(), products);
                }
                let gates = &mut gates[GATES * step * state..][..GATES * state];
                let rows = gates.chunks_exact_mut(steps.gates).zip(products.chunks_exact(steps.gates));
                for (example, (gates, products)) in rows.enumerate() {
                    let (sigmoids, candidate) = gates.split_at_mut(2 * units);
                    sigmoids.iter_mut().zip(products).for_each(|(gate, product)| *gate += *product);
                    Sigmoid.activate(units, sigmoids);
                    for unit in 0..units {
                        candidate[unit] += sigmoids[unit] * products[2 * units + unit];
                    }
                    if A::FROM_INPUT {
                        candidates[step * state + example * units..][..units].copy_from_slice(candidate);
                    }
                    self.activation.activate(units, candidate);
                    let now = &mut now[example * units..][..units];
                    for unit in 0..units {
                        let update = sigmoids[units + unit];
                        let kept = past.map_or(T::zero(), |past| update * past[example * units + unit]);
                        now[unit] = (T::one() - update) * candidate[unit] + kept;
                    }
                }
                steps.carry(step, states);
            }
            steps.emit(states, pass.output);
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let steps = self.steps(pass.batch, pass.lengths);
            let (units, state, all) = (self.units, steps.state(), steps.states());
            let (inputs, rest) = pass.saved.split_at(steps.inputs());
            let (gates, rest) = rest.split_at(GATES * all);
            let (products, rest) = rest.split_at(GATES * all);
            let (states, candidates) = rest.split_at(all);
            let (weight, rest) = pass.parameters.split_at(steps.gates * steps.features);
            let recurrent = &rest[..steps.gates * units];
            let (deltas, rest) = pass.scratch.split_at_mut(GATES * all);
            let (recurrent_deltas, rest) = rest.split_at_mut(GATES * all);
            let (carried, scratch) = rest.split_at_mut(state);
            let mut way = steps.way_back_from(pass.exponent, pass.rescale, carried, scratch);
            for step in (0..steps.time).rev() {
                way.arrive(step, pass.gradient);
                let part = GATES * step * state..GATES * (step + 1) * state;
                let delta = &mut deltas[part.clone()];
                let recurrent_delta = &mut recurrent_deltas[part];
                let rows =
                    delta.chunks_exact_mut(steps.gates).zip(recurrent_delta.chunks_exact_mut(steps.gates));
                for (example, (delta, recurrent_delta)) in rows.enumerate() {
                    let at = step * state + example * units;
                    let gates = &gates[GATES * at..][..steps.gates];
                    let products = &products[GATES * at..][..steps.gates];
                    let at_states = &mut way.carried[example * units..][..units];
                    for unit in 0..units {
                        let (update, candidate) = (gates[units + unit], gates[2 * units + unit]);
                        let before = at.checked_sub(state).map_or(T::zero(), |at| states[at + unit]);
                        delta[units + unit] =
                            at_states[unit] * (before - candidate) * update * (T::one() - update);
                        delta[2 * units + unit] = at_states[unit] * (T::one() - update);
                        at_states[unit] *= update;
                    }
                    let candidate =
                        if A::FROM_INPUT { &candidates[at..][..units] } else { &gates[2 * units..] };
                    self.activation.differentiate(units, candidate, &mut delta[2 * units..]);
                    for unit in 0..units {
                        let (reset, at_candidate) = (gates[unit], delta[2 * units + unit]);
                        delta[unit] =
                            at_candidate * products[2 * units + unit] * reset * (T::one() - reset);
                        recurrent_delta[2 * units + unit] = at_candidate * reset;
                    }
                    recurrent_delta[..2 * units].copy_from_slice(&delta[..2 * units]);
                }
                if step > 0 {
                    let delta = Matrix::new(recurrent_delta, steps.batch, steps.gates);
                    product(delta, Matrix::new(recurrent, steps.gates, units), T::one(), way.carried);
                    way.rescale();
                }
            }
            let (exponent, scratch) = way.align(&mut [&mut *deltas, &mut *recurrent_deltas]);
            pass.exponent = exponent;
            pass.tensor_exponents.fill(exponent);
            let (weight_gradient, rest) = pass.parameter_gradient.split_at_mut(steps.gates * steps.features);
            let (recurrent_gradient, rest) = rest.split_at_mut(steps.gates * units);
            let (bias_gradient, recurrent_bias_gradient) = rest.split_at_mut(self.bias_len());
            let input_gradient = pass.input_gradient.as_deref_mut();
            steps.input_gradients(deltas, inputs, weight, weight_gradient, input_gradient, scratch);
            steps.recurrent_gradient(recurrent_deltas, states, recurrent_gradient);
            steps.bias_gradient(deltas, bias_gradient);
            steps.bias_gradient(recurrent_deltas, recurrent_bias_gradient);
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
