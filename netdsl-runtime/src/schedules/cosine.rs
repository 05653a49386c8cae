//! A rate that falls along half a cosine.

use std::f64::consts::PI;

use netdsl_layers::SettingError;

use super::{Schedule, a_factor, at_least_one};

/// `f(t) = end + (1 - end) (1 + cos(π t / steps)) / 2` up to `steps`, and `end` from there on; with restarts the same from
/// the start again, over a period that grows by a factor each time.
///
/// Loshchilov & Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", equation 5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosine {
    steps: u64,
    end: f64,
    growth: Option<u64>,
}

impl Cosine {
    /// Down to zero in so many steps, one at least.
    pub fn new(steps: u64) -> Self {
        Self { steps, end: 0.0, growth: None }
    }

    /// Down to this factor.
    #[must_use]
    pub fn end(self, end: f64) -> Self {
        Self { end, ..self }
    }

    /// Starts again after each period, which is then `growth` times as long as the one before, once at least.
    #[must_use]
    pub fn restarts(self, growth: u64) -> Self {
        Self { growth: Some(growth), ..self }
    }

    /// The step within its period, and the length of the period.
    fn period(&self, step: u64) -> (u64, u64) {
        let steps = self.steps.max(1);
        match self.growth {
            None => (step.min(steps), steps),
            Some(0 | 1) => (step % steps, steps),
            Some(growth) => {
                let (mut step, mut steps) = (step, steps);
                while step >= steps {
                    step -= steps;
                    steps = steps.saturating_mul(growth);
                }
                (step, steps)
            }
        }
    }
}

impl Schedule for Cosine {
    fn factor(&self, step: u64) -> f64 {
        let (step, steps) = self.period(step);
        self.end + (1.0 - self.end) * (1.0 + (PI * step as f64 / steps as f64).cos()) / 2.0
    }

    fn check(&self) -> Result<(), SettingError> {
        at_least_one("steps", self.steps)?;
        at_least_one("growth", self.growth.unwrap_or(1))?;
        a_factor("end", self.end)
    }

    fn written(&self) -> String {
        let end = if self.end == 0.0 { String::new() } else { format!(".end({:?})", self.end) };
        let restarts = self.growth.map(|growth| format!(".restarts({growth})")).unwrap_or_default();
        format!("Cosine::new({}){end}{restarts}", self.steps)
    }
}
