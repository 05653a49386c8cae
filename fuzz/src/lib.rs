//! What the fuzz targets run: the functions that the tests of `netdsl-lint` and `netdsl-runtime` replay the corpus through.

#[path = "../../netdsl-lint/tests/robustness/exercise.rs"]
mod exercise;
#[path = "../../netdsl-lint/tests/robustness/generate.rs"]
mod generate;
#[path = "../../netdsl-lint/tests/robustness/vocabulary.rs"]
mod vocabulary;
#[allow(dead_code, reason = "the seeds are written by the test")]
#[path = "../../netdsl-runtime/tests/robustness/exercise.rs"]
mod written;

/// Reads the bytes as a source file.
pub fn text(bytes: &[u8]) {
    exercise::text(bytes);
}

/// Makes a declaration of the bytes, prints it and reads it back.
pub fn declaration(bytes: &[u8]) {
    exercise::declaration(bytes);
}

/// Does with a declaration of the bytes all that is done with a source file.
pub fn network(bytes: &[u8]) {
    exercise::network(bytes);
}

/// Takes the bytes as a part of a file of a training.
pub fn checkpoint(bytes: &[u8]) {
    written::checkpoint(bytes);
}
