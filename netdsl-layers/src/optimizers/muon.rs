//! Orthogonal steps for weights.

use crate::arguments::Arguments;
use crate::clip::Clip;
use crate::optimizer::{DeclaredOptimizer, optimizer};

/// For weights `v ← momentum · v + g`, `u = g + momentum · v`, or `u = v` without `nesterov`; the singular values of `u` are
/// brought near one by five Newton-Schulz iterations; `w ← w - learning_rate (0.2 sqrt(max(rows, columns)) u + weight_decay · w)`,
/// which has the root mean square of a step of [`AdamW`](crate::AdamW). Everything else, a bias or a gain, is stepped by
/// AdamW with `beta_1`, `beta_2` and `epsilon`, at the same learning rate and decay.
///
/// In the language `Muon(learning_rate = 0.001, weight_decay = 0.004, momentum = 0.95, nesterov = true, beta_1 = 0.9, beta_2 = 0.999,
/// epsilon = 1e-7)`, with the defaults of Keras. A weight of more axes is a matrix with a row for each unit. Keras leaves
/// embeddings to AdamW, here they are weights like any other.
///
/// Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"; Liu et al. 2025, "Muon is Scalable for LLM
/// Training", section 2.2, for decay and scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Muon {
    /// What a step is multiplied with.
    pub learning_rate: f64,
    /// The share of a parameter that a step takes away, times the learning rate.
    pub weight_decay: f64,
    /// What the velocity keeps in a step.
    pub momentum: f64,
    /// Whether the step looks ahead along the velocity.
    pub nesterov: bool,
    /// What the average of gradients keeps in a step.
    pub beta_1: f64,
    /// What the average of squared gradients keeps in a step.
    pub beta_2: f64,
    /// What keeps the division from growing without bound.
    pub epsilon: f64,
    /// How gradients are clipped.
    pub clip: Option<Clip>,
}

/// What brings singular values in (0, 1] near one the fastest: `a x + b x³ + c x⁵`.
const POLYNOMIAL: [f64; 3] = [3.4445, -4.775, 2.0315];
/// What keeps a zero gradient from being divided by zero.
const SMALLEST_NORM: f64 = 1e-7;
const ITERATIONS: usize = 5;
/// The root mean square of a step, over the learning rate.
const SIZE: f64 = 0.2;

impl Default for Muon {
    fn default() -> Self {
        Self { learning_rate: 0.001, weight_decay: 0.004, momentum: 0.95, nesterov: true, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, clip: None }
    }
}

optimizer!(Muon { weight_decay, momentum, nesterov, beta_1, beta_2, epsilon });

impl DeclaredOptimizer for Muon {
    const NAME: &'static str = "Muon";

    fn resolve(arguments: &mut Arguments<'_>) -> Self {
        Self {
            learning_rate: arguments.learning_rate(0.001),
            weight_decay: arguments.at_least_zero("weight_decay", 0.004),
            momentum: arguments.decay("momentum", 0.95),
            nesterov: arguments.boolean("nesterov", true),
            beta_1: arguments.decay("beta_1", 0.9),
            beta_2: arguments.decay("beta_2", 0.999),
            epsilon: arguments.at_least_zero("epsilon", 1e-7),
            clip: arguments.clip(),
        }
    }

    // That of a weight of one value, whose singular value it is; larger weights lose smaller gradients no sooner.
    fn first_step(&self, gradient: f64, _parameter: f64) -> f64 {
        let [a, b, c] = POLYNOMIAL;
        let ahead = gradient * if self.nesterov { 1.0 + self.momentum } else { 1.0 };
        let start = ahead / (ahead + SMALLEST_NORM);
        let iterated = (0..ITERATIONS).fold(start, |x, _| {
            let square = x * x;
            x * (a + square * (b + square * c))
        });
        self.learning_rate * SIZE * iterated
    }
}

#[cfg(feature = "kernels")]
impl<T: crate::Element> crate::OptimizerKernel<T> for Muon {
    fn transforms(&self) -> Vec<Box<dyn crate::Transform<T>>> {
        use crate::transforms::{
            BiasCorrection, LearningRate, Moments, Momentum, Only, Orthogonal, WeightDecay,
        };
        let Self { momentum, nesterov, beta_1, beta_2, epsilon, .. } = *self;
        let orthogonal = Orthogonal::new(POLYNOMIAL, SMALLEST_NORM, ITERATIONS, SIZE);
        vec![
            Box::new(Only::weights(Momentum { momentum, nesterov })),
            Box::new(Only::weights(orthogonal)),
            Box::new(Only::vectors(Moments { beta_1, beta_2, epsilon })),
            Box::new(Only::vectors(BiasCorrection { beta_1, beta_2 })),
            Box::new(WeightDecay { decay: self.weight_decay }),
            Box::new(LearningRate),
        ]
    }
}
