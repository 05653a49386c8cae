//! A rate that stays.

use super::Schedule;

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
}
