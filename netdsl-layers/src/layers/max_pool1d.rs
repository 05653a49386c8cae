//! The largest value of each window of a signal.

use super::max_pool::MaxPool;
use crate::arguments::Arguments;
use crate::layer::Declared;
use crate::shape::Shape;

/// `y(o) = max x(p)` over the positions `p` of the window at `o`, for each channel by itself.
///
/// `[channels, length]` becomes `[channels, outputs]`, with `outputs` as [`Padding`](crate::Padding) says.
///
/// In the language `MaxPool1d(size, stride = size, padding = Valid)`.
pub type MaxPool1d = MaxPool<1>;

impl Declared for MaxPool1d {
    const NAME: &'static str = "MaxPool1d";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        Self::read(arguments, input)
    }
}
