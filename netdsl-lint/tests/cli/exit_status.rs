//! How the command ends, on good input and bad.

use std::fs;
use std::path::Path;

use crate::run::{Run, netdsl, netdsl_reading, sources};
use tempfile::{TempDir, tempdir};

const HEALTHY: &str = "network! { struct Small { input: [4], Dense(2), loss: MeanSquaredError } }";

/// A folder with one readable network beside whatever a test puts there.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempdir().expect("a folder can be made");
    for (path, bytes) in files.iter().chain(&[("small.rs", HEALTHY.as_bytes())]) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("the path has a parent")).expect("a folder can be made");
        fs::write(path, bytes).expect("a file can be written");
    }
    folder
}

/// Lints a folder, and checks that the readable network was linted all the same.
fn lint(folder: &Path) -> Run {
    let run = netdsl(folder, &["lint", "--format", "json", "."]);
    assert!(run.output.contains("\"name\": \"Small\""), "{run:?}");
    run
}

#[track_caller]
fn refuses(folder: &Path, message: &str) {
    let run = lint(folder);
    assert_eq!((run.status, run.errors.trim_end()), (Some(2), message));
}

#[test]
fn findings_at_warn_end_with_0_and_at_deny_with_1() {
    let source = "network! { struct Deep { input: [20], [Dense(20, activation = Sigmoid); 9], loss: MeanSquaredError } }";
    let status = |arguments: &[&str]| {
        let arguments = [&["lint", "-"], arguments].concat();
        netdsl_reading(sources(), &arguments, source.as_bytes()).status
    };
    assert_eq!(status(&[]), Some(0));
    assert_eq!(status(&["--deny-warnings"]), Some(1));
    assert_eq!(status(&["--level", "vanishing_gradient=deny"]), Some(1));
    assert_eq!(
        status(&["--level", "vanishing_gradient=deny", "--level", "vanishing_gradient=allow"]),
        Some(0)
    );
    assert_eq!(status(&["--level", "vanishing_gradient=forbid"]), Some(2));
}

#[test]
fn attributes_count_more_than_the_command() {
    let source = |attribute: &str| {
        format!(
            "network! {{ struct Deep {{ input: [20], {attribute} [Dense(20, activation = Sigmoid); 9], \
             loss: MeanSquaredError }} }}"
        )
    };
    let run = |attribute: &str, level: &str| {
        let level = format!("vanishing_gradient={level}");
        netdsl_reading(
            sources(),
            &["lint", "-", "--format", "json", "--level", &level],
            source(attribute).as_bytes(),
        )
    };
    for attribute in ["#[allow(vanishing_gradient)]", "#[expect(vanishing_gradient)]"] {
        let run = run(attribute, "deny");
        assert_eq!(run.status, Some(0), "{attribute}");
        assert!(run.output.contains("\"diagnostics\": []"), "{attribute}");
    }
    assert_eq!(run("#[warn(vanishing_gradient)]", "deny").status, Some(0));
    assert_eq!(run("#[deny(vanishing_gradient)]", "allow").status, Some(1));
}

#[test]
fn both_ways_to_call_the_command_are_alike() {
    let direct = netdsl(sources(), &["lint", "healthy.rs"]);
    let by_cargo = netdsl(sources(), &["netdsl", "lint", "healthy.rs"]);
    assert_eq!(direct.status, Some(0));
    assert_eq!((direct.status, direct.output), (by_cargo.status, by_cargo.output));
}

#[test]
fn without_paths_the_sources_of_the_package_are_linted() {
    let manifest = b"[package]\nname = \"example\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let text = HEALTHY.as_bytes();
    let folder = folder(&[
        ("Cargo.toml", manifest),
        ("src/lib.rs", text),
        ("tests/a/b.rs", text),
        ("tests/.hidden/c.rs", text),
        ("src/target/d.rs", text),
        ("elsewhere/e.rs", text),
    ]);
    let files = |folder: &Path| {
        let run = netdsl(folder, &["lint", "--format", "json"]);
        assert_eq!(run.status, Some(0), "{run:?}");
        let value: serde_json::Value = serde_json::from_str(&run.output).expect("the output is JSON");
        let networks = value["networks"].as_array().expect("there are networks").clone();
        networks.iter().filter_map(|network| network["file"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(files(folder.path()), ["src/lib.rs", "tests/a/b.rs"]);
}

#[test]
fn a_folder_of_no_package_says_so() {
    let folder = tempdir().expect("a folder can be made");
    let run = netdsl(folder.path(), &["lint"]);
    assert_eq!(run.status, Some(2));
    assert!(run.errors.contains("could not find `Cargo.toml`"), "{run:?}");
}

#[test]
fn a_folder_without_rust_is_no_error() {
    let folder = tempdir().expect("a folder can be made");
    let run = netdsl(folder.path(), &["lint", "--format", "json", "."]);
    assert_eq!(run.status, Some(0));
    assert_eq!(run.errors, "warning: .: no Rust file\n");
    assert_eq!(run.output, "{\n  \"version\": 1,\n  \"networks\": []\n}\n");
}

#[test]
fn what_can_not_be_read_is_named_and_the_rest_is_linted() {
    let open = folder(&[("open.rs", b"fn main() {\n    network! {\n")]);
    refuses(open.path(), "error: open.rs:2:14: this bracket is not closed");
    let binary = folder(&[("binary.rs", b"// \xc3\xa4\n\xff")]);
    refuses(binary.path(), "error: binary.rs:2:1: the file is not UTF-8 from here on");
    let large = folder(&[("large.rs", &vec![b' '; (32 << 20) + 1])]);
    refuses(large.path(), "error: large.rs: the file is larger than the 32 MiB that are read");
    let missing = netdsl(missing_beside().path(), &["lint", "--format", "json", "small.rs", "missing.rs"]);
    assert_eq!(missing.status, Some(2));
    assert_eq!(missing.errors, "error: missing.rs: No such file or directory (os error 2)\n");
    assert!(missing.output.contains("\"name\": \"Small\""), "{missing:?}");
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_is_named_and_the_rest_is_linted() {
    use std::os::unix::ffi::OsStrExt;

    let folder = folder(&[]);
    let path = std::ffi::OsStr::from_bytes(b"\xff.rs");
    fs::write(folder.path().join(path), HEALTHY).expect("a file can be written");
    refuses(folder.path(), "error: ./\u{fffd}.rs: the path is not UTF-8");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-netdsl"));
    let run =
        command.args(["lint", "--format", "json", "small.rs"]).arg(path).current_dir(folder.path()).output();
    let run = run.expect("the command runs");
    assert_eq!(run.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&run.stdout).contains("\"name\": \"Small\""));
}

fn missing_beside() -> TempDir {
    folder(&[])
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_is_named_and_the_rest_is_linted() {
    let folder = folder(&[("inner/other.rs", b"")]);
    std::os::unix::fs::symlink("..", folder.path().join("inner/back")).expect("a link can be made");
    let run = lint(folder.path());
    assert_eq!(run.status, Some(2));
    assert!(run.errors.starts_with("error: File system loop found: "), "{run:?}");
}

#[test]
fn a_block_with_an_error_is_reported_and_the_others_are_linted() {
    let folder = folder(&[("broken.rs", b"network! { struct Broken { input: [0], Dens(1) } }")]);
    let run = lint(folder.path());
    assert_eq!((run.status, run.errors.as_str()), (Some(2), ""));
    let value: serde_json::Value = serde_json::from_str(&run.output).expect("the output is JSON");
    let broken = &value["networks"][0];
    assert_eq!(broken["name"], "Broken");
    assert_eq!(broken["error"]["line"], 1);
    assert_eq!(broken["error"], broken["errors"][0]);
    assert!(broken.get("parameters").is_none());
}

#[test]
fn ten_thousand_brackets_do_not_overflow_the_stack() {
    let (open, close) = ("(".repeat(10_000), ")".repeat(10_000));
    let around = format!("const A: u8 = {open}1{close}; fn f() {{ {open} {HEALTHY} {close} }}");
    let inside =
        format!("network! {{ struct Deep {{ input: [4], {open}Dense(1){close}, loss: MeanSquaredError }} }}");
    let argument =
        format!("network! {{ struct Sum {{ input: [4], Dense({open}1{close}), loss: MeanSquaredError }} }}");
    let run = netdsl_reading(sources(), &["lint", "-", "--format", "json"], around.as_bytes());
    assert_eq!(run.status, Some(0), "{}", run.errors);
    for source in [inside, argument] {
        let run = netdsl_reading(sources(), &["lint", "-", "--format", "json"], source.as_bytes());
        assert_eq!(run.status, Some(2), "{}", run.errors);
        assert!(run.output.contains("brackets nest deeper"), "{}", run.output);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_a_closed_pipe_is_none() {
    use std::process::{Command, Stdio};

    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-netdsl"));
        command.args(["lint", "--format", "json", "healthy.rs"]).current_dir(sources());
        command
    };
    let full = fs::File::options().write(true).open("/dev/full").expect("the device is there");
    let run = command().stdout(full).output().expect("the command runs");
    assert_eq!(run.status.code(), Some(2));
    assert!(run.stderr.starts_with(b"error: can't write to standard output"));

    let mut child =
        command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts");
    drop(child.stdout.take());
    let run = child.wait_with_output().expect("the command ends");
    assert_eq!((run.status.code(), run.stderr.as_slice()), (Some(0), b"".as_slice()));
}
