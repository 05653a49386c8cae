//! Stochastic gradient descent.

use crate::arguments::Arguments;
use crate::clip::Clip;
use crate::optimizer::{DeclaredOptimizer, optimizer};

/// `v ← momentum · v + g`, `w ← w - learning_rate · v`, or with `nesterov` `w ← w - learning_rate (g + momentum · v)`.
///
/// In the language `Sgd(learning_rate = 0.01, momentum = 0.0, nesterov = false)`, with the defaults of Keras.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// What a step is multiplied with.
    pub learning_rate: f64,
    /// What the velocity keeps in a step.
    pub momentum: f64,
    /// Whether the step looks ahead along the velocity.
    pub nesterov: bool,
    /// How gradients are clipped.
    pub clip: Option<Clip>,
}

impl Default for Sgd {
    fn default() -> Self {
        Self { learning_rate: 0.01, momentum: 0.0, nesterov: false, clip: None }
    }
}

optimizer!(Sgd { momentum, nesterov });

impl DeclaredOptimizer for Sgd {
    const NAME: &'static str = "Sgd";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        Self {
            learning_rate: arguments.learning_rate(0.01),
            momentum: arguments.decay("momentum", 0.0),
            nesterov: arguments.boolean("nesterov", false),
            clip: arguments.clip(),
        }
    }

    fn first_step(&self, gradient: f64, _parameter: f64) -> f64 {
        let ahead = if self.nesterov { 1.0 + self.momentum } else { 1.0 };
        self.learning_rate * ahead * gradient
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::OptimizerKernel<T> for Sgd {
    fn transforms(&self) -> Vec<Box<dyn crate::Transform<T>>> {
        use crate::transforms::{LearningRate, Momentum};
        if self.momentum == 0.0 {
            return vec![Box::new(LearningRate)];
        }
        let momentum = Momentum { momentum: self.momentum, nesterov: self.nesterov };
        vec![Box::new(momentum), Box::new(LearningRate)]
    }
}
