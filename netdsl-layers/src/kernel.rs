//! The forward and backward code of a layer, on slices.
//!
//! A batch lies example after example in one slice, row-major. A structure hands each of its members its part of the
//! buffers, so that a whole network works in a handful of slices that are allocated once.

use rand_chacha::ChaCha8Rng;

use crate::element::Element;
use crate::layer::Layer;

/// What a forward pass reads and writes.
#[derive(Debug)]
pub struct Forward<'a, T> {
    /// The number of examples.
    pub batch: usize,
    /// The source of what training draws at random; `None` in inference.
    pub random: Option<&'a mut ChaCha8Rng>,
    /// How many steps of each example are data and not padding, at least one; `None` where all are.
    pub lengths: Option<&'a [usize]>,
    /// The layer's part of the parameter buffer.
    pub parameters: &'a [T],
    /// The layer's part of the running statistics.
    pub statistics: &'a [T],
    /// The input, `batch × input`.
    pub input: &'a [T],
    /// The output, `batch × output`, to be overwritten.
    pub output: &'a mut [T],
    /// What the backward pass will want, [`Kernel::saved_len`] values.
    pub saved: &'a mut [T],
}

/// What a backward pass reads and writes.
#[derive(Debug)]
pub struct Backward<'a, T> {
    /// The number of examples.
    pub batch: usize,
    /// The lengths of the forward pass.
    pub lengths: Option<&'a [usize]>,
    /// The layer's part of the parameter buffer.
    pub parameters: &'a [T],
    /// The input of the forward pass.
    pub input: &'a [T],
    /// The output of the forward pass.
    pub output: &'a [T],
    /// What the forward pass saved.
    pub saved: &'a [T],
    /// The gradient with respect to the output. The layer may overwrite it.
    pub gradient: &'a mut [T],
    /// The gradient with respect to the input, to be overwritten; `None` where nobody needs it.
    pub input_gradient: Option<&'a mut [T]>,
    /// The gradient with respect to the layer's parameters, to be overwritten.
    pub parameter_gradient: &'a mut [T],
    /// The power of two that `gradient` is to be multiplied with, for each tensor of the layer. The caller fills it
    /// with [`exponent`](Self::exponent); a structure that rescales on the way overwrites its members' entries.
    pub tensor_exponents: &'a mut [i32],
    /// The power of two that `gradient` is to be multiplied with; after the pass that of `input_gradient`.
    pub exponent: i32,
    /// Whether gradients are rescaled on the way, so that none leaves the range of `T`.
    pub rescale: bool,
    /// Room for intermediate gradients, [`Kernel::scratch_len`] values.
    pub scratch: &'a mut [T],
}

/// A layer that can run.
pub trait Kernel<T: Element>: Layer {
    /// How many values the forward pass saves for a batch.
    fn saved_len(&self, batch: usize) -> usize;

    /// How many values the backward pass needs for intermediate gradients.
    fn scratch_len(&self, batch: usize) -> usize;

    /// What a value of the input has to be, where this finite one is something else. A structure asks the member that the
    /// input goes to.
    fn refuse(&self, _value: T) -> Option<String> {
        None
    }

    /// Computes the output.
    fn forward(&self, pass: Forward<'_, T>);

    /// Computes the gradients of the input and of the parameters.
    fn backward(&self, pass: &mut Backward<'_, T>);

    /// Calls `visit` with the path below this layer and the output, for each layer and in their order, after a forward
    /// pass over `batch` examples. A structure passes its members on.
    fn outputs(
        &self,
        path: &str,
        _batch: usize,
        _saved: &[T],
        output: &[T],
        visit: &mut dyn FnMut(&str, &[T]),
    ) {
        visit(path, output);
    }

    /// Moves the running statistics towards those of the batch that `saved` was made from.
    fn update_statistics(&self, batch: usize, saved: &[T], statistics: &mut [T]);
}

/// The lengths of the sequences behind a layer: where its output has no steps, there is no padding either.
pub(crate) fn lengths_behind<'a>(layer: &impl Layer, lengths: Option<&'a [usize]>) -> Option<&'a [usize]> {
    lengths.filter(|_| layer.keeps_steps() == Ok(true))
}

/// The largest of the values, or no number where one of them is none.
pub(crate) fn largest<T: Element>(values: impl IntoIterator<Item = T>) -> T {
    values.into_iter().fold(T::neg_infinity(), larger)
}

/// The larger of two values, or no number where one of them is none.
#[inline(always)]
pub(crate) fn larger<T: Element>(one: T, other: T) -> T {
    if other > one || other.is_nan() { other } else { one }
}

/// Writes the matrix `from`, whose rows are so long, with its axes swapped.
pub(crate) fn transpose<T: Copy>(from: &[T], columns: usize, to: &mut [T]) {
    /// How many columns are written at once, so that whole cache lines are read.
    const AT_ONCE: usize = 16;
    let rows = from.len() / columns;
    for (index, to) in to.chunks_mut(AT_ONCE * rows).enumerate() {
        for (row, from) in from.chunks_exact(columns).enumerate() {
            let from = &from[index * AT_ONCE..];
            for (to, from) in to.chunks_exact_mut(rows).zip(from) {
                to[row] = *from;
            }
        }
    }
}

/// Scales `values` by a power of two so that the largest has a magnitude in [1, 2), and returns the exponent that
/// undoes it. Zeros and values that are not finite are left as they are.
pub fn normalise<T: Element>(values: &mut [T]) -> i32 {
    let exponent = exponent_of(values.iter().copied());
    scale_by_power(values, -exponent);
    exponent
}

/// The exponent of the largest magnitude, or zero where that is zero or not finite.
pub(crate) fn exponent_of<T: Element>(values: impl Iterator<Item = T>) -> i32 {
    let largest = values.fold(T::zero(), |largest, value| largest.max(value.abs()));
    if largest == T::zero() || !largest.is_finite() {
        return 0;
    }
    // Read off the bits: a logarithm rounds the largest numbers up to the next power.
    let (mantissa, exponent, _) = largest.integer_decode();
    i32::from(exponent) + mantissa.ilog2() as i32
}

/// Two factors that make `2^exponent`.
pub(crate) fn factors_of_power<T: Element>(exponent: i32) -> [T; 2] {
    let half = exponent / 2;
    // Exact, where `powi` promises nothing of its last digits.
    [half, exponent - half].map(|exponent| T::from_f64(libm::scalbn(1.0, exponent)))
}

/// Multiplies by `2^exponent` in two steps, since the power alone may leave the range of `T`.
pub fn scale_by_power<T: Element>(values: &mut [T], exponent: i32) {
    if exponent == 0 {
        return;
    }
    let [first, second] = factors_of_power(exponent);
    for value in values {
        *value = *value * first * second;
    }
}

/// Adds `from` to `into`, whose exponents may differ, and returns the exponent of the sum.
pub fn add_scaled<T: Element>(into: &mut [T], into_exponent: i32, from: &mut [T], from_exponent: i32) -> i32 {
    let exponent = into_exponent.max(from_exponent);
    scale_by_power(into, into_exponent - exponent);
    scale_by_power(from, from_exponent - exponent);
    for (sum, value) in into.iter_mut().zip(from.iter()) {
        *sum += *value;
    }
    exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<T: Element>(values: &[f64]) {
        let before: Vec<T> = values.iter().map(|value| T::from_f64(*value)).collect();
        let mut scaled = before.clone();
        let exponent = normalise(&mut scaled);
        let largest = scaled.iter().fold(T::zero(), |largest, value| largest.max(value.abs()));
        assert!(largest >= T::one() && largest < T::from_f64(2.0), "{values:?} became {scaled:?}");
        scale_by_power(&mut scaled, exponent);
        assert_eq!(scaled, before);
    }

    #[test]
    fn normalising_is_exact() {
        let (largest, smallest) = (f64::from(f32::MAX), f64::from(f32::from_bits(1)));
        for values in
            [[3.0, -0.5], [largest, 1e30], [smallest, 0.0], [-1e-39, 2e-39], [1.0, 0.0], [0.999, 0.998]]
        {
            round_trip::<f32>(&values);
            round_trip::<f64>(&values);
        }
        round_trip::<f64>(&[f64::MAX, 1e300]);
        round_trip::<f64>(&[5e-324, 0.0]);
    }

    /// Also where the factors are subnormal.
    #[test]
    fn scaling_is_exact() {
        for (from, exponent, to) in
            [(127, -254, -127), (127, -256, -129), (127, -276, -149), (-149, 253, 104)]
        {
            let power = |exponent| libm::ldexp(1.0, exponent);
            let mut values = [power(from) as f32];
            scale_by_power(&mut values, exponent);
            assert_eq!(values, [power(to) as f32]);
            let mut values = [power(from - 900)];
            scale_by_power(&mut values, 1000 + exponent);
            assert_eq!(values, [power(to + 100)]);
        }
    }

    #[test]
    fn what_has_no_scale_is_left_alone() {
        for mut values in [[0.0f32, -0.0], [f32::INFINITY, 1.0], [1.0, f32::NEG_INFINITY]] {
            let before = values;
            assert_eq!(normalise(&mut values), 0);
            assert_eq!(values, before);
        }
        let mut empty: [f64; 0] = [];
        assert_eq!(normalise(&mut empty), 0);
    }

    #[test]
    fn sums_take_the_larger_exponent() {
        let (mut into, mut from) = ([1.0f32, -2.0], [4.0f32, 8.0]);
        // 2^3 · [1, -2] + 2^1 · [4, 8] = 2^3 · [2, 0]
        assert_eq!(add_scaled(&mut into, 3, &mut from, 1), 3);
        assert_eq!(into, [2.0, 0.0]);
        // What is too small to be seen beside the larger vanishes, however far apart the two are.
        let (mut into, mut from) = ([1.0f32], [1.0f32]);
        assert_eq!(add_scaled(&mut into, -100_000, &mut from, 100_000), 100_000);
        assert_eq!(into, [1.0]);
    }
}
