//! The convolution of a signal.

use super::conv::Conv;
use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::layer::Declared;
use crate::shape::Shape;

/// `y(f, o) = activation(Σ_{c, t} W(f, c, t) x(c, o · stride + t) + b(f))` with `W: [filters, channels, kernel]` and
/// `b: [filters]`; around the input lie zeros.
///
/// `[channels, length]` becomes `[filters, outputs]`, with `outputs` as [`Padding`](crate::Padding) says.
///
/// In the language `Conv1d(filters, kernel = .., stride = 1, padding = Valid, activation = Linear, init = GlorotUniform,
/// bias_init = Zeros, bias = true)`.
pub type Conv1d<A> = Conv<1, A>;

impl Declared for Conv1d<Box<dyn Activation>> {
    const NAME: &'static str = "Conv1d";

    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self {
        Self::read(arguments, input)
    }
}
