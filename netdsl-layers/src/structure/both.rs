//! Two layers that work on the same input.

use crate::element::Element;
use crate::kernel::{Backward, Forward, Kernel, add_scaled};

/// The two, of which the first has the first part of every buffer.
///
/// They save what the first saves, the first's output, what the second saves, the second's output.
pub(super) struct Both<'a, A, B> {
    pub(super) first: &'a A,
    pub(super) second: &'a B,
}

/// What both made of the input, and the room for what is made of that.
pub(super) struct Outputs<'a, T> {
    pub(super) first: &'a [T],
    pub(super) second: &'a [T],
    pub(super) output: &'a mut [T],
}

impl<A, B> Both<'_, A, B> {
    /// The number of values that both save.
    pub(super) fn saved_len<T: Element>(&self, batch: usize) -> usize
    where
        A: Kernel<T>,
        B: Kernel<T>,
    {
        let outputs = self.first.sizes().output + self.second.sizes().output;
        self.first.saved_len(batch) + self.second.saved_len(batch) + batch * outputs
    }

    /// The number of values for the gradients at the outputs of both and at the input of the second, and for what either
    /// needs.
    pub(super) fn scratch_len<T: Element>(&self, batch: usize) -> usize
    where
        A: Kernel<T>,
        B: Kernel<T>,
    {
        let (first, second) = (self.first.sizes(), self.second.sizes());
        let members = self.first.scratch_len(batch).max(self.second.scratch_len(batch));
        batch * (first.output + second.output + second.input) + members
    }

    /// Why either does not take this value.
    pub(super) fn refuse<T: Element>(&self, value: T) -> Option<String>
    where
        A: Kernel<T>,
        B: Kernel<T>,
    {
        self.first.refuse(value).or_else(|| self.second.refuse(value))
    }

    /// Runs both.
    pub(super) fn forward<'p, T: Element>(&self, pass: Forward<'p, T>) -> Outputs<'p, T>
    where
        A: Kernel<T>,
        B: Kernel<T>,
    {
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
        Outputs { first: first_output, second: second_output, output }
    }

    /// Runs both backward. `part` makes the gradients at their outputs, the second and third of its arguments, of the one
    /// behind both.
    pub(super) fn backward<T: Element>(
        &self,
        pass: &mut Backward<'_, T>,
        part: impl FnOnce(&[T], &mut [T], &mut [T]),
    ) where
        A: Kernel<T>,
        B: Kernel<T>,
    {
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
        part(pass.gradient, first_gradient, second_gradient);
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

    /// Visits the outputs of both below their paths.
    pub(super) fn outputs<T: Element>(
        &self,
        [first_path, second_path]: [&str; 2],
        batch: usize,
        saved: &[T],
        visit: &mut dyn FnMut(&str, &[T]),
    ) where
        A: Kernel<T>,
        B: Kernel<T>,
    {
        let (first_saved, rest) = saved.split_at(self.first.saved_len(batch));
        let (first_output, rest) = rest.split_at(batch * self.first.sizes().output);
        let (second_saved, second_output) = rest.split_at(self.second.saved_len(batch));
        self.first.outputs(first_path, batch, first_saved, first_output, visit);
        self.second.outputs(second_path, batch, second_saved, second_output, visit);
    }

    /// Moves the running statistics of both.
    pub(super) fn update_statistics<T: Element>(&self, batch: usize, saved: &[T], statistics: &mut [T])
    where
        A: Kernel<T>,
        B: Kernel<T>,
    {
        let sizes = self.first.sizes();
        let (first_statistics, second_statistics) = statistics.split_at_mut(sizes.statistics);
        let (first_saved, rest) = saved.split_at(self.first.saved_len(batch));
        let second_saved = &rest[batch * sizes.output..][..self.second.saved_len(batch)];
        self.first.update_statistics(batch, first_saved, first_statistics);
        self.second.update_statistics(batch, second_saved, second_statistics);
    }
}
