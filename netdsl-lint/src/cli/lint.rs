//! `cargo netdsl lint`

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::baseline::BaselineArguments;
use super::complaint::Complaints;
use super::levels::LevelArguments;
use super::output::is_styled;
use super::sources::Sources;
use super::{Answer, Status};
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

    #[command(flatten)]
    levels: LevelArguments,

    #[command(flatten)]
    baseline: BaselineArguments,
}

fn format_parser() -> impl TypedValueParser<Value = &'static dyn Format> {
    let names = PossibleValuesParser::new(FORMATS.iter().map(|format| format.name()));
    names.try_map(|name| <dyn Format>::named(&name).ok_or("unknown format"))
}

impl Lint {
    pub(super) fn run(self) -> Answer {
        let mut complaints = Complaints::default();
        let mut files = self.sources.check(&self.levels.levels(), &mut complaints);
        self.baseline.apply(&mut files, &mut complaints);
        let text = self.format.render(&files, is_styled()) + &self.format.summary(&files, complaints.count());
        Answer { text, status: complaints.status().max(Status::of(&files)), ..Answer::default() }
    }
}
