//! The same layer many times, each copy with parameters of its own.

use crate::activation::Activation;
use crate::expression::expression;
use crate::layer::{Layer, MixesSteps, below};
use crate::moments::{Backpropagated, Gradient, NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::Stored;

/// `times` copies of a layer one after another, each with its own parameters.
///
/// With more than one copy the layer's output has the shape of its input. Where the first copy of a written
/// repetition sees another shape than the rest, the declaration resolves to a `Repeat` of one followed by a `Repeat` of
/// the others that starts counting at 1.
#[derive(Clone, Copy, Debug)]
pub struct Repeat<L> {
    /// One copy.
    pub layer: L,
    /// The number of copies, at least 1.
    pub times: usize,
    /// The index of the first copy in the names of the parameters.
    pub start: usize,
}

expression!(Repeat<L: Layer> { layer, times, start });

impl<L: Layer> Repeat<L> {
    fn copies(&self, list: Vec<Parameter>) -> Vec<Parameter> {
        (self.start..self.start + self.times)
            .flat_map(|index| {
                let name = index.to_string();
                list.iter().map(move |parameter| parameter.clone().below(&name)).collect::<Vec<_>>()
            })
            .collect()
    }
}

impl<L: Layer> Layer for Repeat<L> {
    fn kind(&self) -> &'static str {
        "Repeat"
    }

    fn output(&self) -> Shape {
        self.layer.output()
    }

    fn sizes(&self) -> Sizes {
        let one = self.layer.sizes();
        Sizes {
            parameters: one.parameters * self.times,
            tensors: one.tensors * self.times,
            statistics: one.statistics * self.times,
            ..one
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.copies(self.layer.parameters())
    }

    fn statistics(&self) -> Vec<Parameter> {
        self.copies(self.layer.statistics())
    }

    fn keeps_steps(&self) -> Result<bool, MixesSteps> {
        self.layer.keeps_steps().map_err(|error| error.below(self.start))
    }

    fn leaves(&self, path: &str, visit: &mut dyn FnMut(&str, &dyn Layer)) {
        for index in self.start..self.start + self.times {
            self.layer.leaves(&below(path, index), visit);
        }
    }

    fn activation(&self) -> Option<&dyn Activation> {
        None
    }

    fn stored(&self) -> Vec<Stored> {
        Stored::own(self)
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        let mut signal = signal.clone();
        let mut leaves = Vec::new();
        let mut copies = Vec::with_capacity(self.times);
        for _ in 0..self.times {
            match signal.check_open().and_then(|()| self.layer.propagate(&signal)) {
                Ok(copy) => {
                    leaves.extend(copy.leaves);
                    copies.push(copy.backward);
                    signal = copy.output;
                }
                Err(mut error) => {
                    leaves.append(&mut error.leaves);
                    return Err(NotForecastable { leaves, ..error });
                }
            }
        }
        // A loop and not a chain of calls: a thousand copies must not take a thousand frames of the stack.
        let backward = move |gradient: Gradient| {
            let mut all = Backpropagated::plain(gradient);
            for copy in copies.into_iter().rev() {
                let Backpropagated { gradient, parameters, leaves } = copy(all.gradient);
                all.gradient = gradient;
                all.parameters.extend(parameters.into_iter().rev());
                all.leaves.extend(leaves.into_iter().rev());
            }
            all.parameters.reverse();
            all.leaves.reverse();
            all
        };
        Ok(Propagated { output: signal, leaves, backward: Box::new(backward) })
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Repeat;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel, lengths_behind, normalise};

    impl<L: crate::Layer> Repeat<L> {
        /// What one copy occupies of `saved`: its own, and its output, which the last copy writes elsewhere.
        fn stride<T: Element>(&self, batch: usize) -> usize
        where
            L: Kernel<T>,
        {
            self.layer.saved_len(batch) + batch * self.layer.sizes().output
        }
    }

    impl<T: Element, L: Kernel<T>> Kernel<T> for Repeat<L> {
        fn saved_len(&self, batch: usize) -> usize {
            self.times * self.stride(batch) - batch * self.layer.sizes().output
        }

        /// Two gradients that take turns, and what one copy needs.
        fn scratch_len(&self, batch: usize) -> usize {
            let turns = if self.times > 1 { 2 * batch * self.layer.sizes().output } else { 0 };
            turns + self.layer.scratch_len(batch)
        }

        fn refuse(&self, value: T) -> Option<String> {
            self.layer.refuse(value)
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let Forward { batch, mut lengths, mut random, parameters, statistics, input, output, saved } =
                pass;
            let one = self.layer.sizes();
            let own = self.layer.saved_len(batch);
            let mut input = input;
            let mut rest = saved;
            for index in 0..self.times {
                let (copy_saved, tail) = rest.split_at_mut(own);
                let last = index + 1 == self.times;
                let (copy_output, tail) = tail.split_at_mut(if last { 0 } else { batch * one.output });
                self.layer.forward(Forward {
                    batch,
                    lengths,
                    random: random.as_deref_mut(),
                    parameters: &parameters[index * one.parameters..][..one.parameters],
                    statistics: &statistics[index * one.statistics..][..one.statistics],
                    input,
                    output: if last { &mut *output } else { &mut *copy_output },
                    saved: copy_saved,
                });
                lengths = lengths_behind(&self.layer, lengths);
                input = copy_output;
                rest = tail;
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let batch = pass.batch;
            let one = self.layer.sizes();
            let width = batch * one.output;
            let (own, stride) = (self.layer.saved_len(batch), self.stride(batch));
            let turns = if self.times > 1 { width } else { 0 };
            let (even, rest) = pass.scratch.split_at_mut(turns);
            let (odd, scratch) = rest.split_at_mut(turns);
            let (mut incoming, mut outgoing): (&mut [T], &mut [T]) = (even, odd);
            let mut exponent = pass.exponent;
            let behind = lengths_behind(&self.layer, pass.lengths);
            for index in (0..self.times).rev() {
                let (first, last) = (index == 0, index + 1 == self.times);
                let exponents = &mut pass.tensor_exponents[index * one.tensors..][..one.tensors];
                exponents.fill(exponent);
                let mut copy = Backward {
                    batch,
                    lengths: if first { pass.lengths } else { behind },
                    parameters: &pass.parameters[index * one.parameters..][..one.parameters],
                    input: if first { pass.input } else { &pass.saved[index * stride - width..][..width] },
                    output: if last { pass.output } else { &pass.saved[index * stride + own..][..width] },
                    saved: &pass.saved[index * stride..][..own],
                    gradient: if last { &mut *pass.gradient } else { &mut *incoming },
                    input_gradient: if first {
                        pass.input_gradient.as_deref_mut()
                    } else {
                        Some(&mut *outgoing)
                    },
                    parameter_gradient: &mut pass.parameter_gradient[index * one.parameters..]
                        [..one.parameters],
                    tensor_exponents: exponents,
                    exponent,
                    rescale: pass.rescale,
                    scratch,
                };
                self.layer.backward(&mut copy);
                exponent = copy.exponent;
                if pass.rescale && !first {
                    exponent += normalise(outgoing);
                }
                std::mem::swap(&mut incoming, &mut outgoing);
            }
            pass.exponent = exponent;
        }

        fn outputs(
            &self,
            path: &str,
            batch: usize,
            saved: &[T],
            output: &[T],
            visit: &mut dyn FnMut(&str, &[T]),
        ) {
            let width = batch * self.layer.sizes().output;
            let (own, stride) = (self.layer.saved_len(batch), self.stride(batch));
            for index in 0..self.times {
                let last = index + 1 == self.times;
                let copy_saved = &saved[index * stride..][..own];
                let copy_output = if last { output } else { &saved[index * stride + own..][..width] };
                let path = crate::layer::below(path, self.start + index);
                self.layer.outputs(&path, batch, copy_saved, copy_output, visit);
            }
        }

        fn update_statistics(&self, batch: usize, saved: &[T], statistics: &mut [T]) {
            let one = self.layer.sizes();
            let (own, stride) = (self.layer.saved_len(batch), self.stride(batch));
            for index in 0..self.times {
                let part = &mut statistics[index * one.statistics..][..one.statistics];
                self.layer.update_statistics(batch, &saved[index * stride..][..own], part);
            }
        }
    }
}
