//! Changes of a block: of its tree, and the same of its text.

use netdsl_layers::{Argument, Call, Place, Value};

use crate::language::{Block, Entry, Node, Written};

/// A change of the text at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Where.
    pub place: Place,
    /// On which side of what stands there.
    pub side: Side,
    /// The new text.
    pub text: String,
}

/// Where new text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before what stands there.
    Before,
    /// In its place.
    Instead,
    /// Behind it.
    Behind,
}

/// A change of a block.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// A setting of a call gets this value.
    Set { call: Place, name: &'static str, value: Value },
    /// A call becomes one of another name, without arguments.
    Exchange { call: Place, name: &'static str },
    /// A layer, or layers that are written as one, get a follower.
    Insert { behind: Place, name: &'static str },
    /// What is repeated gets a residual connection around it.
    Wrap { repeat: Place },
}

impl Change {
    /// A setting gets a value that is a name.
    pub(crate) fn named(call: Place, name: &'static str, value: &str) -> Self {
        Self::Set { call, name, value: Value::Call(plain(value, call)) }
    }

    /// What is written, and how it stands to what is there.
    pub(crate) fn title(&self) -> (String, &'static str) {
        match self {
            Self::Set { name, value, .. } => (format!("`{name} = {}`", Written(value)), "in"),
            Self::Exchange { name, .. } => (format!("`{name}`"), "in place of"),
            Self::Insert { name, .. } => (format!("`{name}`"), "behind"),
            Self::Wrap { .. } => ("`Residual(..)`".into(), "around"),
        }
    }

    /// What is changed.
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Set { call: place, .. }
            | Self::Exchange { call: place, .. }
            | Self::Insert { behind: place, .. }
            | Self::Wrap { repeat: place } => *place,
        }
    }

    /// Changes the tree, and returns the same change of the text: nothing where the tree already is so.
    pub(crate) fn apply(&self, block: &mut Block) -> Vec<Edit> {
        match self {
            Self::Set { call, name, value } => {
                with_call(block, *call, |call| set(call, name, value)).unwrap_or_default()
            }
            Self::Exchange { call, name } => {
                with_call(block, *call, |call| exchange(call, name)).unwrap_or_default()
            }
            Self::Insert { behind, name } => insert(block, *behind, name),
            Self::Wrap { repeat } => wrap(block, *repeat),
        }
    }
}

/// The setting of that name, where it is written.
pub(crate) fn setting<'a>(call: &'a Call, wanted: &str) -> Option<&'a Argument> {
    call.arguments.iter().find(|argument| is_named(argument, wanted))
}

fn is_named(argument: &Argument, wanted: &str) -> bool {
    argument.name.as_ref().is_some_and(|(name, _)| name == wanted)
}

/// Gives a setting of a call its default; whether it had another value. For asking what would be, not for proposing it.
pub(crate) fn unset(block: &mut Block, call: Place, name: &str) -> bool {
    let removed = with_call(block, call, |call| {
        let before = call.arguments.len();
        call.arguments.retain(|argument| !is_named(argument, name));
        before != call.arguments.len()
    });
    removed.unwrap_or(false)
}

/// A call without arguments.
fn plain(name: &str, place: Place) -> Call {
    Call { name: name.into(), name_place: place, place, arguments: Vec::new(), incomplete: false }
}

/// A call with one number.
pub(crate) fn with_number(name: &str, number: f64, place: Place) -> Value {
    let argument = Argument { name: None, value: Value::Real(number), place, literal: None };
    Value::Call(Call { arguments: vec![argument], ..plain(name, place) })
}

fn set(call: &mut Call, name: &'static str, value: &Value) -> Vec<Edit> {
    let place = call.place;
    let text = Written(value).to_string();
    // What was added before has the place of the whole call: in the text it stands behind the last that was written.
    let behind = call.arguments.iter().rev().map(|argument| argument.place).find(|at| *at != place);
    if let Some(argument) = call.arguments.iter_mut().find(|argument| is_named(argument, name)) {
        if Written(&argument.value).to_string() == text {
            return Vec::new();
        }
        (argument.value, argument.literal) = (value.clone(), None);
        return vec![Edit { place: argument.place, side: Side::Instead, text }];
    }
    let argument = Argument { name: Some((name.into(), place)), value: value.clone(), place, literal: None };
    call.arguments.push(argument);
    vec![match behind {
        Some(last) => Edit { place: last, side: Side::Behind, text: format!(", {name} = {text}") },
        // Whether empty brackets are written is not in the tree.
        None => Edit { place, side: Side::Instead, text: format!("{}({name} = {text})", call.name) },
    }]
}

fn exchange(call: &mut Call, name: &str) -> Vec<Edit> {
    if call.name == name && call.arguments.is_empty() {
        return Vec::new();
    }
    *call = plain(name, call.place);
    vec![Edit { place: call.place, side: Side::Instead, text: name.into() }]
}

/// What is done to the call of that place, where there is one.
fn with_call<T>(block: &mut Block, wanted: Place, change: impl FnOnce(&mut Call) -> T) -> Option<T> {
    let tree = &mut block.network;
    let settings =
        [&mut tree.loss, &mut tree.optimizer].into_iter().flatten().map(|setting| &mut setting.value);
    let found = settings
        .chain(tree.entries.iter_mut().flat_map(|entry| layers(&mut entry.node)))
        .find_map(|call| call_at(call, wanted));
    found.map(change)
}

/// The call of that place: this one, or one in its arguments.
fn call_at(call: &mut Call, wanted: Place) -> Option<&mut Call> {
    if call.place == wanted {
        return Some(call);
    }
    call.arguments.iter_mut().find_map(|argument| match &mut argument.value {
        Value::Call(inner) => call_at(inner, wanted),
        _ => None,
    })
}

/// The calls of all layers of a node.
fn layers(node: &mut Node) -> Vec<&mut Call> {
    match node {
        Node::Layer(call) => vec![call],
        node => lists(node).into_iter().flatten().flat_map(layers).collect(),
    }
}

/// The nodes within a node, in the lists in which they stand.
fn lists(node: &mut Node) -> Vec<&mut [Node]> {
    match node {
        Node::Layer(_) | Node::Unreadable { .. } => Vec::new(),
        Node::Sequence { nodes, .. } | Node::Repeat { nodes, .. } | Node::Concat { branches: nodes, .. } => {
            vec![nodes]
        }
        Node::Residual { branch, shortcut, .. } => {
            let shortcut = shortcut.as_deref_mut().map(std::slice::from_mut);
            std::iter::once(branch.as_mut_slice()).chain(shortcut).collect()
        }
    }
}

fn insert(block: &mut Block, behind: Place, name: &str) -> Vec<Edit> {
    let node = Node::Layer(plain(name, behind));
    let entries = &mut block.network.entries;
    let inserted = match entries.iter().position(|entry| entry.node.place() == behind) {
        Some(index) => {
            entries.insert(index + 1, Entry { levels: Vec::new(), name: None, node });
            true
        }
        None => entries.iter_mut().any(|entry| insert_below(&mut entry.node, behind, &node)),
    };
    if !inserted {
        return Vec::new();
    }
    vec![Edit { place: behind, side: Side::Behind, text: format!(", {name}") }]
}

/// Nodes that stand one after another; a shortcut and a branch of a `Concat` are single nodes.
fn insert_below(node: &mut Node, behind: Place, new: &Node) -> bool {
    let nodes = match node {
        Node::Sequence { nodes, .. } | Node::Repeat { nodes, .. } | Node::Residual { branch: nodes, .. } => {
            nodes
        }
        Node::Concat { branches, .. } => {
            return branches.iter_mut().any(|branch| insert_below(branch, behind, new));
        }
        Node::Layer(_) | Node::Unreadable { .. } => return false,
    };
    match nodes.iter().position(|node| node.place() == behind) {
        Some(index) => {
            nodes.insert(index + 1, new.clone());
            true
        }
        None => nodes.iter_mut().any(|node| insert_below(node, behind, new)),
    }
}

fn wrap(block: &mut Block, wanted: Place) -> Vec<Edit> {
    let nodes = block.network.entries.iter_mut().find_map(|entry| match &mut entry.node {
        Node::Repeat { place, nodes, .. } if *place == wanted => Some(nodes),
        _ => None,
    });
    let Some(nodes) = nodes else { return Vec::new() };
    let (Some(first), Some(last)) = (nodes.first().map(Node::place), nodes.last().map(Node::place)) else {
        return Vec::new();
    };
    let branch = std::mem::take(nodes);
    nodes.push(Node::Residual { place: first, branch, shortcut: None, scale: 1.0 });
    vec![
        Edit { place: first, side: Side::Before, text: "Residual(".into() },
        Edit { place: last, side: Side::Behind, text: ")".into() },
    ]
}
