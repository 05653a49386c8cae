//! Noise that switches values off.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::layer::{Declared, Layer, MixesSteps, step_by_step};
use crate::moments::{Backpropagated, Gradient, NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;

/// `y = x m / (1 - rate)` in training, with `m` 0 at the given rate and 1 else, drawn for each value; `y = x` in inference.
///
/// In the language `Dropout(rate)`, of any shape.
///
/// Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting".
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    /// The share of values that are switched off, in [0, 1).
    pub rate: f64,
    /// The shape of an example.
    pub input: Shape,
}

expression!(Dropout { rate, input });

impl Declared for Dropout {
    const NAME: &'static str = "Dropout";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let rate = arguments.required_real("rate", 0, "0.5", "a share of at least 0 and below 1", |rate| {
            (0.0..1.0).contains(&rate)
        });
        Self { rate, input }
    }
}

impl Layer for Dropout {
    fn kind(&self) -> &'static str {
        Self::NAME
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
        let kept = 1.0 / (1.0 - self.rate);
        let width = signal.width as f64;
        let mut output = signal.clone();
        output.log_square += libm::log(kept);
        output.correlation /= kept;
        output.position_correlation /= kept;
        output.mean /= kept.sqrt();
        output.mean_square = (signal.mean_square - signal.mean_square / width) / kept + 1.0 / width;
        output.mean_product /= kept;
        output.shared /= kept;
        output.shared_product /= kept;
        output.add_noise((kept - 1.0) / (signal.batch as f64 * width), 0.0);
        let units = 1.0 + 2.0 * signal.correlation * signal.correlation;
        output.scatter = (signal.scatter + (kept * kept - 1.0) * units / width) / (kept * kept);
        let (before, behind) = (signal.clone(), output.clone());
        Ok(Propagated::leaf(output, move |gradient| {
            let swings = gradient.swings_before(&before, &behind, 1.0, 0.0, 0.0);
            let square = gradient.square * kept;
            Backpropagated::plain(Gradient { square, swings, with_value: None, ..gradient })
        }))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use rand::Rng;

    use super::Dropout;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};

    impl<T: Element> Kernel<T> for Dropout {
        /// What each value was multiplied with.
        fn saved_len(&self, batch: usize) -> usize {
            batch * self.input.len()
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            match pass.random {
                Some(random) => {
                    let kept = T::from_f64(1.0 / (1.0 - self.rate));
                    // The share of all `u32`, rounded to the nearest.
                    let threshold = (self.rate * 4_294_967_296.0).round() as u64;
                    for factor in pass.saved.iter_mut() {
                        *factor = if u64::from(random.next_u32()) < threshold { T::zero() } else { kept };
                    }
                }
                None => pass.saved.fill(T::one()),
            }
            for ((output, input), factor) in pass.output.iter_mut().zip(pass.input).zip(&*pass.saved) {
                *output = *input * *factor;
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            if let Some(input_gradient) = pass.input_gradient.as_deref_mut() {
                for ((input, output), factor) in input_gradient.iter_mut().zip(&*pass.gradient).zip(pass.saved) {
                    *input = *output * *factor;
                }
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
