//! Adam with decoupled weight decay.

use crate::arguments::Arguments;
use crate::clip::Clip;
use crate::optimizer::{DeclaredOptimizer, optimizer};

/// [`Adam`](crate::Adam), and `w ← w - learning_rate · weight_decay · w` with the parameters before the step.
///
/// In the language `AdamW(learning_rate = 0.001, weight_decay = 0.004, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7)`, with
/// the defaults of Keras. Every parameter decays, biases too.
///
/// Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW {
    /// What a step is multiplied with.
    pub learning_rate: f64,
    /// The share of a parameter that a step takes away, times the learning rate.
    pub weight_decay: f64,
    /// What the average of gradients keeps in a step.
    pub beta_1: f64,
    /// What the average of squared gradients keeps in a step.
    pub beta_2: f64,
    /// What keeps the division from growing without bound.
    pub epsilon: f64,
    /// How gradients are clipped.
    pub clip: Option<Clip>,
}

impl Default for AdamW {
    fn default() -> Self {
        Self {
            learning_rate: 0.001,
            weight_decay: 0.004,
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-7,
            clip: None,
        }
    }
}

optimizer!(AdamW { weight_decay, beta_1, beta_2, epsilon });

impl DeclaredOptimizer for AdamW {
    const NAME: &'static str = "AdamW";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        Self {
            learning_rate: arguments.learning_rate(0.001),
            weight_decay: arguments.at_least_zero("weight_decay", 0.004),
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
impl<T: crate::Element> crate::OptimizerKernel<T> for AdamW {
    fn transforms(&self) -> Vec<Box<dyn crate::Transform<T>>> {
        use crate::transforms::{BiasCorrection, LearningRate, Moments, WeightDecay};
        vec![
            Box::new(Moments { beta_1: self.beta_1, beta_2: self.beta_2, epsilon: self.epsilon }),
            Box::new(BiasCorrection { beta_1: self.beta_1, beta_2: self.beta_2 }),
            Box::new(WeightDecay { decay: self.weight_decay }),
            Box::new(LearningRate),
        ]
    }
}
