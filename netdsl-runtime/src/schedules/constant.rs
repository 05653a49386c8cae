//! A rate that stays.

use netdsl_layers::SettingError;

use super::{Schedule, a_factor};

/// `f(t) = factor`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant {
    /// The factor.
    pub factor: f64,
}

impl Default for Constant {
    fn default() -> Self {
        Self { factor: 1.0 }
    }
}

impl Schedule for Constant {
    fn factor(&self, _step: u64) -> f64 {
        self.factor
    }

    fn check(&self) -> Result<(), SettingError> {
        a_factor("factor", self.factor)
    }
}
