//! The moments of signals and gradients at initialisation, propagated through the layers.

use crate::layer::Layer;

/// The moments of a signal.
#[derive(Clone, Debug)]
pub struct Signal {}

/// The moments of a gradient.
#[derive(Clone, Debug)]
pub struct Gradient {}

/// Why a layer can't be forecast.
#[derive(Clone, Debug)]
pub struct NotForecastable {}

impl NotForecastable {
    pub(crate) fn after(self, _before: Propagated) -> Self {
        self
    }
}

/// A signal behind a layer, and the way back.
pub struct Propagated {
    /// The signal behind the layer.
    pub output: Signal,
}

impl Propagated {
    pub(crate) fn then(self, second: Propagated) -> Propagated {
        second
    }
}

/// The moments of `shortcut(x) + scale · branch(x)`.
pub(crate) fn residual(
    _branch: &dyn Layer,
    _shortcut: &dyn Layer,
    _scale: f64,
    _signal: &Signal,
) -> Result<Propagated, NotForecastable> {
    Err(NotForecastable {})
}
