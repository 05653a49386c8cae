//! Plots as a picture of their own.

use std::fmt::Write;

use crate::page::escape;
use crate::plot::{DrawingError, Plot, SIZE};

const STYLE: &str = "\
.paper{fill:#fff}text{fill:#1a1a1a;font-family:system-ui,sans-serif}\
svg svg text{fill:#1a1a1a}[stroke=\"#000000\"]{stroke:#1a1a1a}\
@media(prefers-color-scheme:dark){.paper{fill:#161616}text,svg svg text{fill:#e6e6e6}\
[stroke=\"#000000\"]{stroke:#e6e6e6}}";

const MARGIN: u32 = 16;
const LINE: u32 = 22;
/// How many characters of a line of text fit beside each other, at the width of two plots.
const CHARACTERS: usize = 108;

/// An SVG file: a title, plots beside each other with their legends, and lines of text below. All texts are plain; lines
/// that are too long are wrapped.
///
/// # Errors
/// [`DrawingError`] where the library for plots gives up.
pub fn picture(title: &str, plots: &[Plot], notes: &[String]) -> Result<String, DrawingError> {
    let columns = plots.len().max(1) as u32;
    let legend = plots.iter().map(|plot| plot.series.len()).max().unwrap_or(0) as u32;
    let notes: Vec<String> = notes.iter().flat_map(|note| wrapped(note, CHARACTERS)).collect();
    let width = columns * (SIZE.0 + MARGIN) + MARGIN;
    let plots_at = 3 * LINE;
    let legend_at = plots_at + SIZE.1 + LINE;
    let notes_at = legend_at + legend * LINE + MARGIN;
    let height = notes_at + notes.len() as u32 * LINE;
    let name = escape(title);
    let description = escape(&notes.join(" "));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n<title>{name}</title>\n<desc>{description}</desc>\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n"
    );
    let mut line = |x: u32, y: u32, style: &str, text: &str| {
        // Writing to a string can't fail.
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" {style}>{text}</text>");
    };
    line(MARGIN, LINE + 6, "font-size=\"20\" font-weight=\"600\"", &name);
    for (column, plot) in (0..).zip(plots) {
        let x = MARGIN + column * (SIZE.0 + MARGIN);
        line(x, plots_at - 6, "font-size=\"15\" font-weight=\"600\"", plot.title);
        for (row, (mark, colour, label)) in (0..).zip(plot.legend()) {
            let text = format!("<tspan style=\"fill:{colour}\">{mark}</tspan> {}", escape(label));
            line(x, legend_at + row * LINE, "font-size=\"14\"", &text);
        }
    }
    for (row, note) in (1..).zip(&notes) {
        line(MARGIN, notes_at + (row - 1) * LINE, "font-size=\"14\"", &escape(note));
    }
    for (column, plot) in (0..).zip(plots) {
        let place = format!("<svg x=\"{}\" y=\"{plots_at}\" ", MARGIN + column * (SIZE.0 + MARGIN));
        svg += &plot.svg()?.replacen("<svg ", &place, 1);
    }
    svg += "</svg>\n";
    Ok(svg)
}

/// A text in lines of at most so many characters, broken between words.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrapped("a bc  def g", 4), ["a bc", "def", "g"]);
        assert_eq!(wrapped("", 4), [""; 0]);
        assert_eq!(wrapped("longer than four", 4), ["longer", "than", "four"]);
    }
}
