//! The gradients of a recurrence, summed up over the steps of the way back.

use std::ops::Range;

use super::rows::RowsMut;
use super::steps::Steps;
use crate::element::Element;
use crate::kernel::{scale_by_power, transpose};
use crate::lanes::vectorised;
use crate::product::{Matrix, product};

/// The gradients of the parameters and of the input, which grow by a few steps at once.
pub(in crate::layers) struct Sums<'a, 'l, T> {
    steps: Steps<'l>,
    exponent: i32,
    /// Of the weights of the input and of the state, transposed: in the order in which the products are the fastest.
    weights: [&'a mut [T]; 2],
    biases: &'a mut [T],
    input: Option<&'a mut [T]>,
    /// For the gradient of the input at so many steps.
    room: &'a mut [T],
}

impl<'a, 'l, T: Element> Sums<'a, 'l, T> {
    /// Starts at zero, with the exponent of the gradient at the output.
    pub(in crate::layers) fn new(
        steps: Steps<'l>,
        exponent: i32,
        biases: &'a mut [T],
        input: Option<&'a mut [T]>,
        room: &'a mut [T],
    ) -> Self {
        let (weight, rest) = room.split_at_mut(steps.features * steps.gates);
        let (recurrent, room) = rest.split_at_mut(steps.units * steps.gates);
        for sums in [&mut *weight, recurrent, biases] {
            sums.fill(T::zero());
        }
        Self { steps, exponent, weights: [weight, recurrent], biases, input, room }
    }

    /// Brings the gradients of all examples at these steps, and what has been summed up before, to one exponent: the
    /// largest.
    pub(in crate::layers) fn align(
        &mut self,
        steps: &Range<usize>,
        exponents: &[T],
        deltas: &mut [&mut [T]],
    ) {
        let batch = self.steps.batch;
        let exponents = &exponents[steps.start * batch..steps.end * batch];
        let exponent = |of: T| Element::to_f64(of) as i32;
        let largest = exponents.iter().fold(self.exponent, |largest, of| largest.max(exponent(*of)));
        let [weight, recurrent] = &mut self.weights;
        for sums in [&mut **weight, recurrent, self.biases, self.input.as_deref_mut().unwrap_or_default()] {
            scale_by_power(sums, self.exponent - largest);
        }
        for deltas in deltas {
            for (deltas, of) in deltas.chunks_exact_mut(self.steps.gates).zip(exponents) {
                scale_by_power(deltas, exponent(*of) - largest);
            }
        }
        self.exponent = largest;
    }

    /// Adds to the gradient of the weight of the input, and writes the gradient of the input.
    pub(in crate::layers) fn add_inputs(
        &mut self,
        steps: &Range<usize>,
        deltas: &[T],
        inputs: &[T],
        weight: &[T],
    ) {
        let Steps { batch, time, features, gates, .. } = self.steps;
        let rows = steps.len() * batch;
        let deltas = Matrix::new(&deltas[..rows * gates], rows, gates);
        let inputs =
            Matrix::new(&inputs[steps.start * batch * features..][..rows * features], rows, features);
        product(inputs.transpose(), deltas, T::one(), self.weights[0]);
        if let Some(gradient) = self.input.as_deref_mut() {
            let room = &mut self.room[..rows * features];
            product(deltas, Matrix::new(weight, gates, features), T::zero(), room);
            let mut gradient = RowsMut::by_examples(gradient, [time, batch, features]);
            for (row, values) in room.chunks_exact(features).enumerate() {
                gradient.row(steps.start + row / batch, row % batch).copy_from_slice(values);
            }
        }
    }

    /// Adds to the gradient of the weight of the state; the state before the first step is zero.
    pub(in crate::layers) fn add_states(&mut self, steps: &Range<usize>, deltas: &[T], states: &[T]) {
        let Steps { batch, units, gates, .. } = self.steps;
        let first = usize::from(steps.start == 0);
        let rows = (steps.len() - first) * batch;
        let deltas = Matrix::new(&deltas[first * batch * gates..][..rows * gates], rows, gates);
        let states = &states[(steps.start + first - 1) * batch * units..][..rows * units];
        product(Matrix::new(states, rows, units).transpose(), deltas, T::one(), self.weights[1]);
    }

    /// Adds to the gradients of so many values from here on among the biases, where there are any.
    pub(in crate::layers) fn add_biases(&mut self, steps: &Range<usize>, deltas: &[T], at: usize) {
        let Steps { batch, gates, .. } = self.steps;
        let Some(sums) = self.biases.get_mut(at..at + gates) else { return };
        vectorised(
            #[inline(always)]
            || {
                for row in deltas.chunks_exact(gates).take(steps.len() * batch) {
                    for (sum, value) in sums.iter_mut().zip(row) {
                        *sum += *value;
                    }
                }
            },
        );
    }

    /// Writes the gradients of the weights, and returns the exponent of all.
    pub(in crate::layers) fn finish(self, weight: &mut [T], recurrent: &mut [T]) -> i32 {
        let [of_weight, of_recurrent] = self.weights;
        transpose(of_weight, self.steps.gates, weight);
        transpose(of_recurrent, self.steps.gates, recurrent);
        self.exponent
    }
}
