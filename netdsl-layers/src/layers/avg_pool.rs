//! The mean of each window.

use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::{Expression, ROOT, expression};
use crate::layer::{Layer, MixesSteps};
use crate::moments::{NotForecastable, Propagated, Signal, average};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::Stored;
use crate::window::Window;

/// `y(o) = mean x(p)` over the positions `p` of the window at `o` that lie on the input, for each channel by itself.
///
/// `[channels, ..space]` becomes `[channels, ..outputs]`. In the language [`AvgPool1d`](crate::AvgPool1d) and
/// [`AvgPool2d`](crate::AvgPool2d).
#[derive(Clone, Copy, Debug)]
pub struct AvgPool<const AXES: usize> {
    /// The shape of an example of the input: channels and `AXES` axes of space.
    pub input: Shape,
    /// The window.
    pub window: Window<AXES>,
}

impl<const AXES: usize> Expression for AvgPool<AXES> {
    fn type_expression(&self) -> String {
        format!("{ROOT}::AvgPool<{AXES}>")
    }
    expression!(@value AvgPool { input, window });
}

impl<const AXES: usize> AvgPool<AXES> {
    /// Takes the settings from the call.
    pub(super) fn read(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let input = arguments.settle_space::<AXES>(input);
        Self { input, window: arguments.window("size", Some(0), None, "2", input) }
    }
}

impl<const AXES: usize> Layer for AvgPool<AXES> {
    fn kind(&self) -> &'static str {
        if AXES == 1 { "AvgPool1d" } else { "AvgPool2d" }
    }

    fn output(&self) -> Shape {
        self.window.output(self.input, self.input.width())
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
        average(&signal.settled(self.input), &self.window.axes(self.input))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::AvgPool;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::pooling::Planes;

    impl<T: Element, const AXES: usize> Kernel<T> for AvgPool<AXES> {
        fn saved_len(&self, _batch: usize) -> usize {
            0
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let planes = Planes::new(self.window.axes(self.input));
            planes.fold(pass.input, pass.output, T::zero(), |sum, value| sum + value);
            planes.divide_by_counts(pass.output);
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let Some(input_gradient) = pass.input_gradient.as_deref_mut() else { return };
            let planes = Planes::new(self.window.axes(self.input));
            planes.divide_by_counts(pass.gradient);
            planes.spread(pass.gradient, input_gradient);
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
