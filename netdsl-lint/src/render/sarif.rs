//! The Static Analysis Results Interchange Format, which code scanning services read.
//!
//! The form is that of the OASIS standard "SARIF Version 2.1.0 Plus Errata 01", against whose schema a test holds it.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::{Value, json};

use super::Format;
use crate::check::{CheckedFile, ShownFinding, TextFix, UNFULFILLED};
use crate::language::Level;
use crate::lint::{LINTS, Lint};
use crate::source::SourceText;

/// One log with one run.
pub(super) struct Sarif;

/// The rule that a block breaks which is none.
const INVALID: &str = "invalid_block";
/// The rule of a network that can't be forecast to its end.
const NOT_FORECAST: &str = "not_forecast";

impl Format for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn render(&self, files: &[CheckedFile], _styled: bool) -> String {
        let results: Vec<Value> = files.iter().flat_map(results).collect();
        let log = json!({
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "netdsl",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": rules(),
                }},
                "originalUriBaseIds": {
                    ROOT: {"description": {"text": "the folder in which the command is called"}},
                },
                "columnKind": "unicodeCodePoints",
                "results": results,
            }],
        });
        // Maps with text as keys, texts and numbers: nothing that JSON can't hold.
        let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// What paths are relative to.
const ROOT: &str = "%SRCROOT%";

fn rules() -> Vec<Value> {
    let of_blocks = [
        (INVALID, "error", "A block that does not parse or resolve."),
        (NOT_FORECAST, "note", "A layer behind which a network can't be forecast."),
        (UNFULFILLED, "warning", "A finding that is expected, but not found."),
    ];
    let of_blocks = of_blocks.map(|(id, level, text)| {
        json!({"id": id, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}})
    });
    LINTS.iter().map(|lint| rule(*lint)).chain(of_blocks).collect()
}

fn rule(lint: &'static dyn Lint) -> Value {
    let documentation = lint.documentation();
    // The first paragraph under the first heading says what it does.
    let what = documentation.lines().skip_while(|line| line.starts_with('#') || line.is_empty());
    let what = what.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let (group, level) = (lint.group(), lint.group().default_level());
    json!({
        "id": lint.name(),
        "shortDescription": {"text": what},
        "help": {"text": documentation, "markdown": documentation},
        "defaultConfiguration": {"enabled": level != Level::Allow, "level": level_name(level)},
        "properties": {"tags": [group.name()]},
    })
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow | Level::Expect => "note",
    }
}

fn results(file: &CheckedFile) -> Vec<Value> {
    let source = &file.source;
    let mut results = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for block in &file.blocks {
        let name = block.name.as_deref().unwrap_or_default();
        match &block.outcome {
            Err(errors) => results.extend(errors.iter().map(|error| {
                let message = with_help(&error.message, error.help.as_deref());
                result(source, INVALID, "error", &message, &error.range, name)
            })),
            Ok(network) => {
                let gap = network.gap.iter();
                results.extend(
                    gap.map(|gap| result(source, NOT_FORECAST, "note", &gap.message, &gap.range, name)),
                );
                results.extend(
                    network.findings.iter().map(|finding| finding_result(source, name, finding, &mut seen)),
                );
            }
        }
    }
    results
}

fn finding_result(
    source: &SourceText,
    network: &str,
    finding: &ShownFinding,
    seen: &mut HashMap<String, usize>,
) -> Value {
    let layer = finding.layer.as_deref().unwrap_or_default();
    let logical = if layer.is_empty() { network.into() } else { format!("{network}.{layer}") };
    let message = with_help(&finding.message, Some(&finding.help));
    let mut result =
        result(source, finding.lint, level_name(finding.level), &message, &finding.range, &logical);
    // As in a baseline: not the line and not the numbers, so that it stays the same when others change.
    let identity = format!("{network}/{}/{layer}", finding.lint);
    let count = seen.entry(identity.clone()).or_default();
    *count += 1;
    result["partialFingerprints"] = json!({"networkLintLayer/v1": format!("{identity}/{count}")});
    if let Some(fix) = &finding.fix {
        result["fixes"] = json!([fix_value(source, fix)]);
    }
    result
}

fn with_help(message: &str, help: Option<&str>) -> String {
    help.map_or_else(|| message.into(), |help| format!("{message}\nhelp: {help}"))
}

fn result(
    source: &SourceText,
    rule: &str,
    level: &str,
    message: &str,
    range: &Range<usize>,
    logical: &str,
) -> Value {
    json!({
        "ruleId": rule,
        "level": level,
        "message": {"text": message},
        "locations": [{
            "physicalLocation": {"artifactLocation": artifact(source.path()), "region": region(source, range)},
            "logicalLocations": [{"fullyQualifiedName": logical}],
        }],
    })
}

fn fix_value(source: &SourceText, fix: &TextFix) -> Value {
    let replacements: Vec<Value> = fix
        .edits
        .iter()
        .map(|edit| {
            json!({"deletedRegion": region(source, &edit.range), "insertedContent": {"text": edit.text}})
        })
        .collect();
    json!({
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": artifact(source.path()), "replacements": replacements}],
    })
}

fn region(source: &SourceText, range: &Range<usize>) -> Value {
    let (start, end) = (source.position(range.start), source.position(range.end));
    json!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column})
}

fn artifact(path: &str) -> Value {
    let uri = uri(path);
    if path.starts_with('/') { json!({"uri": format!("file://{uri}")}) } else { json!({"uri": uri, "uriBaseId": ROOT}) }
}

/// The path as a part of a URI: what RFC 3986 does not call unreserved is written as its bytes, but for what separates
/// folders.
fn uri(path: &str) -> String {
    let part = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    let path = if std::path::MAIN_SEPARATOR == '/' { path.into() } else { path.replace('\\', "/") };
    path.bytes().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::{artifact, uri};

    #[test]
    fn paths_are_uris() {
        assert_eq!(uri("src/my file#1.rs"), "src/my%20file%231.rs");
        assert_eq!(uri("a:b/ä.rs"), "a%3Ab/%C3%A4.rs");
        assert_eq!(artifact("/a.rs")["uri"], "file:///a.rs");
        assert_eq!(artifact("a.rs")["uriBaseId"], "%SRCROOT%");
    }
}
