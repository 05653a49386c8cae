//! The macro and the command say the same: of every measured network, under the same settings.

mod packages;

use std::path::Path;

use netdsl_lint::check::{CheckedFile, Levels, check};
use netdsl_lint::settings::SettingsFile;
use netdsl_lint::source::SourceText;
use packages::{files_of, messages, package};

/// Levels, thresholds and assumptions that are all unlike the defaults.
const SETTINGS: &str = "\
[levels]
exploding_gradient = \"deny\"
redundant_bias = \"warn\"
init_mismatch = \"warn\"
linear_stack = \"allow\"

[thresholds.vanishing_gradient]
smallest_ratio = 1e-2

[assumptions]
batch = 8
";

/// A finding, as both have it: lint, severity, range and message.
type Said = (String, String, [usize; 4], String);

fn by_the_command(package: &Path) -> Vec<Said> {
    let path = package.join("src/bin/zoo.rs");
    let settings = SettingsFile::of_source(&path).expect("the settings are right").settings;
    let bytes = std::fs::read(&path).expect("the file was just written");
    let source = SourceText::new("zoo.rs", bytes).expect("the file is text");
    let CheckedFile { source, blocks, .. } =
        check(source, &Levels::default().in_project(settings)).expect("the file is Rust");
    let networks = blocks.into_iter().map(|block| block.outcome.expect("the networks have no errors"));
    let findings = networks.flat_map(|network| network.findings);
    findings
        .map(|finding| {
            let (start, end) = (source.position(finding.range.start), source.position(finding.range.end));
            let range = [start.line, start.column, end.line, end.column];
            (finding.lint.into(), finding.severity().into(), range, finding.message)
        })
        .collect()
}

fn by_the_macro(package: &Path) -> Vec<Said> {
    let findings = messages(package).into_iter().filter_map(|(_, diagnostic)| {
        let (_, said) = diagnostic.message.split_once("`gradient::")?;
        let (lint, said) = said.split_once("`: ")?;
        let span = diagnostic.spans.iter().find(|span| span.is_primary)?;
        let range = [span.line_start, span.column_start, span.line_end, span.column_end];
        let severity = format!("{:?}", diagnostic.level).to_lowercase();
        // Behind the message the note has the help, indented.
        let message = said.lines().next().unwrap_or_default().to_owned();
        Some((lint.to_owned(), severity, range, message))
    });
    findings.collect()
}

#[test]
fn macro_and_command_say_the_same() {
    let mut files = files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement"));
    files.push(("netdsl.toml".into(), SETTINGS.into()));
    let package = package("agreement", &files);
    let (mut said, mut expected) = (by_the_macro(&package), by_the_command(&package));
    said.sort();
    expected.sort();
    assert!(expected.iter().any(|(_, severity, ..)| severity == "error"), "{expected:?}");
    assert_eq!(said, expected);
}

/// Cargo builds again what depends on the settings when they change.
#[test]
fn a_change_of_the_settings_is_seen() {
    let source = "use netdsl::prelude::*;\n\nnetwork! {\n    pub struct Deep {\n        input: [20] ~ Uniform(0.0, 1.0),\n        \
                  [Dense(20, activation = Sigmoid); 9],\n        loss: MeanSquaredError,\n    }\n}\n\nfn main() {}\n";
    let levels = |level: &str| {
        let settings = format!("[levels]\nvanishing_gradient = \"{level}\"\n");
        let files = [("deep.rs".to_owned(), source.to_owned()), ("netdsl.toml".to_owned(), settings)];
        let package = package("settings", &files);
        let said = by_the_macro(&package).into_iter().map(|(lint, severity, ..)| (lint, severity));
        said.collect::<Vec<_>>()
    };
    let found = |severity: &str| vec![("vanishing_gradient".to_owned(), severity.to_owned())];
    assert_eq!(levels("warn"), found("warning"));
    assert_eq!(levels("deny"), found("error"));
    assert_eq!(levels("allow"), []);
}
