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
        (INVALID, Level::Deny, "A block that does not parse or resolve.", "The message says what to write instead."),
        (
            NOT_FORECAST,
            Level::Allow,
            "A layer behind which a network can't be forecast.",
            "Nothing is said of what stands behind the layer; the message says why.",
        ),
        (
            UNFULFILLED,
            Level::Warn,
            "A finding that is expected, but not found.",
            "Remove the expectation, or the lint from it.",
        ),
    ];
    let of_blocks = of_blocks.map(|(id, level, what, help)| rule(id, what, help, level));
    LINTS.iter().map(|lint| lint_rule(*lint)).chain(of_blocks).collect()
}

fn lint_rule(lint: &'static dyn Lint) -> Value {
    let documentation = lint.documentation();
    // The first paragraph under the first heading says what it does.
    let what = documentation.lines().skip_while(|line| line.starts_with('#') || line.is_empty());
    let what = what.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let (group, level) = (lint.group(), lint.group().default_level());
    let mut rule = rule(lint.name(), &what, &documentation, level);
    rule["defaultConfiguration"]["enabled"] = (level != Level::Allow).into();
    rule["properties"] = json!({"tags": [group.name()]});
    rule
}

/// A rule; `help` is Markdown.
fn rule(id: &str, what: &str, help: &str, level: Level) -> Value {
    json!({
        "id": id,
        "name": pascal_case(id),
        "shortDescription": {"text": what},
        "fullDescription": {"text": what},
        "help": {"text": help, "markdown": help},
        "defaultConfiguration": {"level": level_name(level)},
    })
}

/// What people are shown for a name, as the standard has it: `NonFinite` for `non_finite`.
fn pascal_case(name: &str) -> String {
    let word = |word: &str| match word.split_at_checked(1) {
        Some((first, rest)) => first.to_uppercase() + rest,
        None => word.into(),
    };
    name.split('_').map(word).collect()
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
    let mut place = json!({"artifactLocation": artifact(source.path()), "region": shown(source, range)});
    let lines = source.lines(range);
    // The standard asks for more than the region itself.
    if lines != *range {
        place["contextRegion"] = shown(source, &lines);
    }
    json!({
        "ruleId": rule,
        "level": level,
        "message": {"text": message},
        "locations": [{
            "physicalLocation": place,
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

/// A region with its text, for those who do not have the file.
fn shown(source: &SourceText, range: &Range<usize>) -> Value {
    let mut region = region(source, range);
    region["snippet"] = json!({"text": source.text()[range.clone()]});
    region
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
    use super::{artifact, pascal_case, uri};

    #[test]
    fn paths_are_uris() {
        assert_eq!(uri("src/my file#1.rs"), "src/my%20file%231.rs");
        assert_eq!(uri("a:b/ä.rs"), "a%3Ab/%C3%A4.rs");
        assert_eq!(artifact("/a.rs")["uri"], "file:///a.rs");
        assert_eq!(artifact("a.rs")["uriBaseId"], "%SRCROOT%");
    }

    #[test]
    fn names_are_written_as_the_standard_has_them() {
        assert_eq!(pascal_case("non_finite"), "NonFinite");
        assert_eq!(pascal_case(""), "");
    }
}
