//! Division by the size that gradients had so far.

use crate::element::Element;
use crate::optimizer::{Now, Transform};
use crate::transforms::finite;

/// What becomes of the squares of past gradients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Average {
    /// `v ← ρ v + (1 - ρ) g²`, from 0.
    Decaying(f64),
    /// `v ← v + g²`, from a start.
    Sum(f64),
}

/// `u = g / sqrt(v + ε)`, where `v` is an average of squared gradients.
#[derive(Clone, Debug)]
pub struct SecondMoment<T> {
    average: Average,
    epsilon: T,
    squares: Vec<T>,
}

impl<T: Element> SecondMoment<T> {
    /// With `epsilon` for `ε`.
    pub fn new(average: Average, epsilon: f64) -> Self {
        Self { average, epsilon: T::from_f64(epsilon), squares: Vec::new() }
    }
}

impl<T: Element> Transform<T> for SecondMoment<T> {
    fn reset(&mut self, parameters: usize) {
        let start = match self.average {
            Average::Decaying(_) => 0.0,
            Average::Sum(start) => start,
        };
        self.squares = vec![T::from_f64(start); parameters];
    }

    fn apply(&mut self, _now: Now, offset: usize, _parameters: &[T], update: &mut [T]) -> bool {
        let (kept, added) = match self.average {
            Average::Decaying(share) => (T::from_f64(share), T::from_f64(1.0 - share)),
            Average::Sum(_) => (T::one(), T::one()),
        };
        let squares = &mut self.squares[offset..offset + update.len()];
        for (update, square) in update.iter_mut().zip(&mut *squares) {
            *square = kept * *square + added * *update * *update;
            // Zero over zero, where there has been no gradient and no epsilon, is no step.
            let size = (*square + self.epsilon).sqrt();
            *update = if size > T::zero() { *update / size } else { T::zero() };
        }
        finite(squares)
    }
}
