//! The levels that a command is told.

use std::error::Error;
use std::ffi::OsStr;

use clap::builder::TypedValueParser;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Args, Command};

use crate::check::{LevelSetting, LevelSettingError, Levels};

#[derive(Args)]
pub(super) struct LevelArguments {
    /// The level of a lint where the block does not say: LINT=allow, LINT=warn or LINT=deny; the last one counts
    #[arg(long = "level", value_name = "LINT=LEVEL", value_parser = LevelParser)]
    levels: Vec<LevelSetting>,

    /// Let no warning pass
    #[arg(long)]
    deny_warnings: bool,
}

impl LevelArguments {
    pub(super) fn levels(&self) -> Levels {
        Levels::new(self.levels.clone(), self.deny_warnings)
    }
}

/// Reads a level, and says apart from the error what would be one.
#[derive(Clone)]
struct LevelParser;

impl TypedValueParser for LevelParser {
    type Value = LevelSetting;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<LevelSetting, clap::Error> {
        let read = |text: &str| text.parse::<LevelSetting>();
        read.parse_ref(command, argument, value).map_err(|mut error| {
            let reason = error.source().and_then(|reason| reason.downcast_ref::<LevelSettingError>());
            if let Some(help) = reason.and_then(LevelSettingError::help) {
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![help.into()]));
            }
            error
        })
    }
}
