//! One line for each finding, as editors and `grep` read it.

use super::Format;
use crate::check::CheckedFile;

/// `path:line:column: level[lint]: message`
pub(super) struct Concise;

impl Format for Concise {
    fn name(&self) -> &'static str {
        "concise"
    }

    fn render(&self, files: &[CheckedFile], _styled: bool) -> String {
        render_findings(files)
    }
}

/// A line for each finding and each error.
pub fn render_findings(files: &[CheckedFile]) -> String {
    let mut text = String::new();
    for CheckedFile { source, blocks, .. } in files {
        let mut line = |start: usize, what: String| {
            text.push_str(&format!("{}:{}: {what}\n", source.path(), source.position(start)));
        };
        for block in blocks {
            match &block.outcome {
                Err(errors) => errors.iter().for_each(|error| {
                    line(error.range.start, format!("error: {}", error.message));
                }),
                Ok(network) => {
                    network
                        .gap
                        .iter()
                        .for_each(|gap| line(gap.range.start, format!("note: {}", gap.message)));
                    network.findings.iter().for_each(|finding| {
                        let severity = finding.severity();
                        line(
                            finding.range.start,
                            format!("{severity}[{}]: {}", finding.lint, finding.message),
                        );
                    });
                }
            }
        }
    }
    text
}
