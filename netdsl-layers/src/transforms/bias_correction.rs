//! The correction for averages that start at zero.

use crate::element::Element;
use crate::interval::{Interval, SettingError};
use crate::optimizer::Transform;
use crate::transforms::factor;

/// `u ← u sqrt(1 - β₂ᵗ) / (1 - β₁ᵗ)` in step `t`.
#[derive(Clone, Copy, Debug)]
pub struct BiasCorrection {
    /// What the average of gradients keeps in a step.
    pub beta_1: f64,
    /// What the average of squares keeps in a step; 0 where there is none.
    pub beta_2: f64,
}

impl<T: Element> Transform<T> for BiasCorrection {
    factor!(|self, now| (1.0 - self.beta_2.powi(now.step)).sqrt() / (1.0 - self.beta_1.powi(now.step)));

    fn check(&self) -> Result<(), SettingError> {
        Interval::KEPT.check("beta_1", self.beta_1)?;
        Interval::KEPT.check("beta_2", self.beta_2)
    }
}
