//! The difference of two texts, as `diff -u` and `git diff` print it.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

/// A unified diff that `git apply` and `patch -p1` read; empty where the texts are equal.
///
/// `styled` says whether a terminal that shows colours reads it.
pub fn render_diff(path: &str, old: &str, new: &str, styled: bool) -> String {
    let colour =
        |colour: AnsiColor| if styled { Style::new().fg_color(Some(colour.into())) } else { Style::new() };
    let bold = if styled { Style::new().bold() } else { Style::new() };
    let (removed, added, place) = (colour(AnsiColor::Red), colour(AnsiColor::Green), colour(AnsiColor::Cyan));
    let diff = TextDiff::from_lines(old, new);
    let mut text = String::new();
    for hunk in diff.unified_diff().iter_hunks() {
        // Writing to a string can't fail.
        if text.is_empty() {
            let path = path.trim_start_matches('/');
            let _ = writeln!(text, "{bold}--- a/{path}{bold:#}\n{bold}+++ b/{path}{bold:#}");
        }
        let _ = writeln!(text, "{place}{}{place:#}", hunk.header());
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ("-", removed),
                ChangeTag::Insert => ("+", added),
                ChangeTag::Equal => (" ", Style::new()),
            };
            let line = change.value().trim_end_matches('\n');
            let _ = writeln!(text, "{style}{sign}{line}{style:#}");
            if change.missing_newline() {
                text.push_str("\\ No newline at end of file\n");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::render_diff;

    #[test]
    fn lines_keep_their_ends() {
        let diff = render_diff("src/a.rs", "a\r\nb\r\nc", "a\r\nB\r\nc", false);
        let expected = "--- a/src/a.rs\n+++ b/src/a.rs\n@@ -1,3 +1,3 @@\n a\r\n-b\r\n+B\r\n c\n\\ No newline at end of file\n";
        assert_eq!(diff, expected);
        assert_eq!(render_diff("a.rs", "a\n", "a\n", false), "");
    }

    #[test]
    fn colours_are_ended_on_each_line() {
        let diff = render_diff("a.rs", "a\n", "b\n", true);
        assert!(diff.contains("\u{1b}[31m-a\u{1b}[0m\n\u{1b}[32m+b\u{1b}[0m\n"), "{diff:?}");
    }
}
