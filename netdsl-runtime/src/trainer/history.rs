//! What a training came to.

use std::fmt;

/// What an epoch came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Epoch {
    /// The mean loss over the examples, each taken before the step that it was part of.
    pub loss: f64,
    /// The metrics by name, taken like the loss.
    pub metrics: Vec<(String, f64)>,
    /// The mean loss of the validation data after the epoch.
    pub validation_loss: Option<f64>,
    /// The metrics of the validation data after the epoch; empty where there is none.
    pub validation_metrics: Vec<(String, f64)>,
}

impl Epoch {
    /// The loss that a training is steered by: that of the validation, where there is one.
    pub fn monitored(&self) -> f64 {
        self.validation_loss.unwrap_or(self.loss)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "loss {}", short(self.loss))?;
        for (name, value) in &self.metrics {
            write!(formatter, ", {name} {}", short(*value))?;
        }
        if let Some(loss) = self.validation_loss {
            write!(formatter, ", validation loss {}", short(loss))?;
        }
        for (name, value) in &self.validation_metrics {
            write!(formatter, ", validation {name} {}", short(*value))?;
        }
        Ok(())
    }
}

/// Four digits behind the point, or three in all where that says nothing.
fn short(value: f64) -> String {
    if value == 0.0 || (1e-2..1e6).contains(&value.abs()) {
        format!("{value:.4}")
    } else {
        format!("{value:.2e}")
    }
}

/// Why a training ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// After its last epoch.
    #[default]
    Finished,
    /// By [`EarlyStopping`](crate::EarlyStopping); the epoch that was best, from 1.
    Early {
        /// The epoch.
        best: usize,
    },
    /// By a callback.
    Stopped,
    /// From the keyboard.
    Interrupted,
}

/// Where a training was taken up that has gone on from a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resumed {
    /// How many steps had been made.
    pub step: u64,
    /// The epoch that it went on in, from 1; the last one where nothing was left.
    pub epoch: usize,
    /// How many steps were left; 0 where the training had come to its end, so that nothing was done, none where only an
    /// iterator knows.
    pub left: Option<usize>,
    /// Whether nothing was left because of [`EarlyStopping`](crate::EarlyStopping).
    pub early: bool,
}

impl Resumed {
    /// What to change, where nothing was left.
    pub fn advice(&self) -> Option<&'static str> {
        let nothing = self.left == Some(0);
        nothing.then_some(if self.early {
            "raise the patience of early stopping, or start anew with `Checkpoints::fresh`"
        } else {
            "raise the epochs, or start anew with `Checkpoints::fresh`"
        })
    }
}

impl fmt::Display for Resumed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, epoch, left, early } = *self;
        let resumed = format!("resumed after step {step}, in epoch {epoch}");
        match left {
            Some(0) if early => {
                write!(
                    formatter,
                    "nothing was left to train: it had stopped early in epoch {epoch}, after step {step}"
                )
            }
            Some(0) => write!(
                formatter,
                "nothing was left to train: the checkpoint is of the end of a training, after step {step}"
            ),
            Some(1) => write!(formatter, "{resumed}: 1 step was left"),
            Some(left) => write!(formatter, "{resumed}: {left} steps were left"),
            None => write!(formatter, "{resumed}"),
        }
    }
}

/// The epochs of a training, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The epochs that were completed.
    pub epochs: Vec<Epoch>,
    /// Why there are no more.
    pub end: End,
    /// Where the training was taken up, where that was at a checkpoint: the epochs before are those of the file.
    pub resumed: Option<Resumed>,
}

/// A line for each epoch, and behind them how the training ended and where it had been taken up, where there is more to say
/// than that it came to its end.
impl fmt::Display for History {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, epoch) in self.epochs.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "epoch {}/{}: {epoch}", index + 1, self.epochs.len())?;
        }
        match self.end {
            End::Finished => Ok(()),
            End::Early { best } => write!(formatter, "\nstopped early: epoch {best} was the best"),
            End::Stopped => write!(formatter, "\nstopped by a callback"),
            End::Interrupted => write!(formatter, "\ninterrupted"),
        }?;
        self.resumed.map_or(Ok(()), |resumed| write!(formatter, "\n{resumed}"))
    }
}
