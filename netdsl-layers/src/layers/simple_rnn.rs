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
    use crate::layers::recurrence::Steps;
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
            steps.states() + steps.state() + steps.packed_back() + steps.way_back()
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let steps = self.steps(pass.batch, pass.lengths);
            let (units, state) = (self.units, steps.state());
            let (inputs, rest) = pass.saved.split_at_mut(steps.inputs());
            let (states, rest) = rest.split_at_mut(steps.states());
            let (before, packed) = rest.split_at_mut(rest.len() - steps.packed());
            let (weight, rest) = pass.parameters.split_at(units * steps.features);
            let (recurrent, bias) = rest.split_at(units * units);
            let [weight, recurrent] = steps.pack(weight, recurrent, packed);
            steps.by_steps(pass.input, inputs);
            for step in 0..steps.time {
                let (past, now) = states.split_at_mut(step * state);
                let now = &mut now[..state];
                steps.input_products(step, inputs, weight, bias, now);
                let past = step.checked_sub(1).map(|before| &past[before * state..]);
                steps.add_state_products(past, recurrent, now);
                if A::FROM_INPUT {
                    before[step * state..][..state].copy_from_slice(now);
                }
                self.activation.activate(units, now);
                steps.carry(step, states);
            }
            steps.emit(states, pass.output);
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let steps = self.steps(pass.batch, pass.lengths);
            let (units, state) = (self.units, steps.state());
            let (inputs, rest) = pass.saved.split_at(steps.inputs());
            let (states, before) = rest.split_at(steps.states());
            let (weight, rest) = pass.parameters.split_at(units * steps.features);
            let recurrent = &rest[..units * units];
            let (deltas, rest) = pass.scratch.split_at_mut(steps.states());
            let (carried, rest) = rest.split_at_mut(state);
            let (packed, scratch) = rest.split_at_mut(steps.packed_back());
            let packed = steps.pack_back(recurrent, packed);
            let mut way = steps.way_back_from(pass.exponent, pass.rescale, carried, scratch);
            for step in (0..steps.time).rev() {
                way.arrive(step, pass.gradient);
                let delta = &mut deltas[step * state..][..state];
                delta.copy_from_slice(way.carried);
                let source = if A::FROM_INPUT { before } else { states };
                self.activation.differentiate(units, &source[step * state..][..state], delta);
                if step > 0 {
                    let delta = Matrix::new(delta, steps.batch, units);
                    product_with_packed(delta, packed, T::zero(), way.carried);
                    way.rescale();
                }
            }
            let (exponent, scratch) = way.align(&mut [&mut *deltas]);
            pass.exponent = exponent;
            pass.tensor_exponents.fill(exponent);
            let (weight_gradient, rest) = pass.parameter_gradient.split_at_mut(units * steps.features);
            let (recurrent_gradient, bias_gradient) = rest.split_at_mut(units * units);
            steps.input_gradients(deltas, inputs, weight, weight_gradient, pass.input_gradient.as_deref_mut(), scratch);
            steps.recurrent_gradient(deltas, states, recurrent_gradient);
            steps.bias_gradient(deltas, bias_gradient);
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
