//! The recurrent layer with a memory cell.

use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::initializer::Initializer;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{GatedWeights, NotForecastable, Propagated, Signal, LstmCell, gated, recurrent};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::{Stored, recurrent_tensors};

use super::recurrence;

/// The number of gates, with the candidate.
const GATES: usize = 4;

/// `c(t) = f c(t - 1) + i g` and `h(t) = o activation(c(t))`, with the input, forget and output gates `i`, `f`, `o` and the
/// candidate `g`, `(i, f, g, o) = (sigmoid, sigmoid, activation, sigmoid)(x(t) Wᵀ + h(t - 1) Uᵀ + b)`.
///
/// `W: [4 units, features]`, `U: [4 units, units]`, both with the gates one after the other in that order, and `h(0) = c(0)
/// = 0`. `[time, features]` becomes `[units]`, the last state, or with `return_sequences` `[time, units]`, all states. The
/// parameters are `weight_ih` (`W`), `weight_hh` (`U`) and `bias`, of which the part of the forget gate starts at 1.
///
/// In the language `Lstm(units, activation = Tanh, init = GlorotUniform, recurrent_init = Orthogonal(1.0), bias = true,
/// return_sequences = false)`; a `bias_init` draws all gates alike.
///
/// Hochreiter & Schmidhuber 1997, "Long Short-Term Memory"; the forget gate is of Gers, Schmidhuber & Cummins 2000.
#[derive(Clone, Copy, Debug)]
pub struct Lstm<A> {
    /// The function of the candidate and of the cell.
    pub activation: A,
    /// The shape of an example of the input, `[time, features]`.
    pub input: Shape,
    /// The number of values of the state.
    pub units: usize,
    /// Whether there is a bias.
    pub bias: bool,
    /// Whether the output is all states and not the last alone.
    pub return_sequences: bool,
    /// How the weight of the input is drawn.
    pub init: Initializer,
    /// How the weight of the state is drawn.
    pub recurrent_init: Initializer,
    /// How the bias is drawn.
    pub bias_init: Initializer,
}

expression!(Lstm<A: Activation> {
    activation, input, units, bias, return_sequences, init, recurrent_init, bias_init
});

impl Declared for Lstm<Box<dyn Activation>> {
    const NAME: &'static str = "Lstm";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let units = arguments.size("units", 0, "64");
        let activation = arguments.activation_or("activation", Box::new(crate::Tanh));
        let init = arguments.initializer("init", Initializer::GLOROT_UNIFORM);
        let recurrent_init = arguments.initializer("recurrent_init", Initializer::ORTHOGONAL);
        let bias_init = arguments.bias_initializer("bias_init", Initializer::ForgetGate);
        let bias = arguments.boolean("bias", true);
        let return_sequences = arguments.boolean("return_sequences", false);
        let input = arguments.settle_sequence(input);
        Self { activation, input, units, bias, return_sequences, init, recurrent_init, bias_init }
    }
}

impl<A: Activation> Layer for Lstm<A> {
    fn kind(&self) -> &'static str {
        "Lstm"
    }

    fn output(&self) -> Shape {
        recurrence::output(self.input, self.units, self.return_sequences)
    }

    fn sizes(&self) -> Sizes {
        let (features, units) = (self.input.width(), self.units);
        Sizes {
            parameters: (GATES * units).saturating_mul(features + units + usize::from(self.bias)),
            tensors: 2 + usize::from(self.bias),
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
            parameters.push(parameter("bias", vec![GATES * units], self.bias_init, features));
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
        let bias = self.bias.then_some(self.bias_init);
        let (biases, bias_variance) = match bias {
            None => ([0.0; GATES], 0.0),
            Some(Initializer::ForgetGate) => ([0.0, 1.0, 0.0, 0.0], 0.0),
            Some(init) => ([init.mean(); GATES], init.variance(self.input.width(), GATES * self.units)),
        };
        let weights = GatedWeights {
            units: self.units,
            init: &self.init,
            recurrent_init: &self.recurrent_init,
            biases: usize::from(self.bias),
            bias_variance,
        };
        let activation = recurrent::elementwise(&self.activation)?;
        gated(&LstmCell { activation, biases }, weights, self.return_sequences, signal)
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::{GATES, Lstm};
    use crate::activation::ActivationKernel;
    use crate::activations::Sigmoid;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::layers::recurrence::Steps;
    use crate::product::{Matrix, product, transpose};

    impl<A: crate::Activation> Lstm<A> {
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
    }

    impl<T: Element, A: ActivationKernel<T>> Kernel<T> for Lstm<A> {
        /// Step after step: the input, the gates, the cells, the activations of the cells, the states, and the candidates
        /// before their activation where the derivative is computed from them; then the transpose of the weight of the state.
        fn saved_len(&self, batch: usize) -> usize {
            let steps = self.steps(batch, None);
            let values = steps.inputs() + (GATES + 3 + usize::from(A::FROM_INPUT)) * steps.states();
            values + steps.gates * self.units
        }

        fn scratch_len(&self, batch: usize) -> usize {
            let steps = self.steps(batch, None);
            GATES * steps.states() + 2 * steps.state() + steps.way_back()
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let steps = self.steps(pass.batch, pass.lengths);
            let (units, state, all) = (self.units, steps.state(), steps.states());
            let (inputs, rest) = pass.saved.split_at_mut(steps.inputs());
            let (gates, rest) = rest.split_at_mut(GATES * all);
            let (cells, rest) = rest.split_at_mut(all);
            let (activated, rest) = rest.split_at_mut(all);
            let (states, rest) = rest.split_at_mut(all);
            let (candidates, transposed) = rest.split_at_mut(rest.len() - steps.gates * units);
            let (weight, rest) = pass.parameters.split_at(steps.gates * steps.features);
            let (recurrent, bias) = rest.split_at(steps.gates * units);
            steps.input_products(pass.input, weight, bias, inputs, gates);
            // Once and not in the product of each step.
            transpose(recurrent, steps.gates, transposed);
            for step in 0..steps.time {
                let (past, now) = states.split_at_mut(step * state);
                let gates = &mut gates[GATES * step * state..][..GATES * state];
                if step > 0 {
                    let past = Matrix::new(&past[(step - 1) * state..], steps.batch, units);
                    product(past, Matrix::new(transposed, units, steps.gates), T::one(), gates);
                }
                for (example, gates) in gates.chunks_exact_mut(steps.gates).enumerate() {
                    let at = step * state + example * units;
                    if A::FROM_INPUT {
                        candidates[at..][..units].copy_from_slice(&gates[2 * units..3 * units]);
                    }
                    Sigmoid.activate(units, &mut gates[..2 * units]);
                    self.activation.activate(units, &mut gates[2 * units..3 * units]);
                    Sigmoid.activate(units, &mut gates[3 * units..]);
                    let (before, cells) = cells.split_at_mut(at);
                    let before = at.checked_sub(state).map(|at| &before[at..][..units]);
                    let (cells, activated) = (&mut cells[..units], &mut activated[at..][..units]);
                    for unit in 0..units {
                        let kept = before.map_or(T::zero(), |before| gates[units + unit] * before[unit]);
                        cells[unit] = kept + gates[unit] * gates[2 * units + unit];
                    }
                    activated.copy_from_slice(cells);
                    self.activation.activate(units, activated);
                    let now = &mut now[example * units..][..units];
                    for ((state, output), activated) in now.iter_mut().zip(&gates[3 * units..]).zip(&*activated) {
                        *state = *output * *activated;
                    }
                }
                steps.carry(step, cells);
                steps.carry(step, states);
            }
            steps.emit(states, pass.output);
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let steps = self.steps(pass.batch, pass.lengths);
            let (units, state, all) = (self.units, steps.state(), steps.states());
            let (inputs, rest) = pass.saved.split_at(steps.inputs());
            let (gates, rest) = rest.split_at(GATES * all);
            let (cells, rest) = rest.split_at(all);
            let (activated, rest) = rest.split_at(all);
            let (states, candidates) = rest.split_at(all);
            let (weight, rest) = pass.parameters.split_at(steps.gates * steps.features);
            let recurrent = &rest[..steps.gates * units];
            let (deltas, rest) = pass.scratch.split_at_mut(GATES * all);
            let (carried, scratch) = rest.split_at_mut(2 * state);
            let mut way = steps.way_back_from(pass.exponent, pass.rescale, carried, scratch);
            for step in (0..steps.time).rev() {
                way.arrive(step, pass.gradient);
                let delta = &mut deltas[GATES * step * state..][..GATES * state];
                for (example, delta) in delta.chunks_exact_mut(steps.gates).enumerate() {
                    let at = step * state + example * units;
                    let gates = &gates[GATES * at..][..steps.gates];
                    let (at_states, at_cells) = way.carried.split_at_mut(state);
                    let at_states = &at_states[example * units..][..units];
                    let at_cells = &mut at_cells[example * units..][..units];
                    let activated = &activated[at..][..units];
                    let through = &mut delta[2 * units..3 * units];
                    for unit in 0..units {
                        through[unit] = at_states[unit] * gates[3 * units + unit];
                    }
                    let source = if A::FROM_INPUT { &cells[at..][..units] } else { activated };
                    self.activation.differentiate(units, source, through);
                    for unit in 0..units {
                        let [input, forget, candidate, output] =
                            std::array::from_fn(|gate| gates[gate * units + unit]);
                        let before = at.checked_sub(state).map_or(T::zero(), |at| cells[at + unit]);
                        let at_cell = at_cells[unit] + delta[2 * units + unit];
                        delta[unit] = at_cell * candidate * input * (T::one() - input);
                        delta[units + unit] = at_cell * before * forget * (T::one() - forget);
                        delta[2 * units + unit] = at_cell * input;
                        delta[3 * units + unit] =
                            at_states[unit] * activated[unit] * output * (T::one() - output);
                        at_cells[unit] = at_cell * forget;
                    }
                    let source =
                        if A::FROM_INPUT { &candidates[at..][..units] } else { &gates[2 * units..3 * units] };
                    self.activation.differentiate(units, source, &mut delta[2 * units..3 * units]);
                }
                if step > 0 {
                    let delta = Matrix::new(delta, steps.batch, steps.gates);
                    let at_states = &mut way.carried[..state];
                    product(delta, Matrix::new(recurrent, steps.gates, units), T::zero(), at_states);
                    way.rescale();
                }
            }
            let (exponent, scratch) = way.align(&mut [&mut *deltas]);
            pass.exponent = exponent;
            pass.tensor_exponents.fill(exponent);
            let (weight_gradient, rest) = pass.parameter_gradient.split_at_mut(steps.gates * steps.features);
            let (recurrent_gradient, bias_gradient) = rest.split_at_mut(steps.gates * units);
            let input_gradient = pass.input_gradient.as_deref_mut();
            steps.input_gradients(deltas, inputs, weight, weight_gradient, input_gradient, scratch);
            steps.recurrent_gradient(deltas, states, recurrent_gradient);
            steps.bias_gradient(deltas, bias_gradient);
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
