//! A signal behind a layer, and the way back.

use super::combination::Combination;
use super::gradient::Gradient;
use super::signal::{Signal, is_nothing};

/// What is forecast of the values behind one layer.
#[derive(Clone, Debug)]
pub struct ActivationMoments {
    /// The decimal logarithm of their root mean square, median over seeds; `-inf` where they are zero.
    pub rms_log10: f64,
    /// The correlation of two examples.
    pub correlation: f64,
    /// In what part of the activation the layer works.
    pub regime: Regime,
    /// Why the figures of this layer and of all behind it are no forecast, but show only whether they leave the range of
    /// numbers.
    pub unknown: Option<String>,
}

/// In what part of an activation a layer works.
#[derive(Clone, Copy, Debug, Default)]
pub struct Regime {
    /// Whether the derivative is exactly zero in `f32` for all but a few in 100,000 values.
    pub flat: bool,
    /// The share of the values in the flat part of an activation that is bounded on both sides.
    pub saturated: Option<f64>,
    /// The probability that every unit of this layer, or of one before it, is zero for all examples of a batch; of
    /// activations that have a dead part.
    pub dead: Option<f64>,
}

/// What is forecast of the gradient of one parameter.
#[derive(Clone, Debug)]
pub struct ParameterMoments {
    /// The logarithm of the factor before [`total`](Self::total).
    pub(crate) log_scale: f64,
    /// The square of the norm.
    pub(crate) total: Combination,
    /// The part of it that comes from pairs of different items.
    pub(crate) apart: Combination,
    /// How the logarithm of the norm's square fluctuates from seed to seed, for the part from one item and for the part from
    /// pairs.
    pub(crate) fluctuations: [Fluctuation; 2],
}

/// How the logarithm of a square fluctuates from seed to seed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fluctuation {
    /// What the mean of the logarithm differs by from the logarithm of what stands for it.
    pub(crate) shift: f64,
    /// The variance.
    pub(crate) variance: f64,
    /// The covariance with the logarithm of the square of the output.
    pub(crate) with_output: f64,
}

impl Fluctuation {
    /// The mean of several, with weights.
    pub(crate) fn mean(parts: impl Iterator<Item = (f64, Self)>) -> Self {
        let (mut mean, mut weights) = (Self::default(), 0.0);
        for (weight, part) in parts {
            weights += weight;
            mean.shift += weight * part.shift;
            mean.variance += weight * part.variance;
            mean.with_output += weight * part.with_output;
        }
        let scale = if weights > 0.0 { 1.0 / weights } else { 0.0 };
        Self {
            shift: mean.shift * scale,
            variance: mean.variance * scale,
            with_output: mean.with_output * scale,
        }
    }
}

/// What came of the way back through a layer.
#[derive(Debug)]
pub struct Backpropagated {
    /// The gradient before the layer.
    pub gradient: Gradient,
    /// One for each parameter, in the order of [`crate::Layer::parameters`].
    pub parameters: Vec<ParameterMoments>,
    /// The decimal logarithm of the root mean square of the gradient behind each leaf, in the order of
    /// [`crate::Layer::leaves`]; `-inf` where it is zero.
    pub leaves: Vec<f64>,
}

impl Backpropagated {
    /// A layer without parameters.
    pub(crate) fn plain(gradient: Gradient) -> Self {
        Self { gradient, parameters: Vec::new(), leaves: Vec::new() }
    }
}

/// The way back through a layer: from the gradient behind it to the gradient before it.
pub(crate) type Backward<'a> = Box<dyn FnOnce(Gradient) -> Backpropagated + 'a>;

/// A signal behind a layer, and the way back.
pub struct Propagated<'a> {
    /// The signal.
    pub output: Signal<'a>,
    /// One for each leaf.
    pub leaves: Vec<ActivationMoments>,
    /// The way back.
    pub(crate) backward: Backward<'a>,
}

impl<'a> Propagated<'a> {
    /// Goes the way back with the gradient at the output.
    pub fn back(self, gradient: Gradient) -> Backpropagated {
        (self.backward)(gradient)
    }

    /// What one leaf made of its input.
    pub(crate) fn leaf(output: Signal<'a>, backward: impl FnOnce(Gradient) -> Backpropagated + 'a) -> Self {
        Self {
            leaves: vec![ActivationMoments {
                rms_log10: root_log10(output.log_square),
                correlation: output.correlation,
                regime: Regime::default(),
                unknown: output.unknown.clone(),
            }],
            output,
            backward: Box::new(move |gradient| {
                let gradient = gradient.normalised();
                let square = gradient.square.at(&gradient.typical).max(0.0);
                let behind = gradient.before_activation.unwrap_or(0.0);
                let log_square = gradient.log_scale + libm::log(square) + behind;
                // What only the next layer on the way back has a use for ends there.
                let sums = (gradient.batch_sum.is_some(), gradient.derivative_sum.is_some());
                let at_maximum = gradient.at_maximum.is_some();
                let mut result = backward(gradient);
                if sums.0 {
                    result.gradient.batch_sum = None;
                }
                if sums.1 {
                    result.gradient.derivative_sum = None;
                }
                if at_maximum {
                    result.gradient.at_maximum = None;
                }
                result.leaves.push(root_log10(log_square));
                result
            }),
        }
    }

    /// The same leaf with the part of its activation that it works in.
    pub(crate) fn working(mut self, regime: Regime) -> Self {
        self.leaves.iter_mut().for_each(|leaf| leaf.regime = regime);
        self
    }

    /// This and then that.
    pub(crate) fn then(self, second: Self) -> Self {
        let mut leaves = self.leaves;
        leaves.extend(second.leaves);
        let (back, second_back) = (self.backward, second.backward);
        Self {
            output: second.output,
            leaves,
            backward: Box::new(move |gradient| {
                let second = second_back(gradient);
                let mut first = back(second.gradient);
                first.parameters.extend(second.parameters);
                first.leaves.extend(second.leaves);
                first
            }),
        }
    }
}

impl std::fmt::Debug for Propagated<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Propagated").field("output", &self.output).finish_non_exhaustive()
    }
}

/// The decimal logarithm of the root of what has this natural one.
fn root_log10(log_square: f64) -> f64 {
    if is_nothing(log_square) { f64::NEG_INFINITY } else { 0.5 * log_square / std::f64::consts::LN_10 }
}

/// Why a layer can't be forecast.
#[derive(Clone, Debug)]
pub struct NotForecastable {
    /// The reason: lowercase, no full stop.
    pub reason: String,
    /// What was forecast of the leaves before the one that failed: their number is its index.
    pub leaves: Vec<ActivationMoments>,
}

impl NotForecastable {
    /// A layer that can't be forecast for this reason.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), leaves: Vec::new() }
    }

    /// The same behind what could be forecast.
    pub(crate) fn after(self, before: Propagated<'_>) -> Self {
        let mut leaves = before.leaves;
        leaves.extend(self.leaves);
        Self { leaves, ..self }
    }
}
