//! The products of a convolution and their gradients.
//!
//! Where the window moves by one and the rows are long enough, [`Sliding`] reads the input where it lies. Elsewhere
//! [`Columns`] gathers the windows into a matrix.

mod columns;
mod correlate;
mod slide;
mod sliding;
#[cfg(test)]
mod tests;

pub(crate) use columns::Columns;
pub(crate) use sliding::Sliding;

use crate::element::Element;
use crate::window::Axis;

/// What a convolution is made of: `filters × channels × height × width` weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub(crate) channels: usize,
    pub(crate) filters: usize,
    /// Height and width.
    pub(crate) axes: [Axis; 2],
}

/// What the backward pass of a convolution reads and writes.
pub(crate) struct Gradients<'a, T> {
    pub(crate) weight: &'a [T],
    pub(crate) input: &'a [T],
    /// The gradient at the output.
    pub(crate) gradient: &'a [T],
    /// The gradient of the input, to be overwritten; `None` where nobody needs it.
    pub(crate) input_gradient: Option<&'a mut [T]>,
    /// The gradient of the weight, to be overwritten.
    pub(crate) weight_gradient: &'a mut [T],
}

impl Geometry {
    /// The number of values of a filter.
    fn taps(&self) -> usize {
        self.axes[0].size * self.axes[1].size
    }

    /// The number of values that an output sums.
    fn fan_in(&self) -> usize {
        self.channels * self.taps()
    }

    /// The number of positions of the input.
    fn inputs(&self) -> usize {
        self.axes[0].input * self.axes[1].input
    }

    /// The number of positions of the output.
    pub(crate) fn outputs(&self) -> usize {
        self.axes[0].output * self.axes[1].output
    }
}

/// Overwrites the gradients of the biases, if there are any, with the sums over the positions and the examples.
pub(crate) fn bias_gradient<T: Element>(gradient: &[T], positions: usize, bias_gradient: &mut [T]) {
    bias_gradient.fill(T::zero());
    if bias_gradient.is_empty() {
        return;
    }
    for example in gradient.chunks_exact(positions * bias_gradient.len()) {
        for (sum, values) in bias_gradient.iter_mut().zip(example.chunks_exact(positions)) {
            *sum += crate::lanes::sum(values);
        }
    }
}
