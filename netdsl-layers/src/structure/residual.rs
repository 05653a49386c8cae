//! A branch beside a shortcut.

use crate::activation::Activation;
use crate::expression::expression;
use crate::layer::{Layer, MixesSteps, below, both_keep_steps};
use crate::moments::{NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::Stored;

/// `shortcut(x) + scale · branch(x)`, with the identity for a shortcut that is not declared.
///
/// He et al. 2016, "Deep Residual Learning for Image Recognition".
#[derive(Clone, Copy, Debug)]
pub struct Residual<B, S> {
    /// The branch.
    pub branch: B,
    /// The shortcut.
    pub shortcut: S,
    /// What the branch is multiplied with.
    pub scale: f64,
}

expression!(Residual<B: Layer, S: Layer> { branch, shortcut, scale });

/// The name of the shortcut in the paths of its parameters.
const SHORTCUT: &str = "shortcut";

impl<B: Layer, S: Layer> Residual<B, S> {
    fn both(&self, branch: Vec<Parameter>, shortcut: Vec<Parameter>) -> Vec<Parameter> {
        branch.into_iter().chain(shortcut.into_iter().map(|parameter| parameter.below(SHORTCUT))).collect()
    }
}

impl<B: Layer, S: Layer> Layer for Residual<B, S> {
    fn kind(&self) -> &'static str {
        "Residual"
    }

    fn output(&self) -> Shape {
        self.branch.output()
    }

    fn sizes(&self) -> Sizes {
        let (branch, shortcut) = (self.branch.sizes(), self.shortcut.sizes());
        Sizes {
            parameters: branch.parameters + shortcut.parameters,
            tensors: branch.tensors + shortcut.tensors,
            statistics: branch.statistics + shortcut.statistics,
            ..branch
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.both(self.branch.parameters(), self.shortcut.parameters())
    }

    fn statistics(&self) -> Vec<Parameter> {
        self.both(self.branch.statistics(), self.shortcut.statistics())
    }

    fn keeps_steps(&self) -> Result<bool, MixesSteps> {
        let shortcut = || self.shortcut.keeps_steps().map_err(|error| error.below(SHORTCUT));
        both_keep_steps(self.kind(), self.branch.keeps_steps()?, shortcut()?)
    }

    fn leaves(&self, path: &str, visit: &mut dyn FnMut(&str, &dyn Layer)) {
        self.branch.leaves(path, visit);
        self.shortcut.leaves(&below(path, SHORTCUT), visit);
    }

    fn activation(&self) -> Option<&dyn Activation> {
        None
    }

    fn stored(&self) -> Vec<Stored> {
        Stored::own(self)
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        crate::moments::residual(&self.branch, &self.shortcut, self.scale, signal)
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Residual;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::structure::both::Both;

    impl<B, S> Residual<B, S> {
        fn members(&self) -> Both<'_, B, S> {
            Both { first: &self.branch, second: &self.shortcut }
        }
    }

    impl<T: Element, B: Kernel<T>, S: Kernel<T>> Kernel<T> for Residual<B, S> {
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
            let scale = T::from_f64(self.scale);
            let members = outputs.first.iter().zip(outputs.second);
            for (sum, (branch, shortcut)) in outputs.output.iter_mut().zip(members) {
                *sum = *shortcut + scale * *branch;
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let scale = T::from_f64(self.scale);
            self.members().backward(pass, |gradient, at_branch, at_shortcut| {
                for (branch, gradient) in at_branch.iter_mut().zip(gradient) {
                    *branch = scale * *gradient;
                }
                at_shortcut.copy_from_slice(gradient);
            });
        }

        fn outputs(
            &self,
            path: &str,
            batch: usize,
            saved: &[T],
            output: &[T],
            visit: &mut dyn FnMut(&str, &[T]),
        ) {
            let shortcut_path = crate::layer::below(path, super::SHORTCUT);
            self.members().outputs([path, &shortcut_path], batch, saved, visit);
            visit(path, output);
        }

        fn update_statistics(&self, batch: usize, saved: &[T], statistics: &mut [T]) {
            self.members().update_statistics(batch, saved, statistics);
        }
    }
}
