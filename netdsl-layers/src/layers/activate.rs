//! An activation as a layer of its own.

use crate::activation::Activation;
use crate::expression::expression;
use crate::layer::{Layer, MixesSteps, step_by_step};
use crate::moments::{Backpropagated, NotForecastable, Propagated, Signal, activate};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::Stored;

/// `y = activation(x)`, of any shape.
///
/// In the language the activation itself is written: `Relu`, `LeakyRelu(0.1)`. Softmax runs over the features of each
/// position.
#[derive(Clone, Copy, Debug)]
pub struct Activate<A> {
    /// The function.
    pub activation: A,
    /// The shape of an example.
    pub input: Shape,
}

expression!(Activate<A: Activation> { activation, input });

impl<A: Activation> Layer for Activate<A> {
    fn kind(&self) -> &'static str {
        self.activation.name()
    }

    fn output(&self) -> Shape {
        self.input
    }

    fn sizes(&self) -> Sizes {
        Sizes { input: self.input.len(), output: self.input.len(), ..Sizes::default() }
    }

    fn parameters(&self) -> Vec<Parameter> {
        Vec::new()
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
        let activated = activate(&self.activation, signal)?;
        let regime = activated.regime;
        let propagated = Propagated::leaf(activated.output.clone(), move |gradient| {
            Backpropagated::plain(activated.backward(&gradient))
        });
        Ok(propagated.working(regime))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Activate;
    use crate::activation::ActivationKernel;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::layer::Layer;

    impl<T: Element, A: ActivationKernel<T>> Kernel<T> for Activate<A> {
        fn saved_len(&self, _batch: usize) -> usize {
            0
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            pass.output.copy_from_slice(pass.input);
            self.activation.activate(self.output().width(), pass.output);
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let source = if A::FROM_INPUT { pass.input } else { pass.output };
            if let Some(input_gradient) = pass.input_gradient.as_deref_mut() {
                input_gradient.copy_from_slice(pass.gradient);
                self.activation.differentiate(self.output().width(), source, input_gradient);
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
