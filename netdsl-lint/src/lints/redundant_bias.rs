//! ### What it does
//! Finds biases whose gradient is exactly zero because a normalisation behind the layer takes the mean of each unit
//! away.
//!
//! ### Why is this bad
//! The bias costs memory and work, and is never used. What it could do is done by the shift of the normalisation. It does
//! no harm otherwise, and the lint is silent by default.
//!
//! ### The maths
//! `BatchNorm` subtracts from each unit its mean over the batch, which contains the bias whole:
//! `(z + b) - mean(z + b) = z - mean z`. The gradient with respect to `b` is the sum over the batch of a gradient that the
//! normalisation makes sum to zero.
//!
//! ### Example
//! ```netdsl
//! pub struct Shifted {
//!     input: [64] ~ Normal(0.0, 1.0),
//!     hidden: (Dense(64, init = HeNormal), BatchNorm, Relu),
//!     output: Dense(10),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Shifted {
//!     input: [64] ~ Normal(0.0, 1.0),
//!     hidden: (Dense(64, init = HeNormal, bias = false), BatchNorm, Relu),
//!     output: Dense(10),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### References
//! - Ioffe & Szegedy 2015, Batch Normalization, section 3.2: the bias can be ignored, arXiv:1502.03167

use netdsl_layers::Value;

use crate::edit::Change;
use crate::fix::Remedy;
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::settings::Threshold;

/// No bias where it has no effect.
const WITHOUT: Remedy = Remedy {
    verb: "write",
    changes: |context| {
        let leaves = redundant(context).map(|leaf| context.network.leaves[leaf].place);
        leaves.map(|call| Change::Set { call, name: "bias", value: Value::Boolean(false) }).collect()
    },
};

/// The layers whose bias has no gradient, while their weight has one.
fn redundant(context: &Context<'_>) -> impl Iterator<Item = usize> {
    let leaves = context.network.leaves.iter().enumerate();
    let is_known = context.forecast.not_forecastable.is_none();
    leaves.filter(move |(_, leaf)| {
        let parameters = context.forecast.parameters.get(leaf.parameters.clone()).unwrap_or_default();
        let [weight, bias] = parameters else { return false };
        let is_weight = weight.shape.len() > 1 && bias.shape.len() == 1;
        is_known && is_weight && weight.gradient_norm_log10.is_some() && bias.gradient_norm_log10.is_none()
    }).map(|(index, _)| index)
}

/// A bias that a normalisation removes.
pub(super) struct RedundantBias;

impl Lint for RedundantBias {
    fn name(&self) -> &'static str {
        "redundant_bias"
    }

    fn group(&self) -> Group {
        Group::Pedantic
    }

    fn source(&self) -> &'static str {
        include_str!("redundant_bias.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[]
    }

    fn remedies(&self) -> &'static [Remedy] {
        &[WITHOUT]
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        let leaf = redundant(context).next()?;
        Some(Finding {
            subject: Subject::Layer(leaf),
            message: format!(
                "the bias of `{}` has no effect: the normalisation behind it takes the mean of each unit away",
                context.network.leaves[leaf].path,
            ),
            advice: "write `bias = false`",
        })
    }
}
