//! The sources that a command looks at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;

use super::complaint::{Complaint, Complaints};
use super::output::remark;
use super::packages::Packages;
use crate::check::{CheckedFile, Levels, check};
use crate::settings::{SettingsError, SettingsFile};
use crate::source::{Files, STANDARD_INPUT, SourceError, SourceText, made_of_tokens};

#[derive(Args)]
pub(super) struct Sources {
    /// Files and folders; `-` is standard input. Default: src, tests, examples, benches and the other targets of the package
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    packages: Packages,
}

impl Sources {
    /// Checks all that can be read, and complains of the rest.
    pub(super) fn check(&self, levels: &Levels, complaints: &mut Complaints) -> Vec<CheckedFile> {
        let files = self.find(complaints);
        read(&files, levels, complaints)
    }

    /// The files that there are, and complains of what can't be found.
    pub(super) fn find(&self, complaints: &mut Complaints) -> Files {
        let paths =
            if self.paths.is_empty() { self.packages.folders(complaints) } else { self.paths.clone() };
        let files = Files::below(paths);
        files.empty.iter().for_each(|folder| remark(&format!("{folder}: no Rust file")));
        files.errors.iter().for_each(|error| complaints.add(unreadable(error)));
        files
    }
}

/// Checks all files that can be read, and complains of the rest.
pub(super) fn read(files: &Files, levels: &Levels, complaints: &mut Complaints) -> Vec<CheckedFile> {
    let mut checked = Vec::new();
    let mut projects = Projects::default();
    // One file holds for many folders: what is wrong with it is said once.
    let mut complained = BTreeSet::new();
    for path in &files.paths {
        let levels = match projects.of(path) {
            Ok(project) => levels.in_project(project.settings.clone()),
            Err(first) => {
                // The sources are checked all the same, as if the file were not there.
                if let Some(message) = first.map(|error| error.to_string())
                    && complained.insert(message.clone())
                {
                    complaints.add(message);
                }
                levels.clone()
            }
        };
        let file = SourceText::read(path).and_then(|source| {
            // Below a folder lies what is meant to be no Rust, such as templates.
            if files.named.contains(path) {
                made_of_tokens(&source)?;
            }
            check(source, &levels)
        });
        match file {
            Ok(file) => checked.push(file),
            Err(error) => complaints.add(unreadable(&error)),
        }
    }
    checked
}

fn unreadable(error: &SourceError) -> Complaint {
    Complaint::from(error).advised(error.help().map(String::from))
}

/// The settings of the folders that were seen so far.
#[derive(Default)]
struct Projects(BTreeMap<PathBuf, Option<SettingsFile>>);

impl Projects {
    /// The settings that hold for a source; standard input is taken to be a file of the current folder. An error comes with
    /// what is wrong the first time that a folder is asked for.
    fn of(&mut self, path: &str) -> Result<&SettingsFile, Option<SettingsError>> {
        let path = if path == STANDARD_INPUT { Path::new("stdin") } else { Path::new(path) };
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut error = None;
        let known = self.0.entry(folder).or_insert_with(|| match SettingsFile::of_source(path) {
            Ok(file) => Some(file),
            Err(wrong) => {
                error = Some(wrong);
                None
            }
        });
        known.as_ref().ok_or(error)
    }
}
