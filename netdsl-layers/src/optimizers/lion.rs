//! Steps of one size, along the sign of an average.

use crate::arguments::Arguments;
use crate::clip::Clip;
use crate::optimizer::{DeclaredOptimizer, optimizer};

/// `w ← w - learning_rate (sign(β₁ m + (1 - β₁) g) + weight_decay · w)`, then `m ← β₂ m + (1 - β₂) g`.
///
/// In the language `Lion(learning_rate = 0.001, weight_decay = 0.0, beta_1 = 0.9, beta_2 = 0.99)`, with the defaults of Keras.
/// Every value moves by the learning rate: it suits at a third to a tenth of the learning rate of Adam.
///
/// Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", algorithm 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lion {
    /// What a step is multiplied with.
    pub learning_rate: f64,
    /// The share of a parameter that a step takes away, times the learning rate.
    pub weight_decay: f64,
    /// The share of the average in the step.
    pub beta_1: f64,
    /// What the average keeps in a step.
    pub beta_2: f64,
    /// How gradients are clipped.
    pub clip: Option<Clip>,
}

impl Default for Lion {
    fn default() -> Self {
        Self { learning_rate: 0.001, weight_decay: 0.0, beta_1: 0.9, beta_2: 0.99, clip: None }
    }
}

optimizer!(Lion { weight_decay, beta_1, beta_2 });

impl DeclaredOptimizer for Lion {
    const NAME: &'static str = "Lion";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        Self {
            learning_rate: arguments.learning_rate(0.001),
            weight_decay: arguments.at_least_zero("weight_decay", 0.0),
            beta_1: arguments.decay("beta_1", 0.9),
            beta_2: arguments.decay("beta_2", 0.99),
            clip: arguments.clip(),
        }
    }

    fn first_step(&self, _gradient: f64, _parameter: f64) -> f64 {
        self.learning_rate
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::OptimizerKernel<T> for Lion {
    fn transforms(&self) -> Vec<Box<dyn crate::Transform<T>>> {
        use crate::transforms::{LearningRate, SignMomentum, WeightDecay};
        vec![
            Box::new(SignMomentum { beta_1: self.beta_1, beta_2: self.beta_2 }),
            Box::new(WeightDecay { decay: self.weight_decay }),
            Box::new(LearningRate),
        ]
    }
}
