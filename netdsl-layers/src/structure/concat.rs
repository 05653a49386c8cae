//! Branches of one input, side by side.

use crate::activation::Activation;
use crate::expression::expression;
use crate::layer::{Layer, MixesSteps, both_keep_steps};
use crate::moments::{NotForecastable, Propagated, Signal, concat};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::Stored;

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

    fn activation(&self) -> Option<&dyn Activation> {
        None
    }

    fn stored(&self) -> Vec<Stored> {
        Stored::own(self)
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        concat(&self.first, &self.second, signal)
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Concat;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::layer::Layer;
    use crate::shape::Layout;
    use crate::structure::both::Both;

    impl<A: Layer, B: Layer> Concat<A, B> {
        fn members(&self) -> Both<'_, A, B> {
            Both { first: &self.first, second: &self.second }
        }

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
        fn saved_len(&self, batch: usize) -> usize {
            self.members().saved_len(batch)
        }

        fn scratch_len(&self, batch: usize) -> usize {
            self.members().scratch_len(batch)
        }

        fn refuse(&self, value: T) -> Option<String> {
            self.members().refuse(value)
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let outputs = self.members().forward(pass);
            let (first_run, second_run) = self.runs();
            let runs = outputs.first.chunks_exact(first_run).zip(outputs.second.chunks_exact(second_run));
            for (output, (first, second)) in outputs.output.chunks_exact_mut(first_run + second_run).zip(runs)
            {
                output[..first_run].copy_from_slice(first);
                output[first_run..].copy_from_slice(second);
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let (first_run, second_run) = self.runs();
            self.members().backward(pass, |gradient, first, second| {
                let runs = first.chunks_exact_mut(first_run).zip(second.chunks_exact_mut(second_run));
                for (gradient, (first, second)) in gradient.chunks_exact(first_run + second_run).zip(runs) {
                    first.copy_from_slice(&gradient[..first_run]);
                    second.copy_from_slice(&gradient[first_run..]);
                }
            });
        }

        fn outputs(
            &self,
            path: &str,
            batch: usize,
            saved: &[T],
            _output: &[T],
            visit: &mut dyn FnMut(&str, &[T]),
        ) {
            self.members().outputs([path, path], batch, saved, visit);
        }

        fn update_statistics(&self, batch: usize, saved: &[T], statistics: &mut [T]) {
            self.members().update_statistics(batch, saved, statistics);
        }
    }
}
