//! What has to be committed before sources are changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use clap::Args;

use super::complaint::Complaint;

/// How many files a message names.
const MOST_NAMED: usize = 10;

const HEADING: &str = "Version control";

/// The flags of `cargo fix`, with the same meaning.
#[derive(Args)]
pub(super) struct VersionControl {
    /// Change files though the working tree has changes that are not committed
    #[arg(long, help_heading = HEADING)]
    allow_dirty: bool,

    /// Change files though changes are staged
    #[arg(long, help_heading = HEADING)]
    allow_staged: bool,

    /// Change files though no git repository keeps the old text, or git is not to be asked
    #[arg(long, help_heading = HEADING)]
    allow_no_vcs: bool,
}

impl VersionControl {
    /// Whether the sources may be changed; if not, why.
    pub(super) fn allows<'a>(&self, paths: impl Iterator<Item = &'a Path>) -> Result<(), Complaint> {
        if self.allow_no_vcs {
            return Ok(());
        }
        // What stands behind a link is what is changed. What can't be found is refused where it is read.
        let folders = paths.filter_map(|path| Some(path.canonicalize().ok()?.parent()?.to_path_buf()));
        let mut repositories = BTreeSet::new();
        for folder in folders.collect::<BTreeSet<_>>() {
            repositories.insert(repository(&folder)?);
        }
        if self.allow_dirty && self.allow_staged {
            return Ok(());
        }
        let mut uncommitted = Vec::new();
        for repository in repositories {
            uncommitted.extend(changes(&repository)?.into_iter().filter(|change| match change {
                Change::Staged(_) => !self.allow_staged,
                Change::Dirty(_) => !self.allow_dirty,
            }));
        }
        if uncommitted.is_empty() { Ok(()) } else { Err(refusal(&uncommitted)) }
    }
}

fn refusal(uncommitted: &[Change]) -> Complaint {
    let mut message = String::from(
        "the working tree has changes that are not committed, and the fixes would mix with them:",
    );
    for change in uncommitted.iter().take(MOST_NAMED) {
        let (path, state) = match change {
            Change::Dirty(path) => (path, "dirty"),
            Change::Staged(path) => (path, "staged"),
        };
        message.push_str(&format!("\n  {path} ({state})"));
    }
    if uncommitted.len() > MOST_NAMED {
        message.push_str(&format!("\n  and {} more", uncommitted.len() - MOST_NAMED));
    }
    let help = "commit these files, or pass `--allow-dirty` and, for what is staged, `--allow-staged`";
    Complaint::from(message).help(help)
}

/// A file that differs from the last commit, by its path in the repository.
enum Change {
    Dirty(String),
    Staged(String),
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Output, Complaint> {
    let mut command = Command::new("git");
    // The messages are read below.
    command.arg("-C").arg(folder).args(arguments).env("LC_ALL", "C");
    command.output().map_err(|error| {
        let message = format!("can't run `git` to see whether the old text is kept: {error}");
        Complaint::from(message).help("`--allow-no-vcs` does without")
    })
}

/// The root of the repository that a folder lies in.
fn repository(folder: &Path) -> Result<PathBuf, Complaint> {
    let output = git(folder, &["rev-parse", "--show-toplevel"])?;
    if output.status.success() {
        return Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n')));
    }
    let reason = String::from_utf8_lossy(&output.stderr);
    let folder = folder.display();
    let (message, help) = if reason.contains("not a git repository") {
        let message = format!("no git repository keeps the old text of {folder}");
        (message, "to change it all the same, pass `--allow-no-vcs`")
    } else {
        (format!("git says of {folder}: {}", reason.trim()), "`--allow-no-vcs` does not ask it")
    };
    Err(Complaint::from(message).help(help))
}

fn changes(repository: &Path) -> Result<Vec<Change>, Complaint> {
    let output = git(repository, &["status", "--porcelain=v1", "-z"])?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(format!("git says of {}: {}", repository.display(), reason.trim()).into());
    }
    Ok(parse_status(&String::from_utf8_lossy(&output.stdout)))
}

/// The form is that of the documentation of git-status, "Porcelain Format Version 1" with `-z`: two letters for the index
/// and the working tree, a space and the path; behind what was renamed or copied stands the old path.
fn parse_status(status: &str) -> Vec<Change> {
    let mut entries = status.split('\0');
    let mut changes = Vec::new();
    while let Some(entry) = entries.next() {
        let (Some(state), Some(path)) = (entry.get(..2), entry.get(3..)) else { continue };
        if state.contains(['R', 'C']) {
            entries.next();
        }
        let path = path.to_owned();
        // As with cargo, what is staged and changed again is dirty.
        changes.push(if state.ends_with(' ') { Change::Staged(path) } else { Change::Dirty(path) });
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::{Change, parse_status};

    #[test]
    fn staged_and_dirty_files_are_told_apart() {
        let status = "M  staged\0 M changed\0MM both\0R  new name\0old name\0?? new\0";
        let found: Vec<(bool, String)> = parse_status(status)
            .into_iter()
            .map(|change| match change {
                Change::Staged(path) => (true, path),
                Change::Dirty(path) => (false, path),
            })
            .collect();
        let expected =
            [(true, "staged"), (false, "changed"), (false, "both"), (true, "new name"), (false, "new")];
        assert_eq!(found, expected.map(|(staged, path)| (staged, path.to_owned())));
    }
}
