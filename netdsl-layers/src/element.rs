//! The numbers that a network computes in.

use std::fmt::{Debug, Display};

/// A floating-point type that a network can be made of: `f32` or `f64`.
pub trait Element:
    crate::lanes::Lanes
    + crate::transcendental::Transcendental
    + num_traits::Float
    + num_traits::NumAssign
    + ndarray::LinalgScalar
    + std::iter::Sum
    + Debug
    + Display
    + Default
    + Send
    + Sync
    + 'static
{
    /// The nearest value of this type.
    fn from_f64(value: f64) -> Self;
    /// The same value in double precision.
    fn to_f64(self) -> f64;
}

impl Element for f32 {
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value as Self
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Element for f64 {
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
}
