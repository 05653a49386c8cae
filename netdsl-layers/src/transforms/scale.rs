//! A constant factor.

use crate::element::Element;
use crate::optimizer::{Now, Transform};
use crate::transforms::elementwise;

/// `u ← factor · u`.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// The factor.
    pub factor: f64,
}

impl<T: Element> Transform<T> for Scale {
    elementwise!([]);

    fn factor(&self, _now: Now) -> Option<f64> {
        Some(self.factor)
    }
}
