//! The sources that a command looks at.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::Args;

use super::Status;
use super::output::{complain, remark};
use super::packages::Packages;
use crate::check::{CheckedFile, Levels, check};
use crate::source::{Files, SourceText};

#[derive(Args)]
pub(super) struct Sources {
    /// Files and folders; `-` is standard input. Default: src, tests, examples, benches and the other targets of the package
    #[arg(value_name = "PATHS")]
    paths: Vec<OsString>,

    #[command(flatten)]
    packages: Packages,
}

impl Sources {
    /// Checks all that can be read, and complains of the rest.
    pub(super) fn check(&self, levels: &Levels) -> (Vec<CheckedFile>, Status) {
        let (paths, found) = self.find();
        let (files, read) = read(&paths, levels);
        (files, found.max(read))
    }

    /// The files that there are, and complains of what can't be found.
    pub(super) fn find(&self) -> (BTreeSet<String>, Status) {
        let (paths, mut errors) = if self.paths.is_empty() {
            let (folders, errors) = self.packages.folders();
            (folders.into_iter().map(OsString::from).collect(), errors)
        } else {
            (self.paths.clone(), Vec::new())
        };
        let files = Files::below(paths);
        files.empty.iter().for_each(|folder| remark(&format!("{folder}: no Rust file")));
        errors.extend(files.errors.iter().map(ToString::to_string));
        errors.iter().for_each(|error| complain(error));
        (files.paths, if errors.is_empty() { Status::Clean } else { Status::Unusable })
    }
}

/// Checks all files that can be read, and complains of the rest.
pub(super) fn read(paths: &BTreeSet<String>, levels: &Levels) -> (Vec<CheckedFile>, Status) {
    let mut status = Status::Clean;
    let mut checked = Vec::new();
    for path in paths {
        match SourceText::read(path).and_then(|source| check(source, levels)) {
            Ok(file) => checked.push(file),
            Err(error) => {
                complain(&error.to_string());
                status = Status::Unusable;
            }
        }
    }
    (checked, status)
}
