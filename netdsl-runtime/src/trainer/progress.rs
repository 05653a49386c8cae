//! Showing how far a training is.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

use super::history::Epoch;

/// How progress is shown, on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// A bar on a terminal, else lines.
    #[default]
    Auto,
    /// A bar for each epoch.
    Bar,
    /// A line for each epoch.
    Lines,
    /// Not at all.
    Silent,
}

/// What is shown at the moment.
pub(super) struct Display {
    epochs: usize,
    /// How many an epoch has, where that is known.
    batches: Option<usize>,
    shown: Shown,
}

enum Shown {
    Bar(Option<ProgressBar>),
    Lines,
    Nothing,
}

impl Display {
    pub(super) fn new(progress: Progress, epochs: usize, batches: Option<usize>) -> Self {
        let shown = match progress {
            Progress::Auto if std::io::stderr().is_terminal() => Shown::Bar(None),
            Progress::Bar => Shown::Bar(None),
            Progress::Auto | Progress::Lines => Shown::Lines,
            Progress::Silent => Shown::Nothing,
        };
        Self { epochs, batches, shown }
    }

    /// Says something in a line of its own.
    pub(super) fn say(&self, text: &str) {
        // A closed standard error is no reason to stop a training.
        let say = || drop(writeln!(std::io::stderr(), "{text}"));
        match &self.shown {
            Shown::Bar(Some(bar)) => bar.suspend(say),
            Shown::Bar(None) | Shown::Lines => say(),
            Shown::Nothing => {}
        }
    }

    pub(super) fn batch(&mut self, epoch: usize, batch: usize, loss: f64) {
        if let Shown::Bar(bar) = &mut self.shown {
            let bar = bar.get_or_insert_with(|| {
                let (bar, template) = match self.batches {
                    Some(batches) => {
                        (ProgressBar::new(batches as u64), "{prefix} {bar:30} {pos}/{len} {msg}")
                    }
                    None => (ProgressBar::no_length(), "{prefix} {spinner} {pos} {msg}"),
                };
                let style = ProgressStyle::with_template(template);
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                bar.set_prefix(format!("epoch {epoch}/{}", self.epochs));
                bar
            });
            bar.set_message(format!("loss {loss:.4e}"));
            bar.set_position(batch as u64);
        }
    }

    pub(super) fn epoch(&mut self, number: usize, epoch: &Epoch) {
        match &mut self.shown {
            Shown::Bar(bar) => {
                if let Some(bar) = bar.take() {
                    bar.finish_with_message(epoch.to_string());
                }
            }
            Shown::Lines => self.say(&format!("epoch {number}/{}: {epoch}", self.epochs)),
            Shown::Nothing => {}
        }
    }
}
