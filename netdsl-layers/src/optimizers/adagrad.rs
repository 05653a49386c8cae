//! Steps over the root of the sum of squares.

use crate::arguments::Arguments;
use crate::clip::Clip;
use crate::optimizer::{DeclaredOptimizer, optimizer};

/// `v ← v + g²` from `v = initial_accumulator`, `w ← w - learning_rate · g / sqrt(v + epsilon)`.
///
/// In the language `Adagrad(learning_rate = 0.001, initial_accumulator = 0.1, epsilon = 1e-7)`, with the defaults of Keras
/// and, as there, the epsilon below the root.
///
/// Duchi et al. 2011, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adagrad {
    /// What a step is multiplied with.
    pub learning_rate: f64,
    /// What the sum of squares starts from.
    pub initial_accumulator: f64,
    /// What keeps the division from growing without bound.
    pub epsilon: f64,
    /// How gradients are clipped.
    pub clip: Option<Clip>,
}

impl Default for Adagrad {
    fn default() -> Self {
        Self { learning_rate: 0.001, initial_accumulator: 0.1, epsilon: 1e-7, clip: None }
    }
}

optimizer!(Adagrad { initial_accumulator, epsilon });

impl DeclaredOptimizer for Adagrad {
    const NAME: &'static str = "Adagrad";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        Self {
            learning_rate: arguments.learning_rate(0.001),
            initial_accumulator: arguments.at_least_zero("initial_accumulator", 0.1),
            epsilon: arguments.at_least_zero("epsilon", 1e-7),
            clip: arguments.clip(),
        }
    }

    fn first_step(&self, gradient: f64, _parameter: f64) -> f64 {
        let before = self.initial_accumulator + self.epsilon;
        self.learning_rate / (1.0 + before / (gradient * gradient)).sqrt()
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::OptimizerKernel<T> for Adagrad {
    fn transforms(&self) -> Vec<Box<dyn crate::Transform<T>>> {
        use crate::transforms::{Average, LearningRate, SecondMoment};
        let squares = SecondMoment { average: Average::Sum(self.initial_accumulator), epsilon: self.epsilon };
        vec![Box::new(squares), Box::new(LearningRate)]
    }
}
