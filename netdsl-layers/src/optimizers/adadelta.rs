//! Steps in the size of past steps.

use crate::arguments::Arguments;
use crate::clip::Clip;
use crate::optimizer::{DeclaredOptimizer, optimizer};

/// `v ← rho · v + (1 - rho) g²`, `u = g sqrt(d + epsilon) / sqrt(v + epsilon)`, `d ← rho · d + (1 - rho) u²`,
/// `w ← w - learning_rate · u`.
///
/// In the language `Adadelta(learning_rate = 0.001, rho = 0.95, epsilon = 1e-7)`, with the defaults of Keras; the paper has no
/// learning rate, which is to say 1.
///
/// Zeiler 2012, "ADADELTA: An Adaptive Learning Rate Method".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adadelta {
    /// What a step is multiplied with.
    pub learning_rate: f64,
    /// What the averages keep in a step.
    pub rho: f64,
    /// What the first steps grow from.
    pub epsilon: f64,
    /// How gradients are clipped.
    pub clip: Option<Clip>,
}

impl Default for Adadelta {
    fn default() -> Self {
        Self { learning_rate: 0.001, rho: 0.95, epsilon: 1e-7, clip: None }
    }
}

optimizer!(Adadelta { rho, epsilon });

impl DeclaredOptimizer for Adadelta {
    const NAME: &'static str = "Adadelta";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        Self {
            learning_rate: arguments.learning_rate(0.001),
            rho: arguments.decay("rho", 0.95),
            epsilon: arguments.at_least_zero("epsilon", 1e-7),
            clip: arguments.clip(),
        }
    }

    fn first_step(&self, gradient: f64, _parameter: f64) -> f64 {
        let size = 1.0 - self.rho + self.epsilon / (gradient * gradient);
        self.learning_rate * (self.epsilon / size).sqrt()
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::OptimizerKernel<T> for Adadelta {
    fn transforms(&self) -> Vec<Box<dyn crate::Transform<T>>> {
        use crate::transforms::{AdadeltaRatio, LearningRate};
        vec![Box::new(AdadeltaRatio { rho: self.rho, epsilon: self.epsilon }), Box::new(LearningRate)]
    }
}
