//! The levels that a command is told.

use clap::Args;

use crate::check::{LevelSetting, Levels};

#[derive(Args)]
pub(super) struct LevelArguments {
    /// The level of a lint where the block does not say: LINT=allow, LINT=warn or LINT=deny; the last one counts
    #[arg(long = "level", value_name = "LINT=LEVEL")]
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
