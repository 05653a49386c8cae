//! Two schedules at once.

use netdsl_layers::SettingError;

use super::Schedule;

/// `f(t) = first(t) · second(t)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Product<A, B> {
    /// The one.
    pub first: A,
    /// The other.
    pub second: B,
}

impl<A: Schedule, B: Schedule> Schedule for Product<A, B> {
    fn factor(&self, step: u64) -> f64 {
        self.first.factor(step) * self.second.factor(step)
    }

    fn check(&self) -> Result<(), SettingError> {
        self.first.check()?;
        self.second.check()
    }

    fn written(&self) -> String {
        format!("{}.times({})", self.first.written(), self.second.written())
    }
}
