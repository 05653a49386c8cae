//! The plain recurrent layer.

use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::initializer::Initializer;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{NotForecastable, Propagated, Signal, Weight, recurrent};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::{Stored, recurrent_tensors};

use super::recurrence;

/// `h(t) = activation(x(t) Wᵀ + h(t - 1) Uᵀ + b)` with `W: [units, features]`, `U: [units, units]` and `h(0) = 0`.
///
/// `[time, features]` becomes `[units]`, the last state, or with `return_sequences` `[time, units]`, all states. The
/// parameters are `weight_ih` (`W`), `weight_hh` (`U`) and `bias`.
///
/// In the language `SimpleRnn(units, activation = Tanh, init = GlorotUniform, recurrent_init = Orthogonal(1.0),
/// bias_init = Zeros, bias = true, return_sequences = false)`.
///
/// Elman 1990, "Finding Structure in Time".
#[derive(Clone, Copy, Debug)]
pub struct SimpleRnn<A> {
    /// The function behind the sum.
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

expression!(SimpleRnn<A: Activation> {
    activation, input, units, bias, return_sequences, init, recurrent_init, bias_init
});

impl Declared for SimpleRnn<Box<dyn Activation>> {
    const NAME: &'static str = "SimpleRnn";

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

impl<A: Activation> Layer for SimpleRnn<A> {
    fn kind(&self) -> &'static str {
        "SimpleRnn"
    }

    fn output(&self) -> Shape {
        recurrence::output(self.input, self.units, self.return_sequences)
    }

    fn sizes(&self) -> Sizes {
        let (features, units) = (self.input.width(), self.units);
        Sizes {
            parameters: units * (features + units) + if self.bias { units } else { 0 },
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
            fan_out: units,
        };
        let mut parameters = vec![
            parameter("weight_ih", vec![units, features], self.init, features),
            parameter("weight_hh", vec![units, units], self.recurrent_init, units),
        ];
        if self.bias {
            parameters.push(parameter("bias", vec![units], self.bias_init, features));
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

    fn activation(&self) -> Option<&dyn Activation> {
        Some(&self.activation)
    }

    fn stored(&self) -> Vec<Stored> {
        recurrent_tensors(self.parameters())
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        let bias = self.bias.then_some(&self.bias_init);
        let weight = Weight::new(self.input.width(), self.units, &self.init, bias);
        recurrent::simple(&self.activation, weight, &self.recurrent_init, self.return_sequences, signal)
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::SimpleRnn;
    use crate::activation::ActivationKernel;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::layers::recurrence::{Steps, Sums, WayBack, add_bias};
    use crate::product::{Matrix, product_with_packed};

    impl<A: crate::Activation> SimpleRnn<A> {
        fn steps<'a>(&self, batch: usize, lengths: Option<&'a [usize]>) -> Steps<'a> {
            Steps {
                batch,
                lengths,
                time: self.input.positions(),
                features: self.input.width(),
                units: self.units,
                gates: self.units,
                return_sequences: self.return_sequences,
            }
        }
    }

    impl<T: Element, A: ActivationKernel<T>> Kernel<T> for SimpleRnn<A> {
        /// Step after step: the input, the states, and the pre-activations where the derivative is computed from
        /// them; then the packed weights.
        fn saved_len(&self, batch: usize) -> usize {
            let steps = self.steps(batch, None);
            steps.inputs() + steps.states() * if A::FROM_INPUT { 2 } else { 1 } + steps.packed()
        }

        fn scratch_len(&self, batch: usize) -> usize {
            let steps = self.steps(batch, None);
            steps.rows_at_once() * self.units
                + steps.state()
                + steps.packed_back()
                + steps.exponents()
                + steps.sums()
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let steps = self.steps(pass.batch, pass.lengths);
            let units = self.units;
            let (inputs, rest) = pass.saved.split_at_mut(steps.inputs());
            let (states, rest) = rest.split_at_mut(steps.states());
            let (before, packed) = rest.split_at_mut(rest.len() - steps.packed());
            let (weight, rest) = pass.parameters.split_at(units * steps.features);
            let (recurrent, bias) = rest.split_at(units * units);
            let [weight, recurrent] = steps.pack(weight, recurrent, packed);
            let written = [
                steps.rows_mut(inputs, steps.features),
                steps.rows_mut(states, units),
                steps.rows_mut(before, units),
                steps.output_mut(pass.output),
            ];
            steps.share(steps.time, [steps.input(pass.input)], written, &|steps, [input], written| {
                let [mut inputs, mut states, mut before, mut output] = written;
                for step in 0..steps.time {
                    let (past, now) = states.before_and_now(step);
                    steps.input_products(step, input, inputs.step(step), weight, now);
                    steps.add_state_products(past, recurrent, now);
                    now.chunks_exact_mut(units).for_each(|row| add_bias(bias, row));
                    if A::FROM_INPUT {
                        before.step(step).copy_from_slice(now);
                    }
                    self.activation.activate(units, now);
                    steps.carry(step, &mut states);
                    steps.emit(step, states.step(step), &mut output);
                }
            });
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let steps = self.steps(pass.batch, pass.lengths);
            let units = self.units;
            let (inputs, rest) = pass.saved.split_at(steps.inputs());
            let (states, rest) = rest.split_at(steps.states());
            let source = if A::FROM_INPUT { &rest[..steps.states()] } else { states };
            let (weight, rest) = pass.parameters.split_at(units * steps.features);
            let recurrent = &rest[..units * units];
            let (deltas, rest) = pass.scratch.split_at_mut(steps.rows_at_once() * units);
            let (carried, rest) = rest.split_at_mut(steps.state());
            let (packed, rest) = rest.split_at_mut(steps.packed_back());
            let (exponents, room) = rest.split_at_mut(steps.exponents());
            let packed = steps.pack_back(recurrent, packed);
            let (start, rescale) = (pass.exponent, pass.rescale);
            carried.fill(T::zero());
            exponents.fill(T::from_f64(f64::from(start)));
            let (weight_gradient, rest) = pass.parameter_gradient.split_at_mut(units * steps.features);
            let (recurrent_gradient, bias_gradient) = rest.split_at_mut(units * units);
            let mut sums = Sums::new(steps, start, bias_gradient, pass.input_gradient.as_deref_mut(), room);
            for range in steps.back() {
                let written = [
                    steps.rows_mut(deltas, units),
                    steps.rows_mut(carried, units),
                    steps.rows_mut(exponents, 1),
                ];
                steps.share(
                    range.len(),
                    [steps.rows(source, units), steps.output(pass.gradient)],
                    written,
                    &|steps, read, written| {
                        let ([source, gradient], [mut deltas, carried, exponents]) = (read, written);
                        let mut way = WayBack { steps, start, rescale, carried: [carried], exponents };
                        for step in range.clone().rev() {
                            way.arrive(step, gradient);
                            let delta = deltas.step(step - range.start);
                            let [at_states] = &mut way.carried;
                            delta.copy_from_slice(at_states.step(0));
                            self.activation.differentiate(units, source.step(step), delta);
                            if step > 0 {
                                let delta = Matrix::new(delta, steps.batch, units);
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
