//! Weights of mean one leave the range of `f32`.
use netdsl::prelude::*;

network! {
    /// Ten layers of large weights.
    pub struct Large {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Relu, init = Uniform(0.9, 1.1)); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
    }
}

fn main() {}
