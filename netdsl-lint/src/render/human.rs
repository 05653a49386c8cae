//! What a person reads, in the form of rustc's messages.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level as Kind, Patch, Renderer, Snippet};
use netdsl_layers::{Forecast, count};

use super::Format;
use crate::check::{BlockError, CheckedFile, LevelSource, ShownFinding, TextEdit};
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
        for CheckedFile { source, blocks, .. } in files {
            for block in blocks {
                match &block.outcome {
                    Err(errors) => text.push_str(&render_errors(source, errors, styled)),
                    Ok(network) => {
                        if let Some(gap) = &network.gap {
                            let snippet = underlined(source, &gap.range, None);
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
        text
    }

    fn summary(&self, files: &[CheckedFile], errors: usize) -> String {
        // Why there is no file is said already.
        if files.is_empty() {
            return String::new();
        }
        let networks: usize = files.iter().map(|file| file.blocks.len()).sum();
        let outcomes = || files.iter().flat_map(|file| &file.blocks).map(|block| &block.outcome);
        let broken: usize = outcomes().filter_map(|outcome| outcome.as_ref().err()).map(Vec::len).sum();
        let found = |level: Level| {
            let findings = outcomes().flatten().flat_map(|network| &network.findings);
            findings.filter(|finding| finding.level == level).count()
        };
        format!(
            "{} in {}: {}, {}\n",
            count(networks, "network", "networks"),
            count(files.len(), "file", "files"),
            count(errors + broken + found(Level::Deny), "error", "errors"),
            count(found(Level::Warn), "warning", "warnings"),
        )
    }
}

/// What is wrong with a block.
pub fn render_errors(source: &SourceText, errors: &[BlockError], styled: bool) -> String {
    let rendered = |error: &BlockError| {
        let snippet = underlined(source, &error.range, None);
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

/// The lines of a range, and the range in them: what is rendered is read whole each time, and files are long.
struct Excerpt<'a> {
    source: &'a SourceText,
    lines: Range<usize>,
}

impl<'a> Excerpt<'a> {
    fn of(source: &'a SourceText, range: &Range<usize>) -> Self {
        Self { source, lines: source.lines(range) }
    }

    fn range(&self, range: &Range<usize>) -> Range<usize> {
        range.start - self.lines.start..range.end - self.lines.start
    }

    fn snippet<T: Clone>(&self) -> Snippet<'a, T> {
        let line = self.source.position(self.lines.start).line;
        Snippet::source(&self.source.text()[self.lines.clone()]).line_start(line).path(self.source.path())
    }
}

fn underlined<'a>(
    source: &'a SourceText,
    range: &Range<usize>,
    label: Option<String>,
) -> Snippet<'a, Annotation<'a>> {
    let excerpt = Excerpt::of(source, range);
    excerpt.snippet().annotation(AnnotationKind::Primary.span(excerpt.range(range)).label(label))
}

fn changed<'a>(source: &'a SourceText, edits: &'a [TextEdit]) -> Snippet<'a, Patch<'a>> {
    let start = edits.iter().map(|edit| edit.range.start).min().unwrap_or(0);
    let end = edits.iter().map(|edit| edit.range.end).max().unwrap_or(start);
    let excerpt = Excerpt::of(source, &(start..end));
    let patches = edits.iter().map(|edit| Patch::new(excerpt.range(&edit.range), edit.text.as_str()));
    excerpt.snippet().patches(patches)
}

fn groups<'a>(
    source: &'a SourceText,
    finding: &'a ShownFinding,
    forecast: Option<&Forecast>,
) -> Vec<Group<'a>> {
    let kind = if finding.level == Level::Deny { Kind::ERROR } else { Kind::WARNING };
    let label = finding.layer.as_ref().map(|layer| format!("`{layer}`"));
    let title = kind.primary_title(finding.message.as_str()).id(finding.lint);
    let mut group = title.element(underlined(source, &finding.range, label));
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
        LevelSource::Project => {
            group = group.element(Kind::NOTE.message(format!("at `{level}` by `netdsl.toml`")))
        }
        LevelSource::DenyWarnings => {
            group = group.element(Kind::NOTE.message("an error by `--deny-warnings`"))
        }
        LevelSource::Attribute(range) => {
            let title = Kind::NOTE.secondary_title("the lint level is defined here");
            defined = Some(title.element(underlined(source, range, None)));
        }
    }
    let help = match &finding.fix {
        Some(fix) => Kind::HELP.secondary_title(finding.help.as_str()).element(changed(source, &fix.edits)),
        None => Group::with_title(Kind::HELP.secondary_title(finding.help.as_str())),
    };
    std::iter::once(group).chain(defined).chain([help]).collect()
}
