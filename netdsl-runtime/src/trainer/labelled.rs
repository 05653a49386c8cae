//! What an iterator of batches yields.

use netdsl_layers::Element;

use crate::error::Error;
use crate::examples::Examples;
use crate::feature_shape::TargetShape;
use crate::network::{Network, Target, TargetsOf};

/// What a batch consists of.
#[derive(Clone, Debug)]
pub struct Parts<X, Y> {
    /// The inputs.
    pub input: X,
    /// The targets.
    pub target: Y,
    /// What the loss of each example is multiplied with, where that is not 1.
    pub weights: Option<Vec<f64>>,
}

/// A batch of inputs with its targets, as an iterator yields it: `(input, target)`, `(input, target, weights)` with what the
/// loss of each example is multiplied with, or a `Result` of either where reading can fail. Inputs and targets are anything
/// that [`Examples`] is implemented for, references to it included. An error is any that is `Send` and `Sync`, also in a `Box`, or
/// a text; it ends the training in an [`Error::Batch`] that has it as [`Error::Iterator`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no batch for the network `{N}`",
    note = "a batch is `(input, target)`, `(input, target, weights)` or a `Result` of either, with an input and a target such as \
            `Trainer::fit` takes, and any error that is `Send` and `Sync`"
)]
pub trait Labelled<T: Element, N: Network<T>> {
    /// The inputs.
    type Input: Examples<T, N::Input>;
    /// The targets.
    type Target: Examples<Target<T, N>, <TargetsOf<T, N> as TargetShape>::Shape<N::Output>>;

    /// The batch in its parts.
    ///
    /// # Errors
    /// Where there is no batch, for whatever reason; it ends the training.
    fn parts(self) -> Result<Parts<Self::Input, Self::Target>, Error>;
}

impl<T: Element, N: Network<T>, X, Y> Labelled<T, N> for (X, Y)
where
    X: Examples<T, N::Input>,
    Y: Examples<Target<T, N>, <TargetsOf<T, N> as TargetShape>::Shape<N::Output>>,
{
    type Input = X;
    type Target = Y;

    fn parts(self) -> Result<Parts<X, Y>, Error> {
        Ok(Parts { input: self.0, target: self.1, weights: None })
    }
}

impl<T: Element, N: Network<T>, X, Y, W: Into<Vec<f64>>> Labelled<T, N> for (X, Y, W)
where
    X: Examples<T, N::Input>,
    Y: Examples<Target<T, N>, <TargetsOf<T, N> as TargetShape>::Shape<N::Output>>,
{
    type Input = X;
    type Target = Y;

    fn parts(self) -> Result<Parts<X, Y>, Error> {
        Ok(Parts { input: self.0, target: self.1, weights: Some(self.2.into()) })
    }
}

impl<T, N, B, E> Labelled<T, N> for Result<B, E>
where
    T: Element,
    N: Network<T>,
    B: Labelled<T, N>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Input = B::Input;
    type Target = B::Target;

    fn parts(self) -> Result<Parts<B::Input, B::Target>, Error> {
        self.map_err(|cause| Error::Iterator { cause: cause.into() })?.parts()
    }
}
