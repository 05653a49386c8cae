//! The changes that several lints propose, the smaller ones first.

use netdsl_layers::{Call, Value};

use crate::activated::{Activated, activated};
use crate::edit::{Change, setting, with_number};
use crate::fix::Remedy;
use crate::forecast::{LARGEST_DESCENT, Steps};
use crate::language::{MAGNITUDES, Node};
use crate::lint::Context;

/// What helps a gradient that does not survive the way back, or a signal that does not survive the way forward.
pub(crate) const OF_GRADIENTS: &[Remedy] = &[
    ZERO_BIAS,
    FITTING_INIT,
    FITTING_INIT_EVERYWHERE,
    RECTIFIER,
    RESIDUAL,
    NORMALISATION_BEHIND,
    NORMALISATION,
];

/// What helps a gradient that is too large, which can also be cut.
pub(crate) const OF_LARGE_GRADIENTS: &[Remedy] = &[
    FITTING_INIT,
    FITTING_INIT_EVERYWHERE,
    LEARNING_RATE,
    CLIPPING,
    RECTIFIER,
    RESIDUAL,
    NORMALISATION_BEHIND,
    NORMALISATION,
];

/// Biases that start at zero, where some are declared to start elsewhere.
pub(crate) const ZERO_BIAS: Remedy = Remedy {
    verb: "write",
    changes: |context| {
        let mut changes = Vec::new();
        let mut visit = |call: &Call| {
            if setting(call, "bias_init").is_some() {
                changes.push(Change::named(call.place, "bias_init", "Zeros"));
            }
        };
        context.block.network.entries.iter().for_each(|entry| entry.node.each_layer(&mut visit));
        changes
    },
};

/// The initialisation that fits the activation.
pub(crate) const FITTING_INIT: Remedy = Remedy {
    verb: "initialise with",
    changes: |context| hidden(context).filter_map(|layer| layer.init(layer.fitting_init())).collect(),
};

/// The same for layers without an activation too, the output layer among them.
pub(crate) const FITTING_INIT_EVERYWHERE: Remedy = Remedy {
    verb: "initialise with",
    changes: |context| {
        let layers = activated(context);
        layers.iter().filter_map(|layer| layer.init(layer.fitting_init())).collect()
    },
};

/// Another activation, with its initialisation.
const RECTIFIER: Remedy = Remedy {
    verb: "write",
    changes: |context| {
        let rectified = |layer: Activated| layer.activate("Relu").into_iter().chain(layer.init("HeNormal"));
        hidden(context).flat_map(rectified).collect()
    },
};

/// A normalisation behind each activation.
pub(crate) const NORMALISATION: Remedy = Remedy {
    verb: "initialise with",
    changes: |context| {
        let normalised =
            |layer: Activated| layer.init(layer.fitting_init()).into_iter().chain(layer.follow("BatchNorm"));
        hidden(context).flat_map(normalised).collect()
    },
};

/// A normalisation behind the last residual connection: what the branches add up to is then of one scale, and so is what
/// goes back into each of them.
const NORMALISATION_BEHIND: Remedy = Remedy {
    verb: "write",
    changes: |context| {
        let last = context.block.network.entries.iter().rfind(|entry| has_residual(&entry.node));
        last.map(|entry| Change::Insert { behind: entry.node.place(), name: "BatchNorm" })
            .into_iter()
            .collect()
    },
};

/// Whether a node is a residual connection or repeats one.
fn has_residual(node: &Node) -> bool {
    match node {
        Node::Residual { .. } => true,
        Node::Repeat { nodes, .. } => nodes.iter().any(has_residual),
        _ => false,
    }
}

/// A residual connection around what is repeated, with the initialisation that fits.
const RESIDUAL: Remedy = Remedy {
    verb: "write",
    changes: |context| {
        let repeats = context.block.network.entries.iter().filter_map(|entry| match &entry.node {
            Node::Repeat { place, .. } if !has_residual(&entry.node) => Some(Change::Wrap { repeat: *place }),
            _ => None,
        });
        let inits = hidden(context).filter_map(|layer| layer.init(layer.fitting_init()));
        inits.chain(repeats).collect()
    },
};

/// Gradients that are shortened to the norm 1, where an optimizer is declared that does not clip.
pub(crate) const CLIPPING: Remedy = Remedy {
    verb: "clip with",
    changes: |context| {
        let clip = |call: &Call| Change::Set {
            call: call.place,
            name: "clip",
            value: with_number("GlobalNorm", 1.0, call.place),
        };
        let unclipped =
            context.network.optimizer.as_ref().is_some_and(|optimizer| optimizer.clip().is_none());
        let call = context.block.network.optimizer.as_ref().filter(|_| unclipped);
        call.map(|setting| clip(&setting.value)).into_iter().collect()
    },
};

/// A learning rate, a power of ten, at which the largest step is between three thousandths and three hundredths of its
/// weight; for an output layer alone, whose scale does not matter, one at least ten times below what diverges for certain.
pub(crate) const LEARNING_RATE: Remedy =
    Remedy { verb: "write", changes: |context| learning_rate(context).into_iter().collect() };

/// Layers with an activation before the output layer, whose activation belongs to the loss.
fn hidden(context: &Context<'_>) -> impl Iterator<Item = Activated> {
    let mut layers = activated(context);
    // The last copy of what is repeated is no layer of its own.
    let copies = |call| context.network.leaves.iter().filter(|leaf| leaf.place == call).count();
    layers.pop_if(|last| copies(last.call) == 1);
    layers.into_iter().filter(|layer| layer.activation.is_some())
}

fn learning_rate(context: &Context<'_>) -> Option<Change> {
    let setting = context.block.network.optimizer.as_ref()?;
    let optimizer = context.network.optimizer.as_deref()?;
    // A rate that is written by position has no name to set.
    if setting.value.arguments.first().is_some_and(|argument| argument.name.is_none()) {
        return None;
    }
    let steps = Steps::new(context.forecast, optimizer);
    let excess = match steps.descent_log10(&*context.network.loss) {
        Some(descent) if steps.follow_the_gradient() => descent - libm::log10(LARGEST_DESCENT) + 1.0,
        _ => steps.relative_log10().fold(f64::NEG_INFINITY, f64::max) + 1.5,
    };
    let exponent = (libm::log10(optimizer.learning_rate()) - excess).floor();
    // By way of its digits: a computed power would not print as one. Gradients that need a rate beyond 1 are lost, and the
    // rate is not what is wrong.
    let rate =
        format!("1e{exponent}").parse().ok().filter(|rate| (*MAGNITUDES.start()..=1.0).contains(rate))?;
    Some(Change::Set { call: setting.value.place, name: "learning_rate", value: Value::Real(rate) })
}
