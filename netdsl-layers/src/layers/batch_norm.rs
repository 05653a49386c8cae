//! Normalisation over the batch.

use crate::arguments::Arguments;
use crate::expression::expression;
use crate::initializer::Initializer;
use crate::layer::{Declared, Layer};
use crate::moments::{NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;

/// `y = γ (x - μ) / sqrt(σ² + epsilon) + β`, with the mean `μ` and variance `σ²` of each feature, or of each channel, over
/// the batch and all positions.
///
/// In inference `μ` and `σ²` are running averages, which training moves by `1 - momentum` of the way in each step. As
/// in Keras the running variance is that of the batch without Bessel's correction.
///
/// In the language `BatchNorm(epsilon = 1e-3, momentum = 0.99)`; `γ` starts at 1, `β` at 0.
///
/// Ioffe & Szegedy 2015, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift".
#[derive(Clone, Copy, Debug)]
pub struct BatchNorm {
    /// The shape of an example.
    pub input: Shape,
    /// What is added to the variance.
    pub epsilon: f64,
    /// What a running average keeps of itself in each step.
    pub momentum: f64,
}

expression!(BatchNorm { input, epsilon, momentum });

impl Declared for BatchNorm {
    const NAME: &'static str = "BatchNorm";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let epsilon = arguments.epsilon(1e-3);
        let momentum = arguments.real("momentum", None, 0.99, "a number from 0 to 1", |m| (0.0..=1.0).contains(&m));
        let input = input.settle_features().unwrap_or(input);
        Self { input, epsilon, momentum }
    }
}

impl BatchNorm {
    fn tensor(&self, name: &str, initializer: Initializer) -> Parameter {
        let width = self.input.width();
        Parameter { name: name.into(), shape: vec![width], initializer, fan_in: width, fan_out: width }
    }
}

impl Layer for BatchNorm {
    fn kind(&self) -> &'static str {
        Self::NAME
    }

    fn output(&self) -> Shape {
        self.input
    }

    fn sizes(&self) -> Sizes {
        let (width, len) = (self.input.width(), self.input.len());
        Sizes { parameters: 2 * width, tensors: 2, statistics: 2 * width, input: len, output: len }
    }

    fn parameters(&self) -> Vec<Parameter> {
        vec![self.tensor("weight", Initializer::Constant(1.0)), self.tensor("bias", Initializer::ZEROS)]
    }

    fn statistics(&self) -> Vec<Parameter> {
        vec![
            self.tensor("running_mean", Initializer::ZEROS),
            self.tensor("running_var", Initializer::Constant(1.0)),
        ]
    }

    fn leaves(&self, path: &str, visit: &mut dyn FnMut(&str, &dyn Layer)) {
        visit(path, self);
    }

    fn propagate(&self, _signal: &Signal) -> Result<Propagated, NotForecastable> {
        Err(NotForecastable {})
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::BatchNorm;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::shape::Layout;

    impl BatchNorm {
        /// Calls `visit` with the feature and the range of each run of its values in a batch.
        fn runs(&self, batch: usize, mut visit: impl FnMut(usize, std::ops::Range<usize>)) {
            let (width, positions) = (self.input.width(), self.input.positions());
            let channels = matches!(self.input.layout(), Layout::Channels);
            let (rows, run) = if channels { (batch, positions) } else { (batch * positions, 1) };
            for row in 0..rows {
                for feature in 0..width {
                    let start = (row * width + feature) * run;
                    visit(feature, start..start + run);
                }
            }
        }
    }

    impl<T: Element> Kernel<T> for BatchNorm {
        /// The normalised values, then mean, variance and one over the standard deviation of each feature.
        fn saved_len(&self, batch: usize) -> usize {
            batch * self.input.len() + 3 * self.input.width()
        }

        fn scratch_len(&self, _batch: usize) -> usize {
            0
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let Forward { batch, random, parameters, statistics, input, output, saved } = pass;
            let width = self.input.width();
            let (normalised, rest) = saved.split_at_mut(batch * self.input.len());
            let (mean, rest) = rest.split_at_mut(width);
            let (variance, deviation) = rest.split_at_mut(width);
            if random.is_some() {
                let count = T::from_f64((batch * self.input.positions()) as f64);
                mean.fill(T::zero());
                variance.fill(T::zero());
                self.runs(batch, |feature, run| mean[feature] += input[run].iter().copied().sum());
                mean.iter_mut().for_each(|mean| *mean /= count);
                self.runs(batch, |feature, run| {
                    let mean = mean[feature];
                    variance[feature] += input[run].iter().map(|x| (*x - mean) * (*x - mean)).sum();
                });
                variance.iter_mut().for_each(|variance| *variance /= count);
            } else {
                let (running_mean, running_variance) = statistics.split_at(width);
                mean.copy_from_slice(running_mean);
                variance.copy_from_slice(running_variance);
            }
            for (deviation, variance) in deviation.iter_mut().zip(&*variance) {
                *deviation = (*variance + T::from_f64(self.epsilon)).sqrt().recip();
            }
            let (gamma, beta) = parameters.split_at(width);
            self.runs(batch, |feature, run| {
                for index in run {
                    normalised[index] = (input[index] - mean[feature]) * deviation[feature];
                    output[index] = gamma[feature] * normalised[index] + beta[feature];
                }
            });
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let batch = pass.batch;
            let width = self.input.width();
            let count = T::from_f64((batch * self.input.positions()) as f64);
            let (normalised, rest) = pass.saved.split_at(batch * self.input.len());
            let deviation = &rest[2 * width..];
            let gradient = &*pass.gradient;
            let (gamma_gradient, beta_gradient) = pass.parameter_gradient.split_at_mut(width);
            gamma_gradient.fill(T::zero());
            beta_gradient.fill(T::zero());
            self.runs(batch, |feature, run| {
                for index in run {
                    gamma_gradient[feature] += gradient[index] * normalised[index];
                    beta_gradient[feature] += gradient[index];
                }
            });
            let Some(input_gradient) = pass.input_gradient.as_deref_mut() else { return };
            let gamma = &pass.parameters[..width];
            self.runs(batch, |feature, run| {
                let factor = gamma[feature] * deviation[feature];
                let (of_gamma, of_beta) = (gamma_gradient[feature] / count, beta_gradient[feature] / count);
                for index in run {
                    input_gradient[index] = factor * (gradient[index] - of_beta - normalised[index] * of_gamma);
                }
            });
        }

        fn update_statistics(&self, batch: usize, saved: &[T], statistics: &mut [T]) {
            let width = self.input.width();
            let batch_statistics = &saved[batch * self.input.len()..][..2 * width];
            let kept = T::from_f64(self.momentum);
            for (running, of_batch) in statistics.iter_mut().zip(batch_statistics) {
                *running = kept * *running + (T::one() - kept) * *of_batch;
            }
        }
    }
}
