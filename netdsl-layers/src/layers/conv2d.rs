//! The convolution of an image.

use super::conv::Conv;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::layer::Declared;
use crate::shape::Shape;

/// `y(f, o) = activation(Σ_{c, t} W(f, c, t) x(c, o · stride + t) + b(f))` for the outputs `o` of both axes, with
/// `W: [filters, channels, rows, columns]` and `b: [filters]`; around the input lie zeros.
///
/// `[channels, height, width]` becomes `[filters, rows, columns]`, which are as [`Padding`](crate::Padding) says.
///
/// In the language `Conv2d(filters, kernel = .., stride = 1, padding = Valid, activation = Linear, init = GlorotUniform,
/// bias_init = Zeros, bias = true)`, with one number for both axes or one for each in brackets.
pub type Conv2d<A> = Conv<2, A>;

impl Declared for Conv2d<Box<dyn Activation>> {
    const NAME: &'static str = "Conv2d";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        Self::read(arguments, input)
    }
}
