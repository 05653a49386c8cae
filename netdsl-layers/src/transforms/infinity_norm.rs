//! Adam with the largest gradient in place of the root of the mean square.

use crate::element::Element;
use crate::interval::{Interval, SettingError};
use crate::optimizer::{Part, State, Transform};
use crate::transforms::{elementwise, ratio};

/// `m ← β₁ m + (1 - β₁) g`, `v ← max(β₂ v, |g|)`, `u = m / (v + ε)`.
///
/// Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization", section 7.1.
#[derive(Clone, Copy, Debug)]
pub struct InfinityNorm {
    /// What the average of gradients keeps in a step, `β₁`.
    pub beta_1: f64,
    /// What the largest gradient keeps in a step, `β₂`.
    pub beta_2: f64,
    /// What keeps the division from growing without bound, `ε`.
    pub epsilon: f64,
}

impl<T: Element> Transform<T> for InfinityNorm {
    elementwise!(["first", "largest"]);

    fn check(&self) -> Result<(), SettingError> {
        Interval::KEPT.check("beta_1", self.beta_1)?;
        Interval::KEPT.check("beta_2", self.beta_2)?;
        Interval::AT_LEAST_ZERO.check("epsilon", self.epsilon)
    }

    fn apply(&self, _part: &Part<'_, T>, mut state: State<'_, T>, update: &mut [T]) {
        let [kept_1, kept_2, epsilon] = [self.beta_1, self.beta_2, self.epsilon].map(T::from_f64);
        let added = T::from_f64(1.0 - self.beta_1);
        let [first, largest] = state.slices();
        for ((update, first), largest) in update.iter_mut().zip(first).zip(largest) {
            *first = kept_1 * *first + added * *update;
            *largest = (kept_2 * *largest).max(update.abs());
            *update = ratio(*first, *largest + epsilon);
        }
    }
}
