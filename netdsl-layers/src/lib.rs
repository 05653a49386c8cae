//! The vocabulary of netdsl: layers, activations, losses and optimizers, one file each.
//!
//! A file holds all facets of its concept side by side: documentation, settings, shape rule, parameters and their
//! initialisation, the propagation of moments that the forecast is made of, and, behind the feature `kernels`, the
//! forward and backward code.

mod activation;
mod activations;
mod arguments;
mod clip;
mod expression;
mod forecast;
mod initializer;
mod interval;
mod layer;
mod layers;
mod loss;
mod losses;
mod moments;
mod optimizer;
mod optimizers;
mod parameter;
mod problem;
mod shape;
mod stored;
mod structure;
mod window;

#[cfg(feature = "kernels")]
mod buffer;
#[cfg(feature = "kernels")]
mod composed;
#[cfg(feature = "kernels")]
mod convolution;
#[cfg(feature = "kernels")]
mod element;
#[cfg(feature = "kernels")]
mod kernel;
#[cfg(feature = "kernels")]
mod lanes;
#[cfg(feature = "kernels")]
mod pooling;
#[cfg(feature = "kernels")]
mod product;
#[cfg(feature = "kernels")]
mod registers;
#[cfg(feature = "kernels")]
mod threads;
#[cfg(feature = "kernels")]
mod tile;
#[cfg(feature = "kernels")]
mod transcendental;
#[cfg(feature = "kernels")]
pub mod transforms;

pub use activation::{Activation, ActivationKind, Coupled, DeclaredActivation, Elementwise};
pub use activations::*;
pub use arguments::{Argument, Arguments, Call, Value};
pub use clip::Clip;
pub use expression::Expression;
pub use forecast::{
    ActivationForecast, Float32, Forecast, Limits, NotForecast, ParameterForecast, Ratios, Row, Table,
    Verdict, power_of_ten,
};
pub use initializer::{Distribution, FanMode, Initializer, TRUNCATED_STANDARD_DEVIATION};
pub use interval::{Interval, SettingError};
pub use layer::{Declared, Layer, LayerKind, MixesSteps};
pub use layers::*;
pub use loss::{DeclaredLoss, Loss, LossKind, OutputKind, PositionTarget, TargetKind};
pub use losses::*;
pub use moments::{
    ActivationMoments, Backpropagated, Gradient, GradientNorm, NotForecastable, ParameterMoments, Propagated,
    Regime, Signal, Start, TargetDistribution, gain, start,
};
pub use optimizer::{DeclaredOptimizer, Optimizer, OptimizerKind, OptimizerSettings};
pub use optimizers::*;
pub use parameter::{Parameter, ParameterRange, Sizes};
pub use problem::{Place, Problem, count, did_you_mean, quoted};
pub use shape::{Layout, Shape};
pub use stored::{Content, Stored};
pub use structure::*;
pub use window::{Padding, Window};

#[cfg(feature = "kernels")]
pub use activation::{ActivationKernel, ElementwiseKernel};
#[cfg(feature = "kernels")]
pub use buffer::{Buffer, buffer, copied, lengthen};
#[cfg(feature = "kernels")]
pub use composed::Composed;
#[cfg(feature = "kernels")]
pub use element::Element;
#[cfg(feature = "kernels")]
pub use kernel::{Backward, Forward, Kernel, add_scaled, normalise, scale_by_power};
#[cfg(feature = "kernels")]
pub use lanes::{finite, in_halves, vectorised};
#[cfg(feature = "kernels")]
pub use loss::{Classes, LossKernel, TargetError, Targets, Values};
#[cfg(feature = "kernels")]
pub use optimizer::{Chain, Memory, Now, OptimizerKernel, Part, State, Transform};
#[cfg(feature = "kernels")]
pub use product::{Matrix, product};
#[cfg(feature = "registers")]
pub use registers::on_all_registers;
#[cfg(feature = "kernels")]
pub use threads::{ThreadsError, share_out, thread_count};
