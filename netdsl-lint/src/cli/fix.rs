//! `cargo netdsl fix`

use std::collections::HashSet;
use std::path::Path;

use clap::Args;

use super::file::write_file;
use super::levels::LevelArguments;
use super::output::{complain, is_styled};
use super::sources::{Sources, read};
use super::version_control::VersionControl;
use super::{Answer, Status};
use crate::check::{CheckedFile, RepairedFile, repair};
use crate::render::{count, render_diff, render_findings};
use crate::source::{STANDARD_INPUT, SourceText};

/// Apply the fixes whose new forecast is healthy to the sources
///
/// Not a byte outside a block is changed, and a file is written whole or not at all. Of standard input the changed text is
/// printed. Exit status: 0 where nothing is left at deny, 1 where a finding is, 2 where something could not be read or
/// written.
#[derive(Args)]
pub(super) struct Fix {
    #[command(flatten)]
    sources: Sources,

    /// Print the changes as a diff, and write nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    levels: LevelArguments,

    #[command(flatten)]
    version_control: VersionControl,
}

impl Fix {
    pub(super) fn run(self) -> Answer {
        let levels = self.levels.levels();
        let (mut sources, found) = self.sources.find();
        let mut seen = HashSet::new();
        // A file is changed once, however many links lead to it. What can't be followed is named where it is read.
        sources.paths.retain(|path| {
            path == STANDARD_INPUT || Path::new(path).canonicalize().map_or(true, |file| seen.insert(file))
        });
        let files = sources.paths.iter().filter(|path| *path != STANDARD_INPUT).map(Path::new);
        if !self.dry_run
            && let Err(message) = self.version_control.allows(files)
        {
            complain(&message);
            return Answer { status: Status::Unusable, ..Answer::default() };
        }
        let (files, read) = read(&sources, &levels);
        let mut run = Run { dry: self.dry_run, status: found.max(read), ..Run::default() };
        for file in files {
            match repair(&file) {
                Ok(repaired) => run.file(file, repaired),
                Err(error) => run.fail(&error.to_string()),
            }
        }
        run.answer(sources.paths.contains(STANDARD_INPUT))
    }
}

/// What was done so far.
#[derive(Default)]
struct Run {
    dry: bool,
    status: Status,
    /// Texts and differences.
    output: String,
    /// What was fixed and what was not.
    log: String,
    fixes: usize,
    changed_files: usize,
    /// The files as they are now.
    files: Vec<CheckedFile>,
}

impl Run {
    fn fail(&mut self, message: &str) {
        complain(message);
        self.status = Status::Unusable;
    }

    fn file(&mut self, before: CheckedFile, RepairedFile { file: after, applied, refused }: RepairedFile) {
        let path = before.source.path();
        let (old, new) = (before.source.file(), after.source.file());
        if self.dry {
            self.output.push_str(&render_diff(path, &old, &new, is_styled()));
        } else if path == STANDARD_INPUT {
            self.output.push_str(&new);
        } else if old != new
            && let Err(message) = write(&before.source, &new)
        {
            self.fail(&message);
            self.files.push(before);
            return;
        }
        for fix in &applied {
            let done = if self.dry { "would fix" } else { "fixed" };
            let (lint, network, title) = (fix.lint, &fix.network, &fix.title);
            self.log.push_str(&format!("{path}: {done} {lint} in `{network}`: {title}\n"));
        }
        for fix in &refused {
            let (lint, network, title, reason) = (fix.lint, &fix.network, &fix.title, &fix.reason);
            self.log.push_str(&format!("{path}: left {lint} in `{network}`, {reason}: {title}\n"));
        }
        self.fixes += applied.len();
        self.changed_files += usize::from(!applied.is_empty());
        self.files.push(after);
    }

    fn answer(self, reads_standard_input: bool) -> Answer {
        let Self { dry, status, output, mut log, fixes, changed_files, files } = self;
        log.push_str(&render_findings(&files));
        let done = if dry { " would be applied" } else { "" };
        let (fixes, changed_files) = (count(fixes, "fix", "fixes"), count(changed_files, "file", "files"));
        log.push_str(&format!("{fixes} in {changed_files}{done}\n"));
        let status = status.max(Status::of(&files));
        // What another program reads stands alone.
        if dry || reads_standard_input {
            Answer { text: output, log, status }
        } else {
            Answer { text: output + &log, log: String::new(), status }
        }
    }
}

/// Writes a file that still is what was read.
fn write(source: &SourceText, new: &str) -> Result<(), String> {
    let path = source.path();
    let now = SourceText::read(path).map_err(|error| error.to_string())?;
    if now.file() != source.file() {
        return Err(format!(
            "{path}: another program has changed the file meanwhile, and it is left as it is"
        ));
    }
    write_file(Path::new(path), new.as_bytes()).map_err(|error| format!("{path}: {error}"))
}
