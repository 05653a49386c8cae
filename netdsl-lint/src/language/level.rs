//! Lint levels on a network or an entry.

use netdsl_layers::Place;

/// What is done with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    Allow,
    /// Nothing, but a word where there is no finding.
    Expect,
    /// It is shown.
    Warn,
    /// It is shown and fails the build.
    Deny,
}

impl Level {
    /// All levels that can be written.
    pub const ALL: [Self; 4] = [Self::Allow, Self::Expect, Self::Warn, Self::Deny];

    /// The name, as rustc writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Expect => "expect",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }

    /// The level of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// One lint that an attribute names: `#[allow(vanishing_gradient)]`.
#[derive(Clone, Debug)]
pub struct LevelAttribute {
    /// The level.
    pub level: Level,
    /// The lint.
    pub lint: &'static str,
    /// Where the lint's name stands.
    pub place: Place,
}
