//! The weight matrices of a forecast: what the verdict and the gradient lints look at.

use netdsl_layers::Forecast;

/// One weight matrix and its gradient.
#[derive(Clone, Debug)]
pub(crate) struct Weight<'a> {
    /// The index in the list of parameters.
    pub(crate) index: usize,
    /// The dotted path.
    pub(crate) name: &'a str,
    /// The decimal logarithm of the norm of its gradient; `None` where that is exactly zero.
    pub(crate) gradient_log10: Option<f64>,
    /// The decimal logarithm of its own norm.
    pub(crate) norm_log10: f64,
    /// The decimal logarithm of the number of its values.
    pub(crate) len_log10: f64,
}

/// The weights in the order of the declaration: every parameter of more than one axis.
pub(crate) fn weights(forecast: &Forecast) -> impl DoubleEndedIterator<Item = Weight<'_>> + Clone {
    let weights = forecast.parameters.iter().enumerate().filter(|(_, parameter)| parameter.is_weight());
    weights.map(|(index, parameter)| Weight {
        index,
        name: &parameter.name,
        gradient_log10: parameter.gradient_norm_log10,
        norm_log10: parameter.norm_log10(),
        len_log10: libm::log10(parameter.count()),
    })
}
