//! From the syntax tree to a network whose shapes are settled, with every error on the way.

use std::collections::HashMap;

use netdsl_layers::{
    Arguments, Call, Concat, Layer, Layout, Loss, Named, Optimizer, Place, Problem, Repeat, Residual, Shape,
    Skip, TargetDistribution, Then, quoted, resolve_layer,
};

use super::parse::MAX_PROBLEMS;
use super::tree::{Block, Entry, Input, Node};
use crate::forecast::{Declaration, InputDistribution};

/// The most layers that a network can have, copies counted: more is a slip of the pen, and would take the compiler's
/// memory.
const MAX_LAYERS: usize = 100_000;

/// The most parameters that a network can have: their bytes in double precision still fit an `isize`.
const MAX_PARAMETERS: usize = 1 << 59;

/// A network whose shapes are settled.
#[derive(Debug)]
pub struct Network {
    /// The name.
    pub name: String,
    /// The stack.
    pub layers: Box<dyn Layer>,
    /// The shape of one example of the input.
    pub input: Shape,
    /// What the inputs are distributed like.
    pub input_distribution: InputDistribution,
    /// What the targets are distributed like; `None` is the default of the loss.
    pub target: Option<TargetDistribution>,
    /// The loss.
    pub loss: Box<dyn Loss>,
    /// The batch that the forecast assumes.
    pub batch: usize,
    /// The optimizer, where one is declared.
    pub optimizer: Option<Box<dyn Optimizer>>,
    /// The layers in the order of [`Layer::leaves`].
    pub leaves: Vec<Leaf>,
}

/// One layer of a resolved network.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The dotted path.
    pub path: String,
    /// Where it is written; copies of a repetition share the place.
    pub place: Place,
    /// Where a finding is shown: the outermost repetition around the layer, else the layer.
    pub shown: Place,
    /// The index of the entry that it belongs to.
    pub entry: usize,
    /// The indices of its tensors in the list of parameters.
    pub parameters: std::ops::Range<usize>,
}

impl Leaf {
    /// The dotted path of what is written: that of the layer, or the entry of a repetition that it stands in.
    pub(crate) fn written(&self) -> &str {
        if self.shown == self.place { &self.path } else { self.entry_name() }
    }

    /// The name of the entry that it belongs to, given or automatic.
    pub fn entry_name(&self) -> &str {
        self.path.split('.').next().unwrap_or_default()
    }
}

impl Network {
    /// What the forecast is made of.
    pub fn declaration(&self) -> Declaration<'_> {
        Declaration {
            name: &self.name,
            layers: &*self.layers,
            input: self.input,
            input_distribution: self.input_distribution,
            target: self.target,
            loss: &*self.loss,
            batch: self.batch,
            optimizer: self.optimizer.as_deref(),
        }
    }
}

/// Settles the shapes of a block.
pub fn resolve(block: &Block) -> Result<Network, Vec<Problem>> {
    let mut resolver = Resolver { problems: Vec::new(), broken: false, layers: 0, parameters: 0 };
    match resolver.network(block) {
        Some(network) if resolver.problems.is_empty() => Ok(network),
        _ => {
            resolver.problems.truncate(MAX_PROBLEMS);
            Err(resolver.problems)
        }
    }
}

struct Resolver {
    problems: Vec<Problem>,
    /// Whether a layer has failed, so that every shape behind it is a guess.
    broken: bool,
    layers: usize,
    parameters: usize,
}

/// A part of the stack, and for each of its leaves where it is written and where a finding is shown.
struct Part {
    layer: Box<dyn Layer>,
    places: Vec<(Place, Place)>,
}

impl Resolver {
    fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn take_over(&mut self, problems: Vec<Problem>) {
        let broken = self.broken;
        self.problems.extend(problems.into_iter().filter(|problem| !(broken && problem.of_shape)));
    }

    fn network(&mut self, block: &Block) -> Option<Network> {
        let tree = &block.network;
        let name = tree.name.to_string();
        let missing = |what: &str, help: &str| {
            Problem::new(tree.name_place, format!("the network `{name}` has no {what}")).help(help)
        };
        let input = match &tree.input {
            Some(input) => self.input(input),
            None if tree.unreadable.contains(&"input") => None,
            None => {
                self.report(missing("`input`", "begin with the shape of one example: `input: [100]`"));
                None
            }
        };
        let (input, input_distribution) = input.unwrap_or_else(|| {
            self.broken = true;
            (Shape::features(1), InputDistribution::STANDARD_NORMAL)
        });
        if tree.entries.is_empty() {
            if !tree.unreadable.contains(&"layer") {
                self.report(missing("layer", "add at least one behind `input`, such as `output: Dense(1)`"));
            }
            self.broken = true;
        }
        let mut shape = input;
        let mut parts: Vec<Box<dyn Layer>> = Vec::new();
        let mut places = Vec::new();
        for (index, (entry, name)) in tree.entries.iter().zip(self.names(&tree.entries)).enumerate() {
            if let Some(part) = self.node(&entry.node, shape) {
                shape = part.layer.output();
                places.extend(part.places.into_iter().map(|place| (place, index)));
                parts.push(Box::new(Named { layer: part.layer, name }));
            }
        }
        let loss = match &tree.loss {
            Some(loss) => match <dyn Loss>::read(&loss.value, shape) {
                Ok(loss) => Some(loss),
                Err(problems) => {
                    self.take_over(problems);
                    None
                }
            },
            None if tree.unreadable.contains(&"loss") => None,
            None => {
                self.report(missing("`loss`", "add `loss: MeanSquaredError` or another behind the layers"));
                None
            }
        };
        let target = tree.target.as_ref().and_then(|target| self.distribution(&target.value, DISTRIBUTIONS));
        if let (Some(loss), Some(_), Some(written)) = (&loss, &target, &tree.target)
            && loss.target() == netdsl_layers::TargetKind::Classes
        {
            let message = format!("the targets of `{}` are classes, which are drawn uniformly", loss.name());
            self.report(Problem::new(written.value.place, message).help("leave `target` out"));
        }
        let optimizer = match tree.optimizer.as_ref().map(|optimizer| <dyn Optimizer>::read(&optimizer.value))
        {
            Some(Ok(optimizer)) => Some(optimizer),
            Some(Err(problems)) => {
                self.take_over(problems);
                None
            }
            None => None,
        };
        let layers = Then::sequence(parts)?;
        let leaves = if self.problems.is_empty() { leaves(&*layers, places) } else { Vec::new() };
        Some(Network {
            name,
            layers,
            input,
            input_distribution,
            target: target.map(Distribution::target),
            loss: loss?,
            batch: tree.batch.as_ref().map_or(32, |batch| batch.value.0),
            optimizer,
            leaves,
        })
    }

    fn input(&mut self, input: &Input) -> Option<(Shape, InputDistribution)> {
        let sizes: Vec<usize> = input.sizes.iter().map(|(size, _)| *size).collect();
        let shape = match Shape::declared(&sizes) {
            Some(shape) => Some(shape),
            None if sizes.len() > Shape::MAX_RANK => {
                let message = format!("an input has at most {} axes, not {}", Shape::MAX_RANK, sizes.len());
                let help = "[features], [time, features], [channels, length] or [channels, height, width]; \
                            the batch is not written";
                self.report(Problem::new(input.place, message).help(help));
                None
            }
            None => {
                let message = format!("one example of the input has more than {} values", Shape::MAX_SIZE);
                self.report(Problem::new(input.place, message));
                None
            }
        };
        let distribution = match &input.distribution {
            None => InputDistribution::STANDARD_NORMAL,
            Some(call) => self.distribution(call, INPUT_DISTRIBUTIONS)?.input(),
        };
        let shape = match (shape?, distribution) {
            (shape, InputDistribution::Tokens { vocabulary }) => match *shape.sizes() {
                [time] => Shape::tokens(time, vocabulary),
                _ => {
                    let problem = Problem::new(input.place, format!("tokens are `[time]`, not {shape}"));
                    self.report(problem.help("an embedding makes `[time, features]` of them"));
                    return None;
                }
            },
            (shape, _) => match (shape.sizes(), &input.distribution) {
                ([size], None) => Shape::unsettled(*size),
                _ => shape,
            },
        };
        Some((shape, distribution))
    }

    fn distribution(&mut self, call: &Call, known: &[&str]) -> Option<Distribution> {
        let mut arguments = Arguments::new(call);
        let distribution = match call.name.as_str() {
            name if INPUT_DISTRIBUTIONS.contains(&name) && !known.contains(&name) => {
                let message = format!("`{name}` is what an input can be, not a target");
                let help = format!("a target is {}; classes need none", quoted(known.iter().copied()));
                self.report(Problem::new(call.name_place, message).help(help));
                return None;
            }
            name if !known.contains(&name) => {
                self.report(Problem::unknown(call.name_place, "distribution", name, known.iter().copied()));
                return None;
            }
            "Uniform" => {
                let low = arguments.required_real("low", 0, "0.0, 1.0", "a number", f64::is_finite);
                let high = arguments.required_real("high", 1, "0.0, 1.0", "a number", f64::is_finite);
                if high < low {
                    let message = format!("the upper bound `{high:?}` is below the lower bound `{low:?}`");
                    arguments.report(Problem::new(call.place, message).help("swap the two"));
                }
                Distribution::Uniform { low, high }
            }
            "Normal" => {
                let mean = arguments.required_real("mean", 0, "0.0, 1.0", "a number", f64::is_finite);
                let expected = "a standard deviation of at least 0";
                let standard_deviation =
                    arguments.required_real("std", 1, "0.0, 1.0", expected, |std| std >= 0.0);
                Distribution::Normal { mean, standard_deviation }
            }
            _ => Distribution::Tokens { vocabulary: arguments.size("vocabulary", 0, "1000") },
        };
        match arguments.finish() {
            Ok(()) => Some(distribution),
            Err(problems) => {
                self.take_over(problems);
                None
            }
        }
    }

    /// The name of each entry, given or automatic.
    fn names(&mut self, entries: &[Entry]) -> Vec<String> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut firsts: HashMap<String, &Entry> = HashMap::new();
        let mut names: Vec<String> = Vec::new();
        for entry in entries {
            let (name, place) = match &entry.name {
                Some((name, place)) => (name.clone(), *place),
                None => {
                    let stem = entry.node.stem();
                    let count = counts.entry(stem.clone()).or_default();
                    *count += 1;
                    (format!("{stem}_{count}"), entry.node.place())
                }
            };
            let first = *firsts.entry(name.clone()).or_insert(entry);
            if !std::ptr::eq(first, entry) {
                let automatic = entry.name.is_none() || first.name.is_none();
                let problem = Problem::new(place, format!("two entries are called `{name}`"));
                self.report(if automatic {
                    problem.help(
                        "an unnamed entry is called by its kind and count: give one of them another name",
                    )
                } else {
                    problem.help("give one of them another name")
                });
            }
            names.push(name);
        }
        names
    }

    /// A node at this shape; where it fails, what follows is still looked at.
    fn node(&mut self, node: &Node, shape: Shape) -> Option<Part> {
        let part = match node {
            Node::Layer(call) => self.layer(call, shape),
            Node::Sequence { nodes, .. } => self.nodes(nodes, shape),
            Node::Repeat { place, nodes, times } => self.repeat(*place, nodes, *times, shape),
            Node::Residual { place, branch, shortcut, scale } => {
                self.residual(*place, branch, shortcut.as_deref(), *scale, shape)
            }
            Node::Unreadable { .. } => None,
            Node::Concat { place, branches } => self.concat(*place, branches, shape),
        };
        self.broken |= part.is_none();
        part
    }

    fn layer(&mut self, call: &Call, shape: Shape) -> Option<Part> {
        self.layers += 1;
        if self.layers > MAX_LAYERS {
            self.layers = 0;
            self.report(Problem::new(call.place, format!("a network has at most {MAX_LAYERS} layers")));
            return None;
        }
        match resolve_layer(call, shape) {
            Ok(layer) => {
                self.fits(call.place, layer.output())?;
                self.parameters = self.parameters.saturating_add(layer.sizes().parameters);
                self.few_parameters(call.place)?;
                Some(Part { layer, places: vec![(call.place, call.place)] })
            }
            Err(problems) => {
                self.take_over(problems);
                None
            }
        }
    }

    fn fits(&mut self, place: Place, output: Shape) -> Option<()> {
        let values = output.sizes().iter().map(|size| *size as u128).product::<u128>();
        if values <= Shape::MAX_SIZE as u128 {
            return Some(());
        }
        let message = format!("one example of the output has more than {} values", Shape::MAX_SIZE);
        self.report(Problem::new(place, message));
        None
    }

    fn few_parameters(&mut self, place: Place) -> Option<()> {
        if self.parameters <= MAX_PARAMETERS {
            return Some(());
        }
        self.report(Problem::new(place, format!("a network has at most {MAX_PARAMETERS} parameters")));
        None
    }

    /// Nodes one after another; their positions are their names, a single one has none.
    fn nodes(&mut self, nodes: &[Node], shape: Shape) -> Option<Part> {
        if let [node] = nodes {
            return self.node(node, shape);
        }
        let mut shape = shape;
        let mut places = Vec::new();
        let mut layers: Vec<Box<dyn Layer>> = Vec::new();
        for (position, node) in nodes.iter().enumerate() {
            if let Some(part) = self.node(node, shape) {
                shape = part.layer.output();
                places.extend(part.places);
                layers.push(Box::new(Named { layer: part.layer, name: position.to_string() }));
            }
        }
        (layers.len() == nodes.len()).then_some(())?;
        Some(Part { layer: Then::sequence(layers)?, places })
    }

    /// Copies up to where the shape no longer changes one by one, and all others at once.
    fn repeat(
        &mut self,
        place: Place,
        nodes: &[Node],
        (times, times_place): (usize, Place),
        shape: Shape,
    ) -> Option<Part> {
        let mut shape = shape;
        let mut runs: Vec<Box<dyn Layer>> = Vec::new();
        let mut places = Vec::new();
        let mut start = 0;
        while start < times {
            let (layers_before, parameters_before) = (self.layers, self.parameters);
            let part = self.nodes(nodes, shape)?;
            let settled = part.layer.output() == shape;
            let copies = if settled { times - start } else { 1 };
            let layers_of_a_copy = self.layers - layers_before;
            let parameters_of_a_copy = self.parameters - parameters_before;
            let total = layers_of_a_copy.saturating_mul(copies - 1).saturating_add(self.layers);
            if total > MAX_LAYERS {
                let message =
                    format!("{times} copies make more than {MAX_LAYERS} layers, the most of a network");
                self.layers = layers_before;
                self.report(Problem::new(times_place, message));
                return None;
            }
            self.layers = total;
            self.parameters = parameters_of_a_copy.saturating_mul(copies - 1).saturating_add(self.parameters);
            self.few_parameters(times_place)?;
            shape = part.layer.output();
            for _ in 0..copies {
                places.extend(part.places.iter().map(|(written, _)| (*written, place)));
            }
            runs.push(Box::new(Repeat { layer: part.layer, times: copies, start }));
            start += copies;
        }
        Some(Part { layer: Then::sequence(runs)?, places })
    }

    fn residual(
        &mut self,
        place: Place,
        branch: &[Node],
        shortcut: Option<&Node>,
        scale: f64,
        shape: Shape,
    ) -> Option<Part> {
        let branch = self.nodes(branch, shape);
        let written = shortcut.is_some();
        let shortcut = match shortcut {
            Some(node) => self.node(node, shape),
            None => Some(Part { layer: Box::new(Skip { input: shape }), places: Vec::new() }),
        };
        let (branch, shortcut) = (branch?, shortcut?);
        let (one, other) = (branch.layer.output(), shortcut.layer.output());
        if one.sizes() != other.sizes() {
            let message = format!("the branch gives {one}, the shortcut {other}: they can't be added");
            let help = if written {
                "let both end in the same shape".into()
            } else {
                match one.layout() {
                    Layout::Channels => "add a `shortcut = ..` that gives the branch's shape".into(),
                    _ => format!("add `shortcut = Dense({})`, or let the branch end in {other}", one.width()),
                }
            };
            self.take_over(vec![Problem::new(place, message).help(help).of_shape()]);
            return None;
        }
        let mut places = branch.places;
        places.extend(shortcut.places);
        let layer = Residual { branch: branch.layer, shortcut: shortcut.layer, scale };
        Some(Part { layer: Box::new(layer), places })
    }

    /// Branches side by side; their positions are their names.
    fn concat(&mut self, place: Place, branches: &[Node], shape: Shape) -> Option<Part> {
        let mut joined: Option<Shape> = None;
        let mut places = Vec::new();
        let mut layers: Vec<Box<dyn Layer>> = Vec::new();
        for (position, branch) in branches.iter().enumerate() {
            let Some(part) = self.node(branch, shape) else { continue };
            let output = part.layer.output();
            match joined {
                None => joined = Some(output),
                Some(before) => match before.beside(output) {
                    Some(both) => joined = Some(both),
                    None => {
                        let problem = unequal_positions(branch.place(), output, before);
                        self.take_over(vec![problem.of_shape()]);
                        continue;
                    }
                },
            }
            places.extend(part.places);
            layers.push(Box::new(Named { layer: part.layer, name: position.to_string() }));
        }
        (layers.len() == branches.len()).then_some(())?;
        self.fits(place, joined?)?;
        Some(Part { layer: Concat::branches(layers)?, places })
    }
}

/// The problem of a branch whose output can't stand beside that of those before it.
fn unequal_positions(branch: Place, output: Shape, before: Shape) -> Problem {
    let message =
        format!("this branch gives {output}, which does not fit beside {before} of the branches before it");
    let problem = Problem::new(branch, message);
    match before.settle_features().unwrap_or(before).layout() {
        Layout::Features => problem.help("let every branch end in `[features]`"),
        Layout::Sequence | Layout::Unsettled => {
            problem.help(format!("let every branch end in `[{}, features]`", before.sizes()[0]))
        }
        Layout::Channels => {
            let space: Vec<String> = before.sizes()[1..].iter().map(usize::to_string).collect();
            problem.help(format!("let every branch end in `[channels, {}]`", space.join(", ")))
        }
        Layout::Tokens { .. } => problem.help("tokens can't be joined: put an `Embedding` into every branch"),
    }
}

fn leaves(layers: &dyn Layer, places: Vec<((Place, Place), usize)>) -> Vec<Leaf> {
    let mut leaves = Vec::with_capacity(places.len());
    let mut places = places.into_iter();
    let mut tensors = 0;
    layers.leaves("", &mut |path, layer| {
        let Some(((place, shown), entry)) = places.next() else { return };
        let parameters = tensors..tensors + layer.sizes().tensors;
        tensors = parameters.end;
        leaves.push(Leaf { path: path.into(), place, shown, entry, parameters });
    });
    leaves
}

const DISTRIBUTIONS: &[&str] = &["Uniform", "Normal"];
const INPUT_DISTRIBUTIONS: &[&str] = &["Uniform", "Normal", "Tokens"];

#[derive(Clone, Copy)]
enum Distribution {
    Uniform { low: f64, high: f64 },
    Normal { mean: f64, standard_deviation: f64 },
    Tokens { vocabulary: usize },
}

impl Distribution {
    fn target(self) -> TargetDistribution {
        match self {
            Self::Uniform { low, high } => TargetDistribution::Uniform { low, high },
            Self::Normal { mean, standard_deviation } => {
                TargetDistribution::Normal { mean, standard_deviation }
            }
            Self::Tokens { .. } => unreachable!("`target` knows no tokens"),
        }
    }

    fn input(self) -> InputDistribution {
        match self {
            Self::Uniform { low, high } => InputDistribution::Uniform { low, high },
            Self::Normal { mean, standard_deviation } => {
                InputDistribution::Normal { mean, standard_deviation }
            }
            Self::Tokens { vocabulary } => InputDistribution::Tokens { vocabulary },
        }
    }
}
