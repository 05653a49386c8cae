//! What fuzzing has found and kept, run again without libFuzzer: see docs/fuzzing.md.

use std::path::Path;

use crate::exercise;

/// Runs a function on every file that the fuzz target of that name has kept.
fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut count = 0;
    for file in files {
        let path = file.expect("the folder can be listed").path();
        let bytes = std::fs::read(&path).expect("the file can be read");
        // The name is in the output where the test fails.
        println!("{}", path.display());
        run(&bytes);
        count += 1;
    }
    assert!(count > 10, "{} holds {count} files", folder.display());
}

#[test]
fn the_corpus_of_texts_has_no_finding() {
    replay("text", exercise::text);
}

#[test]
fn the_corpus_of_declarations_has_no_finding() {
    replay("declaration", exercise::declaration);
    replay("declaration", exercise::network);
}
