//! The last step of a sequence.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{Mean, NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;

/// `y = x(T)`, the features of the last of `T` steps, without those that are padding.
///
/// `[time, features]` becomes `[features]`. In the language `LastStep`.
#[derive(Clone, Copy, Debug)]
pub struct LastStep {
    /// The shape of an example of the input.
    pub input: Shape,
}

expression!(LastStep { input });

impl Declared for LastStep {
    const NAME: &'static str = "LastStep";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        Self { input: arguments.settle_sequence(input) }
    }
}

impl Layer for LastStep {
    fn kind(&self) -> &'static str {
        Self::NAME
    }

    fn output(&self) -> Shape {
        Shape::features(self.input.width())
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
        Ok(false)
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
        Ok(Mean::of_one(signal))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::LastStep;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};

    impl LastStep {
        /// The range of the last step of an example that is no padding.
        fn last(&self, lengths: Option<&[usize]>, example: usize) -> std::ops::Range<usize> {
            let width = self.input.width();
            let length = lengths.map_or(self.input.positions(), |lengths| lengths[example]);
            (length - 1) * width..length * width
        }
    }

    impl<T: Element> Kernel<T> for LastStep {
        fn saved_len(&self, _batch: usize) -> usize {
            0
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let width = self.input.width();
            let examples = pass.input.chunks_exact(self.input.len());
            for (example, (steps, output)) in examples.zip(pass.output.chunks_exact_mut(width)).enumerate() {
                output.copy_from_slice(&steps[self.last(pass.lengths, example)]);
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let Some(input_gradient) = pass.input_gradient.as_deref_mut() else { return };
            input_gradient.fill(T::zero());
            let examples = input_gradient.chunks_exact_mut(self.input.len());
            let gradients = pass.gradient.chunks_exact(self.input.width());
            for (example, (steps, gradient)) in examples.zip(gradients).enumerate() {
                steps[self.last(pass.lengths, example)].copy_from_slice(gradient);
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
