//! What a layer says of one trainable tensor.

use std::ops::Range;

use crate::Initializer;

/// One trainable tensor of a layer, or one running statistic, in PyTorch's layout and with PyTorch's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The name: the layer itself says `weight`, the structures around it put their path before it.
    pub name: String,
    /// The shape, for weights `[out, in]`.
    pub shape: Vec<usize>,
    /// How it is drawn.
    pub initializer: Initializer,
    /// How many inputs one unit sums.
    pub fan_in: usize,
    /// How many units one input reaches.
    pub fan_out: usize,
}

impl Parameter {
    /// The number of values.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The variance of an entry at initialisation.
    pub fn variance(&self) -> f64 {
        let (fan_in, fan_out) = match (self.initializer, self.shape.first()) {
            // An orthogonal tensor is drawn as a matrix with a row for each output.
            (Initializer::Orthogonal { .. }, Some(rows)) => (self.len() / rows.max(&1), *rows),
            _ => (self.fan_in, self.fan_out),
        };
        self.initializer.variance(fan_in, fan_out)
    }

    /// The same parameter below `prefix`; an empty prefix changes nothing.
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        if !prefix.is_empty() {
            self.name = format!("{prefix}.{}", self.name);
        }
        self
    }
}

/// Where a parameter lies in the flat buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterRange {
    /// The dotted path.
    pub name: String,
    /// The shape, for weights `[out, in]`.
    pub shape: Vec<usize>,
    /// The range in the buffer.
    pub range: Range<usize>,
}

impl ParameterRange {
    /// Where each of these lies, one after the other.
    pub fn of(parameters: Vec<Parameter>) -> Vec<Self> {
        let mut end = 0;
        parameters
            .into_iter()
            .map(|parameter| {
                let start = end;
                end += parameter.len();
                Self { name: parameter.name, shape: parameter.shape, range: start..end }
            })
            .collect()
    }

    /// The rows and columns of a weight: a row for each unit, whatever the axes behind it; `None` for biases and gains.
    pub fn matrix(&self) -> Option<(usize, usize)> {
        match *self.shape {
            [] | [_] => None,
            [rows, ..] => Some((rows, self.range.len().checked_div(rows)?)),
        }
    }
}

/// The lengths of a layer that the kernels need at every step, without a list being built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Trainable values.
    pub parameters: usize,
    /// Trainable tensors.
    pub tensors: usize,
    /// Running statistics, in values.
    pub statistics: usize,
    /// Values of the input of one example.
    pub input: usize,
    /// Values of the output of one example.
    pub output: usize,
}
