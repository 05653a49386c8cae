//! The mean over the steps of a sequence.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{Mean, NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;

/// `y = mean x(t)` over all steps that are no padding, for each feature.
///
/// `[time, features]` becomes `[features]`. In the language `MeanOverTime`.
#[derive(Clone, Copy, Debug)]
pub struct MeanOverTime {
    /// The shape of an example of the input.
    pub input: Shape,
}

expression!(MeanOverTime { input });

impl Declared for MeanOverTime {
    const NAME: &'static str = "MeanOverTime";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        Self { input: arguments.settle_sequence(input) }
    }
}

impl Layer for MeanOverTime {
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
        Ok(Mean::of_all(signal))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::MeanOverTime;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};

    impl MeanOverTime {
        /// How many steps of an example are no padding.
        fn length(&self, lengths: Option<&[usize]>, example: usize) -> usize {
            lengths.map_or(self.input.positions(), |lengths| lengths[example])
        }
    }

    impl<T: Element> Kernel<T> for MeanOverTime {
        fn saved_len(&self, _batch: usize) -> usize {
            0
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let width = self.input.width();
            pass.output.fill(T::zero());
            let examples = pass.input.chunks_exact(self.input.len());
            for (example, (steps, output)) in examples.zip(pass.output.chunks_exact_mut(width)).enumerate() {
                let length = self.length(pass.lengths, example);
                for step in steps.chunks_exact(width).take(length) {
                    output.iter_mut().zip(step).for_each(|(sum, value)| *sum += *value);
                }
                let count = T::from_f64(length as f64);
                output.iter_mut().for_each(|sum| *sum /= count);
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let Some(input_gradient) = pass.input_gradient.as_deref_mut() else { return };
            let width = self.input.width();
            let examples = input_gradient.chunks_exact_mut(self.input.len());
            for (example, (steps, gradient)) in examples.zip(pass.gradient.chunks_exact(width)).enumerate() {
                let length = self.length(pass.lengths, example);
                let count = T::from_f64(length as f64);
                let (data, padding) = steps.split_at_mut(length * width);
                for step in data.chunks_exact_mut(width) {
                    step.iter_mut().zip(gradient).for_each(|(value, gradient)| *value = *gradient / count);
                }
                padding.fill(T::zero());
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
