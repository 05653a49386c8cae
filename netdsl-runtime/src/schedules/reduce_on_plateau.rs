//! A rate that falls when the loss no longer does.

use netdsl_layers::{Interval, SettingError};
use serde::{Deserialize, Serialize};

use crate::bits::Bits;

/// After `patience` epochs in a row without a loss that is lower than the best by a share of `threshold`, the rate is
/// multiplied with `factor`, down to `smallest` of the optimizer's; as `ReduceLROnPlateau` of PyTorch with its defaults.
///
/// The loss is that of the validation, where there is one. It depends on what was measured and not on the step alone, so
/// it is a setting of the [`Trainer`](crate::Trainer) of its own, beside the schedule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReduceOnPlateau {
    /// What the rate is multiplied with, at least 0 and below 1.
    pub factor: f64,
    /// How many epochs may pass without an improvement.
    pub patience: usize,
    /// The share of the best loss that counts as an improvement, at least 0 and below 1.
    pub threshold: f64,
    /// The smallest factor on the optimizer's rate, from 0 to 1.
    pub smallest: f64,
}

impl Default for ReduceOnPlateau {
    fn default() -> Self {
        Self { factor: 0.1, patience: 10, threshold: 1e-4, smallest: 0.0 }
    }
}

impl ReduceOnPlateau {
    /// Whether the settings make sense.
    pub(crate) fn check(&self) -> Result<(), SettingError> {
        Interval::KEPT.check("factor", self.factor)?;
        Interval::KEPT.check("threshold", self.threshold)?;
        Interval::SHARE.check("smallest", self.smallest)
    }
}

/// How far the waiting has come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plateau {
    best: Bits,
    waited: usize,
    factor: Bits,
}

impl Default for Plateau {
    fn default() -> Self {
        Self { best: Bits(f64::INFINITY), waited: 0, factor: Bits(1.0) }
    }
}

impl Plateau {
    /// The factor as it is now.
    pub(crate) fn factor(&self) -> f64 {
        self.factor.0
    }

    /// How many epochs have passed without an improvement.
    pub(crate) fn waited(&self) -> usize {
        self.waited
    }

    /// Takes the loss of an epoch in.
    pub(crate) fn observe(&mut self, settings: &ReduceOnPlateau, loss: f64) {
        if loss < self.best.0 * (1.0 - settings.threshold) {
            self.best = Bits(loss);
            self.waited = 0;
            return;
        }
        self.waited += 1;
        if self.waited > settings.patience {
            self.factor = Bits((self.factor.0 * settings.factor).max(settings.smallest));
            self.waited = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Plateau, ReduceOnPlateau};

    /// The factors that `ReduceLROnPlateau(factor=0.5, patience=2, threshold=1e-4, min_lr=0.2)` of PyTorch 2.15.0 gives
    /// for these losses at a learning rate of 1.
    #[test]
    fn follows_pytorch() {
        let settings = ReduceOnPlateau { factor: 0.5, patience: 2, threshold: 1e-4, smallest: 0.2 };
        let losses = [1.0, 0.9, 0.9, 0.9, 0.9, 0.8, 0.79999, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, f64::NAN];
        let expected = [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2];
        let mut plateau = Plateau::default();
        for (loss, expected) in losses.into_iter().zip(expected) {
            plateau.observe(&settings, loss);
            assert_eq!(plateau.factor(), expected);
        }
    }
}
