//! What can go wrong.

use netdsl_layers::TargetError;

use crate::checkpoint::CheckpointError;

/// What can go wrong. Whatever it is, the parameters of the network are what they were before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An array of another shape.
    #[error("the {name} has the shape {found:?}, expected {}", batched(expected))]
    Shape {
        /// What the array is.
        name: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// The shape of one example.
        expected: &'static [usize],
    },
    /// No example at all.
    #[error("the {name} has no examples, expected at least one")]
    Empty {
        /// What is empty.
        name: &'static str,
    },
    /// Inputs and targets that do not belong together.
    #[error("the input has {inputs} examples, but the target has {targets}")]
    Count {
        /// The number of inputs.
        inputs: usize,
        /// The number of targets.
        targets: usize,
    },
    /// Lengths of other sequences.
    #[error("there are {lengths} lengths of sequences, but the input has {examples} examples")]
    Lengths {
        /// The number of lengths.
        lengths: usize,
        /// The number of examples.
        examples: usize,
    },
    /// A length that a sequence can't have.
    #[error("the length of example {example} of the input is {length}, expected 1 to {steps}")]
    Length {
        /// The index of the example, from 0.
        example: usize,
        /// Its length.
        length: usize,
        /// The steps of the input.
        steps: usize,
    },
    /// A network that takes sequences of one length only.
    #[error(
        "the layer `{layer}` can't tell padding from data, expected sequences of one length before a {kind}"
    )]
    UnequalLengths {
        /// The dotted path of the layer.
        layer: String,
        /// Its kind.
        kind: &'static str,
    },
    /// An input that is no number or infinite, or no token of the vocabulary.
    #[error("value {index} of example {example} of the input is {value}, expected {expected}")]
    Input {
        /// The index of the example, from 0.
        example: usize,
        /// The index in the example, row-major, from 0.
        index: usize,
        /// The value.
        value: f64,
        /// What it can be.
        expected: String,
    },
    /// A target that the loss is not defined for.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A setting outside what it can be.
    #[error("{name} is {value}, expected {expected}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// The value.
        value: f64,
        /// What it can be.
        expected: &'static str,
    },
    /// Weights that do not belong to the examples or classes.
    #[error("there are {weights} weights, expected {examples}")]
    Weights {
        /// The number of weights.
        weights: usize,
        /// The number of examples or classes.
        examples: usize,
    },
    /// A parameter that does not exist.
    #[error("there is no parameter `{name}`{hint}")]
    UnknownParameter {
        /// The name that was asked for.
        name: String,
        /// What may have been meant.
        hint: String,
    },
    /// Tensors of another network.
    #[error("the network has {found} {kind}, expected {expected}")]
    Tensors {
        /// `parameters` or `statistics`.
        kind: &'static str,
        /// The number of values that there are.
        found: usize,
        /// The number of values that the layers ask for.
        expected: usize,
    },
    /// A number has left the range of the element type.
    #[error(transparent)]
    NonFinite(#[from] NonFinite),
    /// A file that a network or a training is kept in.
    #[error("the checkpoint {path}: {source}")]
    Checkpoint {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: CheckpointError,
    },
    /// Something could not be written.
    #[error("could not write {what}")]
    Write {
        /// What was written.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
}

impl Error {
    /// An error of a file that a network or a training is kept in.
    pub(crate) fn checkpoint(path: &std::path::Path) -> impl FnOnce(CheckpointError) -> Self {
        move |source| Self::Checkpoint { path: path.display().to_string(), source }
    }

    /// An error of writing.
    pub(crate) fn write(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Write { what, source }
    }
}

fn batched(sizes: &[usize]) -> String {
    let sizes: Vec<String> =
        std::iter::once("batch".into()).chain(sizes.iter().map(usize::to_string)).collect();
    format!("[{}]", sizes.join(", "))
}

/// Where a number was found that is not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A parameter, before the step.
    Parameter,
    /// A running statistic, before the step.
    Statistic,
    /// The output of a layer.
    Output,
    /// The loss.
    Loss,
    /// The gradient of a parameter.
    Gradient,
    /// What the optimizer has gathered of past gradients, or the step that it makes of them.
    Update,
    /// A running statistic, after the step.
    NewStatistic,
}

/// A number that is not finite: the first one, where many are.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}{}", step.map(|step| format!("in step {step} ")).unwrap_or_default(), self.what())]
pub struct NonFinite {
    /// The training step, from 1, where there was one.
    pub step: Option<u64>,
    /// Where.
    pub stage: Stage,
    /// The name of the layer or of the parameter, empty for the loss.
    pub name: String,
    /// The value, or the norm in the case of a gradient, as text.
    pub value: String,
    /// The type that is computed in.
    pub element: &'static str,
}

impl NonFinite {
    fn what(&self) -> String {
        let Self { name, value, element, .. } = self;
        match self.stage {
            Stage::Parameter => {
                format!("the parameter `{name}` has the value {value}, expected finite numbers")
            }
            Stage::Statistic => {
                format!("the statistic `{name}` has the value {value}, expected finite numbers")
            }
            Stage::Output => {
                format!("the output of the layer `{name}` leaves the range of {element}: it is {value}")
            }
            Stage::Loss => format!("the loss is {value}, expected a finite number"),
            Stage::Gradient => {
                format!("the gradient of `{name}` leaves the range of {element}: its norm is {value}")
            }
            Stage::Update => {
                format!("the optimizer's step of `{name}` leaves the range of {element}: it is {value}")
            }
            Stage::NewStatistic => {
                format!("the statistic `{name}` leaves the range of {element}: it is {value}")
            }
        }
    }
}
