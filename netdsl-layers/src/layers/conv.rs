//! The convolution.

use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::{Expression, ROOT, expression};
use crate::initializer::Initializer;
use crate::layer::{Layer, MixesSteps};
use crate::moments::{Backpropagated, Convolution, NotForecastable, Propagated, Signal, Weight, activate};
use crate::parameter::{Parameter, Sizes};
use crate::problem::Problem;
use crate::shape::Shape;
use crate::stored::Stored;
use crate::window::Window;

/// `y(f, o) = activation(Σ_{c, t} W(f, c, t) x(c, o · stride + t) + b(f))`, a product with the same weight at each
/// position.
///
/// `[channels, ..space]` becomes `[filters, ..outputs]`. In the language [`Conv1d`](crate::Conv1d) and
/// [`Conv2d`](crate::Conv2d).
#[derive(Clone, Copy, Debug)]
pub struct Conv<const AXES: usize, A> {
    /// The function behind the product.
    pub activation: A,
    /// The shape of an example of the input: channels and `AXES` axes of space.
    pub input: Shape,
    /// The number of channels of the output.
    pub filters: usize,
    /// The window.
    pub window: Window<AXES>,
    /// Whether there is a bias.
    pub bias: bool,
    /// How the weight is drawn.
    pub init: Initializer,
    /// How the bias is drawn.
    pub bias_init: Initializer,
}

impl<const AXES: usize, A: Activation> Expression for Conv<AXES, A> {
    fn type_expression(&self) -> String {
        format!("{ROOT}::Conv<{AXES}, {}>", self.activation.type_expression())
    }
    expression!(@value Conv { activation, input, filters, window, bias, init, bias_init });
}

impl<const AXES: usize> Conv<AXES, Box<dyn Activation>> {
    /// Takes the settings from the call.
    pub(super) fn read(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let filters = arguments.size("filters", 0, "16, kernel = 3");
        let input = arguments.settle_space::<AXES>(input);
        let window = arguments.window("kernel", None, Some(1), "16, kernel = 3", input);
        let activation = arguments.activation_of_channels("activation");
        let init = arguments.initializer("init", Initializer::GLOROT_UNIFORM);
        let bias_init = arguments.initializer("bias_init", Initializer::ZEROS);
        let bias = arguments.boolean("bias", true);
        if let Initializer::Orthogonal { .. } = bias_init {
            let place = arguments.call().place;
            arguments.report(Problem::new(place, "a bias is no matrix and can't be orthogonal"));
        }
        Self { activation, input, filters, window, bias, init, bias_init }
    }
}

impl<const AXES: usize, A> Conv<AXES, A> {
    /// The number of inputs that one output sums.
    fn fan_in(&self) -> usize {
        self.window.area().saturating_mul(self.input.width())
    }
}

impl<const AXES: usize, A: Activation> Layer for Conv<AXES, A> {
    fn kind(&self) -> &'static str {
        if AXES == 1 { "Conv1d" } else { "Conv2d" }
    }

    fn output(&self) -> Shape {
        self.window.output(self.input, self.filters)
    }

    fn sizes(&self) -> Sizes {
        let weight = self.filters.saturating_mul(self.fan_in());
        let bias = if self.bias { self.filters } else { 0 };
        Sizes {
            parameters: weight.saturating_add(bias),
            tensors: 1 + usize::from(self.bias),
            statistics: 0,
            input: self.input.len(),
            output: self.output().len(),
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let (fan_in, fan_out) = (self.fan_in(), self.filters.saturating_mul(self.window.area()));
        let parameter = |name: &str, shape, initializer| Parameter {
            name: name.into(),
            shape,
            initializer,
            fan_in,
            fan_out,
        };
        let mut shape = vec![self.filters, self.input.width()];
        shape.extend(self.window.size);
        let mut parameters = vec![parameter("weight", shape, self.init)];
        if self.bias {
            parameters.push(parameter("bias", vec![self.filters], self.bias_init));
        }
        parameters
    }

    fn statistics(&self) -> Vec<Parameter> {
        Vec::new()
    }

    fn keeps_steps(&self) -> Result<bool, MixesSteps> {
        Err(MixesSteps::new(self.kind()))
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
        let convolution = Convolution::new(Weight::of(&self.parameters()), self.window.axes(self.input))?;
        let before = signal.settled(self.input);
        let behind = convolution.forward(&before);
        let activated = activate(&self.activation, &behind)?;
        let regime = activated.regime;
        let propagated = Propagated::leaf(activated.output.clone(), move |gradient| {
            let gradient = activated.backward(&gradient);
            let parameters = convolution.parameters(&gradient, &before, &behind);
            let gradient = convolution.backward(&gradient, &before, &behind);
            Backpropagated { gradient, parameters, leaves: Vec::new() }
        });
        Ok(propagated.working(regime))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Conv;
    use crate::activation::{Activation, ActivationKernel};
    use crate::convolution::{Columns, Geometry, Gradients, Sliding, bias_gradient};
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::layer::Layer;

    impl<const AXES: usize, A: Activation> Conv<AXES, A> {
        fn geometry(&self) -> Geometry {
            let axes = self.window.axes(self.input);
            Geometry { channels: self.input.width(), filters: self.filters, axes }
        }
    }

    impl<T: Element, const AXES: usize, A: ActivationKernel<T>> Kernel<T> for Conv<AXES, A> {
        /// The pre-activations, where the derivative is computed from them; room for the products.
        fn saved_len(&self, batch: usize) -> usize {
            let geometry = self.geometry();
            let saved = if A::FROM_INPUT { batch * self.sizes().output } else { 0 };
            saved
                + match Sliding::new(geometry) {
                    Some(sliding) => sliding.forward_room(),
                    None => Columns(geometry).room(batch),
                }
        }

        fn scratch_len(&self, batch: usize) -> usize {
            let geometry = self.geometry();
            match Sliding::new(geometry) {
                Some(sliding) => sliding.backward_room(batch),
                None => Columns(geometry).room(batch),
            }
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let geometry = self.geometry();
            let (weight, bias) = pass.parameters.split_at(self.filters * self.fan_in());
            let kept = if A::FROM_INPUT { pass.output.len() } else { 0 };
            let (saved, room) = pass.saved.split_at_mut(kept);
            match Sliding::new(geometry) {
                Some(sliding) => sliding.forward(weight, bias, pass.input, pass.output, room),
                None => Columns(geometry).forward(weight, bias, pass.input, pass.output, room),
            }
            if A::FROM_INPUT {
                saved.copy_from_slice(pass.output);
            }
            if !A::IDENTITY {
                self.activation.activate(self.filters, pass.output);
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let geometry = self.geometry();
            if !A::IDENTITY {
                let source = if A::FROM_INPUT { &pass.saved[..pass.output.len()] } else { pass.output };
                self.activation.differentiate(self.filters, source, pass.gradient);
            }
            let weight = &pass.parameters[..self.filters * self.fan_in()];
            let (weight_gradient, at_bias) = pass.parameter_gradient.split_at_mut(weight.len());
            bias_gradient(pass.gradient, geometry.outputs(), at_bias);
            let gradients = Gradients {
                weight,
                input: pass.input,
                gradient: pass.gradient,
                input_gradient: pass.input_gradient.as_deref_mut(),
                weight_gradient,
            };
            match Sliding::new(geometry) {
                Some(sliding) => sliding.backward(gradients, pass.scratch),
                None => Columns(geometry).backward(gradients, pass.scratch),
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
