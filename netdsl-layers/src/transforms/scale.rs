//! A constant factor.

use crate::element::Element;
use crate::interval::{Interval, SettingError};
use crate::optimizer::Transform;
use crate::transforms::factor;

/// `u ← factor · u`.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// The factor.
    pub factor: f64,
}

impl<T: Element> Transform<T> for Scale {
    factor!(|self, _now| self.factor);

    fn check(&self) -> Result<(), SettingError> {
        Interval::FINITE.check("factor", self.factor)
    }
}
