//! A constant factor.

use crate::element::Element;
use crate::lanes::vectorised;
use crate::optimizer::{Part, State, Transform};
use crate::transforms::elementwise;

/// `u ← factor · u`.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// The factor.
    pub factor: f64,
}

impl<T: Element> Transform<T> for Scale {
    elementwise!([]);

    fn apply(&self, _part: &Part<'_, T>, _state: State<'_, T>, update: &mut [T]) {
        let factor = T::from_f64(self.factor);
        vectorised(
            #[inline(always)]
            || update.iter_mut().for_each(|update| *update *= factor),
        );
    }
}
