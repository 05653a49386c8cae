//! Commands of GitHub's workflows, which show findings beside the changed lines.
//!
//! The form is that of the documentation of GitHub Actions, "Workflow commands".

use std::ops::Range;

use super::Format;
use crate::check::CheckedFile;
use crate::source::SourceText;

/// `::warning file=..,line=..::message`
pub(super) struct Github;

impl Format for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn render(&self, files: &[CheckedFile], _styled: bool) -> String {
        let mut text = String::new();
        for CheckedFile { source, blocks, .. } in files {
            for block in blocks {
                match &block.outcome {
                    Err(errors) => errors.iter().for_each(|error| {
                        let help = error.help.as_deref().unwrap_or_default();
                        text.push_str(&command(
                            "error",
                            "netdsl",
                            source,
                            &error.range,
                            &error.message,
                            help,
                        ));
                    }),
                    Ok(network) => {
                        network.gap.iter().for_each(|gap| {
                            text.push_str(&command("notice", "netdsl", source, &gap.range, &gap.message, ""));
                        });
                        network.findings.iter().for_each(|finding| {
                            let title = format!("netdsl: {}", finding.lint);
                            let (message, help) = (&finding.message, &finding.help);
                            text.push_str(&command(
                                finding.severity(),
                                &title,
                                source,
                                &finding.range,
                                message,
                                help,
                            ));
                        });
                    }
                }
            }
        }
        text
    }
}

fn command(
    severity: &str,
    title: &str,
    source: &SourceText,
    range: &Range<usize>,
    message: &str,
    help: &str,
) -> String {
    let (start, end) = (source.position(range.start), source.position(range.end));
    let help = if help.is_empty() { String::new() } else { format!("\nhelp: {help}") };
    format!(
        "::{severity} file={},line={},col={},endLine={},endColumn={},title={}::{}\n",
        property(source.path()),
        start.line,
        start.column,
        end.line,
        end.column,
        property(title),
        data(&format!("{message}{help}")),
    )
}

/// What stands behind the command, with what would end it escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands between `=` and `,`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
