//! The layer that does nothing.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::layer::{Declared, Layer, MixesSteps, step_by_step};
use crate::moments::{Backpropagated, NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;

/// `y = x`, of any shape.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The shape of an example.
    pub input: Shape,
}

expression!(Identity { input });

impl Declared for Identity {
    const NAME: &'static str = "Identity";

    fn resolve(_: &mut Arguments<'_>, input: Shape) -> Self {
        Self { input }
    }
}

impl Layer for Identity {
    fn kind(&self) -> &'static str {
        Self::NAME
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
        None
    }

    fn stored(&self) -> Vec<Stored> {
        Stored::own(self)
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        Ok(Propagated::leaf(signal.clone(), Backpropagated::plain))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Identity;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};

    impl<T: Element> Kernel<T> for Identity {
        fn saved_len(&self, _batch: usize) -> usize {
            0
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            pass.output.copy_from_slice(pass.input);
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            if let Some(input_gradient) = pass.input_gradient.as_deref_mut() {
                input_gradient.copy_from_slice(pass.gradient);
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
