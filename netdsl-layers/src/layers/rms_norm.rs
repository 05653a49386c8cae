//! Normalisation by the root mean square of an example.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::initializer::Initializer;
use crate::layer::{Declared, Layer, MixesSteps, step_by_step};
use crate::moments::{Backpropagated, BeforeProduct, Gradient, NotForecastable, ParameterMoments, Propagated, Signal, log_or_nothing};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;

/// `y = γ x / sqrt(mean x² + epsilon)`, with the mean over the features at each position.
///
/// In the language `RmsNorm(epsilon = 1e-6)`; `γ` starts at 1.
///
/// Zhang & Sennrich 2019, "Root Mean Square Layer Normalization", arXiv:1910.07467.
#[derive(Clone, Copy, Debug)]
pub struct RmsNorm {
    /// The shape of an example: `[features]` or `[time, features]`.
    pub input: Shape,
    /// What is added to the mean square.
    pub epsilon: f64,
}

expression!(RmsNorm { input, epsilon });

impl Declared for RmsNorm {
    const NAME: &'static str = "RmsNorm";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let epsilon = arguments.epsilon(1e-6);
        Self { input: arguments.settle_features(input), epsilon }
    }
}

impl Layer for RmsNorm {
    fn kind(&self) -> &'static str {
        Self::NAME
    }

    fn output(&self) -> Shape {
        self.input
    }

    fn sizes(&self) -> Sizes {
        let len = self.input.len();
        Sizes { parameters: self.input.width(), tensors: 1, statistics: 0, input: len, output: len }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let width = self.input.width();
        let tensor = |name: &str, initializer| Parameter {
            name: name.into(),
            shape: vec![width],
            initializer,
            fan_in: width,
            fan_out: width,
        };
        vec![tensor("weight", Initializer::Constant(1.0))]
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
        let width = signal.width as f64;
        let denominator = signal.square() + self.epsilon;
        let square = signal.square() / denominator;
        let mut output = signal.clone();
        output.log_square = log_or_nothing(square);
        (output.shared, output.shared_product) = (0.0, 0.0);
        (output.noise, output.pair_noise) = (0.0, 0.0);
        output.source = None;
        output.normalised = true;
        output.before_product = BeforeProduct::default();
        output.passed *= 1.0 - square;
        let (before, behind) = (signal.clone(), output.clone());
        let (batch, items) = (signal.batch, signal.items());
        let (correlation, position_correlation) = (output.correlation, output.position_correlation);
        Ok(Propagated::leaf(output, move |gradient| {
            let (mut total, mut apart) = gradient.pair_sum(batch, correlation, position_correlation);
            if let Some([with_value, product, near, far]) = gradient.with_value {
                apart = near + (product + far) * (batch as f64 - 1.0);
                total = with_value + apart;
            }
            let along = gradient.along_signal(items, correlation);
            (total, apart) = (total + along, apart + along);
            let count = libm::log(width * items);
            let fluctuations = gradient.fluctuations(&behind, 0.0);
            let parameters = vec![
                ParameterMoments {
                    log_scale: gradient.log_scale + log_or_nothing(square) + count,
                    total,
                    apart,
                    fluctuations,
                },
            ];
            let kept = 1.0 - square * (2.0 - square) / width;
            let gradient = Gradient {
                log_scale: gradient.log_scale - libm::log(denominator),
                square: gradient.square * kept,
                product: gradient.product * kept,
                position_sum: gradient.position_sum * kept,
                pair_position_sum: gradient.pair_position_sum * kept,
                swings: gradient.swings_before(&before, &behind, 1.0 - square, -square, 0.0),
                with_value: None,
                response: gradient.response * kept,
                beside: gradient.beside * kept,
                coherence: 0.0,
                random_mean: 1.0,
                ..gradient
            };
            Backpropagated { gradient, parameters, leaves: Vec::new() }
        }))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::RmsNorm;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};

    impl<T: Element> Kernel<T> for RmsNorm {
        /// The normalised values, then one over the root mean square at each position.
        fn saved_len(&self, batch: usize) -> usize {
            batch * (self.input.len() + self.input.positions())
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let width = self.input.width();
            let count = T::from_f64(width as f64);
            let (normalised, inverses) = pass.saved.split_at_mut(pass.batch * self.input.len());
            let gamma = pass.parameters;
            let rows = pass.input.chunks_exact(width).zip(pass.output.chunks_exact_mut(width));
            for ((input, output), (normalised, inverse)) in
                rows.zip(normalised.chunks_exact_mut(width).zip(inverses))
            {
                let square = input.iter().map(|x| *x * *x).sum::<T>() / count;
                *inverse = (square + T::from_f64(self.epsilon)).sqrt().recip();
                for (normalised, input) in normalised.iter_mut().zip(input) {
                    *normalised = *input * *inverse;
                }
                for ((output, normalised), gamma) in output.iter_mut().zip(&*normalised).zip(gamma) {
                    *output = *gamma * *normalised;
                }
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let width = self.input.width();
            let count = T::from_f64(width as f64);
            let (normalised, inverses) = pass.saved.split_at(pass.batch * self.input.len());
            let gradient = &*pass.gradient;
            pass.parameter_gradient.fill(T::zero());
            for (gradient, normalised) in gradient.chunks_exact(width).zip(normalised.chunks_exact(width)) {
                for feature in 0..width {
                    pass.parameter_gradient[feature] += gradient[feature] * normalised[feature];
                }
            }
            let Some(input_gradient) = pass.input_gradient.as_deref_mut() else { return };
            let gamma = pass.parameters;
            let rows = gradient.chunks_exact(width).zip(input_gradient.chunks_exact_mut(width));
            for ((gradient, input_gradient), (normalised, inverse)) in
                rows.zip(normalised.chunks_exact(width).zip(inverses))
            {
                let scaled = || (0..width).map(|feature| gamma[feature] * gradient[feature]);
                let projection = scaled().zip(normalised).map(|(g, x)| g * *x).sum::<T>() / count;
                for ((input, scaled), normalised) in input_gradient.iter_mut().zip(scaled()).zip(normalised) {
                    *input = *inverse * (scaled - *normalised * projection);
                }
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
