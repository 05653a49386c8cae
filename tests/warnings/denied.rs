//! `deny` on the entry is an error, which points at the attribute.
use netdsl::prelude::*;

network! {
    /// Denied on the entry.
    pub struct Denied {
        input: [100] ~ Uniform(0.0, 1.0),
        #[deny(vanishing_gradient)]
        hidden: [Dense(100, activation = Sigmoid); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
    }
}

fn main() {}
