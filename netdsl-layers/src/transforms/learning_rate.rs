//! The last part of every chain.

use crate::element::Element;
use crate::optimizer::{Now, Transform};
use crate::transforms::elementwise;

/// `u ← rate · u`, with the learning rate of the step.
#[derive(Clone, Copy, Debug)]
pub struct LearningRate;

impl<T: Element> Transform<T> for LearningRate {
    elementwise!([]);

    fn factor(&self, now: Now) -> Option<f64> {
        Some(now.learning_rate)
    }
}
