//! What the compiler says of networks that will not train: code, level, range and text of every diagnostic.
//!
//! The files in `tests/warnings` are checked as the binaries of a package of their own, since the test has to read
//! the compiler's messages.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticSpan};

/// A package outside the workspace whose binaries are the files of `tests/warnings`.
fn package() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("warnings");
    let binaries = package.join("src/bin");
    std::fs::create_dir_all(&binaries).expect("the target folder can be written");
    let manifest = format!(
        "[package]\nname = \"warnings\"\nedition = \"2024\"\n\n[dependencies]\nnetdsl = {{ path = {:?} }}\n\n[workspace]\n",
        root
    );
    std::fs::write(package.join("Cargo.toml"), manifest).expect("the target folder can be written");
    // The versions that the workspace itself is built with; cargo drops what the package does not need.
    std::fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock"))
        .expect("the workspace has a lock file");
    for file in std::fs::read_dir(root.join("tests/warnings")).expect("the folder is part of the repository")
    {
        let file = file.expect("the folder can be read").path();
        let name = file.file_name().expect("a file has a name");
        std::fs::copy(&file, binaries.join(name)).expect("the target folder can be written");
    }
    package
}

fn range(span: &DiagnosticSpan) -> String {
    format!("{}:{} to {}:{}", span.line_start, span.column_start, span.line_end, span.column_end)
}

fn describe(text: &mut String, diagnostic: &Diagnostic) {
    let code = diagnostic.code.as_ref().map_or("no code", |code| &code.code);
    let primary = diagnostic.spans.iter().find(|span| span.is_primary);
    let range = primary.map_or("nowhere".into(), range);
    writeln!(text, "{:?} [{code}] at {range}\n{}", diagnostic.level, diagnostic.message)
        .expect("a string takes all");
    for child in &diagnostic.children {
        let range = child.spans.first().map_or(String::new(), |span| format!(" at {}", self::range(span)));
        writeln!(text, "- {:?}{range}: {}", child.level, child.message).expect("a string takes all");
    }
    text.push('\n');
}

#[test]
fn diagnostics() {
    let package = package();
    let mut check = Command::new(env!("CARGO"))
        .args(["check", "--bins", "--keep-going", "--offline", "--message-format=json"])
        .arg("--target-dir")
        .arg(package.join("target"))
        .current_dir(&package)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("cargo runs this test and can run again");
    let output = std::io::BufReader::new(check.stdout.take().expect("the output is piped"));
    let mut files: Vec<(String, String)> = std::fs::read_dir(package.join("src/bin"))
        .expect("the folder was just written")
        .map(|file| {
            let path = file.expect("the folder can be read").path();
            (path.file_stem().expect("a file has a name").to_string_lossy().into_owned(), String::new())
        })
        .collect();
    files.sort();
    for message in Message::parse_stream(output) {
        let Message::CompilerMessage(message) = message.expect("cargo writes messages") else { continue };
        // The count of errors and warnings at the end has no place.
        if message.message.spans.is_empty() {
            continue;
        }
        let of_file = files.iter_mut().find(|(name, _)| *name == message.target.name);
        let Some((_, text)) = of_file else { continue };
        describe(text, &message.message);
    }
    check.wait().expect("cargo ends");
    for (name, text) in files {
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn the_readme_shows_what_the_compiler_says() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = words(include_str!("snapshots/warnings__sigmoid.snap"));
    let readme = include_str!("../README.md");
    let shown = readme.split("```text\nwarning: ").nth(1).and_then(|text| text.split("```").next());
    let (message, rest) = shown.and_then(|text| text.split_once("-->")).expect("the README shows a warning");
    let (_, note) = rest.split_once("= note: ").expect("the README shows the table");
    for text in std::iter::once(message).chain(note.lines()) {
        assert!(text.trim() == ".." || said.contains(&words(text)), "the compiler does not say {text:?}");
    }
}
