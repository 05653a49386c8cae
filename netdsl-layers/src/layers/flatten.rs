//! The layer that forgets the axes.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{NotForecastable, Propagated, Signal, regrouped};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;

/// `[n]` from any shape of `n` values, in row-major order: the values stay, their axes become features.
#[derive(Clone, Copy, Debug)]
pub struct Flatten {
    /// The shape of an example of the input.
    pub input: Shape,
}

expression!(Flatten { input });

impl Declared for Flatten {
    const NAME: &'static str = "Flatten";

    fn resolve(_: &mut Arguments<'_>, input: Shape) -> Self {
        Self { input }
    }
}

impl Layer for Flatten {
    fn kind(&self) -> &'static str {
        Self::NAME
    }

    fn output(&self) -> Shape {
        Shape::features(self.input.len())
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
        Err(MixesSteps::new(self.kind()))
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
        Ok(regrouped(signal, self.output()))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Flatten;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};

    impl<T: Element> Kernel<T> for Flatten {
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
