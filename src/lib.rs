#![doc = include_str!("../README.md")]

// The expansion names everything by `::netdsl`, also in this crate's own tests and examples.
extern crate self as netdsl;

pub use netdsl_macros::network;
pub use netdsl_runtime::*;

/// Everything that a network and its training need.
pub mod prelude {
    pub use netdsl_macros::network;
    pub use netdsl_runtime::prelude::*;
}

/// The examples of the documents, as tests.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../docs/checkpoints.md")]
    mod checkpoints {}
    #[doc = include_str!("../docs/training.md")]
    mod training {}
}
