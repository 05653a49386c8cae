//! What `cargo netdsl fix` does to files.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{Run, netdsl, netdsl_reading, sources};
use netdsl_lint::source::{SourceText, blocks};
use proptest::prelude::*;
use tempfile::{TempDir, tempdir};

const SIGMOIDS: &str =
    "network! { struct Deep { input: [20], [Dense(20, activation = Sigmoid); 9], loss: MeanSquaredError } }";
/// A finding without a fix.
const IN_VAIN: &str =
    "network! { #[expect(non_finite)] struct Fine { input: [4], Dense(1), loss: MeanSquaredError } }";

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    let run = Command::new("git").args(identity).args(arguments).current_dir(folder).output();
    let run = run.expect("git runs");
    assert!(run.status.success(), "{arguments:?}: {run:?}");
}

/// A git repository in which these files are committed.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let folder = tempdir().expect("a folder can be made");
    write(folder.path(), files);
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "--all"]);
    git(folder.path(), &["commit", "--quiet", "--message", "sources"]);
    folder
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        fs::write(folder.join(path), text).expect("a file can be written");
    }
}

fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).expect("the file can be read")
}

/// The verdicts of the networks in a text, and how many findings they have.
fn verdicts(text: &str) -> Vec<(String, usize)> {
    let run = netdsl_reading(sources(), &["lint", "-", "--format", "json"], text.as_bytes());
    let value: serde_json::Value = serde_json::from_str(&run.output).expect("the output is JSON");
    let networks = value["networks"].as_array().expect("there are networks");
    networks
        .iter()
        .map(|network| {
            let verdict = network["verdict"].as_str().unwrap_or("none").to_owned();
            (verdict, network["diagnostics"].as_array().map_or(0, Vec::len))
        })
        .collect()
}

#[track_caller]
fn refused(run: &Run, message: &str) {
    assert_eq!((run.status, run.output.as_str()), (Some(2), ""), "{run:?}");
    assert!(run.errors.contains(message), "{run:?}");
}

#[test]
fn what_is_fixed_and_what_is_left_is_said_and_counts() {
    let folder = repository(&[("a.rs", SIGMOIDS), ("b.rs", IN_VAIN), ("c.rs", "network! { nothing }")]);
    let fix = |paths: &[&str]| netdsl(folder.path(), &[&["fix", "--allow-dirty"], paths].concat());
    let run = fix(&["a.rs"]);
    assert_eq!((run.status, run.errors.as_str()), (Some(0), ""));
    let expected = "a.rs: fixed vanishing_gradient in `Deep`: write `activation = Relu` and `init = HeNormal`\n\
                    1 fix in 1 file\n";
    assert_eq!(run.output, expected);
    assert_eq!(verdicts(&read(folder.path(), "a.rs")), [("healthy".into(), 0)]);

    let run = fix(&["a.rs", "b.rs", "--deny-warnings"]);
    let expected = "b.rs:1:21: error[unfulfilled_lint_expectations]: `non_finite` is expected here, but not found\n\
                    0 fixes in 0 files\n";
    assert_eq!((run.status, run.output.as_str()), (Some(1), expected));

    let run = fix(&["."]);
    assert_eq!(run.status, Some(2));
    assert!(run.output.contains("c.rs:1:12: error: expected `const` or `struct`"), "{run:?}");
}

#[test]
fn a_level_that_is_allowed_is_not_fixed() {
    let run =
        netdsl_reading(sources(), &["fix", "-", "--level", "vanishing_gradient=allow"], SIGMOIDS.as_bytes());
    assert_eq!((run.status, run.output.as_str()), (Some(0), SIGMOIDS));
}

#[test]
fn standard_input_is_printed_with_its_fixes() {
    let run = netdsl_reading(sources(), &["fix", "-"], SIGMOIDS.as_bytes());
    assert_eq!(run.status, Some(0));
    assert_eq!(run.output, SIGMOIDS.replace("= Sigmoid", "= Relu, init = HeNormal"));
    assert!(run.errors.ends_with("1 fix in 1 file\n"), "{run:?}");
}

/// The sum over branches is brought back to one scale behind the last of them.
#[test]
fn a_stack_of_residual_connections_gets_one_normalisation_behind_it() {
    let text = "network! { struct Grown { input: [32] ~ Uniform(0.0, 1.0), Dense(64), \
                [Residual(Dense(64, activation = Relu, init = HeNormal), Dense(64, init = HeNormal)); 5], Dense(1), \
                target ~ Uniform(0.0, 1.0), loss: MeanSquaredError } }";
    let run = netdsl_reading(sources(), &["fix", "-"], text.as_bytes());
    assert_eq!(run.output, text.replace("; 5],", "; 5], BatchNorm,"));
    assert_eq!(verdicts(&run.output), [("healthy".into(), 0)]);
}

#[test]
fn a_dry_run_prints_a_diff_that_git_applies() {
    let text = format!("// before\n\n{SIGMOIDS}\r\n// behind, without an end");
    let folder = repository(&[("a.rs", &text)]);
    let run = netdsl(folder.path(), &["fix", "--dry-run", "a.rs"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(read(folder.path(), "a.rs"), text);
    write(folder.path(), &[("a.diff", &run.output)]);
    git(folder.path(), &["apply", "a.diff"]);
    let applied = read(folder.path(), "a.rs");
    write(folder.path(), &[("a.rs", &text)]);
    netdsl(folder.path(), &["fix", "--allow-dirty", "a.rs"]);
    assert_eq!(read(folder.path(), "a.rs"), applied);
    assert_ne!(applied, text);
}

#[test]
fn a_dry_run_is_coloured_where_it_is_asked_for() {
    let coloured = |variables: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_cargo-netdsl"))
            .args(["fix", "--dry-run", "vanishing.rs"])
            .current_dir(sources())
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .envs(variables.iter().map(|variable| (variable, "1")))
            .output();
        let output = run.expect("the command runs").stdout;
        String::from_utf8(output).expect("the output is text").contains("\u{1b}[32m+")
    };
    assert!(coloured(&["CLICOLOR_FORCE"]));
    assert!(!coloured(&["CLICOLOR_FORCE", "NO_COLOR"]));
    assert!(!coloured(&[]), "a pipe is no terminal");
}

#[test]
fn what_is_not_committed_is_refused_as_by_cargo() {
    let folder = repository(&[("a.rs", SIGMOIDS), ("other", "")]);
    let fix = |arguments: &[&str]| netdsl(folder.path(), &[&["fix", "a.rs"], arguments].concat());
    write(folder.path(), &[("other", "changed")]);
    refused(&fix(&[]), "  other (dirty)\n");
    refused(&fix(&["--allow-staged"]), "  other (dirty)\n");
    git(folder.path(), &["add", "other"]);
    refused(&fix(&[]), "  other (staged)\n");
    refused(&fix(&["--allow-dirty"]), "  other (staged)\n");
    write(folder.path(), &[("new", "")]);
    refused(&fix(&["--allow-staged"]), "  new (dirty)\n");
    assert_eq!(read(folder.path(), "a.rs"), SIGMOIDS);
    assert_eq!(fix(&["--dry-run"]).status, Some(0));
    assert_eq!(fix(&["--allow-staged", "--allow-dirty"]).status, Some(0));
    assert_ne!(read(folder.path(), "a.rs"), SIGMOIDS);
}

/// What is left cannot be fixed by a second run either; it says so again, and does not stop at what the first has changed.
#[test]
fn a_second_run_does_not_stop_at_what_the_first_has_changed() {
    let commented = SIGMOIDS.replace("[Dense(20, activation = Sigmoid)", "[Dense(20), Sigmoid(/* why */)");
    let folder = repository(&[("a.rs", SIGMOIDS), ("b.rs", &commented)]);
    let fix = |path: &str| netdsl(folder.path(), &["fix", path]);
    let (first, second) = (fix("."), fix("."));
    assert_eq!((first.status, second.status, second.errors.as_str()), (Some(0), Some(0), ""));
    assert!(first.output.ends_with("1 fix in 1 file\n"), "{first:?}");
    assert!(second.output.ends_with("0 fixes in 0 files\n"), "{second:?}");
    let left = |run: &Run| run.output.lines().filter(|line| line.starts_with("b.rs: left ")).count();
    assert_eq!((left(&first), left(&second)), (1, 1));
    // Where there is more to write, what is to be done first is said.
    write(folder.path(), &[("c.rs", SIGMOIDS)]);
    let run = fix("c.rs");
    refused(&run, "  a.rs (dirty)\n  c.rs (dirty)\n");
    assert!(run.errors.ends_with(
        "\nhelp: commit these files, or pass `--allow-dirty` and, for what is staged, `--allow-staged`\n"
    ));
}

#[test]
fn a_folder_without_a_repository_is_refused() {
    let folder = tempdir().expect("a folder can be made");
    write(folder.path(), &[("a.rs", SIGMOIDS)]);
    refused(&netdsl(folder.path(), &["fix", "a.rs"]), "no git repository keeps the old text of ");
    refused(&netdsl(folder.path(), &["fix", "a.rs", "--allow-dirty"]), "pass `--allow-no-vcs`");
    assert_eq!(read(folder.path(), "a.rs"), SIGMOIDS);
    assert_eq!(netdsl(folder.path(), &["fix", "a.rs", "--allow-no-vcs"]).status, Some(0));
    assert_ne!(read(folder.path(), "a.rs"), SIGMOIDS);
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay_and_a_read_only_file_is_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = repository(&[("target.rs", SIGMOIDS), ("locked.rs", SIGMOIDS)]);
    let path = |name: &str| folder.path().join(name);
    symlink("target.rs", path("link.rs")).expect("a link can be made");
    let mode = |name: &str, mode: u32| {
        fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).expect("the file is ours");
    };
    mode("target.rs", 0o754);
    mode("locked.rs", 0o444);
    let run = netdsl(folder.path(), &["fix", "--allow-dirty", "link.rs", "locked.rs"]);
    assert_eq!((run.status, run.errors.as_str()), (Some(2), "error: locked.rs: the file is read-only\n"));
    assert_eq!(read(folder.path(), "locked.rs"), SIGMOIDS);
    assert!(path("link.rs").is_symlink());
    assert_ne!(read(folder.path(), "target.rs"), SIGMOIDS);
    let changed = fs::metadata(path("target.rs")).expect("the file is there");
    assert_eq!(changed.permissions().mode() & 0o777, 0o754);
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .expect("the folder can be listed")
        .map(|entry| entry.expect("the entry can be read").file_name())
        .collect();
    names.sort();
    assert_eq!(names, [".git", "link.rs", "locked.rs", "target.rs"], "nothing is left behind");
}

#[test]
fn a_file_that_can_not_be_read_does_not_keep_the_others_from_being_fixed() {
    let folder = repository(&[("a.rs", SIGMOIDS)]);
    fs::write(folder.path().join("b.rs"), b"\xff").expect("a file can be written");
    let run = netdsl(folder.path(), &["fix", "--allow-dirty", "."]);
    let error = "error: b.rs:1:1: the file is not UTF-8 from here on\n";
    assert_eq!((run.status, run.errors.as_str()), (Some(2), error));
    assert_ne!(read(folder.path(), "a.rs"), SIGMOIDS);
}

#[cfg(unix)]
#[test]
fn a_file_is_changed_once_however_many_links_lead_to_it() {
    let folder = repository(&[("a.rs", SIGMOIDS)]);
    std::os::unix::fs::symlink("a.rs", folder.path().join("link.rs")).expect("a link can be made");
    let run = netdsl(folder.path(), &["fix", "--allow-dirty", "."]);
    assert_eq!((run.status, run.errors.as_str()), (Some(0), ""));
    assert!(run.output.ends_with("1 fix in 1 file\n"), "{run:?}");
}

#[test]
fn a_fix_that_would_lose_a_comment_is_left_and_said() {
    let text = SIGMOIDS.replace("[Dense(20, activation = Sigmoid)", "[Dense(20), Sigmoid(/* why */)");
    let run = netdsl_reading(sources(), &["fix", "-"], text.as_bytes());
    assert_eq!((run.status, run.output), (Some(0), text));
    let left = "-: left vanishing_gradient in `Deep`, a comment stands in what it replaces: ";
    assert!(run.errors.starts_with(left), "{}", run.errors);
    assert!(run.errors.ends_with("0 fixes in 0 files\n"), "{}", run.errors);
}

/// What stands around the blocks of a text.
fn around_blocks(text: &str) -> Vec<String> {
    let source = SourceText::new("a.rs", text.into()).expect("the text is UTF-8");
    let mut end = 0;
    let mut pieces = Vec::new();
    for block in blocks(&source).expect("the text is Rust") {
        pieces.push(source.text()[end..block.range.start].to_owned());
        end = block.range.end;
    }
    pieces.push(source.text()[end..].to_owned());
    pieces
}

#[test]
fn fixing_the_sources_of_the_repository_twice_changes_nothing_more() {
    let repository = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut fixed = 0;
    for folder in ["examples", "tests/warnings"] {
        for entry in fs::read_dir(repository.join(folder)).expect("the folder can be listed") {
            let path = entry.expect("the entry can be read").path();
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = fs::read_to_string(&path).expect("the source can be read");
            let fix = |text: &str| netdsl_reading(sources(), &["fix", "-"], text.as_bytes());
            let first = fix(&text);
            assert_eq!(around_blocks(&first.output), around_blocks(&text), "{}", path.display());
            if first.output != text {
                fixed += 1;
                let second = fix(&first.output);
                assert_eq!(second.output, first.output, "{}", path.display());
                assert!(second.errors.ends_with("0 fixes in 0 files\n"), "{}: {second:?}", path.display());
            }
        }
    }
    assert!(fixed > 4, "{fixed} files");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn not_a_byte_outside_a_block_is_changed(
        around in "[ -~äß水😀]{0,30}",
        inside in "[ -~äß水😀]{0,30}",
        mark in any::<bool>(),
        returns in any::<bool>(),
    ) {
        let inside = inside.replace("*/", "").replace("/*", "");
        let (before, behind) = (format!("// {around}\n"), format!("\n/* {inside} */ // {around}"));
        let block = format!(
            "network! {{\n  struct Deep {{ input: [20], /* {inside} */ hidden: // {around}\n [Dense(20, \
             activation = /* {inside} */ Sigmoid /**/); 9]\n , loss: MeanSquaredError }}\n}}"
        );
        let mark = if mark { "\u{feff}" } else { "" };
        let ends = |text: String| if returns { text.replace('\n', "\r\n") } else { text };
        let text = ends(format!("{mark}{before}{block}{behind}"));
        let expected = text.replacen(" Sigmoid /**/)", " Relu, init = HeNormal /**/)", 1);
        let run = netdsl_reading(sources(), &["fix", "-"], text.as_bytes());
        prop_assert_eq!(run.output, expected);
    }
}
