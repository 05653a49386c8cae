//! The command `cargo netdsl`.

use std::process::ExitCode;

fn main() -> ExitCode {
    netdsl_lint::cli::main(std::env::args_os())
}
