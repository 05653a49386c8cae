//! Steps over the root of a running mean of squares.

use crate::arguments::Arguments;
use crate::clip::Clip;
use crate::optimizer::{DeclaredOptimizer, optimizer};

/// `v ← rho · v + (1 - rho) g²`, `w ← w - learning_rate · g / sqrt(v + epsilon)`.
///
/// In the language `RmsProp(learning_rate = 0.001, rho = 0.9, epsilon = 1e-7)`, with the defaults of Keras and, as there,
/// the epsilon below the root.
///
/// Tieleman & Hinton 2012, lecture 6.5 of "Neural Networks for Machine Learning".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp {
    /// What a step is multiplied with.
    pub learning_rate: f64,
    /// What the average of squared gradients keeps in a step.
    pub rho: f64,
    /// What keeps the division from growing without bound.
    pub epsilon: f64,
    /// How gradients are clipped.
    pub clip: Option<Clip>,
}

impl Default for RmsProp {
    fn default() -> Self {
        Self { learning_rate: 0.001, rho: 0.9, epsilon: 1e-7, clip: None }
    }
}

optimizer!(RmsProp { rho, epsilon });

impl DeclaredOptimizer for RmsProp {
    const NAME: &'static str = "RmsProp";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        Self {
            learning_rate: arguments.learning_rate(0.001),
            rho: arguments.decay("rho", 0.9),
            epsilon: arguments.at_least_zero("epsilon", 1e-7),
            clip: arguments.clip(),
        }
    }

    fn first_step(&self, gradient: f64, _parameter: f64) -> f64 {
        self.learning_rate / (1.0 - self.rho + self.epsilon / (gradient * gradient)).sqrt()
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::OptimizerKernel<T> for RmsProp {
    fn transforms(&self) -> Vec<Box<dyn crate::Transform<T>>> {
        use crate::transforms::{Average, LearningRate, SecondMoment};
        let squares = SecondMoment { average: Average::Decaying(self.rho), epsilon: self.epsilon };
        vec![Box::new(squares), Box::new(LearningRate)]
    }
}
