//! Steps in the size of past steps.

use crate::element::Element;
use crate::interval::{Interval, SettingError};
use crate::optimizer::{Part, State, Transform};
use crate::transforms::{elementwise, ratio};

/// `v ← ρ v + (1 - ρ) g²`, `u = g sqrt(d + ε) / sqrt(v + ε)`, `d ← ρ d + (1 - ρ) u²`.
///
/// Zeiler 2012, "ADADELTA: An Adaptive Learning Rate Method", algorithm 1.
#[derive(Clone, Copy, Debug)]
pub struct AdadeltaRatio {
    /// What the averages keep in a step, `ρ`.
    pub rho: f64,
    /// What the first steps grow from, `ε`.
    pub epsilon: f64,
}

impl<T: Element> Transform<T> for AdadeltaRatio {
    elementwise!(["gradients", "steps"]);

    fn check(&self) -> Result<(), SettingError> {
        Interval::KEPT.check("rho", self.rho)?;
        Interval::AT_LEAST_ZERO.check("epsilon", self.epsilon)
    }

    fn apply(&self, _part: &Part<'_, T>, mut state: State<'_, T>, update: &mut [T]) {
        let [kept, added, epsilon] = [self.rho, 1.0 - self.rho, self.epsilon].map(T::from_f64);
        let [gradients, steps] = state.slices();
        for ((update, gradients), steps) in update.iter_mut().zip(gradients).zip(steps) {
            *gradients = kept * *gradients + added * *update * *update;
            *update = ratio(*update * (*steps + epsilon).sqrt(), (*gradients + epsilon).sqrt());
            *steps = kept * *steps + added * *update * *update;
        }
    }
}
