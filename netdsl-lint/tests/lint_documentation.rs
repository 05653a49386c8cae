//! The documentation of a lint is true of the lint, its messages have one form, and `docs/lints.md` is made of it:
//! `UPDATE_EXPECT=1 cargo test -p netdsl-lint --test lint_documentation` writes that file anew.

use expect_test::expect_file;
use netdsl_layers::Verdict;
use netdsl_lint::language::{parse, resolve};
use netdsl_lint::lint::{Diagnostic, LINTS, Lint, Report, lint};
use netdsl_lint::settings::{Settings, Threshold};
use proc_macro2::{Span, TokenStream};

/// What stands under a heading of the documentation.
fn section(documentation: &str, heading: &str) -> String {
    let begin = format!("### {heading}\n");
    let (_, rest) = documentation.split_once(&begin).unwrap_or_else(|| panic!("no heading `{heading}`"));
    rest.split("### ").next().unwrap_or_default().into()
}

/// The reports on the blocks in a section, at least one.
fn reports(lint: &'static dyn Lint, heading: &str) -> Vec<Report> {
    let section = section(&lint.documentation(), heading);
    let blocks: Vec<&str> = section
        .split("```netdsl\n")
        .skip(1)
        .map(|rest| rest.split_once("```").expect("the block ends").0)
        .collect();
    assert!(!blocks.is_empty(), "{}: no block under `{heading}`", lint.name());
    blocks.into_iter().map(|block| report(lint, block)).collect()
}

fn report(of: &'static dyn Lint, text: &str) -> Report {
    let tokens: TokenStream = text.parse().expect("the block is made of tokens");
    let block = parse(tokens, Span::call_site())
        .unwrap_or_else(|failure| panic!("{}: {:?}\n{text}", of.name(), failure.problems));
    let network = resolve(&block).unwrap_or_else(|problems| panic!("{}: {problems:?}\n{text}", of.name()));
    lint(&block, network, &Settings::default())
}

fn finding<'a>(report: &'a Report, lint: &dyn Lint) -> Option<&'a Diagnostic> {
    report.diagnostics.iter().find(|diagnostic| diagnostic.lint == lint.name())
}

#[test]
fn every_example_has_the_finding_and_what_to_use_instead_has_not() {
    for lint in LINTS {
        let name = lint.name();
        let bad = reports(*lint, "Example");
        for report in &bad {
            assert!(
                finding(report, *lint).is_some(),
                "{name} is not found in its example:\n{}",
                report.forecast
            );
        }
        let is_about_gradients = bad.iter().any(|report| report.forecast.verdict != Verdict::Healthy);
        for report in reports(*lint, "Use instead") {
            assert!(finding(&report, *lint).is_none(), "{name} is found in what to use instead");
            let verdict = report.forecast.verdict;
            assert!(
                !is_about_gradients || verdict == Verdict::Healthy,
                "{name}: what to use instead is {}:\n{}",
                verdict.name(),
                report.forecast
            );
        }
    }
}

/// Lowercase, unless the sentence begins with code or a number, and no full stop.
fn is_message(text: &str) -> bool {
    text.chars().next().is_some_and(|first| !first.is_uppercase() && !first.is_whitespace())
        && !text.ends_with(['.', '!', ' ', '\n'])
}

#[test]
fn messages_have_one_form() {
    for lint in LINTS {
        let name = lint.name();
        assert!(
            !name.contains("fix") && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'),
            "{name}"
        );
        for report in reports(*lint, "Example") {
            for Diagnostic { finding, fix, .. } in &report.diagnostics {
                let title = fix.iter().map(|fix| fix.title.as_str());
                for text in [&*finding.message, finding.advice].into_iter().chain(title) {
                    assert!(is_message(text), "{name}: {text}");
                }
            }
        }
    }
}

#[test]
fn references_name_their_source() {
    for lint in LINTS {
        let references = section(&lint.documentation(), "References");
        assert!(references.lines().any(|line| line.starts_with("- ")), "{}: {references}", lint.name());
    }
}

#[test]
fn the_pages_are_those_of_the_documentation() {
    let mut text = String::from(
        "# Lints\n\nMade of the documentation of the lints, which `cargo netdsl explain` prints, by \
         `UPDATE_EXPECT=1 cargo test -p netdsl-lint --test lint_documentation`.\n\n\
         | lint | group | level |\n|---|---|---|\n",
    );
    for lint in LINTS {
        let (name, group) = (lint.name(), lint.group());
        text += &format!("| [{name}](#{name}) | {} | {} |\n", group.name(), group.default_level().name());
    }
    for lint in LINTS {
        text += &format!("\n{}", lint.page());
    }
    expect_file!["../../docs/lints.md"].assert_eq(&text);
}

#[test]
fn the_page_of_the_settings_is_that_of_the_code() {
    let documentation: String = include_str!("../src/settings/mod.rs")
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    let mut text = format!(
        "# Settings\n\nMade of the documentation in the code, by \
         `UPDATE_EXPECT=1 cargo test -p netdsl-lint --test lint_documentation`.\n\n{documentation}\n\
         An attribute on a layer or on the network stands over `--level` of the command, and that over the file. A \
         source file of no package has the settings of the nearest file above it, standard input those of the current \
         folder. A file that can't be read is an error of the compiler, and exit status 2 of the command, which lints \
         the sources all the same.\n\n\
         Cargo builds again when the file changes; when it is new, touch a source file once.\n\n\
         ## Thresholds\n\n| lint | name | default | what is compared |\n|---|---|---|---|\n"
    );
    for threshold in LINTS.iter().flat_map(|lint| lint.thresholds()) {
        let Threshold { lint, name, default, meaning, .. } = threshold;
        text += &format!("| [{lint}](lints.md#{lint}) | `{name}` | {default:?} | {meaning} |\n");
    }
    expect_file!["../../docs/settings.md"].assert_eq(&text);
}

#[test]
fn every_threshold_belongs_to_its_lint() {
    for lint in LINTS {
        let mut names: Vec<&str> = lint.thresholds().iter().map(|threshold| threshold.name).collect();
        assert!(lint.thresholds().iter().all(|threshold| threshold.lint == lint.name()), "{}", lint.name());
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), lint.thresholds().len(), "{}", lint.name());
    }
}
