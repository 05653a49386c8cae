//! The mean of each channel.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{Mean, NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;

/// `y = mean x(p)` over all positions, for each channel.
///
/// `[channels, ..space]` becomes `[channels]`. In the language `GlobalAvgPool`.
///
/// Lin, Chen & Yan 2014, "Network In Network", arXiv:1312.4400.
#[derive(Clone, Copy, Debug)]
pub struct GlobalAvgPool {
    /// The shape of an example of the input.
    pub input: Shape,
}

expression!(GlobalAvgPool { input });

impl Declared for GlobalAvgPool {
    const NAME: &'static str = "GlobalAvgPool";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        Self { input: arguments.settle_any_space(input) }
    }
}

impl Layer for GlobalAvgPool {
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
        Ok(Mean::of_all(&signal.settled(self.input)))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::GlobalAvgPool;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};

    impl<T: Element> Kernel<T> for GlobalAvgPool {
        fn saved_len(&self, _batch: usize) -> usize {
            0
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let count = T::from_f64(self.input.positions() as f64);
            let planes = pass.input.chunks_exact(self.input.positions());
            for (plane, output) in planes.zip(pass.output) {
                *output = plane.iter().copied().sum::<T>() / count;
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let Some(input_gradient) = pass.input_gradient.as_deref_mut() else { return };
            let count = T::from_f64(self.input.positions() as f64);
            for (plane, gradient) in input_gradient.chunks_exact_mut(self.input.positions()).zip(&*pass.gradient) {
                plane.fill(*gradient / count);
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
