//! What is known is not reported again.

use std::fs;
use std::path::Path;

use crate::run::{Run, netdsl};
use tempfile::{TempDir, tempdir};

const DEEP: &str = "network! { #[deny(vanishing_gradient)] struct Deep { input: [20], [Dense(20, activation = \
                    Sigmoid); 9], loss: MeanSquaredError } }\n";

fn folder() -> TempDir {
    let folder = tempdir().expect("a folder can be made");
    write(folder.path(), "a.rs", DEEP);
    folder
}

fn write(folder: &Path, path: &str, text: &str) {
    fs::write(folder.join(path), text).expect("a file can be written");
}

fn lint(folder: &Path, arguments: &[&str]) -> Run {
    netdsl(folder, &[&["lint", "--format", "concise", "--baseline", "known.json"], arguments].concat())
}

#[track_caller]
fn says(run: &Run, status: i32, errors: &str) {
    assert_eq!((run.status, run.errors.as_str()), (Some(status), errors), "{run:?}");
}

#[test]
fn the_findings_of_today_are_recorded_and_only_others_count() {
    let folder = folder();
    let run = lint(folder.path(), &["."]);
    says(&run, 0, "note: known.json: 1 finding is recorded, and only others are reported from now on\n");
    assert_eq!(run.output, "");

    write(folder.path(), "a.rs", &format!("// moved\n\n{DEEP}"));
    let run = lint(folder.path(), &["."]);
    says(&run, 0, "note: known.json: 1 finding is known and left out\n");
    assert_eq!(run.output, "");

    write(folder.path(), "b.rs", &DEEP.replace("Deep", "New"));
    let run = lint(folder.path(), &["."]);
    says(&run, 1, "note: known.json: 1 finding is known and left out\n");
    assert!(run.output.starts_with("b.rs:1:") && run.output.lines().count() == 1, "{run:?}");
}

#[test]
fn what_is_gone_is_said_and_taken_over_on_demand() {
    let folder = folder();
    lint(folder.path(), &["."]);
    write(folder.path(), "a.rs", "");
    let gone = "note: known.json: 0 findings are known and left out, 1 other no longer occurs: `--update-baseline` drops \
                what is gone\n";
    says(&lint(folder.path(), &["."]), 0, gone);
    let run = lint(folder.path(), &[".", "--update-baseline"]);
    says(&run, 0, "note: known.json: 0 findings are recorded, and only others are reported from now on\n");
    says(&lint(folder.path(), &["."]), 0, "");
    write(folder.path(), "a.rs", DEEP);
    assert_eq!(lint(folder.path(), &["."]).status, Some(1));
}

#[test]
fn the_folder_in_which_the_command_is_called_does_not_matter() {
    let folder = folder();
    fs::create_dir(folder.path().join("inner")).expect("a folder can be made");
    lint(folder.path(), &["."]);
    let inner = folder.path().join("inner");
    let run = netdsl(&inner, &["lint", "--baseline", "../known.json", "../a.rs"]);
    says(&run, 0, "note: ../known.json: 1 finding is known and left out\n");
}

#[test]
fn a_broken_baseline_is_named_and_everything_is_linted() {
    let folder = folder();
    let cases = [
        ("{", "no baseline of netdsl: EOF while parsing an object at line 1 column 1"),
        ("{\"version\": 7}", "a baseline of version 7, expected 1"),
        ("[]", "no baseline of netdsl: invalid length 0"),
    ];
    for (text, message) in cases {
        for arguments in [[".", "--deny-warnings"], [".", "--update-baseline"]] {
            write(folder.path(), "known.json", text);
            let run = lint(folder.path(), &arguments);
            assert_eq!(run.status, Some(2), "{run:?}");
            assert!(run.errors.starts_with(&format!("error: known.json: {message}")), "{run:?}");
            assert_eq!(run.output.lines().count(), 1, "{run:?}");
            let kept = fs::read_to_string(folder.path().join("known.json")).expect("the file is there");
            assert_eq!(kept, text, "what is no baseline is not overwritten");
        }
    }
    fs::remove_file(folder.path().join("known.json")).expect("the file is there");
    fs::create_dir(folder.path().join("known.json")).expect("a folder can be made");
    let run = lint(folder.path(), &["."]);
    says(&run, 2, "error: known.json: Is a directory (os error 21)\n");
    assert_eq!(run.output.lines().count(), 1, "{run:?}");
}

#[test]
fn a_baseline_that_can_not_be_written_is_an_error() {
    let folder = folder();
    let run =
        netdsl(folder.path(), &["lint", "--format", "concise", "--baseline", "missing/known.json", "."]);
    says(&run, 2, "error: missing/known.json: the folder `missing` does not exist\n");
    assert_eq!(run.output.lines().count(), 1, "{run:?}");
}

#[test]
fn every_format_leaves_out_what_is_known() {
    let folder = folder();
    lint(folder.path(), &["."]);
    for format in ["human", "concise", "json", "github", "sarif"] {
        let run = netdsl(folder.path(), &["lint", "--format", format, "--baseline", "known.json", "."]);
        says(&run, 0, "note: known.json: 1 finding is known and left out\n");
        assert!(!run.output.contains("the gradient vanishes"), "{run:?}");
    }
}
