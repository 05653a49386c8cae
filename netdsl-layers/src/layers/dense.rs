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
    use super::Dense;
    use crate::activation::ActivationKernel;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::lanes::vectorised;
    use crate::layer::Layer;
    use crate::product::{Matrix, product};

    impl<T: Element, A: ActivationKernel<T>> Kernel<T> for Dense<A> {
        /// The pre-activations, where the derivative is computed from them.
        fn saved_len(&self, batch: usize) -> usize {
            if A::FROM_INPUT { batch * self.sizes().output } else { 0 }
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let features = self.input.width();
            let rows = pass.batch * self.input.positions();
            let (weight, bias) = pass.parameters.split_at(self.units * features);
            if self.bias {
                for row in pass.output.chunks_exact_mut(self.units) {
                    row.copy_from_slice(bias);
                }
            }
            let beta = if self.bias { T::one() } else { T::zero() };
            let input = Matrix::new(pass.input, rows, features);
            product(input, Matrix::new(weight, self.units, features).transpose(), beta, pass.output);
            if A::FROM_INPUT {
                pass.saved.copy_from_slice(pass.output);
            }
            if !A::IDENTITY {
                self.activation.activate(self.units, pass.output);
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let features = self.input.width();
            let rows = pass.batch * self.input.positions();
            if !A::IDENTITY {
                let source = if A::FROM_INPUT { pass.saved } else { pass.output };
                self.activation.differentiate(self.units, source, pass.gradient);
            }
            let (weight_gradient, bias_gradient) = pass.parameter_gradient.split_at_mut(self.units * features);
            let gradient = Matrix::new(pass.gradient, rows, self.units);
            product(gradient.transpose(), Matrix::new(pass.input, rows, features), T::zero(), weight_gradient);
            if self.bias {
                bias_gradient.fill(T::zero());
                vectorised(
                    #[inline(always)]
                    || {
                        for row in pass.gradient.chunks_exact(self.units) {
                            for (sum, value) in bias_gradient.iter_mut().zip(row) {
                                *sum += *value;
                            }
                        }
                    },
                );
            }
            if let Some(input_gradient) = pass.input_gradient.as_deref_mut() {
                let weight = Matrix::new(&pass.parameters[..self.units * features], self.units, features);
                product(gradient, weight, T::zero(), input_gradient);
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
