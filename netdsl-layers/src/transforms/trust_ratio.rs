//! Steps in proportion to the weights.

use crate::element::Element;
use crate::optimizer::{Memory, Part, State, Transform};
use crate::parameter::ParameterRange;
use crate::transforms::norm;

/// `u ← u ‖w‖ / ‖u‖`, tensor by tensor; unchanged where either norm is zero.
///
/// You et al. 2020, "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", algorithm 2 with the
/// identity for `φ`.
#[derive(Clone, Copy, Debug)]
pub struct TrustRatio;

impl<T: Element> Transform<T> for TrustRatio {
    fn memory(&self, _tensor: &ParameterRange) -> Vec<Memory> {
        Vec::new()
    }

    fn whole_tensors(&self) -> bool {
        true
    }

    fn apply(&self, part: &Part<'_, T>, _state: State<'_, T>, update: &mut [T]) {
        let (weights, step) = (norm(part.parameters), norm(update));
        if weights > 0.0 && step > 0.0 {
            let factor = T::from_f64(weights / step);
            update.iter_mut().for_each(|update| *update *= factor);
        }
    }
}
