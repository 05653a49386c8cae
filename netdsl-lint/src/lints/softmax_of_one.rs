//! ### What it does
//! Finds softmax over a single feature, as an activation or within the loss.
//!
//! ### Why is this bad
//! Softmax makes its outputs sum to 1. With one output that is the constant 1: the network answers every input alike, and
//! its gradient is exactly zero.
//!
//! ### The maths
//! `softmax(z)ᵢ = exp(zᵢ) / Σⱼ exp(zⱼ)`, which for one feature is `exp(z) / exp(z) = 1`, with the derivative 0.
//!
//! ### Example
//! ```netdsl
//! pub struct Constant {
//!     input: [5] ~ Normal(0.0, 1.0),
//!     hidden: Dense(60, activation = Relu),
//!     output: Dense(1, activation = Softmax),
//!     loss: BinaryCrossEntropy,
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Constant {
//!     input: [5] ~ Normal(0.0, 1.0),
//!     hidden: Dense(60, activation = Relu),
//!     output: Dense(1, activation = Sigmoid),
//!     loss: BinaryCrossEntropy,
//! }
//! ```
//!
//! ### References
//! - Nikanjam, Ben Braiek, Morovati & Khomh 2021, NeuraLint, arXiv:2105.08095
//! - Wardat, Le & Rajan 2021, DeepLocalize: Fault Localization for Deep Neural Networks, arXiv:2103.03376, whose collection has
//!   several such networks

use netdsl_layers::{Call, OutputKind, Place, TargetKind};

use crate::edit::{Change, setting};
use crate::fix::Remedy;
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::settings::Threshold;
use crate::structure::activation;

/// The logistic function in place of softmax.
const SIGMOID: Remedy = Remedy {
    verb: "write",
    changes: |context| {
        let Some((call, _)) = softmax(context) else { return Vec::new() };
        let mut change = Change::Exchange { call, name: "Sigmoid" };
        context.block.network.entries.iter().for_each(|entry| {
            entry.node.each_layer(&mut |layer: &Call| {
                if layer.place == call && setting(layer, "activation").is_some() {
                    change = Change::named(call, "activation", "Sigmoid");
                }
            });
        });
        vec![change]
    },
};

/// The first layer that applies softmax to one feature: where it is written, and its index.
fn softmax(context: &Context<'_>) -> Option<(Place, usize)> {
    let mut found = None;
    context.block.network.entries.iter().for_each(|entry| {
        entry.node.each_layer(&mut |call: &Call| {
            let is_coupled = activation(call).is_some_and(|activation| activation.coupled().is_some());
            if found.is_some() || !is_coupled {
                return;
            }
            let leaf = context.network.leaves.iter().position(|leaf| leaf.place == call.place);
            let of_one = |leaf: &usize| context.forecast.activations[*leaf].shape.last() == Some(&1);
            found = leaf.filter(of_one).map(|leaf| (call.place, leaf));
        });
    });
    found
}

/// Softmax over a single feature.
pub(super) struct SoftmaxOfOne;

impl Lint for SoftmaxOfOne {
    fn name(&self) -> &'static str {
        "softmax_of_one"
    }

    fn group(&self) -> Group {
        Group::Correctness
    }

    fn source(&self) -> &'static str {
        include_str!("softmax_of_one.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[]
    }

    fn remedies(&self) -> &'static [Remedy] {
        &[SIGMOID]
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        if let Some((_, leaf)) = softmax(context) {
            let path = &context.network.leaves[leaf].path;
            return Some(Finding {
                subject: Subject::Layer(leaf),
                message: format!("`{path}` applies softmax to a single feature: its output is 1 whatever the input is"),
                advice: "for one probability use `Sigmoid`, for two classes two units",
            });
        }
        let loss = &context.network.loss;
        let applies_softmax = loss.takes() == OutputKind::Logits && loss.target() == TargetKind::Classes;
        let (leaf, output) = context.forecast.activations.iter().enumerate().next_back()?;
        (applies_softmax && context.network.layers.output().width() == 1).then(|| Finding {
            subject: Subject::Layer(leaf),
            message: format!(
                "`{}` has a single class, and `{}` applies softmax to it: the loss is 0 whatever the input is",
                output.name,
                loss.name(),
            ),
            advice: "give the last layer a unit for each class, or use `SigmoidCrossEntropy` for one probability",
        })
    }
}
