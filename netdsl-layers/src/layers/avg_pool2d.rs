//! The mean of each window of an image.

use super::avg_pool::AvgPool;
use crate::arguments::Arguments;
use crate::layer::Declared;
use crate::shape::Shape;

/// `y(o) = mean x(p)` over the positions `p` of the window at `o`, for each channel by itself.
///
/// `[channels, height, width]` becomes `[channels, rows, columns]`, which are as [`Padding`](crate::Padding) says.
///
/// In the language `AvgPool2d(size, stride = size, padding = Valid)`, with one number for both axes or one for each in
/// brackets.
pub type AvgPool2d = AvgPool<2>;

impl Declared for AvgPool2d {
    const NAME: &'static str = "AvgPool2d";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        Self::read(arguments, input)
    }
}
