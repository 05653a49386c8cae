//! Adam with Nesterov momentum.

use crate::arguments::Arguments;
use crate::clip::Clip;
use crate::optimizer::{DeclaredOptimizer, optimizer};

/// [`Adam`](crate::Adam) with a look ahead along the average of gradients, whose share grows as
/// `μᵢ = beta_1 (1 - 0.96^(momentum_decay · i) / 2)`; in step `t`
/// `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`,
/// `m̂ = μₜ₊₁ m / (1 - ∏ᵢ≤ₜ₊₁ μᵢ) + (1 - μₜ) g / (1 - ∏ᵢ≤ₜ μᵢ)`,
/// `w ← w - learning_rate · m̂ / (sqrt(v / (1 - β₂ᵗ)) + epsilon)`.
///
/// In the language `Nadam(learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7, momentum_decay = 1.0)`, with
/// the defaults of Keras; the paper and PyTorch have 0.004 for `momentum_decay`.
///
/// Dozat 2016, "Incorporating Nesterov Momentum into Adam".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nadam {
    /// What a step is multiplied with.
    pub learning_rate: f64,
    /// What the average of gradients keeps in a step.
    pub beta_1: f64,
    /// What the average of squared gradients keeps in a step.
    pub beta_2: f64,
    /// What keeps the division from growing without bound.
    pub epsilon: f64,
    /// How fast the momentum grows to `beta_1`.
    pub momentum_decay: f64,
    /// How gradients are clipped.
    pub clip: Option<Clip>,
}

impl Default for Nadam {
    fn default() -> Self {
        Self { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, momentum_decay: 1.0, clip: None }
    }
}

optimizer!(Nadam { beta_1, beta_2, epsilon, momentum_decay });

impl DeclaredOptimizer for Nadam {
    const NAME: &'static str = "Nadam";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        Self {
            learning_rate: arguments.learning_rate(0.001),
            beta_1: arguments.decay("beta_1", 0.9),
            beta_2: arguments.decay("beta_2", 0.999),
            epsilon: arguments.at_least_zero("epsilon", 1e-7),
            momentum_decay: arguments.at_least_zero("momentum_decay", 1.0),
            clip: arguments.clip(),
        }
    }

    // In the first step the averages are shares of the gradient and of its square.
    fn first_step(&self, gradient: f64, _parameter: f64) -> f64 {
        let momentum = |step: f64| self.beta_1 * (1.0 - 0.5 * libm::pow(0.96, self.momentum_decay * step));
        let (now, next) = (momentum(1.0), momentum(2.0));
        let ahead = next * (1.0 - self.beta_1) / (1.0 - now * next) + 1.0;
        self.learning_rate * ahead / (1.0 + self.epsilon / gradient)
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::OptimizerKernel<T> for Nadam {
    fn transforms(&self) -> Vec<Box<dyn crate::Transform<T>>> {
        use crate::transforms::{LearningRate, NesterovMoments};
        let Self { beta_1, beta_2, epsilon, momentum_decay, .. } = *self;
        let moments = NesterovMoments::new(beta_1, beta_2, epsilon, momentum_decay);
        vec![Box::new(moments), Box::new(LearningRate)]
    }
}
