//! The moments of a recurrence with a memory cell.

use super::gated::{Cell, Drive, Gate, Moments, Unit};
use super::gaussian::{Conditional, Function, OfGaussian};
use crate::activation::Elementwise;
use crate::activations::Sigmoid;

/// `c(t) = f c(t - 1) + i g`, `h(t) = o φ(c(t))`.
pub(crate) struct LstmCell<'a> {
    /// `φ`
    pub(crate) activation: &'a dyn Elementwise,
    /// The means of the biases of the gates `i`, `f`, `g` and `o`.
    pub(crate) biases: [f64; 4],
}

/// The expectations of a function of a Gaussian variable.
pub(super) fn given(function: &dyn Elementwise, mean: f64, variance: f64) -> Conditional {
    let variance = variance.max(0.0);
    OfGaussian { function: Function::Activation(function), mean, variance }.given(mean, variance.sqrt())
}

/// The moments of its value and of its derivative.
pub(super) fn value_and_slope(of: &Conditional) -> (Moments, Moments) {
    (Moments { mean: of.value, square: of.square }, Moments { mean: of.slope, square: of.slope_square })
}

impl Cell for LstmCell<'_> {
    const GATES: usize = 4;
    const KEEPS: usize = 1;

    fn step(&self, drive: &Drive, of_type: &[f64; 4], before: &Unit) -> Unit {
        let (total, shared) = drive.total();
        let deviation = shared.sqrt();
        let gate = |index: usize, function: &dyn Elementwise| {
            let mean = self.biases[index] + deviation * of_type[index];
            value_and_slope(&given(function, mean, total - shared))
        };
        let (input, input_slope) = gate(0, &Sigmoid);
        let (forget, forget_slope) = gate(1, &Sigmoid);
        let (candidate, candidate_slope) = gate(2, self.activation);
        let (output, output_slope) = gate(3, &Sigmoid);
        let added = input * candidate;
        let memory = Moments {
            mean: forget.mean * before.memory.mean + added.mean,
            square: forget.square * before.memory.square
                + 2.0 * forget.mean * before.memory.mean * added.mean
                + added.square,
        };
        let variance = memory.square - memory.mean * memory.mean;
        let (activated, slope) = value_and_slope(&given(self.activation, memory.mean, variance));
        Unit {
            keep: forget,
            own: output * slope,
            gates: [
                Gate::both(candidate * input_slope),
                Gate::both(before.memory * forget_slope),
                Gate::both(input * candidate_slope),
            ],
            direct: Gate::both(activated * output_slope),
            state: output * activated,
            memory,
            slope: output.mean * slope.mean,
        }
    }
}
