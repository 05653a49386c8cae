//! Runs the command as a person does.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run of the command left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// `cargo-netdsl` with these arguments in this folder.
pub(crate) fn netdsl(folder: &Path, arguments: &[&str]) -> Run {
    netdsl_reading(folder, arguments, b"")
}

/// The same, with this on standard input.
pub(crate) fn netdsl_reading(folder: &Path, arguments: &[&str], input: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cargo-netdsl"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // A run that does not read its input may have closed it.
    let _ = child.stdin.take().expect("standard input is a pipe").write_all(input);
    let output = child.wait_with_output().expect("the command ends");
    Run {
        status: output.status.code(),
        output: String::from_utf8(output.stdout).expect("the output is text"),
        errors: String::from_utf8(output.stderr).expect("the errors are text"),
    }
}

/// The folder of the sources that the tests read.
pub(crate) fn sources() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/sources"))
}
