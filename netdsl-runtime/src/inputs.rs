//! The inputs of a pass, and sequences of unequal lengths among them.

use std::borrow::Cow;
use std::ops::Range;

use netdsl_layers::{Element, Layer};

use crate::error::Error;
use crate::examples::Examples;
use crate::feature_shape::FeatureShape;
use crate::network::Network;

/// Sequences of unequal lengths as one batch: the examples filled up to the steps of the input, and the length of each.
///
/// The steps behind the end of an example are padding. A recurrent layer carries its state through them, attention and
/// `BatchNorm` leave them out, `MeanOverTime` and `LastStep` stop before them, and a loss of every step averages over those
/// that are data. What a prediction has there is of no meaning. Padding has to be something that the network takes: any
/// finite number, any token of the vocabulary, any class; zero is all of them.
///
/// It goes wherever a batch of inputs does: to `predict`, to a training step, to a trainer and its validation.
///
/// # Errors
/// What takes it refuses lengths that are not as many as the examples, or that are below 1 or above the steps of the input,
/// and a network with a layer that can't tell padding from data, such as a convolution.
///
/// ```
/// use netdsl_runtime::{Examples, Padded, Sequence};
///
/// let words = [[[0.5f32, 1.0], [0.2, 0.1], [0.0, 0.0]], [[0.3, 0.4], [0.0, 0.0], [0.0, 0.0]]];
/// let batch = Padded { examples: &words, lengths: &[2, 1] };
/// assert_eq!(Examples::<f32, Sequence<3, 2>>::lengths(&batch), Some([2, 1].as_slice()));
/// ```
#[derive(Debug)]
pub struct Padded<X, L> {
    /// The examples, all of the steps of the input.
    pub examples: X,
    /// How many steps of each are data.
    pub lengths: L,
}

impl<E: Copy, S: FeatureShape, X: Examples<E, S>, L: AsRef<[usize]>> Examples<E, S> for Padded<X, L> {
    fn values(&self, name: &'static str) -> Result<Cow<'_, [E]>, Error> {
        self.examples.values(name)
    }

    fn lengths(&self) -> Option<&[usize]> {
        Some(self.lengths.as_ref())
    }
}

/// The inputs of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inputs<'a, T> {
    /// The values example after example.
    pub(crate) values: &'a [T],
    /// How many steps of each example are data, where some are not.
    pub(crate) lengths: Option<&'a [usize]>,
}

impl<'a, T: Element> Inputs<'a, T> {
    /// Those of a range of examples, of so many values each.
    pub(crate) fn part(self, examples: Range<usize>, width: usize) -> Self {
        Self {
            values: &self.values[examples.start * width..examples.end * width],
            lengths: self.lengths.map(|lengths| &lengths[examples]),
        }
    }

    /// Whether the lengths belong to the examples, and the network can tell where one ends.
    pub(crate) fn check_lengths<N: Network<T>>(self) -> Result<(), Error> {
        let Some(lengths) = self.lengths else { return Ok(()) };
        let layers = N::layers();
        let examples = self.values.len() / layers.sizes().input;
        if lengths.len() != examples {
            return Err(Error::Lengths { lengths: lengths.len(), examples });
        }
        let steps = N::Input::SIZES.first().copied().unwrap_or(1);
        if let Some(example) = lengths.iter().position(|length| !(1..=steps).contains(length)) {
            return Err(Error::Length { example, length: lengths[example], steps });
        }
        layers
            .keeps_steps()
            .map_err(|layer| Error::UnequalLengths { layer: layer.path, kind: layer.kind })?;
        Ok(())
    }
}
