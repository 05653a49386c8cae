//! `allow` on the entry and on the network silences a finding.
use netdsl::prelude::*;

network! {
    /// Silenced on the entry.
    pub struct OnEntry {
        input: [100] ~ Uniform(0.0, 1.0),
        #[allow(vanishing_gradient)]
        hidden: [Dense(100, activation = Sigmoid); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
    }
}

network! {
    /// Silenced on the network.
    #[allow(vanishing_gradient, dead_code)]
    pub struct OnNetwork {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Sigmoid); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
    }
}

fn main() {}
