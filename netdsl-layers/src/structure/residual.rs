//! A branch beside a shortcut.

use crate::expression::expression;
use crate::layer::{Layer, MixesSteps, below, both_keep_steps};
use crate::moments::{NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;

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

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        crate::moments::residual(&self.branch, &self.shortcut, self.scale, signal)
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Residual;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel, add_scaled};

    impl<T: Element, B: Kernel<T>, S: Kernel<T>> Kernel<T> for Residual<B, S> {
        /// What the branch saved, the branch's output, what the shortcut saved, the shortcut's output.
        fn saved_len(&self, batch: usize) -> usize {
            self.branch.saved_len(batch)
                + self.shortcut.saved_len(batch)
                + 2 * batch * self.branch.sizes().output
        }

        /// The branch's gradient at its output and at its input, and what either member needs.
        fn scratch_len(&self, batch: usize) -> usize {
            let sizes = self.branch.sizes();
            let members = self.branch.scratch_len(batch).max(self.shortcut.scratch_len(batch));
            batch * (sizes.output + sizes.input) + members
        }

        fn refuse(&self, value: T) -> Option<String> {
            self.branch.refuse(value).or_else(|| self.shortcut.refuse(value))
        }

        fn forward(&self, pass: Forward<'_, T>) {
            let Forward { batch, lengths, mut random, parameters, statistics, input, output, saved } = pass;
            let sizes = self.branch.sizes();
            let width = batch * sizes.output;
            let (branch_parameters, shortcut_parameters) = parameters.split_at(sizes.parameters);
            let (branch_statistics, shortcut_statistics) = statistics.split_at(sizes.statistics);
            let (branch_saved, rest) = saved.split_at_mut(self.branch.saved_len(batch));
            let (branch_output, rest) = rest.split_at_mut(width);
            let (shortcut_saved, shortcut_output) = rest.split_at_mut(self.shortcut.saved_len(batch));
            self.branch.forward(Forward {
                batch,
                lengths,
                random: random.as_deref_mut(),
                parameters: branch_parameters,
                statistics: branch_statistics,
                input,
                output: branch_output,
                saved: branch_saved,
            });
            self.shortcut.forward(Forward {
                batch,
                lengths,
                random,
                parameters: shortcut_parameters,
                statistics: shortcut_statistics,
                input,
                output: shortcut_output,
                saved: shortcut_saved,
            });
            let scale = T::from_f64(self.scale);
            for ((sum, branch), shortcut) in output.iter_mut().zip(&*branch_output).zip(&*shortcut_output) {
                *sum = *shortcut + scale * *branch;
            }
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            let batch = pass.batch;
            let sizes = self.branch.sizes();
            let width = batch * sizes.output;
            let (branch_parameters, shortcut_parameters) = pass.parameters.split_at(sizes.parameters);
            let (branch_saved, rest) = pass.saved.split_at(self.branch.saved_len(batch));
            let (branch_output, rest) = rest.split_at(width);
            let (shortcut_saved, shortcut_output) = rest.split_at(self.shortcut.saved_len(batch));
            let (branch_parameter_gradient, shortcut_parameter_gradient) =
                pass.parameter_gradient.split_at_mut(sizes.parameters);
            let (branch_exponents, shortcut_exponents) = pass.tensor_exponents.split_at_mut(sizes.tensors);
            let (branch_gradient, rest) = pass.scratch.split_at_mut(width);
            let (branch_input_gradient, scratch) = rest.split_at_mut(batch * sizes.input);
            let scale = T::from_f64(self.scale);
            for (branch, gradient) in branch_gradient.iter_mut().zip(&*pass.gradient) {
                *branch = scale * *gradient;
            }
            let mut shortcut = Backward {
                batch,
                lengths: pass.lengths,
                parameters: shortcut_parameters,
                input: pass.input,
                output: shortcut_output,
                saved: shortcut_saved,
                gradient: pass.gradient,
                input_gradient: pass.input_gradient.as_deref_mut(),
                parameter_gradient: shortcut_parameter_gradient,
                tensor_exponents: shortcut_exponents,
                exponent: pass.exponent,
                rescale: pass.rescale,
                scratch,
            };
            self.shortcut.backward(&mut shortcut);
            let shortcut_exponent = shortcut.exponent;
            let mut branch = Backward {
                batch,
                lengths: pass.lengths,
                parameters: branch_parameters,
                input: pass.input,
                output: branch_output,
                saved: branch_saved,
                gradient: branch_gradient,
                input_gradient: pass.input_gradient.is_some().then_some(&mut *branch_input_gradient),
                parameter_gradient: branch_parameter_gradient,
                tensor_exponents: branch_exponents,
                exponent: pass.exponent,
                rescale: pass.rescale,
                scratch,
            };
            self.branch.backward(&mut branch);
            let branch_exponent = branch.exponent;
            if let Some(input_gradient) = pass.input_gradient.as_deref_mut() {
                pass.exponent =
                    add_scaled(input_gradient, shortcut_exponent, branch_input_gradient, branch_exponent);
            }
        }

        fn outputs(
            &self,
            path: &str,
            batch: usize,
            saved: &[T],
            output: &[T],
            visit: &mut dyn FnMut(&str, &[T]),
        ) {
            let width = batch * self.branch.sizes().output;
            let (branch_saved, rest) = saved.split_at(self.branch.saved_len(batch));
            let (branch_output, rest) = rest.split_at(width);
            let (shortcut_saved, shortcut_output) = rest.split_at(self.shortcut.saved_len(batch));
            self.branch.outputs(path, batch, branch_saved, branch_output, visit);
            let shortcut_path = crate::layer::below(path, super::SHORTCUT);
            self.shortcut.outputs(&shortcut_path, batch, shortcut_saved, shortcut_output, visit);
            visit(path, output);
        }

        fn update_statistics(&self, batch: usize, saved: &[T], statistics: &mut [T]) {
            let sizes = self.branch.sizes();
            let (branch_statistics, shortcut_statistics) = statistics.split_at_mut(sizes.statistics);
            let own = self.branch.saved_len(batch);
            self.branch.update_statistics(batch, &saved[..own], branch_statistics);
            let rest = &saved[own + batch * sizes.output..][..self.shortcut.saved_len(batch)];
            self.shortcut.update_statistics(batch, rest, shortcut_statistics);
        }
    }
}
