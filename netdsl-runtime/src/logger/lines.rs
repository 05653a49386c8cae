//! A file of lines, and one that a later process goes on with.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::file::{make_folder, refuse_others};

/// Makes a file and its folder; what is there is emptied.
pub(super) fn create(path: &Path) -> io::Result<File> {
    make_folder(path)?;
    File::create(path)
}

/// Opens a file to append to it, which is made with its folder where it is not there, and its first line, where it has one.
///
/// A last line without an end is one that a process was killed in: it is cut off. A file that does not begin with `start`, or
/// with the part of it that came so far, is somebody else's: it is an error and stays as it is.
pub(super) fn append(path: &Path, start: &str) -> io::Result<(File, Option<String>)> {
    refuse_others(path)?;
    make_folder(path)?;
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    let mut begin = Vec::new();
    Read::by_ref(&mut file).take(start.len() as u64).read_to_end(&mut begin)?;
    if !start.as_bytes().starts_with(&begin) {
        let found = String::from_utf8_lossy(&begin);
        let message = format!("it begins with `{}`, expected `{start}`", found.escape_debug());
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    let end = end_of_lines(&mut file)?;
    file.set_len(end)?;
    file.rewind()?;
    let mut first = String::new();
    BufReader::new(&file).read_line(&mut first)?;
    file.seek(SeekFrom::End(0))?;
    let first = first.trim_end_matches(['\r', '\n']);
    Ok((file, (!first.is_empty()).then(|| first.into())))
}

/// The length up to the last end of a line, looked for from behind.
fn end_of_lines(file: &mut File) -> io::Result<u64> {
    const PIECE: u64 = 1 << 16;
    let mut end = file.seek(SeekFrom::End(0))?;
    let mut piece = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(PIECE);
        file.seek(SeekFrom::Start(start))?;
        piece.clear();
        Read::by_ref(file).take(end - start).read_to_end(&mut piece)?;
        if let Some(place) = piece.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + place as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::append;

    #[test]
    fn a_line_without_an_end_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        assert_eq!(append(&path, "a").unwrap().1, None);
        let long = "x".repeat(200_000);
        for (before, kept) in
            [("a,b\n1,2\n3,", "a,b\n1,2\n"), ("a,b\n", "a,b\n"), ("a,", ""), (&format!("a\n{long}"), "a\n")]
        {
            std::fs::write(&path, before).unwrap();
            let (mut file, first) = append(&path, "a").unwrap();
            assert_eq!(first.as_deref(), kept.lines().next());
            file.write_all(b"end\n").unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{kept}end\n"));
        }
    }

    #[test]
    fn what_is_somebody_elses_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        for before in ["hello", "hello\nworld\n", "b", "\n"] {
            std::fs::write(&path, before).unwrap();
            let error = append(&path, "epoch").unwrap_err().to_string();
            let begin: String = before.chars().take(5).collect();
            assert_eq!(error, format!("it begins with `{}`, expected `epoch`", begin.escape_debug()));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
        }
        std::fs::write(&path, "epo").unwrap();
        assert_eq!(append(&path, "epoch").unwrap().1, None);
    }
}
