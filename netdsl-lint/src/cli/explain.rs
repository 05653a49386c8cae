//! `cargo netdsl explain`

use clap::Args;

use super::output::complain;
use super::{Answer, Status};
use crate::check::UnknownLint;
use crate::lint::Lint;

/// Say what a lint does, why what it finds is bad, the maths behind it, and what to use instead
#[derive(Args)]
pub(super) struct Explain {
    /// The lint, by the name that `list` and the messages have
    lint: String,
}

impl Explain {
    pub(super) fn run(self) -> Answer {
        let Some(lint) = <dyn Lint>::named(&self.lint) else {
            complain(&UnknownLint { name: self.lint }.to_string());
            return Answer { status: Status::Unusable, ..Answer::default() };
        };
        Answer { text: lint.page(), ..Answer::default() }
    }
}
