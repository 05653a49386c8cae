//! `cargo netdsl fix`

use std::collections::HashSet;
use std::path::Path;

use clap::Args;
use netdsl_layers::count;

use super::complaint::{Complaint, Complaints};
use super::file::write_file;
use super::levels::LevelArguments;
use super::output::is_styled;
use super::sources::{Sources, read};
use super::version_control::VersionControl;
use super::{Answer, Status};
use crate::check::{CheckedFile, RepairedFile, repair};
use crate::render::{render_diff, render_findings};
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
        let mut complaints = Complaints::default();
        let mut sources = self.sources.find(&mut complaints);
        let mut seen = HashSet::new();
        // A file is changed once, however many links lead to it. What can't be followed is named where it is read.
        sources.paths.retain(|path| {
            path == STANDARD_INPUT || Path::new(path).canonicalize().map_or(true, |file| seen.insert(file))
        });
        let mut repaired = Vec::new();
        for file in read(&sources, &self.levels.levels(), &mut complaints) {
            match repair(&file) {
                Ok(after) => repaired.push((file, after)),
                Err(error) => complaints.add(error),
            }
        }
        // Where nothing would be written nothing can be lost: a second run may look at what the first has changed.
        let written = repaired.iter().filter(|(before, after)| writes(before, after));
        if !self.dry_run
            && let Err(complaint) =
                self.version_control.allows(written.map(|(file, _)| Path::new(file.source.path())))
        {
            complaints.add(complaint);
            return Answer { status: complaints.status(), ..Answer::default() };
        }
        let mut run = Run { dry: self.dry_run, complaints, ..Run::default() };
        repaired.into_iter().for_each(|(before, after)| run.file(before, after));
        run.answer(sources.paths.contains(STANDARD_INPUT))
    }
}

/// What was done so far.
#[derive(Default)]
struct Run {
    dry: bool,
    complaints: Complaints,
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
    fn file(&mut self, before: CheckedFile, repaired: RepairedFile) {
        let is_written = writes(&before, &repaired);
        let RepairedFile { file: after, applied, refused } = repaired;
        let path = before.source.path();
        let new = after.source.file();
        if self.dry {
            self.output.push_str(&render_diff(path, &before.source.file(), &new, is_styled()));
        } else if path == STANDARD_INPUT {
            self.output.push_str(&new);
        } else if is_written && let Err(complaint) = write(&before.source, &new) {
            self.complaints.add(complaint);
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
        let Self { dry, complaints, output, mut log, fixes, changed_files, files } = self;
        log.push_str(&render_findings(&files));
        let done = if dry { " would be applied" } else { "" };
        let (fixes, changed_files) = (count(fixes, "fix", "fixes"), count(changed_files, "file", "files"));
        log.push_str(&format!("{fixes} in {changed_files}{done}\n"));
        let status = complaints.status().max(Status::of(&files));
        // What another program reads stands alone.
        if dry || reads_standard_input {
            Answer { text: output, log, status }
        } else {
            Answer { text: output + &log, log: String::new(), status }
        }
    }
}

/// Whether a file on the disk changes.
fn writes(before: &CheckedFile, after: &RepairedFile) -> bool {
    before.source.path() != STANDARD_INPUT && before.source.file() != after.file.source.file()
}

/// Writes a file that still is what was read.
fn write(source: &SourceText, new: &str) -> Result<(), Complaint> {
    let path = source.path();
    let now = SourceText::read(path)?;
    if now.file() != source.file() {
        return Err(format!(
            "{path}: another program has changed the file meanwhile, and it is left as it is"
        )
        .into());
    }
    write_file(Path::new(path), new.as_bytes()).map_err(|error| Complaint::from(error).of(path))
}
