//! The moments of a gated recurrence without a cell.

use super::gated::{Cell, Drive, Gate, Moments, Unit};
use super::lstm::{given, value_and_slope};
use crate::activation::Elementwise;
use crate::activations::Sigmoid;

/// `h(t) = (1 - z) n + z h(t - 1)` with `n = φ(x Wᵀ + r (h(t - 1) Uᵀ))`.
pub(crate) struct GruCell<'a> {
    /// `φ`
    pub(crate) activation: &'a dyn Elementwise,
    /// The mean of a bias of the input and of a bias of the state.
    pub(crate) bias: f64,
}

impl Cell for GruCell<'_> {
    const GATES: usize = 3;
    const KEEPS: usize = 1;

    fn step(&self, drive: &Drive, of_type: &[f64; 4], before: &Unit) -> Unit {
        let (total, shared) = drive.total();
        let gate =
            |at: f64| value_and_slope(&given(&Sigmoid, 2.0 * self.bias + shared.sqrt() * at, total - shared));
        let (reset, reset_slope) = gate(of_type[0]);
        let (update, update_slope) = gate(of_type[1]);
        // The product with the state, which the reset gate is applied to.
        let product = self.bias + drive.state_shared.sqrt() * of_type[3];
        let product = Moments {
            mean: product,
            square: product * product + (drive.state - drive.state_shared).max(0.0),
        };
        let resets = reset * product;
        let mean = self.bias + drive.input_shared.sqrt() * of_type[2] + resets.mean;
        let variance =
            (drive.input - drive.input_shared).max(0.0) + resets.square - resets.mean * resets.mean;
        let (candidate, candidate_slope) = value_and_slope(&given(self.activation, mean, variance));
        let taken = Moments { mean: 1.0 - update.mean, square: 1.0 - 2.0 * update.mean + update.square };
        let old = before.memory;
        let memory = Moments {
            mean: update.mean * old.mean + taken.mean * candidate.mean,
            square: update.square * old.square
                + 2.0 * (update.mean - update.square) * candidate.mean * old.mean
                + taken.square * candidate.square,
        };
        let difference = Moments {
            mean: old.mean - candidate.mean,
            square: old.square - 2.0 * old.mean * candidate.mean + candidate.square,
        };
        let at_candidate = taken * candidate_slope;
        Unit {
            keep: update,
            own: Moments::ONE,
            gates: [
                Gate::both(at_candidate * product * reset_slope),
                Gate::both(difference * update_slope),
                Gate { input: at_candidate, state: at_candidate * reset },
            ],
            direct: Gate::default(),
            state: memory,
            memory,
            slope: 1.0,
        }
    }
}
