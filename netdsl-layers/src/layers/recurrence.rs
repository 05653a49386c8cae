//! What the recurrent layers share.

use crate::shape::Shape;

#[cfg(feature = "kernels")]
mod rows;
#[cfg(feature = "kernels")]
mod steps;
#[cfg(feature = "kernels")]
mod sums;
#[cfg(feature = "kernels")]
mod way_back;

#[cfg(feature = "kernels")]
pub(super) use steps::{Steps, add_bias};
#[cfg(feature = "kernels")]
pub(super) use sums::Sums;
#[cfg(feature = "kernels")]
pub(super) use way_back::WayBack;

/// The shape of the states of `units` values behind an input `[time, features]`.
pub(super) fn output(input: Shape, units: usize, return_sequences: bool) -> Shape {
    if return_sequences { Shape::sequence(input.positions(), units) } else { Shape::features(units) }
}
