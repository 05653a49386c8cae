//! Files that are written whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::Builder;

/// Writes a file beside its place and moves it there, so that whoever reads it, and whatever ends the command, meets the
/// old text or the new one. A symbolic link stays one, and the permissions stay those of the old file.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (target, old) = match fs::canonicalize(path) {
        Ok(target) => {
            let old = fs::metadata(&target)?;
            (target, Some(old))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => (path.to_path_buf(), None),
        Err(error) => return Err(error),
    };
    if let Some(old) = &old {
        // What is a device or a pipe must not be replaced by a file; what is a folder says so itself.
        if !old.is_file() {
            return fs::File::create(&target)?.write_all(bytes);
        }
        if old.permissions().readonly() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
        }
    }
    let folder = folder_of(&target)?;
    // The name begins with a dot, so that what a crash leaves behind is not taken for a source. The permissions are those
    // of any other new file, and not of one that only its owner may read.
    let create = |path: &Path| fs::File::options().write(true).create_new(true).open(path);
    let mut file = Builder::new().prefix(".netdsl-").suffix(".tmp").make_in(folder, create)?;
    file.write_all(bytes)?;
    if let Some(old) = old {
        keep_owner(file.path(), &old);
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&target)?;
    Ok(())
}

/// The folder that a file lies in, without links.
pub(super) fn folder_of(path: &Path) -> io::Result<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder.canonicalize().map_err(|error| match error.kind() {
        // What the system says would be read as if it were said of the file.
        io::ErrorKind::NotFound => {
            io::Error::new(error.kind(), format!("the folder `{}` does not exist", folder.display()))
        }
        _ => error,
    })
}

/// The superuser leaves a file to whom it belongs; nobody else can give one away.
#[cfg(unix)]
fn keep_owner(path: &Path, old: &fs::Metadata) {
    use std::os::unix::fs::MetadataExt;
    let _ = std::os::unix::fs::chown(path, Some(old.uid()), Some(old.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_path: &Path, _old: &fs::Metadata) {}
