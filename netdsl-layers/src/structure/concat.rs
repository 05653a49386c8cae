//! Branches of one input, side by side.

use crate::expression::expression;
use crate::layer::{Layer, MixesSteps, both_keep_steps};
use crate::moments::{NotForecastable, Propagated, Signal, concat};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;

/// `[first(x), second(x)]`, joined along the features or the channels; both have the same positions.
///
/// Many branches are a balanced tree of these. In the language `Concat(a, b, ..)`, whose branches have their positions for
/// names.
///
/// Szegedy et al. 2015, "Going Deeper with Convolutions", arXiv:1409.4842, section 4.
#[derive(Clone, Copy, Debug)]
pub struct Concat<A, B> {
    /// The branch whose features come first.
    pub first: A,
    /// The branch whose features come behind.
    pub second: B,
    /// The shape of an example of the output.
    pub output: Shape,
}

expression!(Concat<A: Layer, B: Layer> { first, second, output });

impl Concat<Box<dyn Layer>, Box<dyn Layer>> {
    /// The branches in their order as a balanced tree, or `None` where there are none, or where two have other positions.
    pub fn branches(branches: Vec<Box<dyn Layer>>) -> Option<Box<dyn Layer>> {
        let mut level = branches;
        while level.len() > 1 {
            let mut next: Vec<Box<dyn Layer>> = Vec::with_capacity(level.len().div_ceil(2));
            let mut rest = level.into_iter();
            while let Some(first) = rest.next() {
                next.push(match rest.next() {
                    Some(second) => {
                        let output = first.output().beside(second.output())?;
                        Box::new(Concat { first, second, output })
                    }
                    None => first,
                });
            }
            level = next;
        }
        level.pop()
    }
}

impl<A: Layer, B: Layer> Layer for Concat<A, B> {
    fn kind(&self) -> &'static str {
        "Concat"
    }

    fn output(&self) -> Shape {
        self.output
    }

    fn sizes(&self) -> Sizes {
        let (first, second) = (self.first.sizes(), self.second.sizes());
        Sizes {
            parameters: first.parameters + second.parameters,
            tensors: first.tensors + second.tensors,
            statistics: first.statistics + second.statistics,
            input: first.input,
            output: first.output + second.output,
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let mut parameters = self.first.parameters();
        parameters.extend(self.second.parameters());
        parameters
    }

    fn statistics(&self) -> Vec<Parameter> {
        let mut statistics = self.first.statistics();
        statistics.extend(self.second.statistics());
        statistics
    }

    fn keeps_steps(&self) -> Result<bool, MixesSteps> {
        both_keep_steps(self.kind(), self.first.keeps_steps()?, self.second.keeps_steps()?)
    }

    fn leaves(&self, path: &str, visit: &mut dyn FnMut(&str, &dyn Layer)) {
        self.first.leaves(path, visit);
        self.second.leaves(path, visit);
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        concat(&self.first, &self.second, signal)
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Concat;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel, add_scaled};
    use crate::layer::Layer;
    use crate::shape::Layout;

    impl<A: Layer, B: Layer> Concat<A, B> {
        /// How many values of the two lie side by side before the next of the first: the features of a position, or the
        /// channels of an example.
        fn runs(&self) -> (usize, usize) {
            let (first, second) = (self.first.output(), self.second.output());
            match self.output.layout() {
                Layout::Channels => (first.len(), second.len()),
                _ => (first.width(), second.width()),
            }
        }
    }

    impl<T: Element, A: Kernel<T>, B: Kernel<T>> Kernel<T> for Concat<A, B> {
        /// What the first saved, the first's output, what the second saved, the second's output.
        fn saved_len(&self, batch: usize) -> usize {
            self.first.saved_len(batch) + self.second.saved_len(batch) + batch * self.output.len()
        }

        /// The gradients at the outputs of the two and at the input of the second, and what either needs.
        fn scratch_len(&self, batch: usize) -> usize {
            let members = self.first.scratch_len(batch).max(self.second.scratch_len(batch));
            batch * (self.output.len() + self.first.sizes().input) + members
        }

        fn refuse(&self, value: T) -> Option<String> {
            self.first.refuse(value).or_else(|| self.second.refuse(value))
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let Forward { batch, lengths, mut random, parameters, statistics, input, output, saved } = pass;
            let sizes = self.first.sizes();
            let (first_parameters, second_parameters) = parameters.split_at(sizes.parameters);
            let (first_statistics, second_statistics) = statistics.split_at(sizes.statistics);
            let (first_saved, rest) = saved.split_at_mut(self.first.saved_len(batch));
            let (first_output, rest) = rest.split_at_mut(batch * sizes.output);
            let (second_saved, second_output) = rest.split_at_mut(self.second.saved_len(batch));
            self.first.forward(Forward {
                batch,
                lengths,
                random: random.as_deref_mut(),
                parameters: first_parameters,
                statistics: first_statistics,
                input,
                output: first_output,
                saved: first_saved,
            });
            self.second.forward(Forward {
                batch,
                lengths,
                random,
                parameters: second_parameters,
                statistics: second_statistics,
                input,
                output: second_output,
                saved: second_saved,
            });
            let (first_run, second_run) = self.runs();
            let members = first_output.chunks_exact(first_run).zip(second_output.chunks_exact(second_run));
            for (output, (first, second)) in output.chunks_exact_mut(first_run + second_run).zip(members) {
                output[..first_run].copy_from_slice(first);
                output[first_run..].copy_from_slice(second);
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let batch = pass.batch;
            let sizes = self.first.sizes();
            let (first_parameters, second_parameters) = pass.parameters.split_at(sizes.parameters);
            let (first_saved, rest) = pass.saved.split_at(self.first.saved_len(batch));
            let (first_output, rest) = rest.split_at(batch * sizes.output);
            let (second_saved, second_output) = rest.split_at(self.second.saved_len(batch));
            let (first_parameter_gradient, second_parameter_gradient) =
                pass.parameter_gradient.split_at_mut(sizes.parameters);
            let (first_exponents, second_exponents) = pass.tensor_exponents.split_at_mut(sizes.tensors);
            let (first_gradient, rest) = pass.scratch.split_at_mut(first_output.len());
            let (second_gradient, rest) = rest.split_at_mut(second_output.len());
            let (second_input_gradient, scratch) = rest.split_at_mut(batch * sizes.input);
            let (first_run, second_run) = self.runs();
            let members =
                first_gradient.chunks_exact_mut(first_run).zip(second_gradient.chunks_exact_mut(second_run));
            for (gradient, (first, second)) in pass.gradient.chunks_exact(first_run + second_run).zip(members)
            {
                first.copy_from_slice(&gradient[..first_run]);
                second.copy_from_slice(&gradient[first_run..]);
            }
            let mut first = Backward {
                batch,
                lengths: pass.lengths,
                parameters: first_parameters,
                input: pass.input,
                output: first_output,
                saved: first_saved,
                gradient: first_gradient,
                input_gradient: pass.input_gradient.as_deref_mut(),
                parameter_gradient: first_parameter_gradient,
                tensor_exponents: first_exponents,
                exponent: pass.exponent,
                rescale: pass.rescale,
                scratch,
            };
            self.first.backward(&mut first);
            let first_exponent = first.exponent;
            let mut second = Backward {
                batch,
                lengths: pass.lengths,
                parameters: second_parameters,
                input: pass.input,
                output: second_output,
                saved: second_saved,
                gradient: second_gradient,
                input_gradient: pass.input_gradient.is_some().then_some(&mut *second_input_gradient),
                parameter_gradient: second_parameter_gradient,
                tensor_exponents: second_exponents,
                exponent: pass.exponent,
                rescale: pass.rescale,
                scratch,
            };
            self.second.backward(&mut second);
            let second_exponent = second.exponent;
            if let Some(input_gradient) = pass.input_gradient.as_deref_mut() {
                pass.exponent =
                    add_scaled(input_gradient, first_exponent, second_input_gradient, second_exponent);
            }
        }

        fn outputs(
            &self,
            path: &str,
            batch: usize,
            saved: &[T],
            _output: &[T],
            visit: &mut dyn FnMut(&str, &[T]),
        ) {
            let (first_saved, rest) = saved.split_at(self.first.saved_len(batch));
            let (first_output, rest) = rest.split_at(batch * self.first.sizes().output);
            let (second_saved, second_output) = rest.split_at(self.second.saved_len(batch));
            self.first.outputs(path, batch, first_saved, first_output, visit);
            self.second.outputs(path, batch, second_saved, second_output, visit);
        }

        fn update_statistics(&self, batch: usize, saved: &[T], statistics: &mut [T]) {
            let sizes = self.first.sizes();
            let (first_statistics, second_statistics) = statistics.split_at_mut(sizes.statistics);
            let own = self.first.saved_len(batch);
            self.first.update_statistics(batch, &saved[..own], first_statistics);
            let rest = &saved[own + batch * sizes.output..][..self.second.saved_len(batch)];
            self.second.update_statistics(batch, rest, second_statistics);
        }
    }
}
