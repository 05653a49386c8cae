//! The last part of every chain.

use crate::element::Element;
use crate::optimizer::Transform;
use crate::transforms::factor;

/// `u ← rate · u`, with the learning rate of the step.
#[derive(Clone, Copy, Debug)]
pub struct LearningRate;

impl<T: Element> Transform<T> for LearningRate {
    factor!(|self, now| now.learning_rate);
}
