//! What the compiler says of networks that will not train: code, level, range and text of every diagnostic.
//!
//! The files in `tests/warnings` are checked as the binaries of a package of their own, since the test has to read
//! the compiler's messages.

mod packages;

use std::fmt::Write as _;
use std::path::Path;

use cargo_metadata::diagnostic::{Diagnostic, DiagnosticSpan};
use packages::{files_of, messages, package};

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
    let files = files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/warnings"));
    let mut texts: Vec<(String, String)> =
        files.iter().map(|(name, _)| (name.trim_end_matches(".rs").into(), String::new())).collect();
    texts.sort();
    for (name, diagnostic) in messages(&package("warnings", &files)) {
        // The count of errors and warnings at the end has no place.
        if diagnostic.spans.is_empty() {
            continue;
        }
        if let Some((_, text)) = texts.iter_mut().find(|(known, _)| *known == name) {
            describe(text, &diagnostic);
        }
    }
    for (name, text) in texts {
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
