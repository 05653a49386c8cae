//! The largest value of each channel.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{NotForecastable, Propagated, Signal, maximum};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::window::Axis;

/// `y = max x(p)` over all positions, for each channel.
///
/// `[channels, ..space]` becomes `[channels]`. In the language `GlobalMaxPool`.
#[derive(Clone, Copy, Debug)]
pub struct GlobalMaxPool {
    /// The shape of an example of the input.
    pub input: Shape,
}

expression!(GlobalMaxPool { input });

impl Declared for GlobalMaxPool {
    const NAME: &'static str = "GlobalMaxPool";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        Self { input: arguments.settle_any_space(input) }
    }
}

impl Layer for GlobalMaxPool {
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
        maximum(&signal.settled(self.input), &[Axis::whole(1), Axis::whole(self.input.positions())])
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::GlobalMaxPool;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel, largest};

    impl<T: Element> Kernel<T> for GlobalMaxPool {
        fn saved_len(&self, _batch: usize) -> usize {
            0
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let planes = pass.input.chunks_exact(self.input.positions());
            for (plane, output) in planes.zip(pass.output) {
                *output = largest(plane.iter().copied());
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let Some(input_gradient) = pass.input_gradient.as_deref_mut() else { return };
            input_gradient.fill(T::zero());
            let positions = self.input.positions();
            let planes = pass.input.chunks_exact(positions).zip(input_gradient.chunks_exact_mut(positions));
            for (((plane, into), output), gradient) in planes.zip(pass.output).zip(&*pass.gradient) {
                if let Some(at) = plane.iter().position(|value| value == output) {
                    into[at] = *gradient;
                }
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
