//! From the paths that a person names to the files that are read.

use std::collections::BTreeSet;
use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use super::error::SourceError;

/// The path that stands for standard input.
pub const STANDARD_INPUT: &str = "-";

/// The files below some paths.
#[derive(Debug, Default)]
pub struct Files {
    /// The paths, sorted, each once.
    pub paths: BTreeSet<String>,
    /// Those of them that were named themselves, not the folder above them.
    pub named: BTreeSet<String>,
    /// The paths that can't be followed.
    pub errors: Vec<SourceError>,
    /// The folders without a Rust file.
    pub empty: Vec<String>,
}

impl Files {
    /// Files as they are named, and of folders every `.rs` file below them.
    ///
    /// Below a folder, `target` and what begins with a dot is left out. Symbolic links are followed; one that leads
    /// back to where it stands is an error.
    pub fn below<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Self {
        let mut files = Self::default();
        for path in paths {
            let path = path.as_ref();
            if path.as_os_str() != STANDARD_INPUT && path.is_dir() {
                files.folder(path);
            } else if let Some(path) = files.path(path) {
                files.named.insert(path);
            }
        }
        files
    }

    fn folder(&mut self, folder: &Path) {
        let mut found = false;
        let entries = WalkDir::new(folder).follow_links(true).into_iter();
        for entry in entries.filter_entry(|entry| entry.depth() == 0 || is_visited(entry)) {
            match entry {
                Ok(entry) if !entry.file_type().is_dir() && has_rust_name(&entry) => {
                    found = true;
                    self.path(entry.path());
                }
                Ok(_) => {}
                Err(error) => {
                    found = true;
                    self.errors.push(error.into());
                }
            }
        }
        if !found {
            self.empty.push(folder.to_string_lossy().into_owned());
        }
    }

    fn path(&mut self, path: &Path) -> Option<String> {
        let Some(text) = path.to_str() else {
            self.errors.push(SourceError::Unreadable {
                path: path.to_string_lossy().into_owned(),
                reason: std::io::Error::other("the path is not UTF-8"),
            });
            return None;
        };
        let path = tidy(text);
        self.paths.insert(path.clone());
        Some(path)
    }
}

fn is_visited(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let is_built = name == "target" && entry.file_type().is_dir();
    !is_built && !name.starts_with('.')
}

fn has_rust_name(entry: &DirEntry) -> bool {
    entry.path().extension().is_some_and(|extension| extension == "rs")
}

/// `./src` and `src` are one folder; `./-` is a file and `-` is none.
fn tidy(path: &str) -> String {
    let mut tidy = path;
    while let Some(rest) = tidy.strip_prefix("./") {
        tidy = rest.trim_start_matches('/');
    }
    if tidy == STANDARD_INPUT { path.into() } else { tidy.into() }
}

#[cfg(test)]
mod tests {
    use super::Files;

    #[test]
    fn files_are_sorted_and_each_there_once() {
        let files = Files::below(["b.rs", "./a.rs", ".//b.rs", "./-", "-"]);
        assert_eq!(files.named, files.paths);
        assert_eq!(files.paths.into_iter().collect::<Vec<_>>(), ["-", "./-", "a.rs", "b.rs"]);
    }
}
