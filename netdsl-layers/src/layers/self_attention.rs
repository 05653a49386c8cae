//! Attention of the steps of a sequence to each other.

use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::expression;
use crate::initializer::Initializer;
use crate::layer::{Declared, Layer, MixesSteps};
use crate::moments::{NotForecastable, Propagated, Signal, Weight, attention};
use crate::parameter::{Parameter, Sizes};
use crate::problem::Problem;
use crate::shape::Shape;
use crate::stored::{Content, Stored};

/// `y = concat(softmax(Qₕ Kₕᵀ / sqrt(features / heads)) Vₕ) Oᵀ` over the heads `h`, each of which has its own slice of the
/// features of `Q = x Aᵀ`, `K = x Bᵀ` and `V = x Cᵀ`. With `causal` a step sees no later one.
///
/// `[time, features]` stays as it is. The parameters are the weights `query` (`A`), `key` (`B`), `value` (`C`) and `out`
/// (`O`), all `[features, features]`; there are no biases.
///
/// In the language `SelfAttention(heads = 1, causal = false, init = GlorotUniform)`, with heads that divide the features.
///
/// Vaswani et al. 2017, "Attention Is All You Need", arXiv:1706.03762.
#[derive(Clone, Copy, Debug)]
pub struct SelfAttention {
    /// The shape of an example, `[time, features]`.
    pub input: Shape,
    /// The number of heads.
    pub heads: usize,
    /// Whether a step sees no later one.
    pub causal: bool,
    /// How the weights are drawn.
    pub init: Initializer,
}

expression!(SelfAttention { input, heads, causal, init });

impl Declared for SelfAttention {
    const NAME: &'static str = "SelfAttention";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        let heads = arguments.size_or("heads", Some(0), 1);
        let causal = arguments.boolean("causal", false);
        let init = arguments.initializer("init", Initializer::GLOROT_UNIFORM);
        let input = arguments.settle_sequence(input);
        let width = input.width();
        if !width.is_multiple_of(heads) {
            let near = (1..=heads.min(width)).rev().find(|heads| width.is_multiple_of(*heads)).unwrap_or(1);
            let place = arguments.place_of("heads", 0);
            let problem = Problem::new(place, format!("{heads} heads do not divide {width} features")).of_shape();
            arguments.report(problem.help(format!("take {near}, or a width that is a multiple of {heads}")));
        }
        Self { input, heads, causal, init }
    }
}

impl Layer for SelfAttention {
    fn kind(&self) -> &'static str {
        Self::NAME
    }

    fn output(&self) -> Shape {
        self.input
    }

    fn sizes(&self) -> Sizes {
        let (width, len) = (self.input.width(), self.input.len());
        Sizes {
            parameters: (4 * width).saturating_mul(width),
            tensors: 4,
            statistics: 0,
            input: len,
            output: len,
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let width = self.input.width();
        let parameter = |name: &str| Parameter {
            name: name.into(),
            shape: vec![width, width],
            initializer: self.init,
            fan_in: width,
            fan_out: width,
        };
        ["query", "key", "value", "out"].map(parameter).into()
    }

    fn statistics(&self) -> Vec<Parameter> {
        Vec::new()
    }

    fn keeps_steps(&self) -> Result<bool, MixesSteps> {
        Ok(true)
    }

    fn leaves(&self, path: &str, visit: &mut dyn FnMut(&str, &dyn Layer)) {
        visit(path, self);
    }

    fn stored(&self) -> Vec<Stored> {
        let width = self.input.width();
        let stacked = |name: &str, parts: &[&str]| Stored {
            name: name.into(),
            shape: vec![parts.len() * width, width],
            content: Content::Tensors(parts.iter().map(ToString::to_string).collect()),
        };
        vec![
            stacked("in_proj_weight", &["query", "key", "value"]),
            stacked("out_proj.weight", &["out"]),
        ]
    }

    fn activation(&self) -> Option<&dyn Activation> {
        None
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        if self.init.mean() != 0.0 {
            return Err(NotForecastable::new("the weights of the attention have a mean that is not zero"));
        }
        let width = self.input.width();
        attention(Weight::new(width, width, &self.init, None), self.causal, signal)
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::SelfAttention;
    use crate::activation::ActivationKernel;
    use crate::activations::Softmax;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::product::{Matrix, product};

    /// The sizes of an attention over a batch.
    ///
    /// Queries, keys and values lie head after head, `batch × heads × time × width`, so that each head is a matrix.
    #[derive(Clone, Copy)]
    struct Heads {
        batch: usize,
        heads: usize,
        time: usize,
        width: usize,
    }

    impl Heads {
        fn features(&self) -> usize {
            self.heads * self.width
        }

        /// The number of values of a query, key or value.
        fn len(&self) -> usize {
            self.batch * self.time * self.features()
        }

        /// The number of weights of the attention.
        fn weights(&self) -> usize {
            self.batch * self.heads * self.time * self.time
        }

        /// `x Wᵀ` at every position, and then head after head.
        fn project<T: Element>(&self, input: &[T], weight: &[T], room: &mut [T], into: &mut [T]) {
            let features = self.features();
            let input = Matrix::new(input, self.batch * self.time, features);
            product(input, Matrix::new(weight, features, features).transpose(), T::zero(), room);
            self.part(room, into);
        }

        /// From `time × heads` to `heads × time` in each example.
        fn part<T: Copy>(&self, from: &[T], into: &mut [T]) {
            exchange(from, self.batch, self.time, self.heads, self.width, into);
        }

        /// From `heads × time` to `time × heads` in each example.
        fn join<T: Copy>(&self, from: &[T], into: &mut [T]) {
            exchange(from, self.batch, self.heads, self.time, self.width, into);
        }

        /// One head of one example.
        fn head<'a, T: Element>(&self, values: &'a [T], head: usize) -> Matrix<'a, T> {
            Matrix::new(&values[self.part_of(head)], self.time, self.width)
        }

        fn part_of(&self, head: usize) -> std::ops::Range<usize> {
            let len = self.time * self.width;
            head * len..(head + 1) * len
        }
    }

    /// Exchanges the middle axes of `outer × rows × columns × width`.
    fn exchange<T: Copy>(
        from: &[T],
        outer: usize,
        rows: usize,
        columns: usize,
        width: usize,
        into: &mut [T],
    ) {
        for outer in 0..outer {
            for row in 0..rows {
                for column in 0..columns {
                    let source = (outer * rows + row) * columns + column;
                    let target = (outer * columns + column) * rows + row;
                    into[target * width..][..width].copy_from_slice(&from[source * width..][..width]);
                }
            }
        }
    }

    impl SelfAttention {
        fn heads(&self, batch: usize) -> Heads {
            let (time, features) = (self.input.positions(), self.input.width());
            Heads { batch, heads: self.heads, time, width: features / self.heads }
        }

        fn scale<T: Element>(&self) -> T {
            T::from_f64((self.heads as f64 / self.input.width() as f64).sqrt())
        }
    }

    impl<T: Element> Kernel<T> for SelfAttention {
        /// Queries, keys and values head after head, the mixed values, and the weights of the attention.
        fn saved_len(&self, batch: usize) -> usize {
            let heads = self.heads(batch);
            4 * heads.len() + heads.weights()
        }

        /// The gradients of the mixed values, queries, keys and values head after head, one of them in the order of the
        /// features, and those of the logits of one head.
        fn scratch_len(&self, batch: usize) -> usize {
            let heads = self.heads(batch);
            5 * heads.len() + heads.time * heads.time
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let heads = self.heads(pass.batch);
            let (len, time) = (heads.len(), heads.time);
            let features = heads.features();
            let (queries, rest) = pass.saved.split_at_mut(len);
            let (keys, rest) = rest.split_at_mut(len);
            let (values, rest) = rest.split_at_mut(len);
            let (mixed, weights) = rest.split_at_mut(len);
            let mut matrices = pass.parameters.chunks_exact(features * features);
            for into in [&mut *queries, &mut *keys, &mut *values] {
                if let Some(weight) = matrices.next() {
                    heads.project(pass.input, weight, pass.output, into);
                }
            }
            let scale: T = self.scale();
            for (head, weights) in weights.chunks_exact_mut(time * time).enumerate() {
                let logits = heads.head(keys, head).transpose();
                product(heads.head(queries, head), logits, T::zero(), weights);
                let length = pass.lengths.map_or(time, |lengths| lengths[head / heads.heads]);
                for (query, logits) in weights.chunks_exact_mut(time).enumerate() {
                    let seen = if self.causal { length.min(query + 1) } else { length };
                    let (seen, unseen) = logits.split_at_mut(seen);
                    seen.iter_mut().for_each(|logit| *logit *= scale);
                    unseen.fill(T::neg_infinity());
                }
                Softmax.activate(time, weights);
                let weights = Matrix::new(weights, time, time);
                let output = &mut pass.output[heads.part_of(head)];
                product(weights, heads.head(values, head), T::zero(), output);
            }
            heads.join(pass.output, mixed);
            if let Some(weight) = matrices.next() {
                let mixed = Matrix::new(mixed, pass.batch * time, features);
                let weight = Matrix::new(weight, features, features);
                product(mixed, weight.transpose(), T::zero(), pass.output);
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let heads = self.heads(pass.batch);
            let (len, time, features) = (heads.len(), heads.time, heads.features());
            let rows = pass.batch * time;
            let square = features * features;
            let (queries, rest) = pass.saved.split_at(len);
            let (keys, rest) = rest.split_at(len);
            let (values, rest) = rest.split_at(len);
            let (mixed, weights) = rest.split_at(len);
            let (at_mixed, rest) = pass.scratch.split_at_mut(len);
            let (at_queries, rest) = rest.split_at_mut(len);
            let (at_keys, rest) = rest.split_at_mut(len);
            let (at_values, rest) = rest.split_at_mut(len);
            let (joined, at_logits) = rest.split_at_mut(len);
            let at_logits = &mut at_logits[..time * time];
            let (inputs, out) = pass.parameters.split_at(3 * square);
            let (input_gradients, out_gradient) = pass.parameter_gradient.split_at_mut(3 * square);

            let gradient = Matrix::new(&*pass.gradient, rows, features);
            product(gradient.transpose(), Matrix::new(mixed, rows, features), T::zero(), out_gradient);
            product(gradient, Matrix::new(out, features, features), T::zero(), joined);
            heads.part(joined, at_mixed);
            for (head, weights) in weights.chunks_exact(time * time).enumerate() {
                let part = heads.part_of(head);
                let at_mixed = heads.head(at_mixed, head);
                let attention = Matrix::new(weights, time, time);
                product(attention.transpose(), at_mixed, T::zero(), &mut at_values[part.clone()]);
                product(at_mixed, heads.head(values, head).transpose(), T::zero(), at_logits);
                for (at_logits, weights) in at_logits.chunks_exact_mut(time).zip(weights.chunks_exact(time)) {
                    let mean: T = at_logits.iter().zip(weights).map(|(value, weight)| *value * *weight).sum();
                    for (value, weight) in at_logits.iter_mut().zip(weights) {
                        *value = (*value - mean) * *weight * self.scale();
                    }
                }
                let at_logits = Matrix::new(&*at_logits, time, time);
                product(at_logits, heads.head(keys, head), T::zero(), &mut at_queries[part.clone()]);
                let queries = heads.head(queries, head);
                product(at_logits.transpose(), queries, T::zero(), &mut at_keys[part]);
            }
            let input = Matrix::new(pass.input, rows, features);
            let mut beta = T::zero();
            let members = [at_queries, at_keys, at_values].into_iter();
            let weights = inputs.chunks_exact(square).zip(input_gradients.chunks_exact_mut(square));
            for (member, (weight, weight_gradient)) in members.zip(weights) {
                heads.join(member, joined);
                let member = Matrix::new(&*joined, rows, features);
                product(member.transpose(), input, T::zero(), weight_gradient);
                if let Some(input_gradient) = pass.input_gradient.as_deref_mut() {
                    product(member, Matrix::new(weight, features, features), beta, input_gradient);
                    beta = T::one();
                }
            }
        }

        fn update_statistics(&self, _batch: usize, _saved: &[T], _statistics: &mut [T]) {}
    }
}
