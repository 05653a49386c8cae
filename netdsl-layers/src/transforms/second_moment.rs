//! Division by the size that gradients had so far.

use crate::element::Element;
use crate::interval::{Interval, SettingError};
use crate::lanes::vectorised;
use crate::optimizer::{Memory, Part, State, Transform};
use crate::parameter::ParameterRange;
use crate::transforms::ratio;

/// What becomes of the squares of past gradients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Average {
    /// `v ← ρ v + (1 - ρ) g²`, from 0.
    Decaying(f64),
    /// `v ← v + g²`, from a start.
    Sum(f64),
}

/// `u = g / sqrt(v + ε)`, where `v` is an average of squared gradients.
#[derive(Clone, Copy, Debug)]
pub struct SecondMoment {
    /// What becomes of the squares.
    pub average: Average,
    /// What keeps the division from growing without bound, `ε`.
    pub epsilon: f64,
}

impl<T: Element> Transform<T> for SecondMoment {
    fn memory(&self, _tensor: &ParameterRange) -> Vec<Memory> {
        let start = match self.average {
            Average::Decaying(_) => 0.0,
            Average::Sum(start) => start,
        };
        vec![Memory { name: "squares", start }]
    }

    fn whole_tensors(&self) -> bool {
        false
    }

    fn check(&self) -> Result<(), SettingError> {
        match self.average {
            Average::Decaying(share) => Interval::KEPT.check("rho", share),
            Average::Sum(start) => Interval::AT_LEAST_ZERO.check("initial_accumulator", start),
        }?;
        Interval::AT_LEAST_ZERO.check("epsilon", self.epsilon)
    }

    fn apply(&self, _part: &Part<'_, T>, mut state: State<'_, T>, update: &mut [T]) {
        let (kept, added) = match self.average {
            Average::Decaying(share) => (T::from_f64(share), T::from_f64(1.0 - share)),
            Average::Sum(_) => (T::one(), T::one()),
        };
        let epsilon = T::from_f64(self.epsilon);
        let [squares] = state.slices();
        vectorised(
            #[inline(always)]
            || {
                for (update, square) in update.iter_mut().zip(squares) {
                    *square = kept * *square + added * *update * *update;
                    *update = ratio(*update, (*square + epsilon).sqrt());
                }
            },
        );
    }
}
