//! What a batch of examples can be given as.

use std::borrow::Cow;

use ndarray::{ArrayBase, Data, Dimension, Ix1, Ix2, Ix3, Ix4, IxDyn};

use crate::error::Error;
use crate::feature_shape::{FeatureShape, Features, Image, Scalar, Sequence, Signal};

/// A batch of examples of the shape `S`, made of `E`.
///
/// Nested arrays such as `[[f32; 100]; 32]`, `Vec<[f32; 100]>` and `[[f32; 100]]` have the shape in their type, so that a
/// wrong one does not compile. Arrays and views of `ndarray` have the batch as their first axis; their rank is checked by
/// the compiler, or at run time where it is dynamic, their sizes at run time.
///
/// ```
/// use netdsl_runtime::{Examples, Features};
///
/// let batch = [[0.5f32; 3]; 2];
/// let values = Examples::<f32, Features<3>>::values(&batch, "input").unwrap();
/// assert_eq!(values.len(), 6);
/// ```
///
/// ```compile_fail
/// use netdsl_runtime::{Examples, Features};
///
/// let batch = [[0.5f32; 4]; 2];
/// let values = Examples::<f32, Features<3>>::values(&batch, "input").unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no batch of examples of the shape `{S}`",
    label = "expected examples of the shape `{S}`, made of `{E}`"
)]
pub trait Examples<E: Copy, S: FeatureShape> {
    /// The values example after example, row-major.
    ///
    /// `name` is what a message calls them.
    ///
    /// # Errors
    /// [`Error::Shape`] where the sizes differ from those of `S`, [`Error::Empty`] where there is no example.
    fn values(&self, name: &'static str) -> Result<Cow<'_, [E]>, Error>;

    /// How many steps of each example are data, where the others are padding: see [`Padded`](crate::Padded).
    fn lengths(&self) -> Option<&[usize]> {
        None
    }
}

/// One example of the shape `S` as a nested array.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no example of the shape `{S}`, made of `{E}`",
    label = "expected examples of the shape `{S}`, made of `{E}`",
    note = "an example is a nested array: `[{E}; n]` for `Features<n>`, `[[{E}; n]; time]` for `Sequence<time, n>`, `[[{E}; \
            length]; channels]` for `Signal<channels, length>` and `[[[{E}; width]; height]; channels]` for `Image<channels, \
            height, width>`",
    note = "a class is given by its index, a `usize`: `Vec<usize>` where each example has one",
    note = "an output, and so a target, at each step of a sequence takes `return_sequences = true` on the last recurrent layer"
)]
pub trait Example<E, S: FeatureShape>: Sized {
    /// The values of many.
    fn flat(examples: &[Self]) -> &[E];
}

impl<E> Example<E, Scalar> for E {
    fn flat(examples: &[Self]) -> &[E] {
        examples
    }
}

impl<E, const N: usize> Example<E, Features<N>> for [E; N] {
    fn flat(examples: &[Self]) -> &[E] {
        examples.as_flattened()
    }
}

impl<E, const T: usize, const N: usize> Example<E, Sequence<T, N>> for [[E; N]; T] {
    fn flat(examples: &[Self]) -> &[E] {
        examples.as_flattened().as_flattened()
    }
}

impl<E, const C: usize, const L: usize> Example<E, Signal<C, L>> for [[E; L]; C] {
    fn flat(examples: &[Self]) -> &[E] {
        examples.as_flattened().as_flattened()
    }
}

impl<E, const C: usize, const H: usize, const W: usize> Example<E, Image<C, H, W>> for [[[E; W]; H]; C] {
    fn flat(examples: &[Self]) -> &[E] {
        examples.as_flattened().as_flattened().as_flattened()
    }
}

impl<E: Copy, S: FeatureShape, X: Example<E, S>> Examples<E, S> for [X] {
    fn values(&self, name: &'static str) -> Result<Cow<'_, [E]>, Error> {
        if self.is_empty() {
            return Err(Error::Empty { name });
        }
        Ok(Cow::Borrowed(X::flat(self)))
    }
}

impl<E: Copy, S: FeatureShape, X: Example<E, S>, const B: usize> Examples<E, S> for [X; B] {
    fn values(&self, name: &'static str) -> Result<Cow<'_, [E]>, Error> {
        self.as_slice().values(name)
    }
}

impl<E: Copy, S: FeatureShape, X: Example<E, S>> Examples<E, S> for Vec<X> {
    fn values(&self, name: &'static str) -> Result<Cow<'_, [E]>, Error> {
        self.as_slice().values(name)
    }
}

impl<E: Copy, S: FeatureShape, X: Examples<E, S> + ?Sized> Examples<E, S> for &X {
    fn values(&self, name: &'static str) -> Result<Cow<'_, [E]>, Error> {
        (**self).values(name)
    }

    fn lengths(&self) -> Option<&[usize]> {
        (**self).lengths()
    }
}

/// A dimension that a batch of examples of the shape `S` can have.
#[diagnostic::on_unimplemented(
    message = "an array of the dimension `{Self}` is no batch of examples of the shape `{S}`",
    note = "the first axis is the batch; `into_shape_with_order` and `insert_axis(Axis(0))` give an array other axes"
)]
pub trait Rank<S: FeatureShape>: Dimension {}

impl Rank<Scalar> for Ix1 {}
impl<const N: usize> Rank<Features<N>> for Ix2 {}
impl<const T: usize, const N: usize> Rank<Sequence<T, N>> for Ix3 {}
impl<const C: usize, const L: usize> Rank<Signal<C, L>> for Ix3 {}
impl<const C: usize, const H: usize, const W: usize> Rank<Image<C, H, W>> for Ix4 {}
impl<S: FeatureShape> Rank<S> for IxDyn {}

impl<E: Copy, S: FeatureShape, R: Data<Elem = E>, D: Rank<S>> Examples<E, S> for ArrayBase<R, D> {
    fn values(&self, name: &'static str) -> Result<Cow<'_, [E]>, Error> {
        match self.shape() {
            [0, sizes @ ..] if sizes == S::SIZES => Err(Error::Empty { name }),
            [_, sizes @ ..] if sizes == S::SIZES => Ok(match self.as_slice() {
                Some(values) => Cow::Borrowed(values),
                None => Cow::Owned(self.iter().copied().collect()),
            }),
            found => Err(Error::Shape { name, found: found.to_vec(), expected: S::SIZES }),
        }
    }
}
