//! How the learning rate changes over the steps, one schedule in a file.
//!
//! A schedule is a factor on the learning rate of the optimizer, so that it says nothing of the optimizer and two of them
//! can be put together: [`Schedule::then`] runs one after the other, [`Schedule::times`] multiplies them.
//!
//! ```
//! use netdsl_runtime::schedules::{Cosine, Schedule, WarmUp};
//!
//! let schedule = WarmUp::new(100).then(100, Cosine::new(900));
//! assert_eq!(schedule.factor(49), 0.5);
//! assert_eq!(schedule.factor(100), 1.0);
//! assert!(schedule.factor(1000) < 1e-15);
//! ```

mod constant;
mod cosine;
mod exponential_decay;
mod one_cycle;
mod product;
mod reduce_on_plateau;
mod sequence;
mod step_decay;
mod warm_up;

use std::fmt::Debug;

use netdsl_layers::{Interval, SettingError};

pub use constant::Constant;
pub use cosine::Cosine;
pub use exponential_decay::ExponentialDecay;
pub use one_cycle::OneCycle;
pub use product::Product;
pub(crate) use reduce_on_plateau::Plateau;
pub use reduce_on_plateau::ReduceOnPlateau;
pub use sequence::Sequence;
pub use step_decay::StepDecay;
pub use warm_up::WarmUp;

/// What the learning rate of the optimizer is multiplied with, step by step.
pub trait Schedule: Debug + Send + Sync {
    /// The factor of a step, from 0. At least 0 and finite; the trainer refuses any other.
    fn factor(&self, step: u64) -> f64;

    /// Whether the settings make sense, which a trainer asks before it begins.
    ///
    /// # Errors
    /// The first that does not.
    fn check(&self) -> Result<(), SettingError> {
        Ok(())
    }

    /// As it is written in a program: a checkpoint keeps it, and a training with another is refused by both.
    fn written(&self) -> String {
        format!("{self:?}")
    }

    /// This schedule for so many steps, then another, which counts from 0 again.
    fn then<S: Schedule>(self, steps: u64, next: S) -> Sequence<Self, S>
    where
        Self: Sized,
    {
        Sequence { first: self, steps, next }
    }

    /// The product of this schedule and another.
    fn times<S: Schedule>(self, other: S) -> Product<Self, S>
    where
        Self: Sized,
    {
        Product { first: self, second: other }
    }
}

/// The error of a number of steps that is 0.
fn at_least_one(name: &'static str, steps: u64) -> Result<(), SettingError> {
    if steps > 0 { Ok(()) } else { Err(SettingError { name, found: 0.0, expected: "at least 1" }) }
}

/// The error of a factor on the learning rate that is none.
fn a_factor(name: &'static str, factor: f64) -> Result<(), SettingError> {
    Interval::AT_LEAST_ZERO.check(name, factor)
}

#[cfg(test)]
mod tests {
    use super::{Constant, Cosine, ExponentialDecay, OneCycle, Schedule, StepDecay, WarmUp};

    /// Each as the compiler has read it here.
    #[test]
    fn they_are_written_as_in_a_program() {
        macro_rules! check {
            ($($schedule:expr),* $(,)?) => {$(
                let program: String = stringify!($schedule).split_whitespace().collect();
                let written: String = $schedule.written().split_whitespace().collect();
                assert_eq!(written, program);
            )*};
        }
        check!(
            Constant { factor: 0.5 },
            StepDecay { every: 2, factor: 0.5 },
            ExponentialDecay { steps: 10, factor: 1e-5 },
            WarmUp::new(20),
            Cosine::new(220),
            Cosine::new(220).end(0.01),
            Cosine::new(220).end(0.01).restarts(2),
            OneCycle::new(900),
            OneCycle::new(900).rise(0.2).start(0.1).end(1.0),
            OneCycle::new(900).end(0.0),
            WarmUp::new(20).then(20, Cosine::new(220).end(0.01)),
            WarmUp::new(20).times(StepDecay { every: 2, factor: 0.5 }).then(7, Constant { factor: 1.0 }),
        );
    }
}
