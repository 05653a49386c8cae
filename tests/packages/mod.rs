//! Packages outside the workspace, whose messages from the compiler a test reads.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;
use cargo_metadata::diagnostic::Diagnostic;

/// A file of a package: its name and its text.
pub(crate) type File = (String, String);

/// The Rust files of a folder, each as a binary of a package.
pub(crate) fn files_of(folder: &Path) -> Vec<File> {
    let files = std::fs::read_dir(folder).expect("the folder is part of the repository");
    let read = |path: PathBuf| {
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).expect("the file can be read"))
    };
    files.map(|file| read(file.expect("the folder can be read").path())).collect()
}

/// A package whose binaries are these files; others than `.rs` stand beside its manifest.
pub(crate) fn package(name: &str, files: &[File]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let binaries = package.join("src/bin");
    std::fs::create_dir_all(&binaries).expect("the target folder can be written");
    let write =
        |path: PathBuf, text: &str| std::fs::write(path, text).expect("the target folder can be written");
    let manifest = format!(
        "[package]\nname = {name:?}\nedition = \"2024\"\n\n[dependencies]\nnetdsl = {{ path = {root:?} }}\n\n[workspace]\n"
    );
    write(package.join("Cargo.toml"), &manifest);
    // The versions that the workspace itself is built with; cargo drops what the package does not need.
    std::fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock"))
        .expect("the workspace has a lock file");
    for (file, text) in files {
        let folder = if file.ends_with(".rs") { &binaries } else { &package };
        write(folder.join(file), text);
    }
    package
}

/// What the compiler says of the binaries of a package, with the name of each.
pub(crate) fn messages(package: &Path) -> Vec<(String, Diagnostic)> {
    let mut check = Command::new(env!("CARGO"))
        .args(["check", "--bins", "--keep-going", "--offline", "--message-format=json", "--target-dir"])
        // What the packages depend on is built once for all.
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages"))
        .current_dir(package)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("cargo runs this test and can run again");
    let output = std::io::BufReader::new(check.stdout.take().expect("the output is piped"));
    let messages =
        Message::parse_stream(output).filter_map(|message| match message.expect("cargo writes messages") {
            Message::CompilerMessage(message) => Some((message.target.name, message.message)),
            _ => None,
        });
    let messages = messages.collect();
    check.wait().expect("cargo ends");
    messages
}
