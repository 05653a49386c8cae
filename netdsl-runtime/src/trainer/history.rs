//! What a training came to.

use std::fmt;

/// What an epoch came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// The mean loss over the examples, each taken before the step that it was part of.
    pub loss: f64,
    /// The mean loss of the validation data after the epoch.
    pub validation_loss: Option<f64>,
}

impl fmt::Display for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "loss {}", short(self.loss))?;
        match self.validation_loss {
            None => Ok(()),
            Some(loss) => write!(formatter, ", validation loss {}", short(loss)),
        }
    }
}

/// Four digits behind the point, or three in all where that says nothing.
fn short(loss: f64) -> String {
    if (1e-2..1e6).contains(&loss) { format!("{loss:.4}") } else { format!("{loss:.2e}") }
}

/// The epochs of a training, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The epochs.
    pub epochs: Vec<Epoch>,
}

/// A line for each epoch.
impl fmt::Display for History {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, epoch) in self.epochs.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "epoch {}/{}: {epoch}", index + 1, self.epochs.len())?;
        }
        Ok(())
    }
}
