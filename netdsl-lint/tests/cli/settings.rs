//! What a project says in `netdsl.toml`.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::run::{Run, netdsl, netdsl_reading};

const DEEP: &str =
    "network! { struct Deep { input: [20], [Dense(20, activation = Sigmoid); 9], loss: MeanSquaredError } }";
const MANIFEST: &str = "[package]\nname = \"example\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

/// A package within a folder with these files.
fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempdir().expect("a folder can be made");
    let package = [("inner/Cargo.toml", MANIFEST), ("inner/src/lib.rs", DEEP)];
    for (path, text) in package.iter().chain(files) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("the path has a parent")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
    folder
}

/// The levels of the findings in each network.
fn levels(run: &Run) -> Vec<Vec<(String, String)>> {
    let value: Value = serde_json::from_str(&run.output).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = |network: &Value| {
        let findings = network["diagnostics"].as_array().expect("there is a list").iter();
        findings.map(|finding| (text(&finding["lint"]), text(&finding["level"]))).collect()
    };
    value["networks"].as_array().expect("there are networks").iter().map(findings).collect()
}

fn lint(folder: &Path, arguments: &[&str]) -> Run {
    netdsl(folder, &[&["lint", "--format", "json", "inner/src"], arguments].concat())
}

fn found(level: &str) -> Vec<Vec<(String, String)>> {
    vec![vec![("vanishing_gradient".into(), level.into())]]
}

#[test]
fn a_file_above_the_package_sets_levels_and_the_command_stands_over_it() {
    let folder = project(&[("netdsl.toml", "[levels]\nvanishing_gradient = \"deny\"\n")]);
    let run = lint(folder.path(), &[]);
    assert_eq!((run.status, levels(&run)), (Some(1), found("deny")), "{run:?}");
    let run = lint(folder.path(), &["--level", "vanishing_gradient=warn"]);
    assert_eq!((run.status, levels(&run)), (Some(0), found("warn")), "{run:?}");
    let human = netdsl(folder.path(), &["lint", "inner/src"]);
    assert!(human.output.contains("at `deny` by `netdsl.toml`"), "{}", human.output);
}

#[test]
fn the_file_of_the_package_hides_the_one_above() {
    let folder = project(&[
        ("netdsl.toml", "[levels]\nvanishing_gradient = \"deny\"\n"),
        ("inner/netdsl.toml", "[levels]\nvanishing_gradient = \"allow\"\n"),
        ("inner/src/netdsl.toml", "this is not looked at, since it does not stand beside a manifest"),
    ]);
    let run = lint(folder.path(), &[]);
    assert_eq!((run.status, levels(&run)), (Some(0), vec![vec![]]), "{run:?}");
}

#[test]
fn thresholds_and_assumptions_change_what_is_found() {
    let folder = project(&[("netdsl.toml", "[thresholds.vanishing_gradient]\nsmallest_ratio = 1e-12\n")]);
    let said = lint(folder.path(), &[]);
    // The signal is still lost, which then is what is said.
    assert!(levels(&said)[0].iter().all(|(lint, _)| lint != "vanishing_gradient"), "{said:?}");

    let folder = project(&[("netdsl.toml", "[assumptions]\ninput = \"Uniform(-0.5, 0.5)\"\nbatch = 4\n")]);
    let run = netdsl(folder.path(), &["forecast", "inner/src"]);
    assert!(run.output.contains("(input Uniform(-0.5, 0.5), target Normal(0.0, 1.0), batch 4)"), "{run:?}");
    // What is declared stands over what is assumed.
    let declared = "network! { struct Own { input: [2] ~ Normal(1.0, 2.0), Dense(1), loss: MeanSquaredError, batch: 8 } }";
    fs::write(folder.path().join("inner/src/lib.rs"), declared).expect("a file can be written");
    let run = netdsl(folder.path(), &["forecast", "inner/src"]);
    assert!(run.output.contains("(input Normal(1.0, 2.0), target Normal(0.0, 1.0), batch 8)"), "{run:?}");
}

#[test]
fn a_broken_file_is_named_once_and_the_sources_are_linted_all_the_same() {
    let cases = [
        ("[levels\n", ":1:8: unclosed table, expected `]`"),
        (
            "[levels]\nvanishing_gradien = \"deny\"\n",
            ":2:1: unknown lint `vanishing_gradien`: did you mean `vanishing_gradient`?",
        ),
        ("[assumptions]\nbatch = \"many\"\n", ":2:9: `batch` is a whole number of at least 1, not \"many\""),
    ];
    for (text, message) in cases {
        let folder = project(&[("inner/netdsl.toml", text), ("inner/src/bin/other.rs", DEEP)]);
        let run = lint(folder.path(), &[]);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert_eq!(levels(&run), [found("warn"), found("warn")].concat(), "{run:?}");
        let file = folder.path().join("inner/netdsl.toml");
        assert_eq!(run.errors, format!("error: {}{message}\n", file.display()));
    }
    let folder = project(&[]);
    fs::write(folder.path().join("inner/netdsl.toml"), b"\xff").expect("a file can be written");
    let run = lint(folder.path(), &[]);
    assert_eq!(run.status, Some(2), "{run:?}");
    assert!(run.errors.contains("netdsl.toml: stream did not contain valid UTF-8"), "{run:?}");
}

/// Also what can't be opened as a file is there, and hides what stands above it.
#[test]
fn what_is_no_file_is_not_passed_over() {
    let folder = project(&[("netdsl.toml", "[levels]\nvanishing_gradient = \"deny\"\n")]);
    let file = folder.path().join("inner/netdsl.toml");
    fs::create_dir(&file).expect("a folder can be made");
    let run = lint(folder.path(), &[]);
    assert_eq!((run.status, levels(&run)), (Some(2), found("warn")), "{run:?}");
    assert!(run.errors.starts_with(&format!("error: {}: ", file.display())), "{run:?}");
    #[cfg(unix)]
    {
        fs::remove_dir(&file).expect("it is empty");
        std::os::unix::fs::symlink("nowhere", &file).expect("a link can be made");
        let run = lint(folder.path(), &[]);
        assert_eq!((run.status, levels(&run)), (Some(2), found("warn")), "{run:?}");
    }
}

#[test]
fn standard_input_has_the_settings_of_the_current_folder() {
    let folder = project(&[("inner/netdsl.toml", "[levels]\nvanishing_gradient = \"deny\"\n")]);
    let inner = folder.path().join("inner");
    let run = netdsl_reading(&inner, &["lint", "--format", "json", "-"], DEEP.as_bytes());
    assert_eq!((run.status, levels(&run)), (Some(1), found("deny")), "{run:?}");
}

#[test]
fn fixes_are_judged_by_the_same_settings() {
    let folder = project(&[("inner/netdsl.toml", "[levels]\nvanishing_gradient = \"allow\"\n")]);
    let run = netdsl(folder.path(), &["fix", "--allow-no-vcs", "inner/src"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(fs::read_to_string(folder.path().join("inner/src/lib.rs")).expect("it is there"), DEEP);
}
