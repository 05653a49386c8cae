//! Adam with the largest gradient in place of the mean square.

use crate::arguments::Arguments;
use crate::clip::Clip;
use crate::optimizer::{DeclaredOptimizer, optimizer};

/// `m ← β₁ m + (1 - β₁) g`, `v ← max(β₂ v, |g|)`,
/// `w ← w - learning_rate / (1 - β₁ᵗ) · m / (v + epsilon)` in step `t`.
///
/// In the language `Adamax(learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7)`, with the defaults of Keras.
///
/// Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization", section 7.1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adamax {
    /// What a step is multiplied with.
    pub learning_rate: f64,
    /// What the average of gradients keeps in a step.
    pub beta_1: f64,
    /// What the largest gradient keeps in a step.
    pub beta_2: f64,
    /// What keeps the division from growing without bound.
    pub epsilon: f64,
    /// How gradients are clipped.
    pub clip: Option<Clip>,
}

impl Default for Adamax {
    fn default() -> Self {
        Self { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, clip: None }
    }
}

optimizer!(Adamax { beta_1, beta_2, epsilon });

impl DeclaredOptimizer for Adamax {
    const NAME: &'static str = "Adamax";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        Self {
            learning_rate: arguments.learning_rate(0.001),
            beta_1: arguments.decay("beta_1", 0.9),
            beta_2: arguments.decay("beta_2", 0.999),
            epsilon: arguments.at_least_zero("epsilon", 1e-7),
            clip: arguments.clip(),
        }
    }

    fn first_step(&self, gradient: f64, _parameter: f64) -> f64 {
        self.learning_rate / (1.0 + self.epsilon / gradient)
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::OptimizerKernel<T> for Adamax {
    fn transforms(&self) -> Vec<Box<dyn crate::Transform<T>>> {
        use crate::transforms::{BiasCorrection, InfinityNorm, LearningRate};
        let Self { beta_1, beta_2, epsilon, .. } = *self;
        vec![
            Box::new(InfinityNorm { beta_1, beta_2, epsilon }),
            Box::new(BiasCorrection { beta_1, beta_2: 0.0 }),
            Box::new(LearningRate),
        ]
    }
}
