//! What holds of every declaration.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::exercise;

/// The same declarations in every run: new ones are for the fuzzer.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 48,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_declaration_is_handled(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        exercise::declaration(&bytes);
    }
}
