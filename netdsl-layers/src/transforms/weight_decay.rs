//! Decoupled weight decay.

use crate::element::Element;
use crate::optimizer::{Now, Transform};

/// `u ← u + decay · w`, with the parameters `w` as they are before the step.
#[derive(Clone, Copy, Debug)]
pub struct WeightDecay {
    /// The share of a parameter that is taken away in a step, times the learning rate.
    pub decay: f64,
}

impl<T: Element> Transform<T> for WeightDecay {
    fn reset(&mut self, _parameters: usize) {}

    fn apply(&mut self, _now: Now, _offset: usize, parameters: &[T], update: &mut [T]) -> bool {
        let decay = T::from_f64(self.decay);
        for (update, parameter) in update.iter_mut().zip(parameters) {
            *update += decay * *parameter;
        }
        true
    }
}
