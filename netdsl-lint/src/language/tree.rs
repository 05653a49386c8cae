//! The syntax tree of a block: what was written, before it is known whether it makes sense.

use netdsl_layers::{Call, Place, Value};
use proc_macro2::{Ident, TokenStream};

use super::level::LevelAttribute;
use super::places::Places;

/// A whole block.
#[derive(Clone, Debug)]
pub struct Block {
    /// The spans behind the places of the tree.
    pub places: Places,
    /// The constants, in order.
    pub constants: Vec<Constant>,
    /// The network.
    pub network: NetworkTree,
}

/// `const NAME: usize = value;`
#[derive(Clone, Debug)]
pub struct Constant {
    /// Attributes and documentation, to be passed on.
    pub attributes: TokenStream,
    /// The name.
    pub name: Ident,
    /// The value.
    pub value: usize,
}

/// The `struct` of a block.
#[derive(Clone, Debug)]
pub struct NetworkTree {
    /// Attributes that are not lint levels of this crate, to be passed on.
    pub attributes: TokenStream,
    /// The lint levels on the network.
    pub levels: Vec<LevelAttribute>,
    /// The visibility, to be passed on.
    pub visibility: TokenStream,
    /// The name.
    pub name: Ident,
    /// Where the name stands.
    pub name_place: Place,
    /// The reserved entries that are written but could not be read, and `layer` where one may be: none of them is missing.
    pub unreadable: Vec<&'static str>,
    /// The input.
    pub input: Option<Input>,
    /// The layers.
    pub entries: Vec<Entry>,
    /// What the targets are distributed like.
    pub target: Option<Setting<Call>>,
    /// The loss.
    pub loss: Option<Setting<Call>>,
    /// The batch that the forecast assumes.
    pub batch: Option<Setting<(usize, Place)>>,
    /// The optimizer.
    pub optimizer: Option<Setting<Call>>,
}

/// `input: [..] ~ dist`
#[derive(Clone, Debug)]
pub struct Input {
    /// The lint levels on the entry.
    pub levels: Vec<LevelAttribute>,
    /// The sizes, without the batch.
    pub sizes: Vec<(usize, Place)>,
    /// Where the shape stands.
    pub place: Place,
    /// The distribution.
    pub distribution: Option<Call>,
}

/// A reserved entry behind the layers.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The lint levels on the entry.
    pub levels: Vec<LevelAttribute>,
    /// What is set.
    pub value: T,
}

/// A layer or a structure of layers.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The lint levels on the entry.
    pub levels: Vec<LevelAttribute>,
    /// The given name.
    pub name: Option<(String, Place)>,
    /// What it is.
    pub node: Node,
}

/// A node of the stack.
#[derive(Clone, Debug)]
pub enum Node {
    /// One layer.
    Layer(Call),
    /// `(a, b)`
    Sequence {
        /// Where it stands.
        place: Place,
        /// The nodes, at least one.
        nodes: Vec<Node>,
    },
    /// `[a, b; times]`
    Repeat {
        /// Where it stands.
        place: Place,
        /// The nodes of one copy, at least one.
        nodes: Vec<Node>,
        /// The number of copies, and where it stands.
        times: (usize, Place),
    },
    /// `Residual(a, b, shortcut = c, scale = s)`
    Residual {
        /// Where it stands.
        place: Place,
        /// The nodes of the branch, at least one.
        branch: Vec<Node>,
        /// The shortcut.
        shortcut: Option<Box<Node>>,
        /// What the branch is multiplied with.
        scale: f64,
    },
    /// What could not be read; the error is already known.
    Unreadable {
        /// Where it stands.
        place: Place,
    },
    /// `Concat(a, b)`
    Concat {
        /// Where it stands.
        place: Place,
        /// The branches.
        branches: Vec<Node>,
    },
}

impl NetworkTree {
    /// Calls `visit` with every call in the declaration, those in arguments included.
    pub fn each_call<'a>(&'a self, visit: &mut dyn FnMut(&'a Call)) {
        self.entries.iter().for_each(|entry| entry.node.each_layer(&mut |call| with_arguments(call, visit)));
        let settings = [&self.loss, &self.optimizer].into_iter().flatten();
        settings.for_each(|setting| with_arguments(&setting.value, visit));
    }
}

fn with_arguments<'a>(call: &'a Call, visit: &mut dyn FnMut(&'a Call)) {
    visit(call);
    for argument in &call.arguments {
        if let Value::Call(inner) = &argument.value {
            with_arguments(inner, visit);
        }
    }
}

impl Node {
    /// Calls `visit` with the call of each layer, in the order in which they are written.
    pub fn each_layer<'a>(&'a self, visit: &mut dyn FnMut(&'a Call)) {
        match self {
            Self::Layer(call) => visit(call),
            Self::Unreadable { .. } => {}
            Self::Sequence { nodes, .. }
            | Self::Repeat { nodes, .. }
            | Self::Concat { branches: nodes, .. } => {
                nodes.iter().for_each(|node| node.each_layer(visit));
            }
            Self::Residual { branch, shortcut, .. } => {
                branch.iter().for_each(|node| node.each_layer(visit));
                if let Some(shortcut) = shortcut {
                    shortcut.each_layer(visit);
                }
            }
        }
    }

    /// Where the node stands.
    pub fn place(&self) -> Place {
        match self {
            Self::Layer(call) => call.place,
            Self::Sequence { place, .. }
            | Self::Repeat { place, .. }
            | Self::Residual { place, .. }
            | Self::Concat { place, .. }
            | Self::Unreadable { place } => *place,
        }
    }

    /// What an unnamed node of this kind is called, before its count.
    pub fn stem(&self) -> String {
        match self {
            Self::Layer(call) => snake_case(&call.name),
            Self::Sequence { .. } => "sequence".into(),
            Self::Repeat { .. } => "repeat".into(),
            Self::Residual { .. } => "residual".into(),
            Self::Concat { .. } => "concat".into(),
            Self::Unreadable { .. } => "unreadable".into(),
        }
    }
}

/// `BatchNorm` as `batch_norm`, `AvgPool2d` as `avg_pool2d`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
