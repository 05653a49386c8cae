//! `cargo netdsl list`

use clap::Args;

use super::Answer;
use crate::lint::LINTS;

/// List all lints with their groups and default levels
#[derive(Args)]
pub(super) struct List {}

impl List {
    pub(super) fn run(self) -> Answer {
        let rows = LINTS.iter().map(|lint| {
            let group = lint.group();
            [lint.name(), group.name(), group.default_level().name()]
        });
        let rows: Vec<[&str; 3]> = std::iter::once(["lint", "group", "level"]).chain(rows).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let (name, group) = (width(0), width(1));
        let text =
            rows.iter().map(|row| format!("{:name$}  {:group$}  {}\n", row[0], row[1], row[2])).collect();
        Answer { text, ..Answer::default() }
    }
}
