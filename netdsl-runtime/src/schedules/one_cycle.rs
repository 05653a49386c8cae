//! A rate that grows and falls once.

use std::f64::consts::PI;

use netdsl_layers::{Interval, SettingError};

use super::{Schedule, a_factor, at_least_one};

/// Along half a cosine from `1 / 25` up to 1 over the first 30 % of the steps, then along another down to `1 / 250 000`,
/// where it stays; as `OneCycleLR` of PyTorch with its defaults. The learning rate of the optimizer is the highest.
///
/// Smith & Topin 2019, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    steps: u64,
    rise: f64,
    start: f64,
    end: f64,
}

impl OneCycle {
    /// Over so many steps, one at least.
    pub fn new(steps: u64) -> Self {
        Self { steps, rise: 0.3, start: 1.0 / 25.0, end: 1.0 / 25.0 / 1e4 }
    }

    /// Rises over this share of the steps, from 0 to 1.
    #[must_use]
    pub fn rise(self, share: f64) -> Self {
        Self { rise: share, ..self }
    }

    /// Starts from this factor.
    #[must_use]
    pub fn start(self, start: f64) -> Self {
        Self { start, ..self }
    }

    /// Ends with this factor.
    #[must_use]
    pub fn end(self, end: f64) -> Self {
        Self { end, ..self }
    }
}

/// From `from` to `to`, where `share` of the way is done.
fn along_a_cosine(from: f64, to: f64, share: f64) -> f64 {
    to + (from - to) * (1.0 + (PI * share).cos()) / 2.0
}

impl Schedule for OneCycle {
    fn factor(&self, step: u64) -> f64 {
        let (step, last) = (step as f64, self.steps.saturating_sub(1) as f64);
        let top = self.rise * self.steps as f64 - 1.0;
        if step <= top {
            return along_a_cosine(self.start, 1.0, if top > 0.0 { step / top } else { 1.0 });
        }
        let (done, all) = (step - top.max(0.0), last - top.max(0.0));
        along_a_cosine(1.0, self.end, if all > 0.0 { (done / all).min(1.0) } else { 1.0 })
    }

    fn check(&self) -> Result<(), SettingError> {
        at_least_one("steps", self.steps)?;
        Interval::SHARE.check("rise", self.rise)?;
        a_factor("start", self.start)?;
        a_factor("end", self.end)
    }

    fn written(&self) -> String {
        let default = Self::new(self.steps);
        let settings = [
            ("rise", self.rise, default.rise),
            ("start", self.start, default.start),
            ("end", self.end, default.end),
        ];
        let others = settings.into_iter().filter(|(_, value, default)| value != default);
        let others: String = others.map(|(name, value, _)| format!(".{name}({value:?})")).collect();
        format!("OneCycle::new({}){others}", self.steps)
    }
}
