//! Standard output and standard error.

use std::io::{self, Write};

/// Whether a terminal that shows colours reads standard output; `NO_COLOR` and its relatives are heeded.
pub(super) fn is_styled() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Writes to standard output.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}

/// Writes what is no error, but worth a word, to standard error.
pub(super) fn remark(message: &str) {
    let _ = writeln!(io::stderr(), "warning: {message}");
}

/// Writes what belongs to the result, but not into it, to standard error.
pub(super) fn note(message: &str) {
    let _ = writeln!(io::stderr(), "note: {message}");
}

/// Writes lines to standard error.
pub(super) fn report(lines: &str) {
    let _ = write!(io::stderr(), "{lines}");
}
