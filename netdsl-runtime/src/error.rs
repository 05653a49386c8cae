//! What can go wrong.

use std::borrow::Cow;
use std::fmt;

use netdsl_layers::{SettingError, TargetError, ThreadsError};

use crate::checkpoint::CheckpointError;
use crate::counted::{EXAMPLES, counted, there_are};
use crate::data::DataError;
use crate::file::shown;
use crate::network::TARGET;

/// What can go wrong. Whatever it is, the parameters of the network are those of the last good step, or what they were before.
///
/// The message is one line that has everything, the file and the cause included, so that [`source`](std::error::Error::source)
/// is none. `Debug` writes the message too: it is what a `main` that returns an error ends with.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An array of another shape.
    #[error(
        "the {name} has the shape {found:?}, expected {}{}",
        batched(expected),
        next_step(name, found, expected)
    )]
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
    #[error("the input has {}, but the target has {targets}", counted(*inputs, EXAMPLES))]
    Count {
        /// The number of inputs.
        inputs: usize,
        /// The number of targets.
        targets: usize,
    },
    /// Lengths of other sequences.
    #[error(
        "{}, but the input has {}",
        there_are(*lengths, ["length of a sequence", "lengths of sequences"]),
        counted(*examples, EXAMPLES)
    )]
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
    /// A batch of an iterator that can't be used, or that the iterator could not give.
    #[error("batch {batch} of epoch {epoch}: {problem}")]
    Batch {
        /// The number of the batch in its epoch, from 1.
        batch: usize,
        /// The number of the epoch, from 1.
        epoch: usize,
        /// What is wrong with it.
        problem: Box<Self>,
    },
    /// An error of one's own, of an iterator of batches; [`Batch`](Self::Batch) says which batch it was to give.
    #[error("the error of the iterator ended the training: {}", chain(&**cause))]
    Iterator {
        /// What the iterator returned, which `downcast_ref` gives back in its own type.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Validation data that can't be used.
    #[error("validation data: {0}")]
    Validation(Box<Self>),
    /// An iterator that has come to its end too early.
    #[error("the iterator has {} in epoch {epoch}, expected {expected}", counted(*found, ["batch", "batches"]))]
    Batches {
        /// The number of the epoch, from 1.
        epoch: usize,
        /// How many batches of it there were.
        found: usize,
        /// How many there are to be.
        expected: String,
    },
    /// A target that the loss is not defined for.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A setting outside what it can be.
    #[error("{name} is {value}, expected {expected}")]
    Setting {
        /// The setting.
        name: Cow<'static, str>,
        /// The value.
        value: f64,
        /// What it can be.
        expected: Cow<'static, str>,
    },
    /// An environment variable that says no number of threads.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
    /// Weights that do not belong to the examples or classes.
    #[error("{}, expected {expected}", there_are(*weights, *kind))]
    Weights {
        /// What they are weights of, in the singular and in the plural.
        kind: [&'static str; 2],
        /// The number of weights.
        weights: usize,
        /// The number of examples or classes.
        expected: usize,
    },
    /// A parameter that does not exist.
    #[error("there is no parameter `{name}`{hint}")]
    UnknownParameter {
        /// The name that was asked for.
        name: String,
        /// What there is, and what may have been meant.
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
    #[error("the file {path}: {problem}")]
    Checkpoint {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: CheckpointError,
    },
    /// A log of something else, that was to be gone on with.
    #[error(
        "column {number} of {path} is {found}, expected {expected}: a log goes on with what it began with"
    )]
    Column {
        /// The file.
        path: String,
        /// The number of the column, from 1.
        number: usize,
        /// What it is called, as text.
        found: String,
        /// What it is to be called, as text.
        expected: String,
    },
    /// Something could not be written.
    #[error("could not write {what}: {cause}")]
    Write {
        /// What was written: a file, or what it was to be.
        what: String,
        /// Why it failed.
        cause: std::io::Error,
    },
    /// Data that can't be used.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// The message.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error {
    /// An error of a setting.
    pub(crate) fn setting(
        name: impl Into<Cow<'static, str>>,
        value: f64,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Setting { name: name.into(), value, expected: expected.into() }
    }

    /// An error of a setting of something.
    pub(crate) fn setting_of(whole: &str) -> impl Fn(SettingError) -> Self {
        move |SettingError { name, found, expected }| {
            Self::setting(format!("`{name}` of {whole}"), found, expected)
        }
    }

    /// An error of a file that a network or a training is kept in.
    pub(crate) fn checkpoint(path: &std::path::Path) -> impl FnOnce(CheckpointError) -> Self {
        move |problem| Self::Checkpoint { path: shown(path), problem }
    }

    /// An error of writing.
    pub(crate) fn write(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |cause| Self::Write { what, cause }
    }
}

/// The message of an error with those of its sources, where it does not have them itself.
fn chain(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    for source in std::iter::successors(error.source(), |error| error.source()) {
        let source = source.to_string();
        if !message.contains(&source) {
            message = format!("{message}: {source}");
        }
    }
    message
}

fn batched(sizes: &[usize]) -> String {
    let sizes: Vec<String> =
        std::iter::once("batch".into()).chain(sizes.iter().map(usize::to_string)).collect();
    format!("[{}]", sizes.join(", "))
}

/// What to write in place of an array of this shape, where that can be told from its axes.
fn next_step(name: &str, found: &[usize], expected: &[usize]) -> &'static str {
    match (found, expected) {
        _ if found == expected => ": the first axis is the batch, also that of a single example",
        ([_, height, width, channels], [c, h, w]) if [channels, height, width] == [c, h, w] => {
            ": the channels come first, as `permuted_axes([0, 3, 1, 2])` puts them"
        }
        ([_, length, channels], [c, l]) if [channels, length] == [c, l] => {
            ": the other two axes have changed places, as `permuted_axes([0, 2, 1])` puts right"
        }
        ([_, _, features], [n]) if name == TARGET && features == n => {
            ": an output at each step takes `return_sequences = true` on the last recurrent layer"
        }
        ([_, features], [_, n]) if name == TARGET && features == n => {
            ": an output of the last step alone takes `return_sequences = false` on the last recurrent layer"
        }
        ([_, rest @ ..], _) if rest.iter().product::<usize>() == expected.iter().product::<usize>() => {
            ": as many values in other axes, as `into_shape_with_order` lays out"
        }
        _ => "",
    }
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
#[derive(Clone, PartialEq, thiserror::Error)]
#[error(
    "{}{}{}",
    step.map(|step| format!("in step {step} ")).unwrap_or_default(),
    self.what(),
    self.advice().map(|advice| format!("; {advice}")).unwrap_or_default()
)]
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

/// The message.
impl fmt::Debug for NonFinite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl NonFinite {
    /// What to change, where a training has come to it by itself.
    pub fn advice(&self) -> Option<&'static str> {
        match (self.stage, self.step?) {
            (Stage::Parameter | Stage::Statistic, _) => None,
            (Stage::Gradient, 1) => Some(
                "use inputs and targets around zero, as `Normaliser` makes them, and the init of the activation, or clip the \
                 gradients, as with `clip = GlobalNorm(1.0)`",
            ),
            // Nothing has been learnt yet that the learning rate or clipping could have made smaller.
            (Stage::Output | Stage::Loss | Stage::NewStatistic, 1) => Some(
                "use inputs and targets around zero, as `Normaliser` makes them, and the init of the activation",
            ),
            (Stage::Update, 1) => Some(
                "use inputs and targets around zero, as `Normaliser` makes them, lower the learning rate, or clip the \
                 gradients, as with `clip = GlobalNorm(1.0)`",
            ),
            (Stage::Output | Stage::Loss | Stage::NewStatistic | Stage::Gradient | Stage::Update, _) => {
                Some("lower the learning rate, or clip the gradients, as with `clip = GlobalNorm(1.0)`")
            }
        }
    }

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

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::io;

    use netdsl_layers::{TargetError, ThreadsError};

    use super::{Error, NonFinite, Stage};
    use crate::checkpoint::CheckpointError;
    use crate::data::DataError;

    fn cause() -> io::Error {
        io::Error::new(io::ErrorKind::StorageFull, "no space is left")
    }

    /// One of each kind of data errors; a kind that is missing here does not compile.
    fn of_data() -> Vec<DataError> {
        use DataError::{
            Cell, Class, Column, Csv, Encoding, Examples, File, OfClass, Share, Twice, Value, Width,
        };
        match (Examples { found: 0, expected: 1 }) {
            Csv { .. } | File { .. } | Column { .. } | Cell { .. } | Value { .. } | Class { .. } => {}
            Examples { .. } | OfClass { .. } | Share { .. } | Width { .. } => {}
            Twice { .. } | Encoding { .. } => {}
        }
        vec![
            Csv { table: "a.csv".into(), cause: cause().into() },
            File { path: "a.npy".into(), reason: cause().to_string() },
            Column { table: "a.csv".into(), name: "a".into(), hint: String::new() },
            Twice { table: "a.csv".into(), name: "a".into() },
            Encoding { table: "a.csv".into(), line: 2, column: 1 },
            Cell { table: "a.csv".into(), line: 2, column: "a".into(), cell: "x".into() },
            Value { row: 1, column: 2, value: f64::NAN },
            Class { index: 0, class: 3, classes: 3 },
            Examples { found: 0, expected: 1 },
            OfClass { class: 3, found: 1, expected: 2 },
            Share { found: 2.0 },
            Width { found: 1, expected: 2 },
        ]
    }

    fn of_checkpoints() -> Vec<CheckpointError> {
        use CheckpointError::{
            Batches, Checksum, Contradiction, Format, Missing, NoTraining, Notes, Read, Setting, Shape, Type,
            Unexpected, Version, Write,
        };
        match NoTraining {
            Read(_) | Write(_) | Format(_) | Checksum { .. } | Notes(_) | Version { .. } | Missing { .. } => {
            }
            Unexpected { .. }
            | Batches { .. }
            | Shape { .. }
            | Type { .. }
            | NoTraining
            | Setting { .. }
            | Contradiction { .. } => {}
        }
        let notes = serde_json::from_str::<u8>("x").unwrap_err();
        vec![
            Read(cause()),
            Write(cause()),
            Format(safetensors::SafeTensorError::HeaderTooSmall),
            Checksum { found: 1, expected: 2 },
            Batches { found: 1, expected: 2 },
            Notes(notes),
            Version { found: 2, expected: 1 },
            Missing { name: "a".into(), hint: String::new() },
            Unexpected { name: "a".into(), hint: String::new() },
            Shape { name: "a".into(), found: vec![1], expected: vec![2] },
            Type { name: "a".into(), found: "I8".into(), expected: "F32" },
            NoTraining,
            Contradiction { name: "epoch", found: 7, expected: "2".into() },
            Setting { name: "batch", steps: false, found: "1".into(), expected: "2".into() },
        ]
    }

    fn all() -> Vec<Error> {
        match (Error::Empty { name: "input" }) {
            Error::Shape { .. } | Error::Empty { .. } | Error::Count { .. } | Error::Lengths { .. } => {}
            Error::Length { .. } | Error::UnequalLengths { .. } | Error::Input { .. } | Error::Target(_) => {}
            Error::Setting { .. } | Error::Weights { .. } | Error::UnknownParameter { .. } => {}
            Error::Tensors { .. } | Error::NonFinite(_) | Error::Checkpoint { .. } => {}
            Error::Column { .. } | Error::Write { .. } | Error::Data(_) => {}
            Error::Batch { .. } | Error::Batches { .. } | Error::Iterator { .. } => {}
            Error::Threads(_) | Error::Validation(_) => {}
        }
        let non_finite = |stage| NonFinite {
            step: Some(3),
            stage,
            name: "hidden".into(),
            value: "inf".into(),
            element: "f32",
        };
        let mut all = vec![
            Error::Shape { name: "input", found: vec![1, 2], expected: &[3] },
            Error::Empty { name: "input" },
            Error::Count { inputs: 1, targets: 2 },
            Error::Lengths { lengths: 1, examples: 2 },
            Error::Length { example: 0, length: 9, steps: 5 },
            Error::UnequalLengths { layer: "conv".into(), kind: "Conv1d" },
            Error::Input { example: 0, index: 1, value: f64::NAN, expected: "a finite number".into() },
            Error::Batch { batch: 3, epoch: 2, problem: Box::new(Error::Empty { name: "input" }) },
            Error::Batches { epoch: 2, found: 3, expected: "20".into() },
            Error::Iterator { cause: cause().into() },
            Error::Validation(Box::new(Error::Empty { name: "input" })),
            TargetError::Count { found: 1, expected: 2 }.into(),
            ThreadsError { found: "four".into() }.into(),
            Error::setting("the batch", 0.0, "at least 1"),
            Error::Weights { kind: ["weight", "weights"], weights: 1, expected: 2 },
            Error::UnknownParameter { name: "a".into(), hint: String::new() },
            Error::Tensors { kind: "parameters", found: 1, expected: 2 },
            non_finite(Stage::Gradient).into(),
            non_finite(Stage::Loss).into(),
            Error::Column { path: "a.csv".into(), number: 1, found: "`a`".into(), expected: "`b`".into() },
            Error::Write { what: "a.csv".into(), cause: cause() },
        ];
        let path = std::path::Path::new("run.safetensors");
        all.extend(of_checkpoints().into_iter().map(|problem| Error::checkpoint(path)(problem)));
        all.extend(of_data().into_iter().map(Error::from));
        all
    }

    /// One line says all: what a program prints of an error, by whatever way, is the message with its cause, once.
    #[test]
    fn a_message_has_everything() {
        for error in all() {
            let message = error.to_string();
            assert!(error.source().is_none(), "{message}");
            assert_eq!(format!("{error:?}"), message);
            assert!(!message.ends_with('.') && !message.contains('\n'), "{message}");
            assert!(message.starts_with(|first: char| !first.is_uppercase()), "{message}");
            let (path, cause) = match &error {
                Error::Write { what, cause } => (what.clone(), cause.to_string()),
                Error::Iterator { cause } => ("iterator".into(), cause.to_string()),
                Error::Checkpoint { path, problem } => (path.clone(), problem.to_string()),
                Error::Data(DataError::Csv { table, cause }) => (table.clone(), cause.to_string()),
                _ => continue,
            };
            assert!(message.contains(&path) && message.ends_with(&cause), "{message}");
        }
    }

    /// A learning rate is to blame for what comes behind its first step alone; what the caller has put there is none of its doing.
    #[test]
    fn a_divergence_has_advice() {
        let message = |stage, step| {
            let (name, value, element) = ("output.bias".into(), "inf".into(), "f32");
            NonFinite { step, stage, name, value, element }.to_string()
        };
        let expected = "in step 17 the optimizer's step of `output.bias` leaves the range of f32: it is inf; lower the \
                        learning rate, or clip the gradients, as with `clip = GlobalNorm(1.0)`";
        assert_eq!(message(Stage::Update, Some(17)), expected);
        let lower = |text: String| text.contains("; lower the learning rate, or clip the gradients");
        for stage in [Stage::Output, Stage::Loss, Stage::Gradient, Stage::NewStatistic] {
            assert!(lower(message(stage, Some(2))) && !lower(message(stage, Some(1))), "{stage:?}");
            let first = message(stage, Some(1));
            assert!(first.contains("the init of the activation"), "{first}");
            assert!(!message(stage, None).contains(';'), "{stage:?}");
        }
        let expected = "; use inputs and targets around zero, as `Normaliser` makes them, lower the learning rate, or clip \
                        the gradients, as with `clip = GlobalNorm(1.0)`";
        assert!(message(Stage::Update, Some(1)).ends_with(expected));
        for stage in [Stage::Parameter, Stage::Statistic] {
            assert!(!message(stage, Some(17)).contains(';'), "{stage:?}");
        }
    }

    #[test]
    fn a_shape_has_a_next_step() {
        let message = |name, found: &[usize], expected| {
            Error::Shape { name, found: found.to_vec(), expected }.to_string()
        };
        let image = "the input has the shape [8, 28, 28, 3], expected [batch, 3, 28, 28]: the channels come first, as \
                     `permuted_axes([0, 3, 1, 2])` puts them";
        assert_eq!(message("input", &[8, 28, 28, 3], &[3, 28, 28]), image);
        let one = "the input has the shape [4], expected [batch, 4]: the first axis is the batch, also that of a single \
                   example";
        assert_eq!(message("input", &[4], &[4]), one);
        assert!(message("input", &[8, 50, 3], &[3, 50]).ends_with("`permuted_axes([0, 2, 1])` puts right"));
        assert!(message("target", &[8, 50, 3], &[3]).contains("`return_sequences = true`"));
        assert!(message("target", &[8, 3], &[50, 3]).contains("`return_sequences = false`"));
        assert!(message("input", &[8, 784], &[1, 28, 28]).ends_with("as `into_shape_with_order` lays out"));
        assert!(message("input", &[8, 5], &[4]).ends_with("expected [batch, 4]"));
    }
}
