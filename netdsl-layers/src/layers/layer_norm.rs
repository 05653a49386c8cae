//! Normalisation over the features of an example.

use crate::stored::Stored;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::initializer::Initializer;
use crate::layer::{Declared, Layer, MixesSteps, step_by_step};
use crate::moments::{Backpropagated, BeforeProduct, Combination, Gradient, NotForecastable, ParameterMoments, Propagated, Signal, log_or_nothing};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;

/// `y = γ (x - μ) / sqrt(σ² + epsilon) + β`, with the mean `μ` and variance `σ²` of the features at each position.
///
/// In the language `LayerNorm(epsilon = 1e-3)`; `γ` starts at 1, `β` at 0.
///
/// Ba, Kiros & Hinton 2016, "Layer Normalization", arXiv:1607.06450.
#[derive(Clone, Copy, Debug)]
pub struct LayerNorm {
    /// The shape of an example: `[features]` or `[time, features]`.
    pub input: Shape,
    /// What is added to the variance.
    pub epsilon: f64,
}

expression!(LayerNorm { input, epsilon });

impl Declared for LayerNorm {
    const NAME: &'static str = "LayerNorm";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let epsilon = arguments.epsilon(1e-3);
        Self { input: arguments.settle_features(input), epsilon }
    }
}

impl Layer for LayerNorm {
    fn kind(&self) -> &'static str {
        Self::NAME
    }

    fn output(&self) -> Shape {
        self.input
    }

    fn sizes(&self) -> Sizes {
        let len = self.input.len();
        Sizes { parameters: 2 * self.input.width(), tensors: 2, statistics: 0, input: len, output: len }
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
        vec![tensor("weight", Initializer::Constant(1.0)), tensor("bias", Initializer::ZEROS)]
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
        let (centre, pair_centre) = (signal.mean_square, signal.mean_product);
        let rest = (1.0 - centre).max(1e-12);
        let denominator = rest * signal.square() + self.epsilon;
        let square = rest * signal.square() / denominator;
        let mut output = signal.clone();
        output.log_square = log_or_nothing(square);
        output.correlation = ((signal.correlation - pair_centre) / rest).clamp(-1.0, 1.0);
        let position_centre = pair_centre + (signal.position_correlation - signal.correlation) / width;
        output.position_correlation = ((signal.position_correlation - position_centre) / rest).clamp(-1.0, 1.0);
        (output.mean, output.mean_square, output.mean_product) = (0.0, 0.0, 0.0);
        (output.shared, output.shared_product) = (0.0, 0.0);
        (output.noise, output.pair_noise) = (0.0, 0.0);
        output.source = None;
        output.normalised = true;
        output.scatter /= rest * rest;
        output.scatter_passed /= rest;
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
            let (sum, sum_apart) = gradient.pair_sum(batch, 1.0, 1.0);
            let parameters = vec![
                ParameterMoments {
                    log_scale: gradient.log_scale + log_or_nothing(square) + count,
                    total,
                    apart,
                    fluctuations,
                },
                ParameterMoments { log_scale: gradient.log_scale + count, total: sum, apart: sum_apart, fluctuations },
            ];
            let kept = 1.0 - (1.0 + square * (2.0 - square)) / width;
            let gradient = Gradient {
                log_scale: gradient.log_scale - libm::log(denominator),
                square: (gradient.square * kept - (gradient.mean_square - gradient.square * (1.0 / width))),
                product: gradient.product * kept,
                position_sum: gradient.position_sum * kept,
                pair_position_sum: gradient.pair_position_sum * kept,
                mean_square: Combination::ZERO,
                mean_product: Combination::ZERO,
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
    use super::LayerNorm;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};

    impl<T: Element> Kernel<T> for LayerNorm {
        /// The normalised values, then one over the standard deviation at each position.
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
            let (gamma, beta) = pass.parameters.split_at(width);
            let rows = pass.input.chunks_exact(width).zip(pass.output.chunks_exact_mut(width));
            for ((input, output), (normalised, inverse)) in
                rows.zip(normalised.chunks_exact_mut(width).zip(inverses))
            {
                let mean = input.iter().copied().sum::<T>() / count;
                let variance = input.iter().map(|x| (*x - mean) * (*x - mean)).sum::<T>() / count;
                *inverse = (variance + T::from_f64(self.epsilon)).sqrt().recip();
                for (normalised, input) in normalised.iter_mut().zip(input) {
                    *normalised = (*input - mean) * *inverse;
                }
                for (((output, normalised), gamma), beta) in output.iter_mut().zip(&*normalised).zip(gamma).zip(beta) {
                    *output = *gamma * *normalised + *beta;
                }
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let width = self.input.width();
            let count = T::from_f64(width as f64);
            let (normalised, inverses) = pass.saved.split_at(pass.batch * self.input.len());
            let gradient = &*pass.gradient;
            let (gamma_gradient, beta_gradient) = pass.parameter_gradient.split_at_mut(width);
            gamma_gradient.fill(T::zero());
            beta_gradient.fill(T::zero());
            for (gradient, normalised) in gradient.chunks_exact(width).zip(normalised.chunks_exact(width)) {
                for feature in 0..width {
                    gamma_gradient[feature] += gradient[feature] * normalised[feature];
                    beta_gradient[feature] += gradient[feature];
                }
            }
            let Some(input_gradient) = pass.input_gradient.as_deref_mut() else { return };
            let gamma = &pass.parameters[..width];
            let rows = gradient.chunks_exact(width).zip(input_gradient.chunks_exact_mut(width));
            for ((gradient, input_gradient), (normalised, inverse)) in
                rows.zip(normalised.chunks_exact(width).zip(inverses))
            {
                let (mut mean, mut projection) = (T::zero(), T::zero());
                for feature in 0..width {
                    let scaled = gamma[feature] * gradient[feature];
                    mean += scaled;
                    projection += scaled * normalised[feature];
                }
                let (mean, projection) = (mean / count, projection / count);
                for feature in 0..width {
                    let scaled = gamma[feature] * gradient[feature];
                    input_gradient[feature] = *inverse * (scaled - mean - normalised[feature] * projection);
                }
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
