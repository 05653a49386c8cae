//! The file of known findings.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use netdsl_layers::count;

use super::complaint::{Complaint, Complaints};
use super::file::{folder_of, write_file};
use super::output::note;
use super::paths::relative;
use crate::check::{Baseline, CheckedFile, Comparison};
use crate::source::{MAX_BYTES, STANDARD_INPUT};

#[derive(Args)]
pub(super) struct BaselineArguments {
    /// Report only what this file does not know; where it does not exist, it is written with the findings of today
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Write the findings of today into the baseline, whatever it knows of these files
    #[arg(long, requires = "baseline")]
    update_baseline: bool,
}

impl BaselineArguments {
    /// Removes what is known from the files.
    pub(super) fn apply(&self, files: &mut [CheckedFile], complaints: &mut Complaints) {
        if let Some(path) = &self.baseline
            && let Err(message) = self.compare(path, files)
        {
            complaints.add(Complaint::from(message).of(path.display()));
        }
    }

    fn compare(&self, path: &Path, files: &mut [CheckedFile]) -> Result<(), String> {
        let old = read(path)?;
        let folder = folder_of(path).map_err(|error| error.to_string())?;
        let name = |file: &str| name_of(file, &folder);
        match old {
            Some(old) if !self.update_baseline => {
                let Comparison { known, gone } = old.remove_from(files, name);
                if known + gone > 0 {
                    let known = count(known, "finding is", "findings are");
                    let gone = match gone {
                        0 => String::new(),
                        gone => format!(
                            ", {}: `--update-baseline` drops what is gone",
                            count(gone, "other no longer occurs", "others no longer occur")
                        ),
                    };
                    note(&format!("{}: {known} known and left out{gone}", path.display()));
                }
            }
            old => {
                let exists = |file: &str| file == STANDARD_INPUT || folder.join(file).exists();
                let new = Baseline::of(files, name).merged(old.unwrap_or_default(), files, name, exists);
                write_file(path, new.text().as_bytes()).map_err(|error| error.to_string())?;
                let known = count(new.len(), "finding is", "findings are");
                note(&format!(
                    "{}: {known} recorded, and only others are reported from now on",
                    path.display()
                ));
                new.remove_from(files, name);
            }
        }
        Ok(())
    }
}

/// The baseline of a file, where there is one.
fn read(path: &Path) -> Result<Option<Baseline>, String> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mut text = String::new();
    let length = file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if length as u64 > MAX_BYTES {
        return Err(format!("the file is larger than the {} MiB that are read", MAX_BYTES >> 20));
    }
    Baseline::parse(&text).map(Some).map_err(|error| error.to_string())
}

/// The path of a source from the folder of the baseline, so that it is the same wherever the command is called.
fn name_of(path: &str, folder: &Path) -> String {
    let (Some(name), Ok(from_root)) = (Path::new(path).file_name(), folder_of(Path::new(path))) else {
        return path.into();
    };
    if path == STANDARD_INPUT {
        return path.into();
    }
    let from_folder = relative(&from_root.join(name), folder);
    let parts: Vec<_> = from_folder.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn sources_are_named_from_the_folder_of_the_baseline() {
        let root = tempfile::tempdir().expect("a folder can be made");
        let root = root.path().canonicalize().expect("the folder is there");
        std::fs::create_dir_all(root.join("a/b")).expect("a folder can be made");
        let name = |path: &str, folder: &str| name_of(&root.join(path).to_string_lossy(), &root.join(folder));
        assert_eq!(name("a/b/c.rs", "a"), "b/c.rs");
        assert_eq!(name("a/../a/b/c.rs", "a/b"), "c.rs");
        assert_eq!(name("a/c.rs", "a/b"), "../c.rs");
        assert_eq!(name_of("-", &root), "-");
    }
}
