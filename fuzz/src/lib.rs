//! What the fuzz targets run: the functions that the tests of `netdsl-lint` replay the corpus through.

#[path = "../../netdsl-lint/tests/robustness/exercise.rs"]
mod exercise;
#[path = "../../netdsl-lint/tests/robustness/generate.rs"]
mod generate;
#[path = "../../netdsl-lint/tests/robustness/vocabulary.rs"]
mod vocabulary;

/// Reads the bytes as a source file.
pub fn text(bytes: &[u8]) {
    exercise::text(bytes);
}

/// Makes a declaration of the bytes.
pub fn declaration(bytes: &[u8]) {
    exercise::declaration(bytes);
}
