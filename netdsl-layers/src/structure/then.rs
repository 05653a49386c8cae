//! One layer after another.

use crate::activation::Activation;
use crate::expression::expression;
use crate::layer::{Layer, MixesSteps};
use crate::moments::{NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::Stored;

/// `second(first(x))`.
///
/// A sequence of many layers is a balanced tree of these, so that types nest as deep as the logarithm of their number.
#[derive(Clone, Copy, Debug)]
pub struct Then<A, B> {
    /// What comes first.
    pub first: A,
    /// What comes second.
    pub second: B,
}

impl Then<Box<dyn Layer>, Box<dyn Layer>> {
    /// The layers in their order as a balanced tree, or `None` where there are none.
    pub fn sequence(layers: Vec<Box<dyn Layer>>) -> Option<Box<dyn Layer>> {
        let mut level = layers;
        while level.len() > 1 {
            let mut next: Vec<Box<dyn Layer>> = Vec::with_capacity(level.len().div_ceil(2));
            let mut rest = level.into_iter();
            while let Some(first) = rest.next() {
                next.push(match rest.next() {
                    Some(second) => Box::new(Then { first, second }),
                    None => first,
                });
            }
            level = next;
        }
        level.pop()
    }
}

expression!(Then<A: Layer, B: Layer> { first, second });

impl<A: Layer, B: Layer> Layer for Then<A, B> {
    fn kind(&self) -> &'static str {
        "Sequence"
    }

    fn output(&self) -> Shape {
        self.second.output()
    }

    #[inline]
    fn sizes(&self) -> Sizes {
        let (first, second) = (self.first.sizes(), self.second.sizes());
        Sizes {
            parameters: first.parameters + second.parameters,
            tensors: first.tensors + second.tensors,
            statistics: first.statistics + second.statistics,
            input: first.input,
            output: second.output,
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
        Ok(self.first.keeps_steps()? && self.second.keeps_steps()?)
    }

    fn leaves(&self, path: &str, visit: &mut dyn FnMut(&str, &dyn Layer)) {
        self.first.leaves(path, visit);
        self.second.leaves(path, visit);
    }

    fn activation(&self) -> Option<&dyn Activation> {
        None
    }

    fn stored(&self) -> Vec<Stored> {
        Stored::own(self)
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        let first = self.first.propagate(signal)?;
        let second = first.output.check_open().and_then(|()| self.second.propagate(&first.output));
        match second {
            Ok(second) => Ok(first.then(second)),
            Err(error) => Err(error.after(first)),
        }
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Then;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel, lengths_behind, normalise};

    impl<T: Element, A: Kernel<T>, B: Kernel<T>> Kernel<T> for Then<A, B> {
        /// What the first saved, the first's output, what the second saved.
        fn saved_len(&self, batch: usize) -> usize {
            self.first.saved_len(batch) + batch * self.first.sizes().output + self.second.saved_len(batch)
        }

        fn scratch_len(&self, batch: usize) -> usize {
            let members = self.first.scratch_len(batch).max(self.second.scratch_len(batch));
            batch * self.first.sizes().output + members
        }

        fn refuse(&self, value: T) -> Option<String> {
            self.first.refuse(value)
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let Forward { batch, lengths, mut random, parameters, statistics, input, output, saved } = pass;
            let sizes = self.first.sizes();
            let (first_parameters, second_parameters) = parameters.split_at(sizes.parameters);
            let (first_statistics, second_statistics) = statistics.split_at(sizes.statistics);
            let (first_saved, rest) = saved.split_at_mut(self.first.saved_len(batch));
            let (middle, second_saved) = rest.split_at_mut(batch * sizes.output);
            self.first.forward(Forward {
                batch,
                lengths,
                random: random.as_deref_mut(),
                parameters: first_parameters,
                statistics: first_statistics,
                input,
                output: middle,
                saved: first_saved,
            });
            self.second.forward(Forward {
                batch,
                lengths: lengths_behind(&self.first, lengths),
                random,
                parameters: second_parameters,
                statistics: second_statistics,
                input: middle,
                output,
                saved: second_saved,
            });
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let batch = pass.batch;
            let sizes = self.first.sizes();
            let (first_parameters, second_parameters) = pass.parameters.split_at(sizes.parameters);
            let (first_saved, rest) = pass.saved.split_at(self.first.saved_len(batch));
            let (middle, second_saved) = rest.split_at(batch * sizes.output);
            let (first_gradient, second_gradient) = pass.parameter_gradient.split_at_mut(sizes.parameters);
            let (first_exponents, second_exponents) = pass.tensor_exponents.split_at_mut(sizes.tensors);
            let (middle_gradient, scratch) = pass.scratch.split_at_mut(batch * sizes.output);
            let mut second = Backward {
                batch,
                lengths: lengths_behind(&self.first, pass.lengths),
                parameters: second_parameters,
                input: middle,
                output: pass.output,
                saved: second_saved,
                gradient: pass.gradient,
                input_gradient: Some(middle_gradient),
                parameter_gradient: second_gradient,
                tensor_exponents: second_exponents,
                exponent: pass.exponent,
                rescale: pass.rescale,
                scratch,
            };
            self.second.backward(&mut second);
            let mut exponent = second.exponent;
            if pass.rescale {
                exponent += normalise(middle_gradient);
                first_exponents.fill(exponent);
            }
            let mut first = Backward {
                batch,
                lengths: pass.lengths,
                parameters: first_parameters,
                input: pass.input,
                output: middle,
                saved: first_saved,
                gradient: middle_gradient,
                input_gradient: pass.input_gradient.as_deref_mut(),
                parameter_gradient: first_gradient,
                tensor_exponents: first_exponents,
                exponent,
                rescale: pass.rescale,
                scratch,
            };
            self.first.backward(&mut first);
            pass.exponent = first.exponent;
        }

        fn outputs(
            &self,
            path: &str,
            batch: usize,
            saved: &[T],
            output: &[T],
            visit: &mut dyn FnMut(&str, &[T]),
        ) {
            let (first_saved, rest) = saved.split_at(self.first.saved_len(batch));
            let (middle, second_saved) = rest.split_at(batch * self.first.sizes().output);
            self.first.outputs(path, batch, first_saved, middle, visit);
            self.second.outputs(path, batch, second_saved, output, visit);
        }

        fn update_statistics(&self, batch: usize, saved: &[T], statistics: &mut [T]) {
            let sizes = self.first.sizes();
            let (first_statistics, second_statistics) = statistics.split_at_mut(sizes.statistics);
            let (first_saved, rest) = saved.split_at(self.first.saved_len(batch));
            self.first.update_statistics(batch, first_saved, first_statistics);
            self.second.update_statistics(batch, &rest[batch * sizes.output..], second_statistics);
        }
    }
}
