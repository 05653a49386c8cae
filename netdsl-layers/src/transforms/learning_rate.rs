//! The last part of every chain.

use crate::element::Element;
use crate::optimizer::{Now, Transform};

/// `u ← rate · u`, with the learning rate of the step.
#[derive(Clone, Copy, Debug)]
pub struct LearningRate;

impl<T: Element> Transform<T> for LearningRate {
    fn reset(&mut self, _parameters: usize) {}

    fn apply(&mut self, now: Now, _offset: usize, _parameters: &[T], update: &mut [T]) -> bool {
        let rate = T::from_f64(now.learning_rate);
        update.iter_mut().for_each(|update| *update *= rate);
        true
    }
}
