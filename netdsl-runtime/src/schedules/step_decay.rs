//! A rate that falls in stairs.

use super::Schedule;

/// `f(t) = factor^⌊t / every⌋`, as `StepLR` of PyTorch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepDecay {
    /// How many steps a stair is long; 0 counts as 1.
    pub every: u64,
    /// What the rate is multiplied with at each stair.
    pub factor: f64,
}

impl Schedule for StepDecay {
    fn factor(&self, step: u64) -> f64 {
        self.factor.powf((step / self.every.max(1)) as f64)
    }
}
