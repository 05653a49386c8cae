//! What a layer says of one trainable tensor.

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
