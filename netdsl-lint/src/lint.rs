//! What a lint is, and how a block is linted.

use netdsl_layers::{Forecast, Place};

use crate::fix::{Fix, Remedy, Trials};
use crate::judge::judge;
use crate::language::{Block, Leaf, Level, LevelAttribute, Network};
use crate::settings::{Settings, Threshold};

pub use crate::lints::LINTS;

/// How sure a lint is, and what it defaults to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What is found does not train as it is written.
    Correctness,
    /// What is found is seldom meant.
    Suspicious,
    /// What is found may be meant, or depends on data that the declaration does not show.
    Pedantic,
}

impl Group {
    /// The level where nothing else is said.
    pub const fn default_level(self) -> Level {
        match self {
            Self::Correctness | Self::Suspicious => Level::Warn,
            Self::Pedantic => Level::Allow,
        }
    }

    /// The name, as it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Correctness => "correctness",
            Self::Suspicious => "suspicious",
            Self::Pedantic => "pedantic",
        }
    }
}

/// A check of a network against its forecast.
pub trait Lint: Sync {
    /// The name, which reads well after `allow`.
    fn name(&self) -> &'static str;

    /// The group.
    fn group(&self) -> Group;

    /// The source of the lint's file, whose module documentation is the lint's documentation.
    fn source(&self) -> &'static str;

    /// What it compares with, and a project can set.
    fn thresholds(&self) -> &'static [Threshold];

    /// The changes to try, the smallest first.
    fn remedies(&self) -> &'static [Remedy];

    /// What the lint has to say of a network.
    fn check(&self, context: &Context<'_>) -> Option<Finding>;
}

impl dyn Lint {
    /// The documentation: the module documentation of the lint's file.
    pub fn documentation(&self) -> String {
        self.source()
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
            .collect()
    }

    /// The documentation under the name, with the group, the default level and what a project can set.
    pub fn page(&self) -> String {
        let group = self.group();
        let (name, level) = (self.name(), group.default_level().name());
        let mut page =
            format!("## {name}\n{}, `{level}` by default\n\n{}", group.name(), self.documentation());
        if !self.thresholds().is_empty() {
            page += "\n### Settings\nUnder `[thresholds.";
            page += name;
            page += "]` in `netdsl.toml`:\n";
        }
        for Threshold { name, default, meaning, .. } in self.thresholds() {
            page += &format!("- `{name} = {default:?}`: {meaning}\n");
        }
        page
    }

    /// The lint of that name.
    pub fn named(name: &str) -> Option<&'static dyn Lint> {
        LINTS.iter().copied().find(|lint| lint.name() == name)
    }
}

/// What a lint looks at.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What was written.
    pub block: &'a Block,
    /// What it means.
    pub network: &'a Network,
    /// What is forecast of it.
    pub forecast: &'a Forecast,
    /// What the project says of its lints.
    pub settings: &'a Settings,
}

impl Context<'_> {
    /// The layer at which signal and gradient together grow most: the one to change where they grow too much. None where
    /// they grow nowhere.
    pub fn steepest_leaf(&self) -> Option<usize> {
        let leaves = &self.forecast.activations;
        let growth = |index: usize| -> Option<f64> {
            let (before, here) = (leaves.get(index.checked_sub(1)?)?, leaves.get(index)?);
            let forward = here.rms_log10? - before.rms_log10?;
            Some(forward + before.gradient_rms_log10? - here.gradient_rms_log10?)
        };
        let grown = (0..leaves.len()).filter_map(|index| Some((growth(index)?, index)));
        grown
            .filter(|(growth, _)| *growth > 0.0)
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, index)| index)
    }

    /// What the project compares with.
    pub(crate) fn limit(&self, threshold: &Threshold) -> f64 {
        self.settings.limit(threshold)
    }

    /// The layer that a parameter belongs to.
    pub fn leaf_of(&self, parameter: usize) -> Option<usize> {
        self.network.leaves.iter().position(|leaf| leaf.parameters.contains(&parameter))
    }
}

/// What a finding is about, which is underlined.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    /// The index of the layer that shows it worst, in [`Network::leaves`].
    Layer(usize),
    /// The declared optimizer, whatever the layers are.
    Optimizer,
}

/// What a lint found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is about.
    pub subject: Subject,
    /// What was found, with the numbers: lowercase, no full stop.
    pub message: String,
    /// What to do, where no change that was tried helps.
    pub advice: &'static str,
}

/// A finding with the level that holds where it stands.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The lint.
    pub lint: &'static str,
    /// The level.
    pub level: Level,
    /// The attribute that set the level, where one did.
    pub set_by: Option<LevelAttribute>,
    /// The dotted path of the layer; none where it is about the optimizer.
    pub layer: Option<String>,
    /// The name of the entry that it belongs to where an attribute would stand on more than what is underlined, or where a
    /// change of other layers is proposed.
    pub entry: Option<String>,
    /// Where the layer is written, or the repetition that it stands in.
    pub place: Place,
    /// What was found.
    pub finding: Finding,
    /// A change that the forecast has tried.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// What to do about it.
    pub fn help(&self) -> String {
        match &self.fix {
            Some(fix) => fix.describe(),
            None => self.finding.advice.into(),
        }
    }
}

/// What there is to say of a network.
#[derive(Debug)]
pub struct Report {
    /// The network.
    pub network: Network,
    /// The forecast.
    pub forecast: Forecast,
    /// What was found, at any level.
    pub diagnostics: Vec<Diagnostic>,
    /// The attributes that expect a finding that was not made.
    pub unfulfilled: Vec<LevelAttribute>,
}

/// Forecasts a resolved network and runs every lint on it.
pub fn lint(block: &Block, network: Network, settings: &Settings) -> Report {
    let (network, forecast) = judge(block, network, settings);
    let context = Context { block, network: &network, forecast: &forecast, settings };
    let mut trials = Trials::new(&context);
    let mut diagnostics = Vec::new();
    for lint in LINTS {
        let Some(finding) = lint.check(&context) else { continue };
        let leaf = match finding.subject {
            Subject::Layer(leaf) => Some(&network.leaves[leaf]),
            Subject::Optimizer => None,
        };
        let Some((on_entry, place)) = subject(block, leaf) else { continue };
        let set_by = level_of(lint.name(), on_entry).or_else(|| level_of(lint.name(), &block.network.levels));
        let level = set_by.map(|attribute| attribute.level).or_else(|| settings.level(lint.name()));
        let level = level.unwrap_or(lint.group().default_level());
        let is_shown = matches!(level, Level::Warn | Level::Deny);
        let fix = is_shown.then(|| trials.propose(*lint, leaf)).flatten();
        let is_elsewhere = fix.as_ref().is_some_and(|fix| fix.is_elsewhere);
        let entry = match leaf {
            None => Some("optimizer"),
            Some(leaf) if is_elsewhere || block.network.entries[leaf.entry].node.place() != place => {
                Some(leaf.entry_name())
            }
            Some(_) => None,
        };
        diagnostics.push(Diagnostic {
            lint: lint.name(),
            level,
            set_by: set_by.cloned(),
            layer: leaf.map(|leaf| leaf.path.clone()),
            entry: entry.map(str::to_owned),
            place,
            fix,
            finding,
        });
    }
    let unfulfilled = unfulfilled(block, &diagnostics);
    Report { network, forecast, diagnostics, unfulfilled }
}

/// The levels on the entry of a layer, or on that of the optimizer, and what is underlined.
fn subject<'a>(block: &'a Block, leaf: Option<&Leaf>) -> Option<(&'a [LevelAttribute], Place)> {
    match leaf {
        Some(leaf) => Some((&block.network.entries[leaf.entry].levels, leaf.shown)),
        None => block.network.optimizer.as_ref().map(|optimizer| (&*optimizer.levels, optimizer.value.place)),
    }
}

/// The last attribute that speaks of the lint, as with rustc.
fn level_of<'a>(lint: &str, levels: &'a [LevelAttribute]) -> Option<&'a LevelAttribute> {
    levels.iter().rev().find(|attribute| attribute.lint == lint)
}

fn unfulfilled(block: &Block, diagnostics: &[Diagnostic]) -> Vec<LevelAttribute> {
    let tree = &block.network;
    let settings =
        [&tree.target, &tree.loss, &tree.optimizer].into_iter().flatten().map(|setting| &setting.levels);
    let entries = tree.entries.iter().map(|entry| &entry.levels);
    let input = tree.input.iter().map(|input| &input.levels);
    let batch = tree.batch.iter().map(|batch| &batch.levels);
    std::iter::once(&tree.levels)
        .chain(input)
        .chain(entries)
        .chain(batch)
        .chain(settings)
        .flatten()
        .filter(|attribute| attribute.level == Level::Expect)
        .filter(|attribute| {
            !diagnostics.iter().any(|diagnostic| {
                diagnostic.set_by.as_ref().is_some_and(|set_by| set_by.place == attribute.place)
            })
        })
        .cloned()
        .collect()
}
