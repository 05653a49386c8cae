//! `cargo netdsl explain`

use clap::Args;

use super::Answer;
use super::complaint::Complaint;
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
            let unknown = UnknownLint { name: self.lint };
            return Answer::complaint(Complaint::from(&unknown).advised(unknown.help()));
        };
        Answer { text: lint.page(), ..Answer::default() }
    }
}
