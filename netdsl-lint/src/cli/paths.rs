//! Paths, seen from elsewhere.

use std::path::{Component, Path, PathBuf};

/// The path as it is seen from a folder; both are absolute and without links.
pub(super) fn relative(path: &Path, folder: &Path) -> PathBuf {
    let common = path.components().zip(folder.components()).take_while(|(one, other)| one == other).count();
    // Nothing is shared by two drives.
    if common == 0 {
        return path.to_path_buf();
    }
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    let seen: PathBuf = up.chain(path.components().skip(common)).collect();
    if seen.as_os_str().is_empty() { PathBuf::from(".") } else { seen }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::relative;

    #[test]
    fn what_is_shared_is_left_out() {
        let cases = [
            ("/a/b/c.rs", "/a", "b/c.rs"),
            ("/a/c.rs", "/a/b", "../c.rs"),
            ("/a/b/c.rs", "/a/x/y", "../../b/c.rs"),
            ("/a", "/a", "."),
            ("a.rs", "/a", "a.rs"),
        ];
        for (path, folder, expected) in cases {
            assert_eq!(
                relative(Path::new(path), Path::new(folder)),
                Path::new(expected),
                "{path} from {folder}"
            );
        }
    }
}
