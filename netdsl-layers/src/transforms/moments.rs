//! The moments of Adam.

use crate::element::Element;
use crate::interval::{Interval, SettingError};
use crate::lanes::vectorised;
use crate::optimizer::{Part, State, Transform};
use crate::transforms::{elementwise, ratio};

/// `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`, `u = m / (sqrt(v) + ε)`: the step of Adam before the correction of
/// its bias, with the epsilon where Keras has it.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    /// What the average of gradients keeps in a step, `β₁`.
    pub beta_1: f64,
    /// What the average of squares keeps in a step, `β₂`.
    pub beta_2: f64,
    /// What keeps the division from growing without bound, `ε`.
    pub epsilon: f64,
}

impl<T: Element> Transform<T> for Moments {
    elementwise!(["first", "second"]);

    fn check(&self) -> Result<(), SettingError> {
        Interval::KEPT.check("beta_1", self.beta_1)?;
        Interval::KEPT.check("beta_2", self.beta_2)?;
        Interval::AT_LEAST_ZERO.check("epsilon", self.epsilon)
    }

    fn apply(&self, _part: &Part<'_, T>, mut state: State<'_, T>, update: &mut [T]) {
        let [kept_1, kept_2, epsilon] = [self.beta_1, self.beta_2, self.epsilon].map(T::from_f64);
        let [added_1, added_2] = [1.0 - self.beta_1, 1.0 - self.beta_2].map(T::from_f64);
        let [first, second] = state.slices();
        vectorised(
            #[inline(always)]
            || {
                for ((update, first), second) in update.iter_mut().zip(first).zip(second) {
                    let gradient = *update;
                    *first = kept_1 * *first + added_1 * gradient;
                    *second = kept_2 * *second + added_2 * gradient * gradient;
                    *update = ratio(*first, second.sqrt() + epsilon);
                }
            },
        );
    }
}
