//! A rate that falls in stairs.

use netdsl_layers::SettingError;

use super::{Schedule, a_factor, at_least_one};

/// `f(t) = factor^⌊t / every⌋`, as `StepLR` of PyTorch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepDecay {
    /// How many steps a stair is long, one at least.
    pub every: u64,
    /// What the rate is multiplied with at each stair.
    pub factor: f64,
}

impl Schedule for StepDecay {
    fn factor(&self, step: u64) -> f64 {
        self.factor.powf((step / self.every.max(1)) as f64)
    }

    fn check(&self) -> Result<(), SettingError> {
        at_least_one("every", self.every)?;
        a_factor("factor", self.factor)
    }
}
