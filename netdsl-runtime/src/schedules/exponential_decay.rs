//! A rate that falls by the same share in each step.

use netdsl_layers::SettingError;

use super::{Schedule, a_factor, at_least_one};

/// `f(t) = factor^(t / steps)`, as `ExponentialDecay` of Keras and, with one step, `ExponentialLR` of PyTorch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialDecay {
    /// How many steps it takes to fall by `factor`, one at least.
    pub steps: u64,
    /// What is left then.
    pub factor: f64,
}

impl Schedule for ExponentialDecay {
    fn factor(&self, step: u64) -> f64 {
        self.factor.powf(step as f64 / self.steps.max(1) as f64)
    }

    fn check(&self) -> Result<(), SettingError> {
        at_least_one("steps", self.steps)?;
        a_factor("factor", self.factor)
    }
}
