//! Which packages a command looks at.

use std::fs;
use std::path::Path;

use crate::run::{Run, netdsl};
use tempfile::{TempDir, tempdir};

/// A workspace without a package of its own: `one` is its default member, `two` and `twofold` are not.
fn workspace() -> TempDir {
    let folder = tempdir().expect("a folder can be made");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("the path has a parent")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    };
    let members =
        "[workspace]\nmembers = [\"crates/*\"]\ndefault-members = [\"crates/one\"]\nresolver = \"3\"\n";
    write("Cargo.toml", members);
    for name in ["one", "two", "twofold"] {
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.2\"\nedition = \"2024\"\n");
        write(&format!("crates/{name}/Cargo.toml"), &manifest);
        let text = "network! { struct Small { input: [4], Dense(2), loss: MeanSquaredError } }";
        write(&format!("crates/{name}/src/lib.rs"), text);
    }
    folder
}

fn lint(folder: &Path, arguments: &[&str]) -> Run {
    netdsl(folder, &[&["lint", "--format", "json"], arguments].concat())
}

/// The packages whose networks were linted.
#[track_caller]
fn linted(run: &Run) -> Vec<String> {
    let value: serde_json::Value = serde_json::from_str(&run.output).expect("the output is JSON");
    let networks = value["networks"].as_array().expect("there are networks");
    let files = networks.iter().filter_map(|network| network["file"].as_str());
    files
        .filter_map(|file| Some(Path::new(file).parent()?.parent()?.file_name()?.to_str()?.to_owned()))
        .collect()
}

#[test]
fn packages_are_chosen_as_by_cargo() {
    let folder = workspace();
    let cases: &[(&[&str], &[&str])] = &[
        (&[], &["one"]),
        (&["--workspace"], &["one", "two", "twofold"]),
        (&["--workspace", "--exclude", "two*"], &["one"]),
        (&["-p", "two"], &["two"]),
        (&["-p", "two@0.1.2", "--package", "one"], &["one", "two"]),
        (&["-p", "two:0.1"], &["two"]),
        (&["-p", "t?o*"], &["two", "twofold"]),
        (&["--manifest-path", "crates/two/Cargo.toml"], &["two"]),
        (&["--manifest-path", "crates/two/Cargo.toml", "--workspace"], &["one", "two", "twofold"]),
        (&["--manifest-path", "Cargo.toml"], &["one"]),
    ];
    for (arguments, expected) in cases {
        let run = lint(folder.path(), arguments);
        assert_eq!((run.status, run.errors.as_str()), (Some(0), ""), "{arguments:?}");
        assert_eq!(linted(&run), *expected, "{arguments:?}");
    }
    let inside = folder.path().join("crates/two/src");
    assert_eq!(linted(&lint(&inside, &["--manifest-path", "../../one/Cargo.toml"])), ["one"]);
    let around = lint(&inside, &[]);
    assert!(around.output.contains("\"file\": \"lib.rs\""), "{around:?}");
}

#[test]
fn sources_are_shown_from_where_the_command_is_called() {
    let folder = workspace();
    let run = netdsl(&folder.path().join("crates/one"), &["lint", "--format", "json", "--workspace"]);
    for file in ["\"src/lib.rs\"", "\"../two/src/lib.rs\"", "\"../twofold/src/lib.rs\""] {
        assert!(run.output.contains(&format!("\"file\": {file}")), "{file}: {run:?}");
    }
}

#[test]
fn targets_at_unusual_places_are_found() {
    let folder = tempdir().expect("a folder can be made");
    let manifest = "[package]\nname = \"odd\"\nversion = \"0.1.0\"\nedition = \"2024\"\nautobins = false\n\
                    [lib]\npath = \"root.rs\"\n[[bin]]\nname = \"tool\"\npath = \"tools/main.rs\"\n";
    fs::create_dir(folder.path().join("tools")).expect("a folder can be made");
    fs::write(folder.path().join("Cargo.toml"), manifest).expect("a file can be written");
    let text = "network! { struct Small { input: [4], Dense(2), loss: MeanSquaredError } }";
    for path in ["root.rs", "tools/main.rs", "tools/module.rs", "build.rs", "other.rs"] {
        fs::write(folder.path().join(path), text).expect("a file can be written");
    }
    let run = lint(folder.path(), &[]);
    let value: serde_json::Value = serde_json::from_str(&run.output).expect("the output is JSON");
    let networks = value["networks"].as_array().expect("there are networks");
    let files: Vec<&str> = networks.iter().filter_map(|network| network["file"].as_str()).collect();
    assert_eq!(files, ["root.rs", "tools/main.rs", "tools/module.rs"]);
}

#[test]
fn the_address_of_a_package_names_it() {
    let folder = workspace();
    let root = folder.path().canonicalize().expect("the folder is there");
    let address = format!("path+file://{}/crates/twofold#0.1.2", root.display());
    assert_eq!(linted(&lint(folder.path(), &["-p", &address])), ["twofold"]);
}

#[test]
fn a_package_that_is_not_there_is_guessed_and_the_others_are_linted() {
    let folder = workspace();
    let run = lint(folder.path(), &["-p", "tow", "-p", "one"]);
    let error = "error: no package `tow` in the workspace: did you mean `two`?\n";
    assert_eq!((run.status, run.errors.as_str()), (Some(2), error));
    assert_eq!(linted(&run), ["one"]);
    let run = lint(folder.path(), &["-p", "two@0.2"]);
    assert_eq!(run.status, Some(2), "{run:?}");
    let run = lint(folder.path(), &["-p", "[", "-p", "one"]);
    assert!(run.errors.starts_with("error: `[` names no package: "), "{run:?}");
    assert_eq!((run.status, linted(&run)), (Some(2), vec!["one".to_owned()]));
}

#[test]
fn what_is_excluded_in_vain_is_worth_a_word() {
    let folder = workspace();
    let run = lint(folder.path(), &["--workspace", "--exclude", "three"]);
    let remark = "warning: no package `three` in the workspace, none is excluded\n";
    assert_eq!((run.status, run.errors.as_str()), (Some(0), remark));
    assert_eq!(lint(folder.path(), &["--exclude", "one"]).status, Some(2), "it goes with --workspace");
    assert_eq!(lint(folder.path(), &["-p", "one", "crates"]).status, Some(2), "paths and packages");
}

#[test]
fn a_manifest_that_is_not_there_says_so() {
    let folder = workspace();
    let run = lint(folder.path(), &["--manifest-path", "missing/Cargo.toml"]);
    assert_eq!(run.status, Some(2));
    assert_eq!(run.errors, "error: manifest path `missing/Cargo.toml` does not exist\n");
}
