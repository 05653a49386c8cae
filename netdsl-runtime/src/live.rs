//! A training on the terminal, as it goes.

use std::fmt;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use netdsl_layers::{Element, power_of_ten};

use crate::error::Error;
use crate::network::Network;
use crate::trainer::{Epoch, Moment, Observer};

/// Shows the loss and a bar for the gradient norm of each weight while a [`Trainer`](crate::Trainer) works, on standard
/// error; nothing where that is no terminal.
///
/// A bar is full at a norm of 1e4 and empty at 1e-8; behind it stand the norm and what was forecast for the first step. Of more than
/// sixteen weights some in between are left out.
pub struct Live {
    view: MultiProgress,
    loss: ProgressBar,
    /// A bar for the weight with this index.
    bars: Vec<(usize, ProgressBar)>,
    losses: Vec<f64>,
    epoch: String,
}

/// The powers of ten at the ends of a bar.
const LOW: f64 = -8.0;
const HIGH: f64 = 4.0;
/// How many steps a bar has for a power of ten.
const FINE: f64 = 100.0;
const MOST: usize = 16;
/// How many losses are shown side by side.
const SHOWN: usize = 40;

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

impl Live {
    /// On standard error.
    pub fn new() -> Self {
        Self::on(ProgressDrawTarget::stderr())
    }

    pub(crate) fn on(target: ProgressDrawTarget) -> Self {
        Self {
            view: MultiProgress::with_draw_target(target),
            loss: ProgressBar::hidden(),
            bars: Vec::new(),
            losses: Vec::new(),
            epoch: String::new(),
        }
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Live").finish_non_exhaustive()
    }
}

/// What was shown last stays on the terminal.
impl Drop for Live {
    fn drop(&mut self) {
        self.loss.abandon();
        self.bars.iter().for_each(|(_, bar)| bar.abandon());
    }
}

/// A line of small bars, the largest loss the highest; those that are not finite are left out.
fn sparkline(losses: &[f64]) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let finite = || losses.iter().copied().filter(|loss| loss.is_finite());
    let (low, high) = finite()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), loss| (low.min(loss), high.max(loss)));
    let level = |loss: f64| ((loss - low) / (high - low).max(f64::MIN_POSITIVE) * 7.0).round() as usize;
    finite().map(|loss| LEVELS[level(loss).min(7)]).collect()
}

fn place(log10: f64) -> u64 {
    // What is no number is drawn as nothing.
    ((log10.clamp(LOW, HIGH) - LOW) * FINE) as u64
}

impl<T: Element, N: Network<T>> Observer<T, N> for Live {
    fn begin(&mut self, _network: &N) -> Result<(), Error> {
        let _ = self.view.clear();
        self.losses.clear();
        let style = |template: &str| {
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
        };
        self.loss = self.view.add(ProgressBar::new(1));
        self.loss.set_style(style("{prefix} {msg}"));
        let weights: Vec<_> = N::parameters()
            .into_iter()
            .enumerate()
            .filter(|(_, parameter)| parameter.matrix().is_some())
            .collect();
        let width = weights.iter().map(|(_, weight)| weight.name.len()).max().unwrap_or(0);
        let shown = weights.len().min(MOST);
        self.bars = (0..shown)
            .map(|row| {
                let (index, weight) = &weights[row * (weights.len() - 1) / (shown - 1).max(1)];
                let bar = self.view.add(ProgressBar::new(((HIGH - LOW) * FINE) as u64));
                bar.set_style(style("{prefix} {bar:30} {msg}"));
                bar.set_prefix(format!("{:width$}", weight.name));
                (*index, bar)
            })
            .collect();
        Ok(())
    }

    fn step(&mut self, _network: &N, moment: &Moment<'_, T>) -> Result<(), Error> {
        let report = &moment.report;
        if self.losses.len() == SHOWN {
            self.losses.remove(0);
        }
        self.losses.push(report.loss);
        self.loss.set_prefix(format!("epoch {}, step {}", moment.epoch, report.step));
        let line = sparkline(&self.losses);
        self.loss.set_message(format!(
            "loss {:.4e} {line} gradient {}{}",
            report.loss, report.total.before, self.epoch
        ));
        let forecast = &N::forecast().parameters;
        for (index, bar) in &self.bars {
            let norm = report.norms[*index].before;
            bar.set_position(place(norm.log10()));
            let expected = forecast
                .iter()
                .find(|forecast| forecast.name == report.parameters[*index].name)
                .and_then(|forecast| forecast.gradient_norm_log10);
            let expected =
                expected.map_or(String::new(), |log10| format!(" (forecast {})", power_of_ten(log10)));
            bar.set_message(format!("{norm}{expected}"));
        }
        Ok(())
    }

    fn epoch(&mut self, _network: &N, number: usize, epoch: &Epoch) -> Result<(), Error> {
        self.epoch = format!(", epoch {number}: {epoch}");
        Ok(())
    }

    fn failed(&mut self, network: &N, moment: &Moment<'_, T>) -> Result<(), Error> {
        self.step(network, moment)
    }
}

#[cfg(test)]
mod tests {
    use super::{place, sparkline};

    #[test]
    fn losses_are_drawn_from_low_to_high() {
        assert_eq!(sparkline(&[0.0, 1.0, 0.5, f64::NAN]), "▁█▅");
        assert_eq!(sparkline(&[3.0, 3.0]), "▁▁");
        assert_eq!(sparkline(&[]), "");
    }

    #[test]
    fn bars_span_twelve_powers_of_ten() {
        let places = [f64::NEG_INFINITY, -8.0, -2.0, 4.0, 99.0, f64::NAN].map(place);
        assert_eq!(places, [0, 0, 600, 1200, 1200, 0]);
    }
}
