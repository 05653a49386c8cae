//! `deny` on the network is an error too, and `warn` on the entry takes it back.
use netdsl::prelude::*;

network! {
    /// Denied on the network.
    #[deny(vanishing_gradient)]
    pub struct Denied {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Sigmoid); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
    }
}

network! {
    /// Denied on the network, warned of on the entry.
    #[deny(vanishing_gradient)]
    pub struct Warned {
        input: [100] ~ Uniform(0.0, 1.0),
        #[warn(vanishing_gradient)]
        hidden: [Dense(100, activation = Sigmoid); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
    }
}

fn main() {}
