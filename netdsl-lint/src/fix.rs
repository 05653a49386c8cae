//! Changes that the forecast has tried.

use netdsl_layers::{ActivationKind, Argument, Call, Forecast, Place, Value, Verdict, power_of_ten};

use crate::forecast::forecast;
use crate::language::{Block, Node, resolve};
use crate::lint::Context;
use crate::weights::{Weight, weights};

/// A change of the declaration whose forecast is healthy.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What is changed, as a person would say it.
    pub title: String,
    /// The change of the text.
    pub edits: Vec<Edit>,
    /// The smallest gradient of a weight, as a decimal logarithm: before and after.
    pub smallest_gradient: (Option<f64>, Option<f64>),
    /// The largest gradient of a weight, as a decimal logarithm: before and after.
    pub largest_gradient: (Option<f64>, Option<f64>),
    /// The verdict on the changed network.
    pub verdict_after: Verdict,
}

/// A change of the text at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Where.
    pub place: Place,
    /// Whether the text replaces what stands there, or goes behind it.
    pub replace: bool,
    /// The new text.
    pub text: String,
}

impl Fix {
    /// The change and what the forecast says of it.
    pub fn describe(&self) -> String {
        let range = |(smallest, largest): (Option<f64>, Option<f64>)| match (smallest, largest) {
            (Some(smallest), Some(largest)) => {
                format!("{} to {}", power_of_ten(smallest), power_of_ten(largest))
            }
            _ => "out of range".into(),
        };
        format!(
            "{}: the gradient norms of the weights, now {}, are then forecast to be {}",
            self.title,
            range((self.smallest_gradient.0, self.largest_gradient.0)),
            range((self.smallest_gradient.1, self.largest_gradient.1)),
        )
    }
}

/// The smallest change that the forecast calls healthy, or `None` where none of those tried is.
pub fn propose(context: &Context<'_>) -> Option<Fix> {
    let targets = targets(context);
    CANDIDATES.iter().find_map(|candidate| {
        let mut changed = context.block.clone();
        let mut edits = Vec::new();
        let mut titles: Vec<String> = Vec::new();
        for target in &targets {
            for change in (candidate.changes)(target) {
                let title = change.title();
                let made = change.apply(&mut changed);
                if !made.is_empty() && !titles.contains(&title) {
                    titles.push(title);
                }
                edits.extend(made);
            }
        }
        if edits.is_empty() {
            return None;
        }
        let network = resolve(&changed).ok()?;
        let after = forecast(&network.declaration());
        let (smallest, largest) = extremes(context.forecast);
        let (smallest_after, largest_after) = extremes(&after);
        (after.verdict == Verdict::Healthy).then(|| Fix {
            title: format!("{} {}", candidate.verb, titles.join(" and ")),
            edits,
            smallest_gradient: (smallest, smallest_after),
            largest_gradient: (largest, largest_after),
            verdict_after: after.verdict,
        })
    })
}

fn extremes(forecast: &Forecast) -> (Option<f64>, Option<f64>) {
    let norms: Vec<f64> =
        weights(forecast).filter_map(|Weight { gradient_log10, .. }| gradient_log10).collect();
    let finite = norms.len() == weights(forecast).count();
    let pick = |choose: fn(f64, f64) -> f64| norms.iter().copied().reduce(choose).filter(|_| finite);
    (pick(f64::min), pick(f64::max))
}

/// A kind of change, the smaller ones first.
struct Candidate {
    verb: &'static str,
    changes: fn(&Target) -> Vec<Change>,
}

const CANDIDATES: &[Candidate] = &[
    Candidate {
        verb: "initialise with",
        changes: |target| vec![target.init(fitting_init(&target.activation))],
    },
    Candidate { verb: "write", changes: |target| vec![target.activation("Relu"), target.init("HeNormal")] },
    Candidate {
        verb: "initialise with",
        changes: |target| vec![target.init(fitting_init(&target.activation)), target.normalise()],
    },
];

/// The initialisation whose gain keeps the signal of the activation: He et al. 2015 for rectifiers and their smooth
/// relatives, LeCun for SELU (Klambauer et al. 2017), Glorot & Bengio 2010 for the others.
fn fitting_init(activation: &str) -> &'static str {
    match activation {
        "Relu" | "LeakyRelu" | "Elu" | "Gelu" | "Silu" | "Mish" | "Softplus" => "HeNormal",
        "Selu" => "LecunNormal",
        _ => "GlorotUniform",
    }
}

/// A layer with a weight and the activation behind it.
struct Target {
    /// The call of the layer.
    call: Place,
    /// The name of the activation.
    activation: String,
    /// The call of the activation where it is a layer of its own.
    node: Option<Place>,
}

impl Target {
    fn init(&self, name: &'static str) -> Change {
        Change::Set { call: self.call, setting: "init", value: name }
    }

    fn activation(&self, name: &'static str) -> Change {
        match self.node {
            Some(call) => Change::Exchange { call, name },
            None => Change::Set { call: self.call, setting: "activation", value: name },
        }
    }

    fn normalise(&self) -> Change {
        Change::Insert { behind: self.node.unwrap_or(self.call), name: "BatchNorm" }
    }
}

/// Every layer with a weight and an activation, in the order of the declaration.
fn targets(context: &Context<'_>) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut weighted: Option<Place> = None;
    let mut visit = |call: &Call| {
        if ActivationKind::find(&call.name).is_some() {
            if let Some(layer) = weighted.take() {
                targets.push(Target { call: layer, activation: call.name.clone(), node: Some(call.place) });
            }
            return;
        }
        if !has_weight(context, call.place) {
            return;
        }
        match call.arguments.iter().find(|argument| is_named(argument, "activation")) {
            Some(Argument { value: Value::Call(activation), .. }) => {
                targets.push(Target { call: call.place, activation: activation.name.clone(), node: None });
                weighted = None;
            }
            _ => weighted = Some(call.place),
        }
    };
    context.block.network.entries.iter().for_each(|entry| entry.node.each_layer(&mut visit));
    targets
}

fn is_named(argument: &Argument, wanted: &str) -> bool {
    argument.name.as_ref().is_some_and(|(name, _)| name == wanted)
}

fn has_weight(context: &Context<'_>, place: Place) -> bool {
    let leaf = context.network.leaves.iter().find(|leaf| leaf.place == place);
    leaf.is_some_and(|leaf| {
        let parameters = context.forecast.parameters.get(leaf.parameters.clone());
        parameters.unwrap_or_default().iter().any(|parameter| parameter.shape.len() > 1)
    })
}

/// A change of one call.
enum Change {
    /// A setting gets another value.
    Set { call: Place, setting: &'static str, value: &'static str },
    /// A layer becomes another.
    Exchange { call: Place, name: &'static str },
    /// A layer gets a follower.
    Insert { behind: Place, name: &'static str },
}

impl Change {
    fn title(&self) -> String {
        match self {
            Self::Set { setting: "init", value, .. } => format!("`init = {value}`"),
            Self::Set { setting, value, .. } => format!("`{setting} = {value}`"),
            Self::Exchange { name, .. } => format!("`{name}`"),
            Self::Insert { name, .. } => format!("`{name}` behind it"),
        }
    }

    /// Changes the tree, and returns the same change of the text: nothing where the tree already is so.
    fn apply(&self, block: &mut Block) -> Vec<Edit> {
        let mut edits = Vec::new();
        let entries = &mut block.network.entries;
        match *self {
            Self::Insert { behind, name } => {
                let found = entries
                    .iter_mut()
                    .position(|entry| matches!(&entry.node, Node::Layer(call) if call.place == behind));
                let node = Node::Layer(plain(name, behind));
                if let Some(index) = found {
                    let entry = crate::language::Entry { levels: Vec::new(), name: None, node };
                    entries.insert(index + 1, entry);
                    edits.push(Edit { place: behind, replace: false, text: format!(", {name}") });
                } else {
                    for entry in entries {
                        if insert(&mut entry.node, behind, &node) {
                            edits.push(Edit { place: behind, replace: false, text: format!(", {name}") });
                            break;
                        }
                    }
                }
            }
            Self::Set { call, setting, value } => {
                edit_call(entries, call, &mut |call| {
                    let place = call.place;
                    let value_call = Value::Call(plain(value, place));
                    // An argument that was added before stands, in the text, behind the last one that was written.
                    let behind =
                        call.arguments.iter().rev().map(|argument| argument.place).find(|at| *at != place);
                    match call.arguments.iter_mut().find(|argument| is_named(argument, setting)) {
                        Some(argument) => {
                            if !matches!(&argument.value, Value::Call(old) if old.name == value) {
                                argument.value = value_call;
                                edits.push(Edit { place: argument.place, replace: true, text: value.into() });
                            }
                        }
                        None if is_default(setting, value) => {}
                        None => {
                            let name = Some((setting.to_string(), place));
                            call.arguments.push(Argument { name, value: value_call, place });
                            let (place, text) = match behind {
                                Some(last) => (last, format!(", {setting} = {value}")),
                                None => (place, format!("({setting} = {value})")),
                            };
                            edits.push(Edit { place, replace: false, text });
                        }
                    }
                });
            }
            Self::Exchange { call, name } => {
                edit_call(entries, call, &mut |call| {
                    if call.name != name {
                        edits.push(Edit { place: call.place, replace: true, text: name.into() });
                        *call = plain(name, call.place);
                    }
                });
            }
        }
        edits
    }
}

/// Whether a setting that is not written already has this value.
fn is_default(setting: &str, value: &str) -> bool {
    setting == "init" && value == "GlorotUniform"
}

fn plain(name: &str, place: Place) -> Call {
    Call { name: name.into(), name_place: place, place, arguments: Vec::new(), incomplete: false }
}

fn edit_call(entries: &mut [crate::language::Entry], wanted: Place, edit: &mut dyn FnMut(&mut Call)) {
    fn walk(node: &mut Node, wanted: Place, edit: &mut dyn FnMut(&mut Call)) {
        match node {
            Node::Layer(call) if call.place == wanted => edit(call),
            Node::Layer(_) | Node::Unreadable { .. } => {}
            Node::Sequence { nodes, .. } | Node::Repeat { nodes, .. } => {
                nodes.iter_mut().for_each(|node| walk(node, wanted, edit));
            }
            Node::Concat { branches, .. } => branches.iter_mut().for_each(|node| walk(node, wanted, edit)),
            Node::Residual { branch, shortcut, .. } => {
                branch.iter_mut().for_each(|node| walk(node, wanted, edit));
                if let Some(shortcut) = shortcut {
                    walk(shortcut, wanted, edit);
                }
            }
        }
    }
    entries.iter_mut().for_each(|entry| walk(&mut entry.node, wanted, edit));
}

fn insert(node: &mut Node, behind: Place, new: &Node) -> bool {
    let lists: Vec<&mut Vec<Node>> = match node {
        Node::Layer(_) | Node::Unreadable { .. } => return false,
        Node::Sequence { nodes, .. } | Node::Repeat { nodes, .. } => vec![nodes],
        Node::Residual { branch, .. } => vec![branch],
        Node::Concat { branches, .. } => {
            return branches.iter_mut().any(|branch| insert(branch, behind, new));
        }
    };
    for list in lists {
        if let Some(index) =
            list.iter().position(|node| matches!(node, Node::Layer(call) if call.place == behind))
        {
            list.insert(index + 1, new.clone());
            return true;
        }
        if list.iter_mut().any(|node| insert(node, behind, new)) {
            return true;
        }
    }
    false
}
