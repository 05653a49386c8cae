//! What holds of every declaration.

use proptest::prelude::*;

use crate::exercise;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_declaration_is_handled(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        exercise::declaration(&bytes);
    }
}
