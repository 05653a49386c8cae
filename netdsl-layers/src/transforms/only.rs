//! A transform for some of the tensors.

use crate::element::Element;
use crate::interval::SettingError;
use crate::optimizer::{Memory, Now, Part, State, Transform};
use crate::parameter::ParameterRange;

/// Another transform, applied to weights alone or to all but weights. A weight is a tensor of two axes or more.
#[derive(Debug)]
pub struct Only<T> {
    weights: bool,
    transform: Box<dyn Transform<T>>,
}

impl<T: Element> Only<T> {
    /// Applied to weights.
    pub fn weights(transform: impl Transform<T> + 'static) -> Self {
        Self { weights: true, transform: Box::new(transform) }
    }

    /// Applied to biases, gains and other tensors of one axis.
    pub fn vectors(transform: impl Transform<T> + 'static) -> Self {
        Self { weights: false, transform: Box::new(transform) }
    }

    fn applies(&self, tensor: &ParameterRange) -> bool {
        tensor.matrix().is_some() == self.weights
    }
}

impl<T: Element> Transform<T> for Only<T> {
    fn memory(&self, tensor: &ParameterRange) -> Vec<Memory> {
        if self.applies(tensor) { self.transform.memory(tensor) } else { Vec::new() }
    }

    fn whole_tensors(&self) -> bool {
        self.transform.whole_tensors()
    }

    fn check(&self) -> Result<(), SettingError> {
        self.transform.check()
    }

    fn begin(&mut self, now: Now) {
        self.transform.begin(now);
    }

    fn apply(&self, part: &Part<'_, T>, state: State<'_, T>, update: &mut [T]) {
        if self.applies(part.tensor) {
            self.transform.apply(part, state, update);
        }
    }
}
