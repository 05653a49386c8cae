//! What every loss says of itself.

use std::fmt::Debug;

use crate::arguments::{Arguments, Call};
use crate::expression::Expression;
use crate::problem::{Problem, did_you_mean};
use crate::shape::Shape;

/// What a loss compares the output with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// One number for each number of the output.
    Values,
    /// One class for each position of the output.
    Classes,
}

/// The target of one position.
#[derive(Clone, Copy, Debug)]
pub enum PositionTarget<'a> {
    /// As many numbers as the output has features.
    Values(&'a [f64]),
    /// The index of a feature.
    Class(usize),
}

/// A loss, averaged over all that it is computed for: over every number of a batch, or over its positions.
pub trait Loss: Expression + Debug + Send + Sync {
    /// The name in the language.
    fn name(&self) -> &'static str;

    /// The loss as it is written in the language, with its arguments.
    fn written(&self) -> String;

    /// What the output is compared with.
    fn target(&self) -> TargetKind;

    /// How many terms the mean runs over for one example of an output of this shape.
    fn terms(&self, output: Shape) -> usize;

    /// The sum of the terms at one position, and its derivative with respect to the output there.
    ///
    /// `output` and `gradient` have the length of the features. What the forecast draws its output gradients with:
    /// computed with `libm`, so that it is the same on every machine.
    fn at_position(&self, output: &[f64], target: PositionTarget<'_>, gradient: &mut [f64]) -> f64;
}

/// A loss that the language can name.
pub trait DeclaredLoss: Loss + Sized {
    /// The name in the language, which is the name of the type.
    const NAME: &'static str;

    /// Takes the settings from the call; a problem where the output does not fit.
    fn resolve(arguments: &mut Arguments<'_>, output: Shape) -> Self;
}

/// A kind of loss: its name and how it is made from a call.
#[derive(Clone, Copy, Debug)]
pub struct LossKind {
    /// The name in the language.
    pub name: &'static str,
    /// [`DeclaredLoss::resolve`], boxed.
    pub resolve: fn(&mut Arguments<'_>, Shape) -> Box<dyn Loss>,
}

impl LossKind {
    /// The kind that `L` is.
    pub const fn of<L: DeclaredLoss + 'static>() -> Self {
        Self { name: L::NAME, resolve: |arguments, output| Box::new(L::resolve(arguments, output)) }
    }
}

impl dyn Loss {
    /// Reads a loss from the call that names it.
    pub fn read(call: &Call, output: Shape) -> Result<Box<dyn Loss>, Vec<Problem>> {
        let Some(kind) = crate::LOSSES.iter().find(|kind| kind.name == call.name) else {
            let hint = did_you_mean(&call.name, crate::LOSSES.iter().map(|kind| kind.name));
            let message = format!("unknown loss `{}`{hint}", call.name);
            return Err(vec![Problem::new(call.name_place, message)]);
        };
        let mut arguments = Arguments::new(call);
        let loss = (kind.resolve)(&mut arguments, output);
        arguments.finish().map(|()| loss)
    }
}
