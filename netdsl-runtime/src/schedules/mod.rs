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
