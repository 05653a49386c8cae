//! What a project says of its lints: levels, thresholds, and what is assumed where a block does not say.
//!
//! The macro and the command read the same file, `netdsl.toml`, in the folder of the package or in the nearest one above it:
//!
//! ```toml
//! # The levels of lints, where a block does not say.
//! [levels]
//! vanishing_gradient = "deny"
//! redundant_bias = "warn"
//!
//! # What a lint compares with; `cargo netdsl explain LINT` lists the names.
//! [thresholds.vanishing_gradient]
//! smallest_ratio = 1e-4
//!
//! # What the forecast takes for granted where a block does not say.
//! [assumptions]
//! input = "Uniform(0.0, 1.0)"
//! target = "Normal(0.0, 1.0)"
//! batch = 64
//! ```

mod file;

use netdsl_layers::{TargetDistribution, TargetKind};

use crate::forecast::InputDistribution;
use crate::language::{Block, Level, Network};

pub use file::{SettingsError, SettingsErrorKind, SettingsFile};

/// A number that a lint compares with.
#[derive(Debug)]
pub struct Threshold {
    /// The lint.
    pub lint: &'static str,
    /// The name, under which a project sets it.
    pub name: &'static str,
    /// The value where nothing is set.
    pub default: f64,
    /// The largest value that can be set: 1 for a probability or a share.
    pub most: f64,
    /// What is compared with it, and where the default comes from.
    pub meaning: &'static str,
}

/// What a project says of its lints.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    levels: Vec<(&'static str, Level)>,
    limits: Vec<(&'static str, &'static str, f64)>,
    assumptions: Assumptions,
}

impl Settings {
    /// The level of a lint, where one is set.
    pub fn level(&self, lint: &str) -> Option<Level> {
        self.levels.iter().find(|(name, _)| *name == lint).map(|(_, level)| *level)
    }

    /// Sets the level of a lint, whatever it was.
    pub fn set_level(&mut self, lint: &'static str, level: Level) {
        self.levels.retain(|(name, _)| *name != lint);
        self.levels.push((lint, level));
    }

    /// The value of a threshold.
    pub fn limit(&self, threshold: &Threshold) -> f64 {
        let set =
            self.limits.iter().find(|(lint, name, _)| *lint == threshold.lint && *name == threshold.name);
        set.map_or(threshold.default, |(.., value)| *value)
    }

    /// The network with what is assumed where the block does not say.
    pub(crate) fn assumed(&self, block: &Block, network: Network) -> Network {
        let Assumptions { input, target, batch } = self.assumptions;
        let tree = &block.network;
        let declared = tree.input.as_ref().is_some_and(|input| input.distribution.is_some());
        Network {
            input_distribution: match input {
                Some(input) if !declared => input,
                _ => network.input_distribution,
            },
            target: match network.loss.target() {
                TargetKind::Values => network.target.or(target),
                TargetKind::Classes => None,
            },
            batch: match (&tree.batch, batch) {
                (None, Some(batch)) => batch,
                _ => network.batch,
            },
            ..network
        }
    }
}

/// What is taken for granted where a block does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Assumptions {
    input: Option<InputDistribution>,
    target: Option<TargetDistribution>,
    batch: Option<usize>,
}
