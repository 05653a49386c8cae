//! The same stack with rectifiers and their initialisation does not warn.
use netdsl::prelude::*;

network! {
    /// Ten rectified layers.
    pub struct DeepRelu {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Relu, init = HeNormal); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
    }
}

fn main() {}
