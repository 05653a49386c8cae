//! The largest value of each window of an image.

use super::max_pool::MaxPool;
use crate::arguments::Arguments;
use crate::layer::Declared;
use crate::shape::Shape;

/// `y(o) = max x(p)` over the positions `p` of the window at `o`, for each channel by itself.
///
/// `[channels, height, width]` becomes `[channels, rows, columns]`, which are as [`Padding`](crate::Padding) says.
///
/// In the language `MaxPool2d(size, stride = size, padding = Valid)`, with one number for both axes or one for each in
/// brackets.
pub type MaxPool2d = MaxPool<2>;

impl Declared for MaxPool2d {
    const NAME: &'static str = "MaxPool2d";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        Self::read(arguments, input)
    }
}
