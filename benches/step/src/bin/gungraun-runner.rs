//! Counts what `benches/instructions.rs` consists of: gungraun looks for a program of this name in the package of a
//! benchmark, so that nobody has to install one of the same version.

use std::io;
use std::process::{Command, ExitCode, Stdio};

fn main() -> ExitCode {
    if let Some(lacking) = lacking() {
        println!("skipped: {lacking}");
        // The benchmark waits until what it says is read.
        return io::copy(&mut io::stdin(), &mut io::sink()).map_or(ExitCode::FAILURE, |_| ExitCode::SUCCESS);
    }
    match gungraun_runner::runner::run::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What this machine lacks to count the instructions that are stored.
fn lacking() -> Option<&'static str> {
    #[cfg(target_arch = "x86_64")]
    let registers = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    let registers = false;
    if !registers {
        return Some("the counts are of a processor with AVX2");
    }
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    valgrind.is_err().then_some("valgrind is not here to count instructions")
}
