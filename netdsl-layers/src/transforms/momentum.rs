//! Velocity.

use crate::element::Element;
use crate::interval::{Interval, SettingError};
use crate::lanes::vectorised;
use crate::optimizer::{Part, State, Transform};
use crate::transforms::elementwise;

/// `v ← μ v + g`, then `u = v`, or with Nesterov's look ahead `u = g + μ v`.
///
/// The velocity is that of gradients, as in PyTorch; while the learning rate stays the same, the steps are those of
/// Keras, whose velocity is that of parameters.
#[derive(Clone, Copy, Debug)]
pub struct Momentum {
    /// What the velocity keeps in a step, `μ`.
    pub momentum: f64,
    /// Whether the step looks ahead.
    pub nesterov: bool,
}

impl<T: Element> Transform<T> for Momentum {
    elementwise!(["velocity"]);

    fn check(&self) -> Result<(), SettingError> {
        Interval::KEPT.check("momentum", self.momentum)
    }

    fn apply(&self, _part: &Part<'_, T>, mut state: State<'_, T>, update: &mut [T]) {
        let momentum = T::from_f64(self.momentum);
        let [velocity] = state.slices();
        vectorised(
            #[inline(always)]
            || {
                for (update, velocity) in update.iter_mut().zip(velocity) {
                    *velocity = momentum * *velocity + *update;
                    *update = if self.nesterov { *update + momentum * *velocity } else { *velocity };
                }
            },
        );
    }
}
