//! An end before the last epoch.

use netdsl_layers::{Interval, SettingError};
use serde::{Deserialize, Serialize};

use crate::bits::Bits;

/// Ends a training after `patience` epochs in a row whose loss is not lower than the best by more than `least`, and puts the
/// parameters of the best epoch back. The loss is that of the validation, where there is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping {
    /// How many epochs may pass without an improvement.
    pub patience: usize,
    /// By how much a loss has to be lower to be an improvement, at least 0.
    pub least: f64,
    /// Whether the network is to have the parameters of its best epoch in the end, and not those of the last.
    pub restore_best: bool,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self { patience: 10, least: 0.0, restore_best: true }
    }
}

impl EarlyStopping {
    /// Whether the settings make sense.
    pub(super) fn check(&self) -> Result<(), SettingError> {
        Interval::AT_LEAST_ZERO.check("least", self.least)
    }
}

/// How far the waiting has come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Waiting {
    best: Bits,
    /// The epoch that was best, from 1; 0 where none was.
    pub(super) epoch: usize,
    pub(super) waited: usize,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { best: Bits(f64::INFINITY), epoch: 0, waited: 0 }
    }
}

impl Waiting {
    /// Takes the loss of an epoch in; whether it is the best so far.
    pub(super) fn observe(&mut self, settings: &EarlyStopping, epoch: usize, loss: f64) -> bool {
        if loss < self.best.0 - settings.least {
            *self = Self { best: Bits(loss), epoch, waited: 0 };
            return true;
        }
        self.waited += 1;
        false
    }

    /// Whether there is nothing more to wait for.
    pub(super) fn over(&self, settings: &EarlyStopping) -> bool {
        self.waited >= settings.patience.max(1)
    }
}
