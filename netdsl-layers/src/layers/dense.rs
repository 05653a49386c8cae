//! The fully connected layer.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::initializer::Initializer;
use crate::layer::{Declared, Layer, MixesSteps, step_by_step};
use crate::moments::{Backpropagated, NotForecastable, Propagated, Signal, Weight, activate};
use crate::parameter::{Parameter, Sizes};
use crate::problem::Problem;
use crate::shape::Shape;

/// `y = activation(x Wᵀ + b)` with `W: [units, features]` and `b: [units]`.
///
/// `[features]` becomes `[units]`; `[time, features]` becomes `[time, units]`, every step with the same weights.
///
/// In the language `Dense(units, activation = Linear, init = GlorotUniform, bias_init = Zeros, bias = true)`.
#[derive(Clone, Copy, Debug)]
pub struct Dense<A> {
    /// The function behind the product.
    pub activation: A,
    /// The shape of an example of the input.
    pub input: Shape,
    /// The number of outputs at each position.
    pub units: usize,
    /// Whether there is a bias.
    pub bias: bool,
    /// How the weight is drawn.
    pub init: Initializer,
    /// How the bias is drawn.
    pub bias_init: Initializer,
}

expression!(Dense<A: Activation> { activation, input, units, bias, init, bias_init });

impl Declared for Dense<Box<dyn Activation>> {
    const NAME: &'static str = "Dense";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let units = arguments.size("units", 0, "64");
        let activation = arguments.activation("activation");
        let init = arguments.initializer("init", Initializer::GLOROT_UNIFORM);
        let bias_init = arguments.initializer("bias_init", Initializer::ZEROS);
        let bias = arguments.boolean("bias", true);
        let input = arguments.settle_features(input);
        if let Initializer::Orthogonal { .. } = bias_init {
            let place = arguments.call().place;
            arguments.report(Problem::new(place, "a bias is no matrix and can't be orthogonal"));
        }
        Self { activation, input, units, bias, init, bias_init }
    }
}

impl<A: Activation> Layer for Dense<A> {
    fn kind(&self) -> &'static str {
        "Dense"
    }

    fn output(&self) -> Shape {
        self.input.with_features(self.units).unwrap_or(self.input)
    }

    #[inline]
    fn sizes(&self) -> Sizes {
        let weight = self.units * self.input.width();
        let bias = if self.bias { self.units } else { 0 };
        Sizes {
            parameters: weight + bias,
            tensors: 1 + usize::from(self.bias),
            statistics: 0,
            input: self.input.len(),
            output: self.input.positions() * self.units,
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let (fan_in, fan_out) = (self.input.width(), self.units);
        let parameter = |name: &str, shape, initializer| Parameter {
            name: name.into(),
            shape,
            initializer,
            fan_in,
            fan_out,
        };
        let mut parameters = vec![parameter("weight", vec![fan_out, fan_in], self.init)];
        if self.bias {
            parameters.push(parameter("bias", vec![fan_out], self.bias_init));
        }
        parameters
    }

    fn statistics(&self) -> Vec<Parameter> {
        Vec::new()
    }

    fn keeps_steps(&self) -> Result<bool, MixesSteps> {
        step_by_step(self.kind(), self.input)
    }

    fn leaves(&self, path: &str, visit: &mut dyn FnMut(&str, &dyn Layer)) {
        visit(path, self);
    }

    fn activation(&self) -> Option<&dyn Activation> {
        Some(&self.activation)
    }

    fn stored(&self) -> Vec<Stored> {
        Stored::own(self)
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        let bias = self.bias.then_some(&self.bias_init);
        let weight = Weight::new(self.input.width(), self.units, &self.init, bias);
        let before = signal.clone();
        let behind = weight.forward(signal);
        let activated = activate(&self.activation, &behind)?;
        let regime = activated.regime;
        let propagated = Propagated::leaf(activated.output.clone(), move |gradient| {
            let gradient = activated.backward(&gradient);
            let parameters = weight.parameters(&gradient, &before, &behind);
            let gradient = weight.backward(&gradient, &before, &behind);
            Backpropagated { gradient, parameters, leaves: Vec::new() }
        });
        Ok(propagated.working(regime))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use std::ops::Range;

    use super::Dense;
    use crate::activation::ActivationKernel;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::lanes::vectorised;
    use crate::layer::Layer;
    use crate::product::{Matrix, Onto, product_here, worth_dividing};
    use crate::threads::{Work, work};

    impl<T: Element, A: ActivationKernel<T>> Kernel<T> for Dense<A> {
        /// The pre-activations, where the derivative is computed from them.
        fn saved_len(&self, batch: usize) -> usize {
            if A::FROM_INPUT { batch * self.sizes().output } else { 0 }
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let (weight, bias) = pass.parameters.split_at(self.weights());
            work(Outputs { layer: self, weight, bias, input: pass.input, output: pass.output, saved: pass.saved });
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let source = if A::FROM_INPUT { pass.saved } else { pass.output };
            let (gradient, input_gradient) = (&mut *pass.gradient, pass.input_gradient.as_deref_mut());
            work(Deltas { layer: self, weight: &pass.parameters[..self.weights()], source, gradient, input_gradient });
            let (weight_gradient, bias_gradient) = pass.parameter_gradient.split_at_mut(self.weights());
            let (gradient, input, units) = (&*pass.gradient, pass.input, 0..self.units);
            work(WeightGradients { layer: self, gradient, input, units, weight_gradient, bias_gradient });
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }

    impl<A> Dense<A> {
        /// The number of weights.
        fn weights(&self) -> usize {
            self.units * self.input.width()
        }

        /// The weight in the parameters.
        fn matrix<'a, T: Element>(&self, weight: &'a [T]) -> Matrix<'a, T> {
            Matrix::new(weight, self.units, self.input.width())
        }
    }

    /// The outputs for some of the positions, from the product to the activation while they are in the cache.
    struct Outputs<'a, T, A> {
        layer: &'a Dense<A>,
        weight: &'a [T],
        bias: &'a [T],
        input: &'a [T],
        output: &'a mut [T],
        saved: &'a mut [T],
    }

    impl<T: Element, A: ActivationKernel<T>> Work for Outputs<'_, T, A> {
        fn worth_dividing(&self) -> bool {
            let Dense { input, units, .. } = self.layer;
            worth_dividing(self.output.len() / units, input.width(), *units)
        }

        fn halves(self) -> [Self; 2] {
            let Self { layer, weight, bias, input, output, saved } = self;
            let half = output.len() / layer.units / 2;
            let (input, last_input) = input.split_at(half * layer.input.width());
            let (output, last_output) = output.split_at_mut(half * layer.units);
            let (saved, last_saved) = saved.split_at_mut(saved.len().min(half * layer.units));
            [
                Self { layer, weight, bias, input, output, saved },
                Self { layer, weight, bias, input: last_input, output: last_output, saved: last_saved },
            ]
        }

        fn run(self) {
            let Self { layer, weight, bias, input, output, saved } = self;
            let Dense { activation, units, .. } = layer;
            let input = Matrix::new(input, output.len() / units, layer.input.width());
            let onto = if layer.bias { Onto::Row(bias) } else { Onto::Times(T::zero()) };
            product_here(input, layer.matrix(weight).transpose(), onto, output);
            if A::FROM_INPUT {
                saved.copy_from_slice(output);
            }
            if !A::IDENTITY {
                activation.activate(*units, output);
            }
        }
    }

    /// The gradients at the pre-activations and at the input, for some of the positions.
    struct Deltas<'a, T, A> {
        layer: &'a Dense<A>,
        weight: &'a [T],
        /// What the derivative is computed from.
        source: &'a [T],
        /// That of the output, which becomes that of the pre-activations.
        gradient: &'a mut [T],
        input_gradient: Option<&'a mut [T]>,
    }

    impl<T: Element, A: ActivationKernel<T>> Work for Deltas<'_, T, A> {
        fn worth_dividing(&self) -> bool {
            let Dense { input, units, .. } = self.layer;
            self.input_gradient.is_some()
                && worth_dividing(self.gradient.len() / units, *units, input.width())
        }

        fn halves(self) -> [Self; 2] {
            let Self { layer, weight, source, gradient, input_gradient } = self;
            let half = gradient.len() / layer.units / 2;
            let (source, last_source) = source.split_at(source.len().min(half * layer.units));
            let (gradient, last_gradient) = gradient.split_at_mut(half * layer.units);
            let at_input = input_gradient.map(|values| values.split_at_mut(half * layer.input.width()));
            let (input_gradient, last_input_gradient) = at_input.unzip();
            [
                Self { layer, weight, source, gradient, input_gradient },
                Self {
                    layer,
                    weight,
                    source: last_source,
                    gradient: last_gradient,
                    input_gradient: last_input_gradient,
                },
            ]
        }

        fn run(self) {
            let Self { layer, weight, source, gradient, input_gradient } = self;
            if !A::IDENTITY {
                layer.activation.differentiate(layer.units, source, gradient);
            }
            if let Some(input_gradient) = input_gradient {
                let gradient = Matrix::new(gradient, gradient.len() / layer.units, layer.units);
                product_here(gradient, layer.matrix(weight), Onto::Times(T::zero()), input_gradient);
            }
        }
    }

    /// The gradients of the weights and biases of some of the units.
    struct WeightGradients<'a, T, A> {
        layer: &'a Dense<A>,
        /// At the pre-activations of all positions and units.
        gradient: &'a [T],
        input: &'a [T],
        units: Range<usize>,
        weight_gradient: &'a mut [T],
        bias_gradient: &'a mut [T],
    }

    impl<T: Element, A: Send + Sync> Work for WeightGradients<'_, T, A> {
        fn worth_dividing(&self) -> bool {
            let positions = self.gradient.len() / self.layer.units;
            worth_dividing(self.units.len(), positions, self.layer.input.width())
        }

        fn halves(self) -> [Self; 2] {
            let Self { layer, gradient, input, units, weight_gradient, bias_gradient } = self;
            let half = units.len() / 2;
            let middle = units.start + half;
            let (weight_gradient, last_weight_gradient) =
                weight_gradient.split_at_mut(half * layer.input.width());
            let (bias_gradient, last_bias_gradient) =
                bias_gradient.split_at_mut(bias_gradient.len().min(half));
            let first = units.start..middle;
            [
                Self { layer, gradient, input, units: first, weight_gradient, bias_gradient },
                Self {
                    layer,
                    gradient,
                    input,
                    units: middle..units.end,
                    weight_gradient: last_weight_gradient,
                    bias_gradient: last_bias_gradient,
                },
            ]
        }

        fn run(self) {
            let Self { layer, gradient, input, units, weight_gradient, bias_gradient } = self;
            let positions = gradient.len() / layer.units;
            let input = Matrix::new(input, positions, layer.input.width());
            let of_units = Matrix::new(gradient, positions, layer.units).transpose().rows(units.clone());
            product_here(of_units, input, Onto::Times(T::zero()), weight_gradient);
            if layer.bias {
                bias_gradient.fill(T::zero());
                vectorised(
                    #[inline(always)]
                    || {
                        for row in gradient.chunks_exact(layer.units) {
                            for (sum, value) in bias_gradient.iter_mut().zip(&row[units.clone()]) {
                                *sum += *value;
                            }
                        }
                    },
                );
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::{Deltas, Outputs, WeightGradients};
        use crate::activation::ActivationKernel;
        use crate::threads::in_parts;
        use crate::{Dense, Gelu, Initializer, Shape, Softmax, Tanh};

        /// Numbers of both signs, with the same bits every time, under Miri too.
        fn numbers(count: usize, seed: usize) -> Vec<f32> {
            (0..count).map(|index| ((index * 7919 + seed * 104_729) % 1009) as f32 / 504.5 - 1.0).collect()
        }

        /// The outputs, both gradients and those of weights and biases, computed in parts.
        fn computed<A: ActivationKernel<f32>>(layer: &Dense<A>, positions: usize, times: usize) -> [Vec<f32>; 6] {
            let (features, units) = (layer.input.width(), layer.units);
            let (weight, input) = (&numbers(units * features, 1)[..], &numbers(positions * features, 2)[..]);
            let bias = &numbers(if layer.bias { units } else { 0 }, 3)[..];
            let mut output = numbers(positions * units, 4);
            let mut saved = numbers(if A::FROM_INPUT { output.len() } else { 0 }, 5);
            let (output_now, saved_now) = (&mut output[..], &mut saved[..]);
            in_parts(Outputs { layer, weight, bias, input, output: output_now, saved: saved_now }, times);
            let source = if A::FROM_INPUT { &saved[..] } else { &output[..] };
            let (mut gradient, mut input_gradient) = (numbers(output.len(), 6), numbers(input.len(), 7));
            let (at_output, at_input) = (&mut gradient[..], Some(&mut input_gradient[..]));
            in_parts(Deltas { layer, weight, source, gradient: at_output, input_gradient: at_input }, times);
            let (mut weight_gradient, mut bias_gradient) = (numbers(weight.len(), 8), numbers(bias.len(), 9));
            let weights = WeightGradients {
                layer,
                gradient: &gradient,
                input,
                units: 0..units,
                weight_gradient: &mut weight_gradient,
                bias_gradient: &mut bias_gradient,
            };
            in_parts(weights, times);
            [output, saved, gradient, input_gradient, weight_gradient, bias_gradient]
        }

        fn compare<A: ActivationKernel<f32>>(activation: A, bias: bool) {
            let (init, bias_init) = (Initializer::GLOROT_UNIFORM, Initializer::ZEROS);
            let layer = Dense { activation, input: Shape::features(5), units: 7, bias, init, bias_init };
            for positions in [1, 6, 11] {
                let whole = computed(&layer, positions, 0);
                for times in 1..4 {
                    assert_eq!(computed(&layer, positions, times), whole, "{positions} in {times} cuts");
                }
            }
        }

        /// Down to parts that are empty; from outputs, from pre-activations, and where the units of a position belong
        /// together.
        #[test]
        fn the_bits_do_not_depend_on_the_cuts() {
            compare(Tanh, true);
            compare(Gelu, false);
            compare(Softmax, true);
        }
    }
}
