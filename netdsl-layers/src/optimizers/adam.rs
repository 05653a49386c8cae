//! Adam.

use crate::arguments::Arguments;
use crate::clip::Clip;
use crate::optimizer::{DeclaredOptimizer, optimizer};

/// `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`,
/// `w ← w - learning_rate · sqrt(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (sqrt(v) + epsilon)` in step `t`.
///
/// In the language `Adam(learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7)`, with the defaults of Keras
/// and, as there, the epsilon beside the moment that is not yet corrected.
///
/// Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// What a step is multiplied with.
    pub learning_rate: f64,
    /// What the average of gradients keeps in a step.
    pub beta_1: f64,
    /// What the average of squared gradients keeps in a step.
    pub beta_2: f64,
    /// What keeps the division from growing without bound.
    pub epsilon: f64,
    /// How gradients are clipped.
    pub clip: Option<Clip>,
}

impl Default for Adam {
    fn default() -> Self {
        Self { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, clip: None }
    }
}

optimizer!(Adam { beta_1, beta_2, epsilon });

impl DeclaredOptimizer for Adam {
    const NAME: &'static str = "Adam";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        Self {
            learning_rate: arguments.learning_rate(0.001),
            beta_1: arguments.decay("beta_1", 0.9),
            beta_2: arguments.decay("beta_2", 0.999),
            epsilon: arguments.at_least_zero("epsilon", 1e-7),
            clip: arguments.clip(),
        }
    }

    // In the first step the averages are shares of the gradient and of its square.
    fn first_step(&self, gradient: f64, _parameter: f64) -> f64 {
        self.learning_rate / (1.0 + self.epsilon / ((1.0 - self.beta_2).sqrt() * gradient))
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::OptimizerKernel<T> for Adam {
    fn transforms(&self) -> Vec<Box<dyn crate::Transform<T>>> {
        use crate::transforms::{BiasCorrection, LearningRate, Moments};
        vec![
            Box::new(Moments { beta_1: self.beta_1, beta_2: self.beta_2, epsilon: self.epsilon }),
            Box::new(BiasCorrection { beta_1: self.beta_1, beta_2: self.beta_2 }),
            Box::new(LearningRate),
        ]
    }
}
