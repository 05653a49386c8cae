//! Adam with steps in proportion to the weights.

use crate::arguments::Arguments;
use crate::clip::Clip;
use crate::optimizer::{DeclaredOptimizer, optimizer};

/// `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`,
/// `u = m̂ / (sqrt(v̂) + epsilon) + weight_decay · w` with `m̂ = m / (1 - β₁ᵗ)`, `v̂ = v / (1 - β₂ᵗ)`, and tensor by tensor
/// `w ← w - learning_rate · ‖w‖ / ‖u‖ · u`; a ratio of zero norms counts as 1.
///
/// In the language `Lamb(learning_rate = 0.001, weight_decay = 0.0, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7)`, with the
/// defaults of Keras. The decay is part of the ratio, as in the paper and in optax.
///
/// You et al. 2020, "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", algorithm 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lamb {
    /// What a step is multiplied with.
    pub learning_rate: f64,
    /// How much of the parameter a step has in it.
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

impl Default for Lamb {
    fn default() -> Self {
        Self { learning_rate: 0.001, weight_decay: 0.0, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, clip: None }
    }
}

optimizer!(Lamb { weight_decay, beta_1, beta_2, epsilon });

impl DeclaredOptimizer for Lamb {
    const NAME: &'static str = "Lamb";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        Self {
            learning_rate: arguments.learning_rate(0.001),
            weight_decay: arguments.at_least_zero("weight_decay", 0.0),
            beta_1: arguments.decay("beta_1", 0.9),
            beta_2: arguments.decay("beta_2", 0.999),
            epsilon: arguments.at_least_zero("epsilon", 1e-7),
            clip: arguments.clip(),
        }
    }

    // Whatever the gradient, the step has the norm of the weights; where that is zero it is the step of Adam.
    fn first_step(&self, gradient: f64, parameter: f64) -> f64 {
        let size = if parameter > 0.0 { parameter } else { 1.0 / (1.0 + self.epsilon / gradient) };
        self.learning_rate * size
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::OptimizerKernel<T> for Lamb {
    fn transforms(&self) -> Vec<Box<dyn crate::Transform<T>>> {
        use crate::transforms::{CorrectedMoments, LearningRate, TrustRatio, WeightDecay};
        let Self { beta_1, beta_2, epsilon, .. } = *self;
        vec![
            Box::new(CorrectedMoments { beta_1, beta_2, epsilon }),
            Box::new(WeightDecay { decay: self.weight_decay }),
            Box::new(TrustRatio),
            Box::new(LearningRate),
        ]
    }
}
