//! The largest value of each window.

use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::{Expression, ROOT, expression};
use crate::layer::{Layer, MixesSteps};
use crate::moments::{NotForecastable, Propagated, Signal, maximum};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::Stored;
use crate::window::Window;

/// `y(o) = max x(p)` over the positions `p` of the window at `o`, for each channel by itself; nothing is larger than padding.
///
/// `[channels, ..space]` becomes `[channels, ..outputs]`. In the language [`MaxPool1d`](crate::MaxPool1d) and
/// [`MaxPool2d`](crate::MaxPool2d).
#[derive(Clone, Copy, Debug)]
pub struct MaxPool<const AXES: usize> {
    /// The shape of an example of the input: channels and `AXES` axes of space.
    pub input: Shape,
    /// The window.
    pub window: Window<AXES>,
}

impl<const AXES: usize> Expression for MaxPool<AXES> {
    fn type_expression(&self) -> String {
        format!("{ROOT}::MaxPool<{AXES}>")
    }
    expression!(@value MaxPool { input, window });
}

impl<const AXES: usize> MaxPool<AXES> {
    /// Takes the settings from the call.
    pub(super) fn read(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let input = arguments.settle_space::<AXES>(input);
        Self { input, window: arguments.window("size", Some(0), None, "2", input) }
    }
}

impl<const AXES: usize> Layer for MaxPool<AXES> {
    fn kind(&self) -> &'static str {
        if AXES == 1 { "MaxPool1d" } else { "MaxPool2d" }
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
        maximum(&signal.settled(self.input), &self.window.axes(self.input))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::MaxPool;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel, larger};
    use crate::pooling::Planes;

    impl<T: Element, const AXES: usize> Kernel<T> for MaxPool<AXES> {
        fn saved_len(&self, _batch: usize) -> usize {
            0
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let planes = Planes::new(self.window.axes(self.input));
            planes.fold(pass.input, pass.output, T::neg_infinity(), larger);
        }

        /// The gradient goes to the first value of a window that is the largest.
        fn backward(&self, pass: &mut Backward<'_, T>) {
            let Some(input_gradient) = pass.input_gradient.as_deref_mut() else { return };
            let planes = Planes::new(self.window.axes(self.input));
            planes.select(pass.input, pass.output, pass.gradient, input_gradient);
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
