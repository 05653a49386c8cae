//! The layer that swaps the two axes.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{Backpropagated, NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::problem::Problem;
use crate::shape::Shape;

/// `y[j, i] = x[i, j]`.
///
/// `[time, features]` becomes `[channels, length]`, and `[channels, length]` becomes `[time, features]`: what the axes mean
/// goes with them. In the language `Transpose`.
#[derive(Clone, Copy, Debug)]
pub struct Transpose {
    /// The shape of an example of the input.
    pub input: Shape,
}

expression!(Transpose { input });

impl Declared for Transpose {
    const NAME: &'static str = "Transpose";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let call = arguments.call();
        if input.transposed().is_none() {
            let message = format!("`Transpose` takes a shape of two axes, but gets {input}");
            arguments.report(Problem::new(call.place, message).of_shape());
        }
        Self { input }
    }
}

impl Layer for Transpose {
    fn kind(&self) -> &'static str {
        Self::NAME
    }

    fn output(&self) -> Shape {
        self.input.transposed().unwrap_or(self.input)
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
        let mut output = signal.clone();
        let shape = self.output();
        (output.width, output.positions) = (shape.width(), shape.positions());
        Ok(Propagated::leaf(output, Backpropagated::plain))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Transpose;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel, transpose};

    impl Transpose {
        fn axes(&self) -> [usize; 2] {
            match *self.input.sizes() {
                [rows, columns] => [rows, columns],
                _ => [1, self.input.len()],
            }
        }
    }

    impl<T: Element> Kernel<T> for Transpose {
        fn saved_len(&self, _batch: usize) -> usize {
            0
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let [_, columns] = self.axes();
            let outputs = pass.output.chunks_exact_mut(self.input.len());
            for (input, output) in pass.input.chunks_exact(self.input.len()).zip(outputs) {
                transpose(input, columns, output);
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let Some(input_gradient) = pass.input_gradient.as_deref_mut() else { return };
            let [rows, _] = self.axes();
            let gradients = pass.gradient.chunks_exact(self.input.len());
            for (gradient, into) in gradients.zip(input_gradient.chunks_exact_mut(self.input.len())) {
                transpose(gradient, rows, into);
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
