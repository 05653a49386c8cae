//! The levels that a command sets.

use std::str::FromStr;

use netdsl_layers::did_you_mean;

use super::LevelSource;
use crate::language::Level;
use crate::lint::{LINTS, Lint};
use crate::settings::Settings;

/// The level of every lint where the block itself does not say, and what else a project sets.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    settings: Vec<LevelSetting>,
    /// Whether what is shown fails, as with `-D warnings`.
    deny_warnings: bool,
    /// What the project sets.
    project: Settings,
}

impl Levels {
    /// The levels of the lints themselves, changed by `settings` in their order.
    pub fn new(settings: Vec<LevelSetting>, deny_warnings: bool) -> Self {
        Self { settings, deny_warnings, project: Settings::default() }
    }

    /// The same with the settings of a project, over whose levels those of the command stand.
    #[must_use]
    pub fn in_project(&self, settings: Settings) -> Self {
        Self { project: settings, ..self.clone() }
    }

    /// What lints are run with.
    pub(super) fn settings(&self) -> Settings {
        let mut settings = self.project.clone();
        self.settings.iter().for_each(|setting| settings.set_level(setting.lint, setting.level));
        settings
    }

    /// What the project says of a lint, where it says anything.
    pub(super) fn of_project(&self, lint: &str) -> Option<Level> {
        self.project.level(lint)
    }

    /// What the command says of a lint, where it says anything.
    pub fn of(&self, lint: &str) -> Option<Level> {
        self.settings.iter().rev().find(|setting| setting.lint == lint).map(|setting| setting.level)
    }

    /// The level at which a finding is shown.
    pub(super) fn shown(&self, level: Level, set_by: LevelSource) -> (Level, LevelSource) {
        if self.deny_warnings && level == Level::Warn {
            (Level::Deny, LevelSource::DenyWarnings)
        } else {
            (level, set_by)
        }
    }
}

/// `LINT=LEVEL`
#[derive(Clone, Copy, Debug)]
pub struct LevelSetting {
    /// The lint.
    pub lint: &'static str,
    /// Its level.
    pub level: Level,
}

impl LevelSetting {
    const LEVELS: [Level; 3] = [Level::Allow, Level::Warn, Level::Deny];
}

impl FromStr for LevelSetting {
    type Err = LevelSettingError;

    fn from_str(text: &str) -> Result<Self, LevelSettingError> {
        let (lint, level) = text.split_once('=').ok_or(LevelSettingError::Form)?;
        let lint = <dyn Lint>::named(lint).ok_or_else(|| UnknownLint { name: lint.into() })?;
        let level = Self::LEVELS
            .into_iter()
            .find(|known| known.name() == level)
            .ok_or_else(|| LevelSettingError::Level { level: level.into() })?;
        Ok(Self { lint: lint.name(), level })
    }
}

/// Why a text sets no level.
#[derive(Debug, thiserror::Error)]
pub enum LevelSettingError {
    /// It is not of the form.
    #[error("write `LINT=allow`, `LINT=warn` or `LINT=deny`")]
    Form,
    /// There is no such lint.
    #[error(transparent)]
    Lint(#[from] UnknownLint),
    /// There is no such level.
    #[error("unknown level `{level}`: expected `allow`, `warn` or `deny`")]
    Level {
        /// What was written.
        level: String,
    },
}

impl LevelSettingError {
    /// What to write instead, where the message does not say it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Lint(unknown) => unknown.help(),
            Self::Form | Self::Level { .. } => None,
        }
    }
}

/// There is no lint of that name.
#[derive(Debug, thiserror::Error)]
#[error("unknown lint `{name}`{}", self.meant())]
pub struct UnknownLint {
    /// What was written.
    pub name: String,
}

impl UnknownLint {
    /// The name that may have been meant.
    fn meant(&self) -> String {
        did_you_mean(&self.name, LINTS.iter().map(|lint| lint.name()))
    }

    /// The names that there are, where none seems to be meant.
    pub fn help(&self) -> Option<String> {
        let names = LINTS.iter().map(|lint| lint.name()).collect::<Vec<_>>();
        self.meant().is_empty().then(|| format!("the lints are {}", names.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, LevelSetting, LevelSource, Levels};

    #[test]
    fn the_last_setting_counts() {
        let settings = ["non_finite=deny", "non_finite=allow"].map(|text| text.parse().expect(text));
        let levels = Levels::new(settings.into(), true);
        assert_eq!(levels.of("non_finite"), Some(Level::Allow));
        assert_eq!(levels.of("vanishing_gradient"), None);
        let shown = |level| levels.shown(level, LevelSource::Lint);
        assert_eq!(shown(Level::Warn), (Level::Deny, LevelSource::DenyWarnings));
        assert_eq!(shown(Level::Allow), (Level::Allow, LevelSource::Lint));
    }

    #[test]
    fn what_sets_no_level_says_why() {
        let cases = [
            ("non_finite", "write `LINT=allow`, `LINT=warn` or `LINT=deny`"),
            ("non_finit=warn", "unknown lint `non_finit`: did you mean `non_finite`?"),
            ("exploding=warn", "unknown lint `exploding`: did you mean `exploding_gradient`?"),
            ("gradients=warn", "unknown lint `gradients`"),
            ("non_finite=expect", "unknown level `expect`: expected `allow`, `warn` or `deny`"),
        ];
        for (text, message) in cases {
            assert_eq!(text.parse::<LevelSetting>().expect_err(text).to_string(), message);
        }
    }
}
