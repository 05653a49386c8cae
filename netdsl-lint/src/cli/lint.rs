//! `cargo netdsl lint`

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::output::is_styled;
use super::sources::Sources;
use super::{Answer, Status};
use crate::check::{CheckedFile, LevelSetting, Levels};
use crate::language::Level;
use crate::render::{FORMATS, Format};

/// Find every network! block in the sources, forecast it and run the lints, without building
///
/// Exit status: 0 where nothing is at deny, 1 where a finding is, 2 where something could not be read.
#[derive(Args)]
pub(super) struct Lint {
    #[command(flatten)]
    sources: Sources,

    /// How the findings are printed
    #[arg(long, default_value = FORMATS[0].name(), value_parser = format_parser())]
    format: &'static dyn Format,

    /// The level of a lint where the block does not say: LINT=allow, LINT=warn or LINT=deny; the last one counts
    #[arg(long = "level", value_name = "LINT=LEVEL")]
    levels: Vec<LevelSetting>,

    /// Let no warning pass
    #[arg(long)]
    deny_warnings: bool,
}

fn format_parser() -> impl TypedValueParser<Value = &'static dyn Format> {
    let names = PossibleValuesParser::new(FORMATS.iter().map(|format| format.name()));
    names.try_map(|name| <dyn Format>::named(&name).ok_or("unknown format"))
}

impl Lint {
    pub(super) fn run(self) -> Answer {
        let levels = Levels::new(self.levels, self.deny_warnings);
        let (files, read) = self.sources.check(&levels);
        let text = self.format.render(&files, is_styled());
        Answer { text, status: read.max(status(&files)) }
    }
}

fn status(files: &[CheckedFile]) -> Status {
    let of_blocks = files.iter().flat_map(|file| &file.blocks).map(|block| match &block.outcome {
        Err(_) => Status::Unusable,
        Ok(network) if network.findings.iter().any(|finding| finding.level == Level::Deny) => Status::Denied,
        Ok(_) => Status::Clean,
    });
    of_blocks.max().unwrap_or(Status::Clean)
}
