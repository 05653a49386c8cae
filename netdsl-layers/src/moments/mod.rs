//! The moments of signals and gradients at initialisation, propagated through the layers.
//!
//! Mean-field theory of wide random networks (Poole et al. 2016; Schoenholz et al. 2017), with what makes it agree with
//! measured norms at the width, depth and batch of real networks: correlations between the examples of a batch, the
//! fluctuation of finite width (Hanin & Nica 2018), weights with a mean, and outputs realised at fixed points.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod activation;
mod attention;
mod average;
mod combination;
mod concat;
mod convolution;
mod dead;
mod gain;
mod gated;
mod gaussian;
mod gradient;
mod gru;
mod limits;
mod linear;
mod lstm;
mod maximum;
mod normal;
mod output;
mod profile;
mod propagated;
pub(crate) mod recurrent;
mod regrouped;
mod residual;
mod signal;
mod swing;

pub(crate) use activation::activate;
pub(crate) use attention::attention;
pub(crate) use average::{Mean, average};
pub(crate) use combination::Combination;
pub(crate) use concat::concat;
pub(crate) use convolution::Convolution;
pub(crate) use gated::{GatedWeights, gated};
pub(crate) use gru::GruCell;
pub(crate) use linear::Weight;
pub(crate) use lstm::LstmCell;
pub(crate) use maximum::maximum;
pub(crate) use regrouped::regrouped;
pub(crate) use residual::residual;

pub use gain::gain;
pub use gradient::Gradient;
pub use output::{GradientNorm, Start, TargetDistribution, start};
pub use propagated::{
    ActivationMoments, Backpropagated, NotForecastable, ParameterMoments, Propagated, Regime,
};
pub use signal::Signal;
pub(crate) use signal::{BeforeProduct, log_or_nothing};
