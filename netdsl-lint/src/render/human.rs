//! What a person reads, in the form of rustc's messages.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level as Kind, Patch, Renderer, Snippet};
use netdsl_layers::Forecast;

use super::Format;
use crate::check::{BlockError, CheckedFile, LevelSource, ShownFinding};
use crate::language::Level;
use crate::source::SourceText;

/// Each finding with the layer underlined, the forecast and the fix.
pub(super) struct Human;

impl Format for Human {
    fn name(&self) -> &'static str {
        "human"
    }

    fn render(&self, files: &[CheckedFile], styled: bool) -> String {
        let mut text = String::new();
        for CheckedFile { source, blocks } in files {
            for block in blocks {
                match &block.outcome {
                    Err(errors) => text.push_str(&render_errors(source, errors, styled)),
                    Ok(network) => {
                        if let Some(gap) = &network.gap {
                            let snippet =
                                snippet(source).annotation(AnnotationKind::Primary.span(gap.range.clone()));
                            let group = Kind::NOTE.primary_title(gap.message.as_str()).element(snippet);
                            text.push_str(&message(&[group], styled));
                        }
                        // The forecast is that of the network: it is shown once.
                        let mut forecast = Some(&network.forecast);
                        for finding in &network.findings {
                            let groups = groups(source, finding, forecast.take());
                            text.push_str(&message(&groups, styled));
                        }
                    }
                }
            }
        }
        text.push_str(&summary(files));
        text
    }
}

/// What is wrong with a block.
pub fn render_errors(source: &SourceText, errors: &[BlockError], styled: bool) -> String {
    let rendered = |error: &BlockError| {
        let snippet = snippet(source).annotation(AnnotationKind::Primary.span(error.range.clone()));
        let group = Kind::ERROR.primary_title(error.message.as_str()).element(snippet);
        let group = match &error.help {
            Some(help) => group.element(Kind::HELP.message(help.as_str())),
            None => group,
        };
        message(&[group], styled)
    };
    errors.iter().map(rendered).collect()
}

fn message(groups: &[Group<'_>], styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    format!("{}\n\n", renderer.render(groups))
}

fn snippet<T: Clone>(source: &SourceText) -> Snippet<'_, T> {
    Snippet::source(source.text()).path(source.path())
}

fn groups<'a>(
    source: &'a SourceText,
    finding: &'a ShownFinding,
    forecast: Option<&Forecast>,
) -> Vec<Group<'a>> {
    let kind = if finding.level == Level::Deny { Kind::ERROR } else { Kind::WARNING };
    let mut annotation = AnnotationKind::Primary.span(finding.range.clone());
    if let Some(layer) = &finding.layer {
        annotation = annotation.label(format!("`{layer}`"));
    }
    let title = kind.primary_title(finding.message.as_str()).id(finding.lint);
    let mut group = title.element(snippet(source).annotation(annotation));
    if let Some(forecast) = forecast {
        group = group.element(Kind::NOTE.message(forecast.to_string()));
    }
    let mut defined = None;
    let level = finding.level.name();
    match &finding.level_set_by {
        LevelSource::Lint => group = group.element(Kind::NOTE.message(format!("at `{level}` by default"))),
        LevelSource::Command => {
            group = group.element(Kind::NOTE.message(format!("at `{level}` by `--level`")))
        }
        LevelSource::DenyWarnings => {
            group = group.element(Kind::NOTE.message("an error by `--deny-warnings`"))
        }
        LevelSource::Attribute(range) => defined = Some(level_is_defined_here(source, range)),
    }
    let help = match &finding.fix {
        Some(fix) => {
            let patches = fix.edits.iter().map(|edit| Patch::new(edit.range.clone(), edit.text.as_str()));
            Kind::HELP.secondary_title(finding.help.as_str()).element(snippet(source).patches(patches))
        }
        None => Group::with_title(Kind::HELP.secondary_title(finding.help.as_str())),
    };
    std::iter::once(group).chain(defined).chain([help]).collect()
}

fn level_is_defined_here<'a>(source: &'a SourceText, range: &Range<usize>) -> Group<'a> {
    let snippet = snippet(source).annotation(AnnotationKind::Primary.span(range.clone()));
    Kind::NOTE.secondary_title("the lint level is defined here").element(snippet)
}

fn summary(files: &[CheckedFile]) -> String {
    let networks: usize = files.iter().map(|file| file.blocks.len()).sum();
    let outcomes = || files.iter().flat_map(|file| &file.blocks).map(|block| &block.outcome);
    let broken: usize = outcomes().filter_map(|outcome| outcome.as_ref().err()).map(Vec::len).sum();
    let found = |level: Level| {
        let findings = outcomes().flatten().flat_map(|network| &network.findings);
        findings.filter(|finding| finding.level == level).count()
    };
    format!(
        "{} in {}: {}, {}\n",
        count(networks, "network"),
        count(files.len(), "file"),
        count(broken + found(Level::Deny), "error"),
        count(found(Level::Warn), "warning"),
    )
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
