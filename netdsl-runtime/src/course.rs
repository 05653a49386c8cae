//! The course of a loss over many steps.

/// How many means a course is followed by.
pub(crate) const PARTS: usize = 20;

/// What a loss has done over many steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    /// By what share of itself the mean has fallen from the first half to the second.
    pub(crate) fall: f64,
    /// By what share of itself the mean of a twentieth goes up and down from one to the next, beside what leads from the first
    /// to the last: zero for a loss that only falls.
    pub(crate) swing: f64,
}

impl Course {
    /// Of the losses of steps, a multiple of twenty of them.
    pub(crate) fn of(losses: &[f64]) -> Self {
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        let parts: Vec<f64> = losses.chunks(losses.len() / PARTS).map(mean).collect();
        let way: f64 = parts.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum();
        let led = (parts[PARTS - 1] - parts[0]).abs();
        let (before, after) = losses.split_at(losses.len() / 2);
        Self {
            fall: 1.0 - mean(after) / mean(before),
            swing: (way - led) / (PARTS - 1) as f64 / mean(losses).abs(),
        }
    }
}
