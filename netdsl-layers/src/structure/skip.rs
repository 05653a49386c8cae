//! The shortcut that is not written.

use crate::activation::Activation;
use crate::expression::expression;
use crate::layer::{Layer, MixesSteps, step_by_step};
use crate::moments::{Backpropagated, NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::Stored;

/// `y = x`: what runs beside a branch where no shortcut is declared. It is no layer that anything could be said of.
#[derive(Clone, Copy, Debug)]
pub struct Skip {
    /// The shape of an example.
    pub input: Shape,
}

expression!(Skip { input });

impl Layer for Skip {
    fn kind(&self) -> &'static str {
        "Residual"
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

    fn leaves(&self, _path: &str, _visit: &mut dyn FnMut(&str, &dyn Layer)) {}

    fn activation(&self) -> Option<&dyn Activation> {
        None
    }

    fn stored(&self) -> Vec<Stored> {
        Stored::own(self)
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        Ok(Propagated {
            output: signal.clone(),
            leaves: Vec::new(),
            backward: Box::new(Backpropagated::plain),
        })
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Skip;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};

    impl<T: Element> Kernel<T> for Skip {
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
