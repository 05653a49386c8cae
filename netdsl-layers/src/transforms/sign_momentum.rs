//! The sign of an average.

use crate::element::Element;
use crate::interval::{Interval, SettingError};
use crate::optimizer::{Part, State, Transform};
use crate::transforms::elementwise;

/// `u = sign(β₁ m + (1 - β₁) g)`, then `m ← β₂ m + (1 - β₂) g`; the sign of zero is zero.
///
/// Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", algorithm 2.
#[derive(Clone, Copy, Debug)]
pub struct SignMomentum {
    /// The share of the average in the step, `β₁`.
    pub beta_1: f64,
    /// What the average keeps in a step, `β₂`.
    pub beta_2: f64,
}

impl<T: Element> Transform<T> for SignMomentum {
    elementwise!(["average"]);

    fn check(&self) -> Result<(), SettingError> {
        Interval::KEPT.check("beta_1", self.beta_1)?;
        Interval::KEPT.check("beta_2", self.beta_2)
    }

    fn apply(&self, _part: &Part<'_, T>, mut state: State<'_, T>, update: &mut [T]) {
        let [old_1, new_1] = [self.beta_1, 1.0 - self.beta_1].map(T::from_f64);
        let [old_2, new_2] = [self.beta_2, 1.0 - self.beta_2].map(T::from_f64);
        let [average] = state.slices();
        for (update, average) in update.iter_mut().zip(average) {
            let gradient = *update;
            let direction = old_1 * *average + new_1 * gradient;
            // `signum` of zero is one.
            *update = if direction == T::zero() { T::zero() } else { direction.signum() };
            *average = old_2 * *average + new_2 * gradient;
        }
    }
}
