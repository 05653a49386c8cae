//! Decoupled weight decay.

use crate::element::Element;
use crate::interval::{Interval, SettingError};
use crate::lanes::vectorised;
use crate::optimizer::{Part, State, Transform};
use crate::transforms::elementwise;

/// `u ← u + decay · w`, with the parameters `w` as they are before the step.
#[derive(Clone, Copy, Debug)]
pub struct WeightDecay {
    /// The share of a parameter that is taken away in a step, times the learning rate.
    pub decay: f64,
}

impl<T: Element> Transform<T> for WeightDecay {
    elementwise!([]);

    fn check(&self) -> Result<(), SettingError> {
        Interval::AT_LEAST_ZERO.check("weight_decay", self.decay)
    }

    fn apply(&self, part: &Part<'_, T>, _state: State<'_, T>, update: &mut [T]) {
        let decay = T::from_f64(self.decay);
        vectorised(
            #[inline(always)]
            || {
                for (update, parameter) in update.iter_mut().zip(part.parameters) {
                    *update += decay * *parameter;
                }
            },
        );
    }
}
