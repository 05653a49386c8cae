//! The table that tokens are looked up in.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::initializer::Initializer;
use crate::layer::{Declared, Layer, MixesSteps, step_by_step};
use crate::moments::{Backpropagated, NotForecastable, ParameterMoments, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;

/// `y(t) = W[x(t)]` with `W: [vocabulary, width]`: the row of the token at each step.
///
/// `[time]` of tokens becomes `[time, width]`. Tokens are whole numbers below the vocabulary, held as values of the input;
/// a value that is no such number gives rows that are no number, and the runtime refuses it. An input of which nothing but
/// its size is declared, `[time]`, is taken for tokens; one of numbers, such as `~ Normal(0.0, 1.0)`, does not compile. The
/// forecast takes each token to be as likely as any other.
///
/// In the language `Embedding(vocabulary, dim, init = Uniform(-0.05, 0.05))`.
#[derive(Clone, Copy, Debug)]
pub struct Embedding {
    /// The shape of an example of the input, `[time]`.
    pub input: Shape,
    /// The number of tokens.
    pub vocabulary: usize,
    /// The number of features of a token.
    pub width: usize,
    /// How the table is drawn.
    pub init: Initializer,
}

expression!(Embedding { input, vocabulary, width, init });

impl Declared for Embedding {
    const NAME: &'static str = "Embedding";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let vocabulary = arguments.size("vocabulary", 0, "1000, 32");
        let width = arguments.size("dim", 1, "1000, 32");
        let init = arguments.initializer("init", Initializer::Uniform { low: -0.05, high: 0.05 });
        let input = arguments.settle_tokens(input, "vocabulary", vocabulary);
        Self { input, vocabulary, width, init }
    }
}

impl Layer for Embedding {
    fn kind(&self) -> &'static str {
        Self::NAME
    }

    fn output(&self) -> Shape {
        Shape::sequence(self.input.len(), self.width)
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            parameters: self.vocabulary * self.width,
            tensors: 1,
            statistics: 0,
            input: self.input.len(),
            output: self.output().len(),
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        vec![Parameter {
            name: "weight".into(),
            shape: vec![self.vocabulary, self.width],
            initializer: self.init,
            fan_in: self.vocabulary,
            fan_out: self.width,
        }]
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

    /// Two tokens are the same with the probability `1 / vocabulary`, which makes examples and positions correlate.
    fn activation(&self) -> Option<&dyn Activation> {
        None
    }

    fn stored(&self) -> Vec<Stored> {
        Stored::own(self)
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        let (mean, variance) = (self.init.mean(), self.parameters()[0].variance());
        let (time, batch) = (self.input.len(), signal.batch);
        let same = 1.0 / self.vocabulary as f64;
        let mut output = Signal::input(self.width, time, batch, mean, variance.sqrt());
        let own = 1.0 - output.mean * output.mean;
        output.correlation += own * same;
        output.position_correlation = output.correlation;
        output.mean_product += own * same / self.width as f64;
        let items = output.items();
        let width = self.width as f64;
        let behind = output.clone();
        Ok(Propagated::leaf(output, move |gradient| {
            let (total, apart) = gradient.pair_sum(batch, same, same);
            let parameter = ParameterMoments {
                log_scale: gradient.log_scale + libm::log(width * items),
                total,
                apart,
                fluctuations: gradient.fluctuations(&behind, 0.0),
            };
            Backpropagated { gradient, parameters: vec![parameter], leaves: Vec::new() }
        }))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Embedding;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};

    impl Embedding {
        /// The row of a token, `None` where the value is none.
        fn row<T: Element>(&self, value: T) -> Option<usize> {
            let nearest = Element::to_f64(value).round();
            (nearest >= 0.0 && nearest < self.vocabulary as f64).then_some(nearest as usize)
        }
    }

    impl<T: Element> Kernel<T> for Embedding {
        fn saved_len(&self, _batch: usize) -> usize {
            0
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn refuse(&self, value: T) -> Option<String> {
            let token = value == value.round() && self.row(value).is_some();
            (!token).then(|| format!("a token from 0 to {}", self.vocabulary - 1))
        }

        fn forward(&self, pass: Forward<'_, T>) {
            for (value, output) in pass.input.iter().zip(pass.output.chunks_exact_mut(self.width)) {
                match self.row(*value) {
                    Some(row) => output.copy_from_slice(&pass.parameters[row * self.width..][..self.width]),
                    None => output.fill(T::nan()),
                }
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            pass.parameter_gradient.fill(T::zero());
            for (value, gradient) in pass.input.iter().zip(pass.gradient.chunks_exact(self.width)) {
                let Some(row) = self.row(*value) else { continue };
                let sums = &mut pass.parameter_gradient[row * self.width..][..self.width];
                sums.iter_mut().zip(gradient).for_each(|(sum, value)| *sum += *value);
            }
            if let Some(input_gradient) = pass.input_gradient.as_deref_mut() {
                input_gradient.fill(T::zero());
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
