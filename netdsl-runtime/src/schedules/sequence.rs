//! One schedule after the other.

use netdsl_layers::SettingError;

use super::Schedule;

/// `f(t) = first(t)` for `t < steps`, then `next(t - steps)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequence<A, B> {
    /// The first.
    pub first: A,
    /// How many steps it has.
    pub steps: u64,
    /// The one behind.
    pub next: B,
}

impl<A: Schedule, B: Schedule> Schedule for Sequence<A, B> {
    fn factor(&self, step: u64) -> f64 {
        match step.checked_sub(self.steps) {
            None => self.first.factor(step),
            Some(step) => self.next.factor(step),
        }
    }

    fn check(&self) -> Result<(), SettingError> {
        self.first.check()?;
        self.next.check()
    }

    fn written(&self) -> String {
        format!("{}.then({}, {})", self.first.written(), self.steps, self.next.written())
    }
}
