//! The correction for averages that start at zero.

use crate::element::Element;
use crate::lanes::vectorised;
use crate::optimizer::{Part, State, Transform};
use crate::transforms::elementwise;

/// `u ← u sqrt(1 - β₂ᵗ) / (1 - β₁ᵗ)` in step `t`.
#[derive(Clone, Copy, Debug)]
pub struct BiasCorrection {
    /// What the average of gradients keeps in a step.
    pub beta_1: f64,
    /// What the average of squares keeps in a step; 0 where there is none.
    pub beta_2: f64,
}

impl<T: Element> Transform<T> for BiasCorrection {
    elementwise!([]);

    fn apply(&self, part: &Part<'_, T>, _state: State<'_, T>, update: &mut [T]) {
        let step = part.now.step;
        let factor = (1.0 - self.beta_2.powi(step)).sqrt() / (1.0 - self.beta_1.powi(step));
        let factor = T::from_f64(factor);
        vectorised(
            #[inline(always)]
            || update.iter_mut().for_each(|update| *update *= factor),
        );
    }
}
