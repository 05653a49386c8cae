//! The command `cargo netdsl`, one file for each subcommand.

mod baseline;
mod complaint;
mod explain;
mod file;
mod fix;
mod forecast;
mod levels;
mod lint;
mod list;
mod output;
mod packages;
mod paths;
mod sources;
mod version_control;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::check::CheckedFile;
use crate::language::Level;

use complaint::{Complaint, Complaints};
use output::{print, report};

/// Forecasts and lints the networks of a crate without building it.
#[derive(Parser)]
#[command(name = "cargo-netdsl", bin_name = "cargo netdsl", version, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Lint(lint::Lint),
    Fix(fix::Fix),
    Forecast(forecast::Forecast),
    List(list::List),
    Explain(explain::Explain),
}

/// How a command ends; the worst of what happened counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    /// There is nothing at `deny`.
    #[default]
    Clean,
    /// There is a finding at `deny`.
    Denied,
    /// Something could not be read or written.
    Unusable,
}

impl Status {
    /// What checked files come to.
    fn of(files: &[CheckedFile]) -> Self {
        let of_blocks = files.iter().flat_map(|file| &file.blocks).map(|block| match &block.outcome {
            Err(_) => Self::Unusable,
            Ok(network) if network.findings.iter().any(|finding| finding.level == Level::Deny) => {
                Self::Denied
            }
            Ok(_) => Self::Clean,
        });
        of_blocks.max().unwrap_or_default()
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Clean => 0,
            Status::Denied => 1,
            Status::Unusable => 2,
        })
    }
}

/// What a subcommand prints, and how it ends.
#[derive(Default)]
struct Answer {
    /// What goes to standard output.
    text: String,
    /// What is said of it, afterwards, to standard error.
    log: String,
    status: Status,
}

impl Answer {
    /// Nothing but a complaint.
    fn complaint(complaint: impl Into<Complaint>) -> Self {
        let mut complaints = Complaints::default();
        complaints.add(complaint);
        Self { status: complaints.status(), ..Self::default() }
    }
}

/// Runs the command with the arguments of a process, the first of which is its name.
///
/// `cargo netdsl lint` calls `cargo-netdsl netdsl lint`; the second word is left out.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|argument| argument == "netdsl") {
        arguments.remove(1);
    }
    let command = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line.command,
        Err(error) => {
            let printed = printed(error.print());
            return if error.use_stderr() { Status::Unusable } else { printed }.into();
        }
    };
    let answer = match command {
        Command::Lint(command) => command.run(),
        Command::Fix(command) => command.run(),
        Command::Forecast(command) => command.run(),
        Command::List(command) => command.run(),
        Command::Explain(command) => command.run(),
    };
    let printed = printed(print(&answer.text));
    report(&answer.log);
    answer.status.max(printed).into()
}

/// How a command ends that has printed its answer, or could not. A reader that has seen enough, such as `head`, is no error.
fn printed(result: io::Result<()>) -> Status {
    let mut complaints = Complaints::default();
    if let Err(error) = result
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        complaints.add(format!("can't write to standard output: {error}"));
    }
    complaints.status()
}
