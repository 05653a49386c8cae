//! The loss of one layer is convex: a large step is no fault, one that overshoots for certain is.
use netdsl::prelude::*;

network! {
    pub struct Linear {
        input: [8] ~ Normal(0.0, 1.0),
        output: Dense(1),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 0.1),
    }
}

network! {
    pub struct TooFast {
        input: [8] ~ Normal(0.0, 1.0),
        output: Dense(1),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 10.0),
    }
}

fn main() {}
