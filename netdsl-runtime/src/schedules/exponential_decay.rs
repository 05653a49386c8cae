//! A rate that falls by the same share in each step.

use super::Schedule;

/// `f(t) = factor^(t / steps)`, as `ExponentialDecay` of Keras and, with one step, `ExponentialLR` of PyTorch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialDecay {
    /// How many steps it takes to fall by `factor`; 0 counts as 1.
    pub steps: u64,
    /// What is left then.
    pub factor: f64,
}

impl Schedule for ExponentialDecay {
    fn factor(&self, step: u64) -> f64 {
        self.factor.powf(step as f64 / self.steps.max(1) as f64)
    }
}
