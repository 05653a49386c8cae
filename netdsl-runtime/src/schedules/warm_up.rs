//! A rate that grows from a small one.

use super::Schedule;

/// `f(t) = min(1, (t + 1) / steps)`: the first step has a share of the rate, the last of the warm-up all of it.
///
/// Goyal et al. 2017, "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", section 2.2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmUp {
    steps: u64,
}

impl WarmUp {
    /// Over so many steps; 0 is none, as 1.
    pub fn new(steps: u64) -> Self {
        Self { steps: steps.max(1) }
    }
}

impl Schedule for WarmUp {
    fn factor(&self, step: u64) -> f64 {
        (step.saturating_add(1) as f64 / self.steps as f64).min(1.0)
    }

    fn written(&self) -> String {
        format!("WarmUp::new({})", self.steps)
    }
}
