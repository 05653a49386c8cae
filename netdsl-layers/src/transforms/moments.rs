//! The moments of Adam.

use crate::element::Element;
use crate::optimizer::{Now, Transform};
use crate::transforms::finite;

/// `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`, `u = m / (sqrt(v) + ε)`: the step of Adam before the correction of
/// its bias, with the epsilon where Keras has it.
#[derive(Clone, Debug)]
pub struct Moments<T> {
    beta_1: T,
    beta_2: T,
    /// One minus each of the two, rounded once.
    rests: (T, T),
    epsilon: T,
    first: Vec<T>,
    second: Vec<T>,
}

impl<T: Element> Moments<T> {
    /// With `beta_1`, `beta_2` and `epsilon` for `β₁`, `β₂` and `ε`.
    pub fn new(beta_1: f64, beta_2: f64, epsilon: f64) -> Self {
        Self {
            beta_1: T::from_f64(beta_1),
            beta_2: T::from_f64(beta_2),
            rests: (T::from_f64(1.0 - beta_1), T::from_f64(1.0 - beta_2)),
            epsilon: T::from_f64(epsilon),
            first: Vec::new(),
            second: Vec::new(),
        }
    }
}

impl<T: Element> Transform<T> for Moments<T> {
    fn reset(&mut self, parameters: usize) {
        self.first = vec![T::zero(); parameters];
        self.second = vec![T::zero(); parameters];
    }

    fn apply(&mut self, _now: Now, offset: usize, _parameters: &[T], update: &mut [T]) -> bool {
        let first = &mut self.first[offset..offset + update.len()];
        let second = &mut self.second[offset..offset + update.len()];
        for ((update, first), second) in update.iter_mut().zip(&mut *first).zip(&mut *second) {
            let gradient = *update;
            *first = self.beta_1 * *first + self.rests.0 * gradient;
            *second = self.beta_2 * *second + self.rests.1 * gradient * gradient;
            // Zero over zero, where there has been no gradient and no epsilon, is no step.
            let size = second.sqrt() + self.epsilon;
            *update = if size > T::zero() { *first / size } else { T::zero() };
        }
        finite(first) & finite(second)
    }
}
