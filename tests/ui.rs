//! What the compiler says of bad blocks: every error at once, on the smallest span, and nothing else turns red.
//!
//! `TRYBUILD=overwrite cargo test --test ui` stores what it says now.

#[test]
fn bad_blocks() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
