//! What a forecast is made of.

use netdsl_layers::{Layer, Loss, Optimizer, Shape, Signal, TargetDistribution};

/// What the inputs are distributed like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum InputDistribution {
    /// Uniform between two bounds.
    Uniform {
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
    /// Normal.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        standard_deviation: f64,
    },
    /// Whole numbers below a vocabulary, each as likely.
    Tokens {
        /// The vocabulary.
        vocabulary: usize,
    },
}

impl InputDistribution {
    /// What is assumed where nothing is declared.
    pub const STANDARD_NORMAL: Self = Self::Normal { mean: 0.0, standard_deviation: 1.0 };

    /// Mean and standard deviation of a value; those of an index for tokens, which only an embedding looks up.
    fn moments(self) -> (f64, f64) {
        match self {
            Self::Uniform { low, high } => ((low + high) / 2.0, (high - low).abs() / 12f64.sqrt()),
            Self::Normal { mean, standard_deviation } => (mean, standard_deviation),
            Self::Tokens { vocabulary } => {
                ((vocabulary as f64 - 1.0) / 2.0, vocabulary as f64 / 12f64.sqrt())
            }
        }
    }

    /// The distribution, as the language writes it.
    pub fn written(self) -> String {
        match self {
            Self::Uniform { low, high } => format!("Uniform({low:?}, {high:?})"),
            Self::Normal { mean, standard_deviation } => format!("Normal({mean:?}, {standard_deviation:?})"),
            Self::Tokens { vocabulary } => format!("Tokens({vocabulary})"),
        }
    }
}

/// A declared network, as far as its forecast depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Declaration<'a> {
    /// The name.
    pub name: &'a str,
    /// The stack.
    pub layers: &'a dyn Layer,
    /// The shape of one example of the input.
    pub input: Shape,
    /// What the inputs are distributed like.
    pub input_distribution: InputDistribution,
    /// What the targets are distributed like; `None` is standard normal, or uniform over classes.
    pub target: Option<TargetDistribution>,
    /// The loss.
    pub loss: &'a dyn Loss,
    /// The number of examples in a batch.
    pub batch: usize,
    /// What makes steps of the gradients, where it is declared: the verdict depends on it.
    pub optimizer: Option<&'a dyn Optimizer>,
}

impl Declaration<'_> {
    /// [`Loss::averaged`], which the verdict does not count.
    pub(crate) fn averaged(&self) -> f64 {
        self.loss.averaged(self.layers.output())
    }

    pub(super) fn signal(&self) -> Signal<'static> {
        let (mean, standard_deviation) = self.input_distribution.moments();
        Signal::input(self.input.width(), self.input.positions(), self.batch, mean, standard_deviation)
    }
}
