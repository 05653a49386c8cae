//! The gated recurrent layer.

use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::initializer::Initializer;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{GatedWeights, GruCell, NotForecastable, Propagated, Signal, gated, recurrent};
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
    use pulp::{Simd, WithSimd};

    use super::{GATES, Gru};
    use crate::activation::ActivationKernel;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::layers::recurrence::{Steps, Sums, WayBack, add_bias};
    use crate::product::{Matrix, product_with_packed};
    use crate::registers::dispatch;

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

    /// A step ahead, behind the products: the values of all examples.
    struct Ahead<'a, T, A> {
        layer: &'a Gru<A>,
        bias: &'a [T],
        recurrent_bias: &'a [T],
        gates: &'a mut [T],
        products: &'a mut [T],
        /// The states before, which are zero for the first step.
        past: Option<&'a [T]>,
        /// Room for the candidates before their activation, where the derivative is computed from them.
        candidates: &'a mut [T],
        states: &'a mut [T],
    }

    impl<T: Element, A: ActivationKernel<T>> WithSimd for Ahead<'_, T, A> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Gru { activation, units, .. } = self.layer;
            let units = *units;
            let rows = self.gates.chunks_exact_mut(GATES * units);
            let rows = rows.zip(self.products.chunks_exact_mut(GATES * units));
            for (example, (gates, products)) in rows.enumerate() {
                let at = example * units..(example + 1) * units;
                add_bias(self.bias, gates);
                add_bias(self.recurrent_bias, products);
                let (sigmoids, candidates) = gates.split_at_mut(2 * units);
                for (gate, product) in sigmoids.iter_mut().zip(&*products) {
                    *gate = (*gate + *product).logistic();
                }
                let (resets, updates) = sigmoids.split_at(units);
                for ((value, reset), product) in candidates.iter_mut().zip(resets).zip(&products[2 * units..])
                {
                    *value += *reset * *product;
                }
                if A::FROM_INPUT {
                    self.candidates[at.clone()].copy_from_slice(candidates);
                }
                activation.activate(units, candidates);
                let states = &mut self.states[at.clone()];
                for ((state, update), candidate) in states.iter_mut().zip(updates).zip(&*candidates) {
                    *state = (T::one() - *update) * *candidate;
                }
                if let Some(past) = self.past {
                    for ((state, update), past) in states.iter_mut().zip(updates).zip(&past[at]) {
                        *state += *update * *past;
                    }
                }
            }
        }
    }

    /// A step back, before the product: the gradients at the gates of all examples.
    struct Back<'a, T, A> {
        layer: &'a Gru<A>,
        gates: &'a [T],
        products: &'a [T],
        /// The states before, which are zero for the first step.
        before: Option<&'a [T]>,
        /// The candidates before their activation, where the derivative is computed from them.
        candidates: &'a [T],
        at_states: &'a mut [T],
        delta: &'a mut [T],
        recurrent_delta: &'a mut [T],
    }

    impl<T: Element, A: ActivationKernel<T>> WithSimd for Back<'_, T, A> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Gru { activation, units, .. } = self.layer;
            let units = *units;
            let rows = self.delta.chunks_exact_mut(GATES * units);
            let rows = rows.zip(self.recurrent_delta.chunks_exact_mut(GATES * units));
            for (example, (delta, recurrent_delta)) in rows.enumerate() {
                let at = example * units..(example + 1) * units;
                let gate = |gate: usize| &self.gates[(GATES * example + gate) * units..][..units];
                let [resets, updates, candidates] = [gate(0), gate(1), gate(2)];
                let products = &self.products[(GATES * example + 2) * units..][..units];
                let at_states = &mut self.at_states[at.clone()];
                let (at_resets, rest) = delta.split_at_mut(units);
                let (at_updates, at_candidates) = rest.split_at_mut(units);
                match self.before.map(|before| &before[at.clone()]) {
                    Some(before) => {
                        for unit in 0..units {
                            at_updates[unit] = before[unit] - candidates[unit];
                        }
                    }
                    None => {
                        for unit in 0..units {
                            at_updates[unit] = -candidates[unit];
                        }
                    }
                }
                for unit in 0..units {
                    let (update, at_state) = (updates[unit], at_states[unit]);
                    at_updates[unit] = at_state * at_updates[unit] * update * (T::one() - update);
                    at_candidates[unit] = at_state * (T::one() - update);
                    at_states[unit] = at_state * update;
                }
                let source = if A::FROM_INPUT { &self.candidates[at] } else { candidates };
                activation.differentiate(units, source, at_candidates);
                let (at_sigmoids, at_products) = recurrent_delta.split_at_mut(2 * units);
                for unit in 0..units {
                    let (reset, at_candidate) = (resets[unit], at_candidates[unit]);
                    at_resets[unit] = at_candidate * products[unit] * reset * (T::one() - reset);
                    at_products[unit] = at_candidate * reset;
                }
                at_sigmoids.copy_from_slice(&delta[..2 * units]);
            }
        }
    }

    impl<T: Element, A: ActivationKernel<T>> Kernel<T> for Gru<A> {
        /// Step after step: the input, the gates, the products with the state, the states, and the candidates before their
        /// activation where the derivative is computed from them; then the packed weights.
        fn saved_len(&self, batch: usize) -> usize {
            let steps = self.steps(batch, None);
            let values = steps.inputs() + (2 * GATES + 1 + usize::from(A::FROM_INPUT)) * steps.states();
            values + steps.packed()
        }

        fn scratch_len(&self, batch: usize) -> usize {
            let steps = self.steps(batch, None);
            2 * steps.rows_at_once() * steps.gates
                + steps.state()
                + steps.packed_back()
                + steps.exponents()
                + steps.sums()
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let steps = self.steps(pass.batch, pass.lengths);
            let (units, all) = (self.units, steps.states());
            let (inputs, rest) = pass.saved.split_at_mut(steps.inputs());
            let (gates, rest) = rest.split_at_mut(GATES * all);
            let (products, rest) = rest.split_at_mut(GATES * all);
            let (states, rest) = rest.split_at_mut(all);
            let (candidates, packed) = rest.split_at_mut(rest.len() - steps.packed());
            let (weight, rest) = pass.parameters.split_at(steps.gates * steps.features);
            let (recurrent, rest) = rest.split_at(steps.gates * units);
            let (bias, recurrent_bias) = rest.split_at(self.bias_len());
            let [weight, recurrent] = steps.pack(weight, recurrent, packed);
            let written = [
                steps.rows_mut(inputs, steps.features),
                steps.rows_mut(gates, steps.gates),
                steps.rows_mut(products, steps.gates),
                steps.rows_mut(states, units),
                steps.rows_mut(candidates, units),
                steps.output_mut(pass.output),
            ];
            steps.share(steps.time, [steps.input(pass.input)], written, &|steps, [input], written| {
                let [mut inputs, mut gates, mut products, mut states, mut candidates, mut output] = written;
                for step in 0..steps.time {
                    let (gates, products) = (gates.step(step), products.step(step));
                    let (past, states_now) = states.before_and_now(step);
                    match past {
                        Some(past) => {
                            let past = Matrix::new(past, steps.batch, units);
                            product_with_packed(past, recurrent, T::zero(), products);
                        }
                        None => products.fill(T::zero()),
                    }
                    steps.input_products(step, input, inputs.step(step), weight, gates);
                    dispatch(Ahead {
                        layer: self,
                        bias,
                        recurrent_bias,
                        gates,
                        products,
                        past,
                        candidates: if A::FROM_INPUT { candidates.step(step) } else { &mut [] },
                        states: states_now,
                    });
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
            let (products, rest) = rest.split_at(GATES * all);
            let (states, rest) = rest.split_at(all);
            let candidates = if A::FROM_INPUT { &rest[..all] } else { &[] };
            let (weight, rest) = pass.parameters.split_at(steps.gates * steps.features);
            let recurrent = &rest[..steps.gates * units];
            let (deltas, rest) = pass.scratch.split_at_mut(steps.rows_at_once() * steps.gates);
            let (recurrent_deltas, rest) = rest.split_at_mut(steps.rows_at_once() * steps.gates);
            let (carried, rest) = rest.split_at_mut(state);
            let (packed, rest) = rest.split_at_mut(steps.packed_back());
            let (exponents, room) = rest.split_at_mut(steps.exponents());
            let packed = steps.pack_back(recurrent, packed);
            let (start, rescale) = (pass.exponent, pass.rescale);
            carried.fill(T::zero());
            exponents.fill(T::from_f64(f64::from(start)));
            let (weight_gradient, rest) = pass.parameter_gradient.split_at_mut(steps.gates * steps.features);
            let (recurrent_gradient, bias_gradient) = rest.split_at_mut(steps.gates * units);
            let mut sums = Sums::new(steps, start, bias_gradient, pass.input_gradient.as_deref_mut(), room);
            let read = [
                steps.rows(gates, steps.gates),
                steps.rows(products, steps.gates),
                steps.rows(states, units),
                steps.rows(candidates, units),
                steps.output(pass.gradient),
            ];
            for range in steps.back() {
                let written = [
                    steps.rows_mut(deltas, steps.gates),
                    steps.rows_mut(recurrent_deltas, steps.gates),
                    steps.rows_mut(carried, units),
                    steps.rows_mut(exponents, 1),
                ];
                steps.share(
                    range.len(),
                    read,
                    written,
                    &|steps, [gates, products, states, candidates, gradient], written| {
                        let [mut deltas, mut recurrent_deltas, carried, exponents] = written;
                        let mut way = WayBack { steps, start, rescale, carried: [carried], exponents };
                        for step in range.clone().rev() {
                            way.arrive(step, gradient);
                            let recurrent_delta = recurrent_deltas.step(step - range.start);
                            let [at_states] = &mut way.carried;
                            dispatch(Back {
                                layer: self,
                                gates: gates.step(step),
                                products: products.step(step),
                                before: states.before(step),
                                candidates: if A::FROM_INPUT { candidates.step(step) } else { &[] },
                                at_states: at_states.step(0),
                                delta: deltas.step(step - range.start),
                                recurrent_delta,
                            });
                            if step > 0 {
                                let delta = Matrix::new(recurrent_delta, steps.batch, steps.gates);
                                product_with_packed(delta, packed, T::one(), at_states.step(0));
                                way.go_back(step);
                            }
                        }
                    },
                );
                sums.align(&range, exponents, &mut [&mut *deltas, &mut *recurrent_deltas]);
                sums.add_inputs(&range, deltas, inputs, weight);
                sums.add_states(&range, recurrent_deltas, states);
                sums.add_biases(&range, deltas, 0);
                sums.add_biases(&range, recurrent_deltas, steps.gates);
            }
            let exponent = sums.finish(weight_gradient, recurrent_gradient);
            pass.exponent = exponent;
            pass.tensor_exponents.fill(exponent);
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
