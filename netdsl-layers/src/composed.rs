//! An optimizer of one's own.

use std::fmt;

use crate::clip::Clip;
use crate::element::Element;
use crate::optimizer::{OptimizerKernel, OptimizerSettings, Transform};

/// An optimizer that is chained from [transforms](crate::transforms) by its user, for training by hand: the language
/// knows it not.
///
/// ```
/// use netdsl_layers::transforms::{ClipNorm, LearningRate, Momentum, Only, WeightDecay};
/// use netdsl_layers::{Chain, Composed, OptimizerKernel, OptimizerSettings, ParameterRange};
///
/// // Momentum whose velocity is bounded, and a decay of weights that leaves biases alone.
/// let optimizer = Composed::<f64>::new(0.1, || {
///     vec![
///         Box::new(Momentum { momentum: 0.9, nesterov: false }),
///         Box::new(ClipNorm { bound: 1.0 }),
///         Box::new(Only::weights(WeightDecay { decay: 0.5 })),
///         Box::new(LearningRate),
///     ]
/// });
///
/// let bias = ParameterRange { name: "bias".into(), shape: vec![2], range: 0..2 };
/// let mut chain = Chain::new(optimizer.transforms(), vec![bias]);
/// let mut update = [3.0, 4.0];
/// assert!(chain.update(optimizer.learning_rate(), &[0.0; 2], &mut update, &mut [()], |(), _, _| ()));
/// assert!((update[0] - 0.06).abs() < 1e-15 && (update[1] - 0.08).abs() < 1e-15);
/// ```
pub struct Composed<T> {
    learning_rate: f64,
    clip: Option<Clip>,
    transforms: Box<dyn Fn() -> Vec<Box<dyn Transform<T>>> + Send + Sync>,
}

impl<T: Element> Composed<T> {
    /// With this learning rate, which the transform [`LearningRate`](crate::transforms::LearningRate) multiplies with, and
    /// these transforms, one at least.
    pub fn new(
        learning_rate: f64,
        transforms: impl Fn() -> Vec<Box<dyn Transform<T>>> + Send + Sync + 'static,
    ) -> Self {
        Self { learning_rate, clip: None, transforms: Box::new(transforms) }
    }

    /// Clips the gradients before the first transform.
    #[must_use]
    pub fn clip(self, clip: Clip) -> Self {
        Self { clip: Some(clip), ..self }
    }
}

impl<T> fmt::Debug for Composed<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Composed")
            .field("learning_rate", &self.learning_rate)
            .field("clip", &self.clip)
            .finish_non_exhaustive()
    }
}

impl<T: Element> OptimizerSettings for Composed<T> {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn clip(&self) -> Option<Clip> {
        self.clip
    }

    fn written(&self) -> String {
        format!("Composed::new({:?}, {:?})", self.learning_rate, self.transforms())
    }
}

impl<T: Element> OptimizerKernel<T> for Composed<T> {
    fn transforms(&self) -> Vec<Box<dyn Transform<T>>> {
        (self.transforms)()
    }
}
