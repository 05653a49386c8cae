//! The layer that lays out the axes anew.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{NotForecastable, Propagated, Signal, regrouped};
use crate::parameter::{Parameter, Sizes};
use crate::problem::Problem;
use crate::shape::Shape;

/// `y = x` with other axes: the values stay in row-major order.
///
/// Any shape becomes the one that is given, which must have as many values. Two axes are `[time, features]` or
/// `[channels, length]`, as the next layer takes them. In the language `Reshape([channels, height, width])`.
#[derive(Clone, Copy, Debug)]
pub struct Reshape {
    /// The shape of an example of the input.
    pub input: Shape,
    /// The shape of an example of the output, of as many values.
    pub output: Shape,
}

expression!(Reshape { input, output });

impl Declared for Reshape {
    const NAME: &'static str = "Reshape";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let output = arguments.shape("shape", 0, "[1, 28, 28]");
        if let Some((output, place)) = output.filter(|(output, _)| output.len() != input.len()) {
            let message = format!("{output} has {} values, but {input} has {}", output.len(), input.len());
            arguments.report(Problem::new(place, message).of_shape());
        }
        Self { input, output: output.map_or(input, |(output, _)| output) }
    }
}

impl Layer for Reshape {
    fn kind(&self) -> &'static str {
        Self::NAME
    }

    fn output(&self) -> Shape {
        self.output
    }

    fn sizes(&self) -> Sizes {
        Sizes { input: self.input.len(), output: self.output().len(), ..Sizes::default() }
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
        Ok(regrouped(signal, self.output))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Reshape;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};

    impl<T: Element> Kernel<T> for Reshape {
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
            let Some(input_gradient) = pass.input_gradient.as_deref_mut() else { return };
            input_gradient.copy_from_slice(pass.gradient);
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
