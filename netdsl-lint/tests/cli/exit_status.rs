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
    assert!(run.errors.starts_with("error: could not find `Cargo.toml`"), "{run:?}");
    assert!(
        run.errors
            .ends_with("\nhelp: name the files and folders to look at, or a package by `--manifest-path`\n")
    );
    assert_eq!(run.output, "", "there is nothing to sum up");
}

#[test]
fn what_could_not_be_read_counts_as_an_error() {
    let folder = folder(&[("binary.rs", b"\xff")]);
    let run = netdsl(folder.path(), &["lint", "missing.rs", "."]);
    let summary = "1 network in 1 file: 2 errors, 0 warnings\n";
    assert_eq!((run.status, run.output.as_str()), (Some(2), summary), "{}", run.errors);
    let run = netdsl(folder.path(), &["lint", "--baseline", "missing/known.json", "small.rs"]);
    assert_eq!(run.errors, "error: missing/known.json: the folder `missing` does not exist\n");
    assert_eq!((run.status, run.output), (Some(2), summary.replace("2 errors", "1 error")));
}

#[test]
fn a_path_without_letters_is_no_file() {
    let run = netdsl(sources(), &["lint", ""]);
    assert_eq!(run.status, Some(2));
    assert!(run.errors.starts_with("error: a value is required for '[PATHS]...'"), "{run:?}");
}

#[test]
fn sources_without_a_network_are_no_error() {
    let folder = tempdir().expect("a folder can be made");
    fs::write(folder.path().join("a.rs"), "fn main() {}").expect("a file can be written");
    let run = netdsl(folder.path(), &["lint", "."]);
    assert_eq!((run.status, run.output.as_str()), (Some(0), "0 networks in 1 file: 0 errors, 0 warnings\n"));
    let run = netdsl(folder.path(), &["forecast", "."]);
    assert_eq!((run.status, run.errors.as_str()), (Some(0), "warning: no network in 1 file\n"));
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

#[test]
fn what_is_no_rust_is_named_where_a_person_named_it() {
    let folder = folder(&[("open.rs", b"fn main( {\n")]);
    let message = "error: open.rs:1:10: this bracket is not closed\n";
    for command in [&["lint"][..], &["forecast"], &["fix", "--dry-run"]] {
        let run = netdsl(folder.path(), &[command, &["open.rs"]].concat());
        assert!(run.status == Some(2) && run.errors.contains(message), "{command:?}: {run:?}");
    }
    let run = netdsl_reading(folder.path(), &["lint", "-"], b"fn main( {");
    assert_eq!((run.status, run.errors.as_str()), (Some(2), "error: -:1:10: this bracket is not closed\n"));
    // Below a folder a file without a block may be a template.
    let run = lint(folder.path());
    assert_eq!((run.status, run.errors.as_str()), (Some(0), ""));
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

/// A pipe that nobody writes to: whoever opens it waits for ever.
#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_is_refused_and_the_rest_is_linted() {
    let folder = folder(&[]);
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.rs")).status();
    assert!(made.expect("mkfifo runs").success());
    let message = "this is no file\nhelp: what a pipe gives is read from standard input, which is `-`";
    refuses(folder.path(), &format!("error: pipe.rs: {message}"));
    for path in ["pipe.rs", "/dev/zero", "/dev/null"] {
        let run = netdsl(folder.path(), &["lint", "--format", "json", path, "small.rs"]);
        assert_eq!((run.status, run.errors), (Some(2), format!("error: {path}: {message}\n")));
        assert!(run.output.contains("\"name\": \"Small\""), "{}", run.output);
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_those_that_lead_nowhere_are_named() {
    use std::os::unix::fs::symlink;

    let nowhere = folder(&[]);
    symlink("missing.rs", nowhere.path().join("dangling.rs")).expect("a link can be made");
    let run = lint(nowhere.path());
    assert_eq!(run.status, Some(2));
    assert!(run.errors.contains("dangling.rs") && run.errors.contains("No such file"), "{run:?}");

    let itself = folder(&[]);
    symlink("itself.rs", itself.path().join("itself.rs")).expect("a link can be made");
    let run = lint(itself.path());
    assert_eq!(run.status, Some(2));
    assert!(run.errors.contains("itself.rs"), "{run:?}");

    let twice = folder(&[]);
    symlink("small.rs", twice.path().join("again.rs")).expect("a link can be made");
    let run = lint(twice.path());
    assert_eq!((run.status, run.output.matches("\"Small\"").count()), (Some(0), 2));
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_system_does_not_give_is_named_and_the_rest_is_linted() {
    use std::os::unix::fs::PermissionsExt;

    // A file that opens and can't be read, whoever asks.
    let folder = folder(&[("secret.rs", b"")]);
    std::os::unix::fs::symlink("/proc/self/mem", folder.path().join("memory.rs"))
        .expect("a link can be made");
    refuses(folder.path(), "error: memory.rs: Input/output error (os error 5)");

    fs::remove_file(folder.path().join("memory.rs")).expect("the link is there");
    let secret = folder.path().join("secret.rs");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).expect("the file is there");
    // The superuser reads what nobody may read.
    if fs::read(&secret).is_err() {
        refuses(folder.path(), "error: secret.rs: Permission denied (os error 13)");
    }
}

#[test]
fn a_name_below_a_file_is_no_file() {
    let folder = folder(&[]);
    let run = netdsl(folder.path(), &["lint", "--format", "json", "small.rs/inner.rs", "small.rs"]);
    assert_eq!(run.status, Some(2));
    assert!(run.errors.starts_with("error: small.rs/inner.rs: "), "{run:?}");
    assert!(run.output.contains("\"name\": \"Small\""), "{run:?}");
}

#[test]
fn a_block_that_is_cut_off_is_named_at_the_bracket_that_stays_open() {
    for end in (HEALTHY.find('{').expect("it has a bracket") + 1..HEALTHY.len()).step_by(7) {
        let folder = folder(&[("cut.rs", &HEALTHY.as_bytes()[..end])]);
        let run = lint(folder.path());
        assert_eq!(run.status, Some(2), "{}", &HEALTHY[..end]);
        assert!(run.errors.starts_with("error: cut.rs:1:"), "{run:?}");
        assert!(run.errors.ends_with(": this bracket is not closed\n"), "{run:?}");
    }
}

#[test]
fn a_hundred_megabytes_are_refused_and_the_rest_is_linted() {
    let folder = folder(&[]);
    let file = fs::File::create(folder.path().join("huge.rs")).expect("a file can be made");
    file.set_len(100 << 20).expect("the file can grow");
    refuses(folder.path(), "error: huge.rs: the file is larger than the 32 MiB that are read");
    let many = format!("network! {{ {} }}", "a ".repeat(2 << 20));
    let run = netdsl_reading(sources(), &["lint", "-", "--format", "json"], many.as_bytes());
    assert_eq!(run.status, Some(2));
    assert_eq!(run.errors, "error: -: the file is larger than the 4 MiB that are read\n");
}

/// Lints one block, and returns the messages of its errors.
fn errors(declaration: &str) -> Vec<String> {
    let source = format!("network! {{ {declaration} }}\n{HEALTHY}");
    let run = netdsl_reading(sources(), &["lint", "-", "--format", "json"], source.as_bytes());
    assert_eq!((run.status, run.errors.as_str()), (Some(2), ""));
    assert!(run.output.contains("\"name\": \"Small\""), "{}", run.output);
    let value: serde_json::Value = serde_json::from_str(&run.output).expect("the output is JSON");
    let errors = value["networks"][0]["errors"].as_array().expect("the block has errors");
    errors.iter().filter_map(|error| error["message"].as_str().map(str::to_owned)).collect()
}

fn network(body: &str) -> String {
    format!("struct Net {{ input: [4], {body}, loss: MeanSquaredError }}")
}

#[test]
fn no_number_of_brackets_overflows_the_stack() {
    for depth in [10_000, 1_000_000] {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        // As many bytes as a source may have.
        let named =
            |name: &str, inside: &str| format!("{}{inside}{}", name.repeat(depth / 4), ")".repeat(depth / 4));
        let around = format!("const A: u8 = {open}1{close}; fn f() {{ {open} {HEALTHY} {close} }}");
        let run = netdsl_reading(sources(), &["lint", "-", "--format", "json"], around.as_bytes());
        assert_eq!(run.status, Some(0), "{}", run.errors);
        let declarations = [
            network(&format!("{open}Dense(1){close}")),
            network(&format!("Dense({open}1{close})")),
            network(&format!("Dense(1, init = {})", named("Normal(", ""))),
            network(&format!("Reshape({}1{})", "[".repeat(depth), "]".repeat(depth))),
            network(&named("Residual(", "Dense(4)")),
            format!("#[doc {open}{close}] {}", network("Dense(1)")),
            format!("pub({open}{close}) {}", network("Dense(1)")),
        ];
        for declaration in declarations {
            assert_eq!(
                errors(&declaration)[0],
                "brackets nest deeper than 64 levels",
                "{}",
                &declaration[..80]
            );
        }
    }
}

#[test]
fn as_deep_as_the_parser_goes_is_linted() {
    for (open, close) in [("(", ")"), ("[", "; 1]"), ("Residual(", ")"), ("(Dropout(0.1), ", ")")] {
        let depth = 60;
        let body = format!("{}Dense(4){}", open.repeat(depth), close.repeat(depth));
        let source = format!("network! {{ {} }}", network(&body));
        let run = netdsl_reading(sources(), &["lint", "-", "--format", "json"], source.as_bytes());
        assert_eq!(run.status, Some(0), "{open}: {}", run.output);
    }
}

#[test]
fn what_is_too_large_is_said_to_be() {
    let many = |count: usize, layer: &str| vec![layer; count].join(", ");
    let cases = [
        (
            network("[Dense(4); 1_000_000_000_000_000_000]"),
            "the count of a repetition is at most 2147483648, not 1000000000000000000",
        ),
        (
            network("[Dense(4); 1_000_000]"),
            "1000000 copies make more than 100000 layers, the most of a network",
        ),
        (
            network("[[[Dense(4); 1000]; 1000]; 1000]"),
            "1000 copies make more than 100000 layers, the most of a network",
        ),
        (network(&many(100_001, "Dense(4)")), "a network has at most 100000 layers"),
        (network("Dense(99999999999999999999999)"), "`99999999999999999999999` is too large for a size"),
        (network("Dense(4_000_000_000)"), "`units` is a whole number from 1 to 2147483648, not `4000000000`"),
        (network("Dense(4, init = Normal(0.0, 1e99))"), "`1e99` is too large for a number"),
        (network("Dense(4, init = Normal(0.0, 1e-99))"), "`1e-99` is too small for a number"),
        (network(&format!("Dense({})", ["1000000"; 9].join(" * "))), "the result is too large for a size"),
        (
            "struct Net { input: [1, 2_000_000_000], Lstm(2_000_000_000), loss: MeanSquaredError }".into(),
            "a network has at most 576460752303423488 parameters",
        ),
        (
            "struct Net { input: [1, 2_147_483_648], SelfAttention, loss: MeanSquaredError }".into(),
            "a network has at most 576460752303423488 parameters",
        ),
    ];
    for (declaration, message) in cases {
        assert_eq!(errors(&declaration)[0], message, "{declaration:.80}");
    }
}

#[test]
fn of_many_errors_the_first_hundred_are_shown() {
    let body = (0..5000).map(|index| format!("Dens{index}(1)")).collect::<Vec<_>>().join(", ");
    assert_eq!(errors(&network(&body)).len(), 100);
    let source = format!("network! {{ {} }}", network(&body));
    let run = netdsl_reading(sources(), &["lint", "-"], source.as_bytes());
    assert_eq!((run.status, run.errors.as_str()), (Some(2), ""));
    assert!(run.output.len() < 200_000, "{} bytes", run.output.len());
}

#[test]
fn many_layers_and_many_blocks_are_linted() {
    let layers =
        (0..5000).map(|index| format!("layer_{index}: Dense({})", 1 + index % 3)).collect::<Vec<_>>();
    let large = format!("network! {{ {} }}", network(&layers.join(", ")));
    let small = (0..1000).map(|index| HEALTHY.replace("Small", &format!("Small{index}"))).collect::<Vec<_>>();
    let source = format!("{large}\n{}", small.join("\n"));
    let run = netdsl_reading(sources(), &["lint", "-", "--format", "json"], source.as_bytes());
    assert_eq!(run.status, Some(0), "{}", run.errors);
    assert_eq!(run.output.matches("\"input_shape\"").count(), 1001);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_a_closed_pipe_is_none() {
    use std::process::{Command, Stdio};

    for arguments in
        [&["lint", "--format", "json", "healthy.rs"][..], &["--help"], &["explain", "non_finite"]]
    {
        let command = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-netdsl"));
            command.args(arguments).current_dir(sources());
            command
        };
        let full = fs::File::options().write(true).open("/dev/full").expect("the device is there");
        let run = command().stdout(full).output().expect("the command runs");
        assert_eq!(run.status.code(), Some(2), "{arguments:?}");
        assert!(run.stderr.starts_with(b"error: can't write to standard output"), "{arguments:?}");

        let mut child =
            command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts");
        drop(child.stdout.take());
        let run = child.wait_with_output().expect("the command ends");
        assert_eq!((run.status.code(), run.stderr.as_slice()), (Some(0), b"".as_slice()), "{arguments:?}");
    }
}
