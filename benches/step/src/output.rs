//! The file that results go to.

use std::fs::{self, File};
use std::path::Path;

/// Whether the file can be written; to ask before measuring saves the minutes that it takes.
pub(crate) fn check(path: &Path) -> Result<(), String> {
    // What is there stays there until there is something to replace it.
    File::options().append(true).create(true).open(path).map(drop).map_err(|error| named(path, error))
}

pub(crate) fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| named(path, error))
}

fn named(path: &Path, error: std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{check, write};

    #[test]
    fn a_file_that_can_not_be_written_is_named() {
        let path = Path::new("missing/results.json");
        for result in [check(path), write(path, "")] {
            let error = result.expect_err("the folder is missing");
            assert!(error.starts_with("missing/results.json: "), "{error}");
        }
    }
}
