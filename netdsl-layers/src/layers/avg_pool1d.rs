//! The mean of each window of a signal.

use super::avg_pool::AvgPool;
use crate::arguments::Arguments;
use crate::layer::Declared;
use crate::shape::Shape;

/// `y(o) = mean x(p)` over the positions `p` of the window at `o`, for each channel by itself.
///
/// `[channels, length]` becomes `[channels, outputs]`, with `outputs` as [`Padding`](crate::Padding) says.
///
/// In the language `AvgPool1d(size, stride = size, padding = Valid)`.
pub type AvgPool1d = AvgPool<1>;

impl Declared for AvgPool1d {
    const NAME: &'static str = "AvgPool1d";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        Self::read(arguments, input)
    }
}
