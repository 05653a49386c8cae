//! The recurrent layer with a memory cell.

use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::initializer::Initializer;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{GatedWeights, LstmCell, NotForecastable, Propagated, Signal, gated, recurrent};
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
    use pulp::{Simd, WithSimd};

    use super::{GATES, Lstm};
    use crate::activation::ActivationKernel;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::layers::recurrence::{Steps, Sums, WayBack, add_bias};
    use crate::product::{Matrix, product_with_packed};
    use crate::registers::dispatch;

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

    /// A step ahead, behind the products: the values of all examples.
    struct Ahead<'a, T, A> {
        layer: &'a Lstm<A>,
        bias: &'a [T],
        gates: &'a mut [T],
        /// The cells before, which are zero for the first step.
        before: Option<&'a [T]>,
        cells: &'a mut [T],
        activated: &'a mut [T],
        /// Room for the candidates before their activation, where the derivative is computed from them.
        candidates: &'a mut [T],
        states: &'a mut [T],
    }

    impl<T: Element, A: ActivationKernel<T>> WithSimd for Ahead<'_, T, A> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Lstm { activation, units, .. } = self.layer;
            let units = *units;
            for (example, gates) in self.gates.chunks_exact_mut(GATES * units).enumerate() {
                let at = example * units..(example + 1) * units;
                add_bias(self.bias, gates);
                let (inputs, rest) = gates.split_at_mut(units);
                let (forgets, rest) = rest.split_at_mut(units);
                let (candidate, outputs) = rest.split_at_mut(units);
                if A::FROM_INPUT {
                    self.candidates[at.clone()].copy_from_slice(candidate);
                }
                activation.activate(units, candidate);
                let cells = &mut self.cells[at.clone()];
                for ((input, candidate), cell) in inputs.iter_mut().zip(&*candidate).zip(&mut *cells) {
                    *input = input.logistic();
                    *cell = *input * *candidate;
                }
                for forget in &mut *forgets {
                    *forget = forget.logistic();
                }
                if let Some(before) = self.before {
                    let before = &before[at.clone()];
                    for ((cell, forget), before) in cells.iter_mut().zip(&*forgets).zip(before) {
                        *cell += *forget * *before;
                    }
                }
                let activated = &mut self.activated[at.clone()];
                activated.copy_from_slice(cells);
                activation.activate(units, activated);
                let states = self.states[at].iter_mut();
                for ((state, output), activated) in states.zip(outputs).zip(&*activated) {
                    *output = output.logistic();
                    *state = *output * *activated;
                }
            }
        }
    }

    /// A step back, before the product: the gradients at the gates of all examples.
    struct Back<'a, T, A> {
        layer: &'a Lstm<A>,
        gates: &'a [T],
        /// The cells before, which are zero for the first step.
        before: Option<&'a [T]>,
        activated: &'a [T],
        /// What the derivative at the cells is computed from.
        source: &'a [T],
        /// The candidates before their activation, where the derivative is computed from them.
        candidates: &'a [T],
        at_states: &'a [T],
        at_cells: &'a mut [T],
        delta: &'a mut [T],
    }

    impl<T: Element, A: ActivationKernel<T>> WithSimd for Back<'_, T, A> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Lstm { activation, units, .. } = self.layer;
            let units = *units;
            for (example, delta) in self.delta.chunks_exact_mut(GATES * units).enumerate() {
                let at = example * units..(example + 1) * units;
                let gate = |gate: usize| &self.gates[(GATES * example + gate) * units..][..units];
                let [inputs, forgets, candidates, outputs] = [gate(0), gate(1), gate(2), gate(3)];
                let (at_states, at_cells) = (&self.at_states[at.clone()], &mut self.at_cells[at.clone()]);
                let activated = &self.activated[at.clone()];
                let (at_inputs, rest) = delta.split_at_mut(units);
                let (at_forgets, rest) = rest.split_at_mut(units);
                let (at_candidates, at_outputs) = rest.split_at_mut(units);
                for unit in 0..units {
                    at_candidates[unit] = at_states[unit] * outputs[unit];
                }
                activation.differentiate(units, &self.source[at.clone()], at_candidates);
                for unit in 0..units {
                    let (output, forget) = (outputs[unit], forgets[unit]);
                    at_cells[unit] += at_candidates[unit];
                    at_outputs[unit] = at_states[unit] * activated[unit] * output * (T::one() - output);
                    at_forgets[unit] = at_cells[unit] * forget * (T::one() - forget);
                }
                match self.before.map(|before| &before[at.clone()]) {
                    Some(before) => {
                        for unit in 0..units {
                            at_forgets[unit] *= before[unit];
                        }
                    }
                    None => at_forgets.fill(T::zero()),
                }
                for unit in 0..units {
                    let (at_cell, input) = (at_cells[unit], inputs[unit]);
                    at_inputs[unit] = at_cell * candidates[unit] * input * (T::one() - input);
                    at_candidates[unit] = at_cell * input;
                    at_cells[unit] = at_cell * forgets[unit];
                }
                let source = if A::FROM_INPUT { &self.candidates[at] } else { candidates };
                activation.differentiate(units, source, at_candidates);
            }
        }
    }

    impl<T: Element, A: ActivationKernel<T>> Kernel<T> for Lstm<A> {
        /// Step after step: the input, the gates, the cells, the activations of the cells, the states, and the candidates
        /// before their activation where the derivative is computed from them; then the packed weights.
        fn saved_len(&self, batch: usize) -> usize {
            let steps = self.steps(batch, None);
            let values = steps.inputs() + (GATES + 3 + usize::from(A::FROM_INPUT)) * steps.states();
            values + steps.packed()
        }

        fn scratch_len(&self, batch: usize) -> usize {
            let steps = self.steps(batch, None);
            steps.rows_at_once() * steps.gates
                + 2 * steps.state()
                + steps.packed_back()
                + steps.exponents()
                + steps.sums()
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let steps = self.steps(pass.batch, pass.lengths);
            let (units, all) = (self.units, steps.states());
            let (inputs, rest) = pass.saved.split_at_mut(steps.inputs());
            let (gates, rest) = rest.split_at_mut(GATES * all);
            let (cells, rest) = rest.split_at_mut(all);
            let (activated, rest) = rest.split_at_mut(all);
            let (states, rest) = rest.split_at_mut(all);
            let (candidates, packed) = rest.split_at_mut(rest.len() - steps.packed());
            let (weight, rest) = pass.parameters.split_at(steps.gates * steps.features);
            let (recurrent, bias) = rest.split_at(steps.gates * units);
            let [weight, recurrent] = steps.pack(weight, recurrent, packed);
            let written = [
                steps.rows_mut(inputs, steps.features),
                steps.rows_mut(gates, steps.gates),
                steps.rows_mut(cells, units),
                steps.rows_mut(activated, units),
                steps.rows_mut(states, units),
                steps.rows_mut(candidates, units),
                steps.output_mut(pass.output),
            ];
            steps.share(steps.time, [steps.input(pass.input)], written, &|steps, [input], written| {
                let [mut inputs, mut gates, mut cells, mut activated, mut states, mut candidates, mut output] = written;
                for step in 0..steps.time {
                    let gates = gates.step(step);
                    steps.input_products(step, input, inputs.step(step), weight, gates);
                    let (before, states_now) = states.before_and_now(step);
                    steps.add_state_products(before, recurrent, gates);
                    let (before, cells_now) = cells.before_and_now(step);
                    dispatch(Ahead {
                        layer: self,
                        bias,
                        gates,
                        before,
                        cells: cells_now,
                        activated: activated.step(step),
                        candidates: if A::FROM_INPUT { candidates.step(step) } else { &mut [] },
                        states: states_now,
                    });
                    steps.carry(step, &mut cells);
                    steps.carry(step, &mut states);
                    steps.emit(step, states.step(step), &mut output);
                }
            });
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let steps = self.steps(pass.batch, pass.lengths);
            let (units, state, all) = (self.units, steps.state(), steps.states());
            let (inputs, rest) = pass.saved.split_at(steps.inputs());
            let (gates, rest) = rest.split_at(GATES * all);
            let (cells, rest) = rest.split_at(all);
            let (activated, rest) = rest.split_at(all);
            let (states, rest) = rest.split_at(all);
            let candidates = if A::FROM_INPUT { &rest[..all] } else { &[] };
            let (weight, rest) = pass.parameters.split_at(steps.gates * steps.features);
            let recurrent = &rest[..steps.gates * units];
            let (deltas, rest) = pass.scratch.split_at_mut(steps.rows_at_once() * steps.gates);
            let (carried, rest) = rest.split_at_mut(2 * state);
            let (packed, rest) = rest.split_at_mut(steps.packed_back());
            let (exponents, room) = rest.split_at_mut(steps.exponents());
            let packed = steps.pack_back(recurrent, packed);
            let (start, rescale) = (pass.exponent, pass.rescale);
            carried.fill(T::zero());
            exponents.fill(T::from_f64(f64::from(start)));
            let (at_states, at_cells) = carried.split_at_mut(state);
            let (weight_gradient, rest) = pass.parameter_gradient.split_at_mut(steps.gates * steps.features);
            let (recurrent_gradient, bias_gradient) = rest.split_at_mut(steps.gates * units);
            let mut sums = Sums::new(steps, start, bias_gradient, pass.input_gradient.as_deref_mut(), room);
            let read = [
                steps.rows(gates, steps.gates),
                steps.rows(cells, units),
                steps.rows(activated, units),
                steps.rows(candidates, units),
                steps.output(pass.gradient),
            ];
            for range in steps.back() {
                let written = [
                    steps.rows_mut(deltas, steps.gates),
                    steps.rows_mut(at_states, units),
                    steps.rows_mut(at_cells, units),
                    steps.rows_mut(exponents, 1),
                ];
                steps.share(
                    range.len(),
                    read,
                    written,
                    &|steps, [gates, cells, activated, candidates, gradient], written| {
                        let [mut deltas, at_states, at_cells, exponents] = written;
                        let mut way =
                            WayBack { steps, start, rescale, carried: [at_states, at_cells], exponents };
                        for step in range.clone().rev() {
                            way.arrive(step, gradient);
                            let delta = deltas.step(step - range.start);
                            let [at_states, at_cells] = &mut way.carried;
                            dispatch(Back {
                                layer: self,
                                gates: gates.step(step),
                                before: cells.before(step),
                                activated: activated.step(step),
                                source: if A::FROM_INPUT { cells.step(step) } else { activated.step(step) },
                                candidates: if A::FROM_INPUT { candidates.step(step) } else { &[] },
                                at_states: at_states.step(0),
                                at_cells: at_cells.step(0),
                                delta,
                            });
                            if step > 0 {
                                let delta = Matrix::new(delta, steps.batch, steps.gates);
                                product_with_packed(delta, packed, T::zero(), at_states.step(0));
                                way.go_back(step);
                            }
                        }
                    },
                );
                sums.align(&range, exponents, &mut [&mut *deltas]);
                sums.add_inputs(&range, deltas, inputs, weight);
                sums.add_states(&range, deltas, states);
                sums.add_biases(&range, deltas, 0);
            }
            let exponent = sums.finish(weight_gradient, recurrent_gradient);
            pass.exponent = exponent;
            pass.tensor_exponents.fill(exponent);
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
