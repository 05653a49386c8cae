//! Velocity.

use crate::element::Element;
use crate::optimizer::{Now, Transform};
use crate::transforms::finite;

/// `v ← μ v + g`, then `u = v`, or with Nesterov's look ahead `u = g + μ v`.
///
/// The velocity is that of gradients, as in PyTorch; while the learning rate stays the same, the steps are those of
/// Keras, whose velocity is that of parameters.
#[derive(Clone, Debug)]
pub struct Momentum<T> {
    momentum: T,
    nesterov: bool,
    velocity: Vec<T>,
}

impl<T: Element> Momentum<T> {
    /// With `momentum` for `μ`.
    pub fn new(momentum: f64, nesterov: bool) -> Self {
        Self { momentum: T::from_f64(momentum), nesterov, velocity: Vec::new() }
    }
}

impl<T: Element> Transform<T> for Momentum<T> {
    fn reset(&mut self, parameters: usize) {
        self.velocity = vec![T::zero(); parameters];
    }

    fn apply(&mut self, _now: Now, offset: usize, _parameters: &[T], update: &mut [T]) -> bool {
        let velocity = &mut self.velocity[offset..offset + update.len()];
        for (update, velocity) in update.iter_mut().zip(&mut *velocity) {
            *velocity = self.momentum * *velocity + *update;
            *update = if self.nesterov { *update + self.momentum * *velocity } else { *velocity };
        }
        finite(velocity)
    }
}
