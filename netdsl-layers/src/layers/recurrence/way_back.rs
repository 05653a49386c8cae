//! The way of a recurrence back through time.

use super::rows::{Rows, RowsMut};
use super::steps::Steps;
use crate::element::Element;
use crate::kernel::{exponent_of, factors_of_power, scale_by_power};

/// The way of some examples back through time, on which the gradient of each keeps its scale as a power of two.
pub(in crate::layers) struct WayBack<'a, 'l, T, const CARRIED: usize> {
    pub(in crate::layers) steps: Steps<'l>,
    /// The exponent of the gradient at the output.
    pub(in crate::layers) start: i32,
    pub(in crate::layers) rescale: bool,
    /// What is carried to the step before, one row an example; the gradient of the state first. It starts at zero.
    pub(in crate::layers) carried: [RowsMut<'a, T>; CARRIED],
    /// The exponents of the gradients of all steps and examples, which start at that of the output.
    pub(in crate::layers) exponents: RowsMut<'a, T>,
}

impl<T: Element, const CARRIED: usize> WayBack<'_, '_, T, CARRIED> {
    fn exponent(&mut self, step: usize, example: usize) -> i32 {
        Element::to_f64(self.exponents.row(step, example)[0]) as i32
    }

    fn set_exponent(&mut self, step: usize, example: usize, exponent: i32) {
        self.exponents.row(step, example)[0] = T::from_f64(f64::from(exponent));
    }

    /// Adds what arrives from the output at this step. The outputs behind the end of an example are its last state.
    pub(in crate::layers) fn arrive(&mut self, step: usize, gradient: Rows<'_, T>) {
        let Steps { batch, time, return_sequences, .. } = self.steps;
        for example in 0..batch {
            let length = self.steps.length(example);
            let rows = match return_sequences {
                true if step + 1 == length => step..time,
                true if step < length => step..step + 1,
                false if step + 1 == length => 0..1,
                _ => continue,
            };
            let before = self.exponent(step, example);
            let exponent = before.max(self.start);
            self.set_exponent(step, example, exponent);
            for carried in &mut self.carried {
                scale_by_power(carried.row(0, example), before - exponent);
            }
            let [first, second] = factors_of_power(self.start - exponent);
            let into = self.carried[0].row(0, example);
            for row in rows {
                for (sum, value) in into.iter_mut().zip(gradient.row(row, example)) {
                    *sum += *value * first * second;
                }
            }
        }
    }

    /// Goes from this step to the one before, with what is carried in the middle of the range.
    pub(in crate::layers) fn go_back(&mut self, step: usize) {
        if !self.rescale {
            return;
        }
        for example in 0..self.steps.batch {
            let values = self.carried.iter_mut().flat_map(|carried| carried.row(0, example));
            let shift = exponent_of(values.map(|value| *value));
            for carried in &mut self.carried {
                scale_by_power(carried.row(0, example), -shift);
            }
            let exponent = self.exponent(step, example) + shift;
            self.set_exponent(step - 1, example, exponent);
        }
    }
}
