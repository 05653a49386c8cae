//! ### What it does
//! Finds two affine layers with nothing between them that is not linear.
//!
//! ### Why is this bad
//! Two affine maps after each other are one affine map: the first layer adds parameters, but nothing that the network can
//! compute. A layer that is narrower than what stands before and behind it is left alone: it makes the product one of low
//! rank, which is usually meant.
//!
//! ### The maths
//! `W₂ (W₁ x + b₁) + b₂ = (W₂ W₁) x + (W₂ b₁ + b₂)`
//!
//! ### Example
//! ```netdsl
//! pub struct Flat {
//!     input: [20] ~ Normal(0.0, 1.0),
//!     hidden: Dense(32),
//!     output: Dense(3),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Flat {
//!     input: [20] ~ Normal(0.0, 1.0),
//!     hidden: Dense(32, activation = Relu, init = HeNormal),
//!     output: Dense(3),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### References
//! - Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.3
//! - Nikanjam, Ben Braiek, Morovati & Khomh 2021, NeuraLint, arXiv:2105.08095

use netdsl_layers::{Call, ParameterForecast, Place};

use crate::edit::Change;
use crate::fix::Remedy;
use crate::language::Node;
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::settings::Threshold;
use crate::structure::{activation, in_order};

/// A rectifier behind the first of the two.
const RECTIFIER_BETWEEN: Remedy = Remedy {
    verb: "write",
    changes: |context| {
        let Some((first, _)) = stack(context) else { return Vec::new() };
        vec![Change::named(first, "activation", "Relu"), Change::named(first, "init", "HeNormal")]
    },
};

/// Two affine layers with nothing between them.
pub(super) struct LinearStack;

impl Lint for LinearStack {
    fn name(&self) -> &'static str {
        "linear_stack"
    }

    fn group(&self) -> Group {
        Group::Suspicious
    }

    fn source(&self) -> &'static str {
        include_str!("linear_stack.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[]
    }

    fn remedies(&self) -> &'static [Remedy] {
        &[RECTIFIER_BETWEEN]
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        let (first, second) = stack(context)?;
        let leaf_at = |place: Place| context.network.leaves.iter().position(|leaf| leaf.place == place);
        let (first, second) = (leaf_at(first)?, leaf_at(second)?);
        let path = |leaf: usize| &context.network.leaves[leaf].path;
        Some(Finding {
            subject: Subject::Layer(first),
            message: format!(
                "nothing that is not linear stands between `{}` and `{}`: together they can do no more than one of them",
                path(first),
                // In a repetition the next copy of the same layer.
                path(second),
            ),
            advice: "put an activation between them, or leave one of them out",
        })
    }
}

/// The first two affine layers with nothing between.
fn stack(context: &Context<'_>) -> Option<(Place, Place)> {
    stack_in(context, context.block.network.entries.iter().map(|entry| &entry.node))
}

fn stack_in<'a>(context: &Context<'_>, nodes: impl IntoIterator<Item = &'a Node>) -> Option<(Place, Place)> {
    let nodes: Vec<&Node> = nodes.into_iter().collect();
    let mut before: Option<Affine> = None;
    for node in in_order(nodes.iter().copied()) {
        match node {
            Node::Layer(call) => match kind(context, call) {
                Kind::Affine(affine) => {
                    if let Some(before) = before.filter(|before| !before.is_bottleneck(&affine)) {
                        return Some((before.place, affine.place));
                    }
                    before = Some(affine);
                }
                Kind::Transparent => {}
                Kind::Other => before = None,
            },
            Node::Residual { branch, shortcut, .. } => {
                before = None;
                let found = stack_in(context, branch).or_else(|| stack_in(context, shortcut.as_deref()));
                if found.is_some() {
                    return found;
                }
            }
            Node::Concat { branches, .. } => {
                before = None;
                let found = branches.iter().find_map(|branch| stack_in(context, [branch]));
                if found.is_some() {
                    return found;
                }
            }
            _ => before = None,
        }
    }
    // The end of a copy stands before the beginning of the next one.
    nodes.iter().find_map(|node| match node {
        Node::Repeat { nodes, times, .. } if times.0 > 1 => {
            let twice = nodes.iter().chain(nodes);
            let single = nodes.len() == 1 && matches!(nodes[0], Node::Layer(_));
            if single { stack_in(context, twice) } else { None }
        }
        _ => None,
    })
}

struct Affine {
    place: Place,
    inputs: usize,
    outputs: usize,
}

impl Affine {
    fn is_bottleneck(&self, next: &Self) -> bool {
        self.outputs < self.inputs && self.outputs < next.outputs
    }
}

enum Kind {
    /// A weight, perhaps a bias, and nothing else.
    Affine(Affine),
    /// As many values as before, without a parameter: dropout, another order.
    Transparent,
    /// Anything else.
    Other,
}

fn kind(context: &Context<'_>, call: &Call) -> Kind {
    let leaves = &context.network.leaves;
    let Some(index) = leaves.iter().position(|leaf| leaf.place == call.place) else { return Kind::Other };
    if activation(call).is_some_and(|activation| !is_identity(&*activation)) {
        return Kind::Other;
    }
    let parameters = context.forecast.parameters.get(leaves[index].parameters.clone()).unwrap_or_default();
    let name = |parameter: &ParameterForecast| parameter.name.rsplit('.').next().map(str::to_owned);
    let names: Vec<String> = parameters.iter().filter_map(name).collect();
    let values = |leaf: Option<usize>| match leaf {
        Some(leaf) => context.forecast.activations[leaf].shape.iter().product::<usize>(),
        None => context.network.input.len(),
    };
    match (parameters, names.iter().map(String::as_str).collect::<Vec<_>>().as_slice()) {
        ([], _) if values(Some(index)) == values(index.checked_sub(1)) => Kind::Transparent,
        // What looks tokens up is no map of a signal.
        ([weight, ..], ["weight"] | ["weight", "bias"]) if weight.shape.len() > 1 && !looks_up(context, index) => {
            Kind::Affine(Affine { place: call.place, inputs: weight.shape[1], outputs: weight.shape[0] })
        }
        _ => Kind::Other,
    }
}

fn looks_up(context: &Context<'_>, leaf: usize) -> bool {
    leaf == 0 && matches!(context.network.input.layout(), netdsl_layers::Layout::Tokens { .. })
}

fn is_identity(activation: &dyn netdsl_layers::Activation) -> bool {
    activation.elementwise().is_some_and(|function| {
        function.slopes_near_zero() == Some((1.0, 1.0)) && function.slopes_far_out() == Some((1.0, 1.0))
    })
}
