//! Files that are read and written as a whole.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// All of a file. What is none, such as a device, may have no end.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    refuse_others(path)?;
    fs::read(path)
}

/// A file that is read piece by piece.
#[cfg(feature = "npy")]
pub(crate) fn open(path: &Path) -> io::Result<File> {
    refuse_others(path)?;
    File::open(path)
}

/// A path in a message, where one without a letter is seen too.
pub(crate) fn shown(path: &Path) -> String {
    if path.as_os_str().is_empty() { "\"\"".into() } else { path.display().to_string() }
}

/// Puts a file in place as a whole, or leaves what is there; its folder is made where it is not there.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = partial(path)?;
    make_folder(path)?;
    let mut file = File::create(&partial).map_err(at(&partial))?;
    let written = file.write_all(bytes);
    // What is renamed before it has reached the disk may be empty after a crash of the machine.
    let written = written.and_then(|()| file.sync_all());
    drop(file);
    if let Err(cause) = written.and_then(|()| fs::rename(&partial, path)) {
        // The half of a file is of no use, and takes up room where there may be none left.
        drop(fs::remove_file(&partial));
        return Err(cause);
    }
    sync_folder(path)
}

/// Makes the folder of a file that is to be written later, and finds out now whether it can be.
pub(crate) fn prepare(path: &Path) -> io::Result<()> {
    let partial = partial(path)?;
    make_folder(path)?;
    File::create(&partial).map_err(at(&partial))?;
    fs::remove_file(partial)
}

/// Makes the folder of a file, where it is not there.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent() else { return Ok(()) };
    fs::create_dir_all(folder).map_err(|cause| {
        // Of what is in the way the system says that it exists, and not that it is no folder.
        let no_folder = |above: &&Path| fs::metadata(above).is_ok_and(|found| !found.is_dir());
        match folder.ancestors().find(no_folder) {
            None => at(folder)(cause),
            Some(above) => at(above)(io::Error::new(io::ErrorKind::NotADirectory, "it is no folder")),
        }
    })
}

/// The name that a file has while it is written: the same each time, so that a killed process leaves one at most. None
/// where no file can be at `path`.
fn partial(path: &Path) -> io::Result<PathBuf> {
    // `Path` takes no notice of a separator at the end, the system does.
    let ends_with = |name: &&OsStr| path.as_os_str().as_encoded_bytes().ends_with(name.as_encoded_bytes());
    let Some(name) = path.file_name().filter(ends_with) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no path of a file"));
    };
    refuse_others(path)?;
    let mut name = name.to_os_string();
    name.push(".partial");
    Ok(path.with_file_name(name))
}

/// An error where there is something that is no file.
pub(crate) fn refuse_others(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")),
        Ok(found) if !found.is_file() => {
            let message = "it is a device, a pipe or a socket, expected a file";
            Err(io::Error::new(io::ErrorKind::InvalidInput, message))
        }
        // What is not there, or may not be seen, is told by what is done with it.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Says where another file or folder than the one that is to be written is in the way.
fn at(path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |cause| io::Error::new(cause.kind(), format!("{}: {cause}", path.display()))
}

/// Brings the new name to the disk; Windows has no way to.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}
