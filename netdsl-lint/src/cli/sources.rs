//! The sources that a command looks at.

use std::path::Path;

use cargo_metadata::{Metadata, MetadataCommand, Package};
use clap::Args;

use super::Status;
use super::output::{complain, remark};
use crate::check::{CheckedFile, Levels, check};
use crate::source::{Files, SourceText};

/// The folders of a package that hold sources.
const FOLDERS: [&str; 4] = ["src", "tests", "examples", "benches"];

#[derive(Args)]
pub(super) struct Sources {
    /// Files and folders; `-` is standard input. Default: src, tests, examples and benches of the package
    #[arg(value_name = "PATHS")]
    paths: Vec<String>,
}

impl Sources {
    /// Checks all that can be read, and complains of the rest.
    pub(super) fn check(&self, levels: &Levels) -> (Vec<CheckedFile>, Status) {
        let mut status = Status::Clean;
        let mut refuse = |message: String| {
            complain(&message);
            status = Status::Unusable;
        };
        let paths = if self.paths.is_empty() {
            package_folders().unwrap_or_else(|message| {
                refuse(message);
                Vec::new()
            })
        } else {
            self.paths.clone()
        };
        let files = Files::below(paths);
        files.empty.iter().for_each(|folder| remark(&format!("{folder}: no Rust file")));
        files.errors.iter().for_each(|error| refuse(error.to_string()));
        let mut checked = Vec::new();
        for path in &files.paths {
            match SourceText::read(path).and_then(|source| check(source, levels)) {
                Ok(file) => checked.push(file),
                Err(error) => refuse(error.to_string()),
            }
        }
        (checked, status)
    }
}

/// The source folders of the package of the current folder; where that is a workspace without a package of its own,
/// those of its default members.
fn package_folders() -> Result<Vec<String>, String> {
    let metadata = MetadataCommand::new().no_deps().exec().map_err(|error| match error {
        cargo_metadata::Error::CargoMetadata { stderr } => {
            stderr.trim().trim_start_matches("error: ").to_owned()
        }
        error => error.to_string(),
    })?;
    let here = std::env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
    let packages = packages(&metadata, &here);
    let folders = packages.iter().filter_map(|package| package.manifest_path.parent()).flat_map(|root| {
        let root = root.as_std_path();
        let shown = root.strip_prefix(&here).unwrap_or(root);
        FOLDERS.map(|folder| shown.join(folder)).into_iter().filter(|folder| folder.is_dir())
    });
    Ok(folders.map(|folder| folder.to_string_lossy().into_owned()).collect())
}

fn packages<'a>(metadata: &'a Metadata, here: &Path) -> Vec<&'a Package> {
    let around = metadata.packages.iter().filter(|package| {
        package.manifest_path.parent().is_some_and(|root| here.starts_with(root.as_std_path()))
    });
    // The innermost, which is the one whose manifest cargo itself would take.
    match around.max_by_key(|package| package.manifest_path.as_str().len()) {
        Some(package) => vec![package],
        None => metadata.workspace_default_packages(),
    }
}
