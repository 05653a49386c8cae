//! The text of a file, and positions in it.

use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;

use super::error::SourceError;
use super::files::STANDARD_INPUT;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: u64 = 32 << 20;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A line and a column, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The text of a file, without its byte order mark.
#[derive(Debug)]
pub struct SourceText {
    path: String,
    text: String,
    /// How many bytes of the file stand before the text.
    offset: usize,
    /// The byte at which each line begins.
    lines: Vec<usize>,
    /// How many characters stand before each stretch of [`STRETCH`] bytes: a file may be one long line, and have a
    /// thousand errors.
    characters: Vec<usize>,
}

const STRETCH: usize = 1024;

impl SourceText {
    /// Reads a file, or standard input where `path` is [`STANDARD_INPUT`].
    pub fn read(path: &str) -> Result<Self, SourceError> {
        let bytes = if path == STANDARD_INPUT {
            bytes_of(io::stdin().lock())
        } else if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            // Whoever opens a pipe that nobody writes to waits for ever.
            return Err(SourceError::NotAFile { path: path.into() });
        } else {
            File::open(path).and_then(bytes_of)
        };
        match bytes {
            Ok(bytes) if bytes.len() as u64 > MAX_BYTES => {
                Err(SourceError::TooLarge { path: path.into(), most: MAX_BYTES })
            }
            Ok(bytes) => Self::new(path, bytes),
            Err(reason) => Err(SourceError::Unreadable { path: path.into(), reason }),
        }
    }

    /// The text in the bytes of a file.
    pub fn new(path: &str, bytes: Vec<u8>) -> Result<Self, SourceError> {
        let mut text = String::from_utf8(bytes).map_err(|error| {
            let readable = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
            let position = Self::of(path, readable.into_owned(), 0).end();
            SourceError::NotUnicode { path: path.into(), position }
        })?;
        let offset = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        text.drain(..offset);
        Ok(Self::of(path, text, offset))
    }

    fn of(path: &str, text: String, offset: usize) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut count = 0;
        let stretches = (0..=text.len()).step_by(STRETCH).map(|start| {
            let before = count;
            count += characters(&text.as_bytes()[start..text.len().min(start + STRETCH)]);
            before
        });
        let characters = stretches.collect();
        Self { path: path.into(), text, offset, lines, characters }
    }

    /// The same file with another text.
    pub fn with_text(&self, text: String) -> Self {
        Self::of(&self.path, text, self.offset)
    }

    /// The whole of the file, with its byte order mark where it has one.
    pub fn file(&self) -> String {
        let mark = if self.offset > 0 { BYTE_ORDER_MARK } else { "" };
        format!("{mark}{}", self.text)
    }

    /// The path, as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line and column of a byte of the text; behind the text, those of its end.
    pub fn position(&self, byte: usize) -> Position {
        let byte = byte.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= byte);
        let column = self.characters_before(byte) - self.characters_before(self.lines[line - 1]) + 1;
        Position { line, column }
    }

    fn characters_before(&self, byte: usize) -> usize {
        let stretch = byte / STRETCH;
        self.characters[stretch] + characters(&self.text.as_bytes()[stretch * STRETCH..byte])
    }

    /// The whole lines that a range touches, without the last line break.
    pub fn lines(&self, range: &Range<usize>) -> Range<usize> {
        let (first, last) = (self.position(range.start).line, self.position(range.end).line);
        let end = self.lines.get(last).map_or(self.text.len(), |next| next - 1);
        self.lines[first - 1]..end
    }

    fn end(&self) -> Position {
        self.position(self.text.len())
    }

    /// The bytes of the file that a range of the text comes from.
    pub fn range_in_file(&self, range: &Range<usize>) -> Range<usize> {
        range.start + self.offset..range.end + self.offset
    }
}

/// How many characters begin in these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

/// At most one byte more than is allowed, so that an endless file is refused instead of read.
fn bytes_of(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Position, SourceText};

    fn text(bytes: &[u8]) -> SourceText {
        SourceText::new("a.rs", bytes.to_vec()).expect("the bytes are text")
    }

    #[test]
    fn columns_count_characters() {
        let text = text("äö x\r\n  y\n".as_bytes());
        assert_eq!(text.position(5), Position { line: 1, column: 4 });
        assert_eq!(text.position(10), Position { line: 2, column: 3 });
        assert_eq!(text.position(12), Position { line: 3, column: 1 });
        assert_eq!(text.position(99), Position { line: 3, column: 1 });
    }

    #[test]
    fn columns_of_long_lines_count_characters() {
        let line = "ä€x".repeat(2048);
        let text = text(format!("a\n{line}").as_bytes());
        for (byte, character) in line.char_indices().map(|(byte, _)| byte).chain([line.len()]).zip(1..) {
            assert_eq!(text.position(2 + byte), Position { line: 2, column: character });
        }
    }

    #[test]
    fn lines_are_whole() {
        let text = text(b"ab\ncd\nef");
        let lines = |range| &text.text()[text.lines(&range)];
        assert_eq!(lines(1..2), "ab");
        assert_eq!(lines(1..4), "ab\ncd");
        assert_eq!(lines(7..8), "ef");
    }

    #[test]
    fn a_byte_order_mark_is_no_character_but_three_bytes_of_the_file() {
        let text = text("\u{feff}ab".as_bytes());
        assert_eq!(text.text(), "ab");
        assert_eq!(text.position(1), Position { line: 1, column: 2 });
        assert_eq!(text.range_in_file(&(0..2)), 3..5);
    }

    #[test]
    fn what_is_no_text_is_refused_where_it_begins() {
        let error = SourceText::new("a.rs", b"a\nb\xff".to_vec()).expect_err("0xff is no UTF-8");
        assert_eq!(error.to_string(), "a.rs:2:2: the file is not UTF-8 from here on");
    }
}
