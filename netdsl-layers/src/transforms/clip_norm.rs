//! A bound for what the part before has made.

use crate::element::Element;
use crate::interval::{Interval, SettingError};
use crate::optimizer::{Memory, Part, State, Transform};
use crate::parameter::ParameterRange;
use crate::transforms::norm;

/// `u ← u · min(1, bound / ‖u‖)`, tensor by tensor.
///
/// At the start of a chain that is [`Clip::Norm`](crate::Clip::Norm), which also copes with gradients beyond the range of
/// `T`; behind a momentum it bounds the step itself.
#[derive(Clone, Copy, Debug)]
pub struct ClipNorm {
    /// The largest norm.
    pub bound: f64,
}

impl<T: Element> Transform<T> for ClipNorm {
    fn memory(&self, _tensor: &ParameterRange) -> Vec<Memory> {
        Vec::new()
    }

    fn whole_tensors(&self) -> bool {
        true
    }

    fn check(&self) -> Result<(), SettingError> {
        Interval::POSITIVE.check("bound", self.bound)
    }

    fn apply(&self, _part: &Part<'_, T>, _state: State<'_, T>, update: &mut [T]) {
        let norm = norm(update);
        if norm > self.bound {
            let factor = T::from_f64(self.bound / norm);
            update.iter_mut().for_each(|update| *update *= factor);
        }
    }
}
