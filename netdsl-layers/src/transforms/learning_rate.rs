//! The last part of every chain.

use crate::element::Element;
use crate::lanes::vectorised;
use crate::optimizer::{Part, State, Transform};
use crate::transforms::elementwise;

/// `u ← rate · u`, with the learning rate of the step.
#[derive(Clone, Copy, Debug)]
pub struct LearningRate;

impl<T: Element> Transform<T> for LearningRate {
    elementwise!([]);

    fn apply(&self, part: &Part<'_, T>, _state: State<'_, T>, update: &mut [T]) {
        let rate = T::from_f64(part.now.learning_rate);
        vectorised(
            #[inline(always)]
            || update.iter_mut().for_each(|update| *update *= rate),
        );
    }
}
