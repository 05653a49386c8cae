//! The order of the layers, as it is written.

use netdsl_layers::{Activation, ActivationKind, Argument, Call, Value};

use crate::edit::setting;
use crate::language::Node;
use crate::lint::Context;

/// The nodes that follow each other, sequences and repetitions written out once; structures with branches stand for
/// themselves.
pub(crate) fn in_order<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> Vec<&'a Node> {
    let mut order = Vec::new();
    for node in nodes {
        match node {
            Node::Sequence { nodes, .. } | Node::Repeat { nodes, .. } => order.extend(in_order(nodes)),
            node => order.push(node),
        }
    }
    order
}

/// The nodes of the whole network that follow each other.
pub(crate) fn main_path<'a>(context: &Context<'a>) -> Vec<&'a Node> {
    in_order(context.block.network.entries.iter().map(|entry| &entry.node))
}

/// The indices of the layers that stand on the main path, not in a branch.
pub(crate) fn main_leaves(context: &Context<'_>) -> Vec<usize> {
    let places: std::collections::HashSet<_> = main_path(context)
        .into_iter()
        .filter(|node| matches!(node, Node::Layer(_)))
        .map(Node::place)
        .collect();
    let leaves = context.network.leaves.iter().enumerate();
    leaves.filter(|(_, leaf)| places.contains(&leaf.place)).map(|(index, _)| index).collect()
}

/// The activation that a call is, or that it has as a setting.
pub(crate) fn activation(call: &Call) -> Option<Box<dyn Activation>> {
    if ActivationKind::find(&call.name).is_some() {
        return <dyn Activation>::read(call).ok();
    }
    match setting(call, "activation") {
        Some(Argument { value: Value::Call(activation), .. }) => <dyn Activation>::read(activation).ok(),
        _ => None,
    }
}

/// The layer at the end of the network, where it ends in a single one.
pub(crate) fn last_layer<'a>(context: &Context<'a>) -> Option<&'a Call> {
    match main_path(context).last() {
        Some(Node::Layer(call)) => Some(call),
        _ => None,
    }
}

/// The matrix that takes the state of a recurrent layer to its next state.
pub(crate) struct RecurrentWeight<'a> {
    /// The index in the list of parameters.
    pub(crate) index: usize,
    /// The dotted path.
    pub(crate) name: &'a str,
    /// The index of its layer.
    pub(crate) leaf: usize,
    /// How many gates the layer has beside its state: 0 where the state alone is computed.
    pub(crate) gates: usize,
}

/// The recurrent matrices of a network, in the order of the declaration.
pub(crate) fn recurrent_weights<'a>(context: &Context<'a>) -> impl Iterator<Item = RecurrentWeight<'a>> {
    let parameters = context.forecast.parameters.iter().enumerate();
    parameters.filter_map(|(index, parameter)| {
        let [rows, columns] = *parameter.shape else { return None };
        if !parameter.name.ends_with("weight_hh") {
            return None;
        }
        let leaf = context.leaf_of(index)?;
        Some(RecurrentWeight { index, name: &parameter.name, leaf, gates: rows / columns.max(1) - 1 })
    })
}
