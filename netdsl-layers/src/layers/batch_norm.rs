//! Normalisation over the batch.

use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::initializer::Initializer;
use crate::layer::{Declared, Layer, MixesSteps, step_by_step};
use crate::moments::{Backpropagated, BeforeProduct, Combination, Gradient, NotForecastable, ParameterMoments, Propagated, Signal, log_or_nothing};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::{Content, Stored};

/// `y = γ (x - μ) / sqrt(σ² + epsilon) + β`, with the mean `μ` and variance `σ²` of each feature, or of each channel, over
/// the batch and all positions that are no padding.
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

    fn keeps_steps(&self) -> Result<bool, MixesSteps> {
        step_by_step(self.kind(), self.input)
    }

    fn leaves(&self, path: &str, visit: &mut dyn FnMut(&str, &dyn Layer)) {
        visit(path, self);
    }

    fn stored(&self) -> Vec<Stored> {
        let own = self.parameters().into_iter().chain(self.statistics()).map(Stored::same);
        let counter =
            Stored { name: "num_batches_tracked".into(), shape: Vec::new(), content: Content::Counter };
        own.chain([counter]).collect()
    }

    fn activation(&self) -> Option<&dyn Activation> {
        None
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        let items = signal.items();
        let batch = signal.batch as f64;
        let positions = signal.positions as f64;
        let all = if items > 1.0 {
            ((positions - 1.0) * signal.position_correlation + (batch - 1.0) * positions * signal.correlation)
                / (items - 1.0)
        } else {
            0.0
        };
        if signal.shared > 0.5 {
            return Err(NotForecastable::new(
                "every unit carries the same signal, so that the batch has one number for each example, which the \
                 normalisation rectifies again and again",
            ));
        }
        if items < 4.0 {
            return Err(NotForecastable::new(format!("a batch of {items} items has no variance to normalise by")));
        }
        let finite = |square: f64| 1.0 + 2.0 * square / (items - 3.0);
        let (square, slope, pair_slope, shared, left) = match &signal.source {
            None => {
                let variance = (1.0 - 1.0 / items) * (1.0 - all).max(0.0) * signal.square();
                let square = variance / (variance + self.epsilon);
                let factor = finite(square) / (variance + self.epsilon);
                let shared = (signal.shared - signal.shared_product).max(0.0) / (1.0 - signal.correlation).max(1e-12);
                (square, factor, factor, shared, None)
            }
            // Behind an activation each feature has a variance of its own, given what its examples have in common.
            Some(source) => {
                let gaussian = &source.gaussian;
                let covariance = source.covariance.clamp(0.0, gaussian.variance);
                let (common, own) = (covariance.sqrt(), (gaussian.variance - covariance).sqrt());
                let unit = libm::exp(source.log_unit.min(600.0));
                let mut sums = [0.0; 6];
                let rule = gaussian.common(covariance);
                rule.each(|t, weight| {
                    let given = gaussian.given(gaussian.mean + common * t, own);
                    let variance = (given.square - given.value * given.value).max(0.0) * (1.0 - 1.0 / items) * unit;
                    let inverse = 1.0 / (variance + self.epsilon);
                    let slope_product = given.slope * given.slope;
                    // The gradient behind the normalisation is orthogonal to a constant and to the activation, so that
                    // of the derivative only what is neither adds up over the batch.
                    let spread = (given.square - given.value * given.value).max(1e-300);
                    let along = given.value_slope - given.value * given.slope;
                    let left = (given.slope_square - slope_product - along * along / spread).max(0.0);
                    for (sum, value) in sums.iter_mut().zip([
                        variance * inverse,
                        given.slope_square * inverse,
                        given.slope_square,
                        slope_product * inverse,
                        slope_product,
                        left * inverse,
                    ]) {
                        *sum += weight * value;
                    }
                });
                let [square, with_slope, slope, with_product, product, left] = sums;
                let factor = finite(square);
                let (one, other) = source.shared;
                let shared = (one - other).max(0.0) / (source.single.square * (1.0 - signal.correlation)).max(1e-300);
                let (slope, product) = (with_slope / slope.max(1e-300), with_product / product.max(1e-300));
                (square, slope * factor, product * factor, shared, Some(left * factor))
            }
        };
        let square = if signal.square() > 0.0 { square.max(1e-30) } else { 0.0 };
        let shared = shared.clamp(0.0, 1.0);
        let correlation = -1.0 / (items - 1.0);
        let width = signal.width as f64;
        let mut output = signal.clone();
        output.log_square = log_or_nothing(square);
        (output.correlation, output.position_correlation) = (correlation, correlation);
        output.mean = 0.0;
        output.mean_square = shared + (1.0 - shared) / width;
        output.mean_product = correlation * output.mean_square;
        (output.shared, output.shared_product) = (shared, correlation * shared);
        (output.noise, output.pair_noise) = (0.0, 0.0);
        let apart = (1.0 - signal.correlation).max(1e-6);
        output.scatter /= apart * apart;
        output.scatter_passed /= apart;
        output.before_product = BeforeProduct::default();
        output.passed *= 1.0 - square;
        let (before, behind) = (signal.clone(), output.clone());
        output.source = None;
        output.normalised = true;
        Ok(Propagated::leaf(output, move |gradient| {
            let others = batch - 1.0;
            let [with_value, product, near, apart] = gradient.with_value.unwrap_or([
                gradient.square,
                gradient.product * correlation,
                gradient.position_sum * correlation,
                gradient.pair_position_sum * correlation,
            ]);
            let (total, total_apart) = gradient.pair_sum(batch as usize, 1.0, 1.0);
            let projected_apart = near + (product + apart) * others;
            let projected_apart = projected_apart + gradient.along_signal(items, correlation);
            let projected = with_value + projected_apart;
            let count = libm::log(width * items);
            let fluctuations = gradient.fluctuations(&behind, 0.0);
            let parameters = vec![
                ParameterMoments {
                    log_scale: gradient.log_scale + log_or_nothing(square) + count,
                    total: projected,
                    apart: projected_apart,
                    fluctuations,
                },
                ParameterMoments { log_scale: gradient.log_scale + count, total, apart: total_apart, fluctuations },
            ];
            // What the mean and the deviation of the batch take away, from each item and from each pair.
            let of_mean = total * (1.0 / items);
            let of_deviation = projected * ((2.0 - square) * square / items);
            let of_pair = of_mean - of_deviation * (1.0 / (items - 1.0));
            let rest = gradient.square - of_mean - of_deviation;
            let own = rest * slope;
            let gradient = Gradient {
                square: own,
                product: (gradient.product - of_pair) * pair_slope,
                position_sum: (gradient.position_sum - of_pair * (positions - 1.0)) * pair_slope,
                pair_position_sum: (gradient.pair_position_sum - of_pair * (positions - 1.0)) * pair_slope,
                mean_square: own * (1.0 / width),
                mean_product: Combination::ZERO,
                batch_sum: left.map(|left| rest * left),
                swings: gradient.swings_before(&before, &behind, 1.0 - square, -square, 0.0),
                with_value: None,
                response: gradient.response * pair_slope,
                beside: gradient.beside * pair_slope,
                coherence: 0.0,
                ..gradient
            };
            Backpropagated { gradient, parameters, leaves: Vec::new() }
        }))
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use std::ops::Range;

    use super::BatchNorm;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::lanes::vectorised;
    use crate::shape::Layout;

    impl BatchNorm {
        /// Calls `visit` with the range of values of each row of a batch, and whether they are data and not padding. With
        /// channels a row is all values of one feature of an example, and `visit` gets the feature; else it is one value of
        /// each feature.
        #[inline(always)]
        fn rows(
            &self,
            batch: usize,
            lengths: Option<&[usize]>,
            mut visit: impl FnMut(Option<usize>, Range<usize>, bool),
        ) {
            let (width, positions) = (self.input.width(), self.input.positions());
            if let Layout::Channels = self.input.layout() {
                for row in 0..batch * width {
                    visit(Some(row % width), row * positions..(row + 1) * positions, true);
                }
            } else {
                for row in 0..batch * positions {
                    let data = lengths.is_none_or(|lengths| row % positions < lengths[row / positions]);
                    visit(None, row * width..(row + 1) * width, data);
                }
            }
        }

        /// Adds to the sum of each feature what `term` makes of its values in `a` and `b` and of its number in `of_feature`.
        /// Padding does not count.
        fn sums<T: Element>(
            &self,
            (batch, lengths): (usize, Option<&[usize]>),
            (a, b): (&[T], &[T]),
            of_feature: &[T],
            sums: &mut [T],
            term: impl Fn(T, T, T) -> T,
        ) {
            vectorised(#[inline(always)] || {
                self.rows(batch, lengths, #[inline(always)] |feature, range, data| {
                    let (a, b) = (&a[range.clone()], &b[range]);
                    match feature {
                        _ if !data => (),
                        Some(feature) => {
                            let number = of_feature[feature];
                            sums[feature] += a.iter().zip(b).map(|(a, b)| term(*a, *b, number)).sum();
                        }
                        None => add_terms(sums, [a, b, of_feature], &term),
                    }
                });
            });
        }

        /// How many values of a feature the statistics are of.
        fn count(&self, batch: usize, lengths: Option<&[usize]>) -> f64 {
            lengths.map_or(batch * self.input.positions(), |lengths| lengths.iter().sum()) as f64
        }
    }

    /// Adds a term of three numbers each to sums. Apart, so that the compiler knows that none of the slices lies in another:
    /// else it leaves a part of them to single numbers, in some builds.
    #[inline(always)]
    fn add_terms<T: Element>(sums: &mut [T], numbers: [&[T]; 3], term: &impl Fn(T, T, T) -> T) {
        let [a, b, c] = numbers.map(|numbers| &numbers[..sums.len()]);
        for (((sum, a), b), c) in sums.iter_mut().zip(a).zip(b).zip(c) {
            *sum += term(*a, *b, *c);
        }
    }

    impl<T: Element> Kernel<T> for BatchNorm {
        /// The normalised values, then mean, variance and one over the standard deviation of each feature.
        fn saved_len(&self, batch: usize) -> usize {
            batch * self.input.len() + 3 * self.input.width()
        }

        /// The mean gradients of gamma and beta.
        fn scratch_len(&self, _batch: usize) -> usize {
            2 * self.input.width()
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let Forward { batch, lengths, random, parameters, statistics, input, output, saved } = pass;
            let width = self.input.width();
            let (normalised, rest) = saved.split_at_mut(batch * self.input.len());
            let (mean, rest) = rest.split_at_mut(width);
            let (variance, deviation) = rest.split_at_mut(width);
            if random.is_some() {
                let count = T::from_f64(self.count(batch, lengths));
                mean.fill(T::zero());
                variance.fill(T::zero());
                let batch = (batch, lengths);
                self.sums(batch, (input, input), &*variance, mean, |x, _, _| x);
                mean.iter_mut().for_each(|mean| *mean /= count);
                self.sums(batch, (input, input), mean, variance, |x, _, mean| (x - mean) * (x - mean));
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
            let (mean, deviation) = (&*mean, &*deviation);
            vectorised(#[inline(always)] || {
                self.rows(batch, lengths, #[inline(always)] |feature, range, _| {
                    let values = input[range.clone()].iter().zip(&mut normalised[range.clone()]);
                    let values = values.zip(&mut output[range]);
                    let apply = |((x, normalised), output): ((&T, &mut T), &mut T), of_feature: [T; 4]| {
                        let [mean, deviation, gamma, beta] = of_feature;
                        *normalised = (*x - mean) * deviation;
                        *output = gamma * *normalised + beta;
                    };
                    match feature {
                        Some(at) => {
                            let of_feature = [mean[at], deviation[at], gamma[at], beta[at]];
                            values.for_each(|values| apply(values, of_feature));
                        }
                        None => {
                            let features = mean.iter().zip(deviation).zip(gamma).zip(beta);
                            for (values, (((mean, deviation), gamma), beta)) in values.zip(features) {
                                apply(values, [*mean, *deviation, *gamma, *beta]);
                            }
                        }
                    }
                });
            });
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let batch = pass.batch;
            let width = self.input.width();
            let lengths = pass.lengths;
            let count = T::from_f64(self.count(batch, lengths));
            let (normalised, rest) = pass.saved.split_at(batch * self.input.len());
            let deviation = &rest[2 * width..];
            let gradient = &*pass.gradient;
            let (gamma_gradient, beta_gradient) = pass.parameter_gradient.split_at_mut(width);
            gamma_gradient.fill(T::zero());
            beta_gradient.fill(T::zero());
            // The gradient at padding counts like any other.
            let all = (batch, None);
            self.sums(all, (gradient, normalised), deviation, gamma_gradient, |gradient, normalised, _| {
                gradient * normalised
            });
            self.sums(all, (gradient, gradient), deviation, beta_gradient, |gradient, _, _| gradient);
            let Some(input_gradient) = pass.input_gradient.as_deref_mut() else { return };
            let gamma = &pass.parameters[..width];
            let (of_gamma, of_beta) = pass.scratch[..2 * width].split_at_mut(width);
            for (mean, sum) in of_gamma.iter_mut().zip(&*gamma_gradient).chain(of_beta.iter_mut().zip(&*beta_gradient)) {
                *mean = *sum / count;
            }
            vectorised(#[inline(always)] || {
                self.rows(batch, lengths, #[inline(always)] |feature, range, data| {
                    // The statistics are of the data alone.
                    let share = if data { T::one() } else { T::zero() };
                    let values = gradient[range.clone()].iter().zip(&normalised[range.clone()]);
                    let values = values.zip(&mut input_gradient[range]);
                    let apply = |((gradient, normalised), into): ((&T, &T), &mut T), of_feature: [T; 4]| {
                        let [gamma, deviation, of_gamma, of_beta] = of_feature;
                        let rest = *gradient - share * (of_beta + *normalised * of_gamma);
                        *into = gamma * deviation * rest;
                    };
                    match feature {
                        Some(at) => {
                            let of_feature = [gamma[at], deviation[at], of_gamma[at], of_beta[at]];
                            values.for_each(|values| apply(values, of_feature));
                        }
                        None => {
                            let features = gamma.iter().zip(deviation).zip(&*of_gamma).zip(&*of_beta);
                            for (values, (((gamma, deviation), of_gamma), of_beta)) in values.zip(features) {
                                apply(values, [*gamma, *deviation, *of_gamma, *of_beta]);
                            }
                        }
                    }
                });
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
