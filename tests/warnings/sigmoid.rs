//! The tutorial's ten sigmoid layers warn, on the layer.
use netdsl::prelude::*;

network! {
    /// Ten sigmoid layers.
    pub struct DeepSigmoid {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Sigmoid); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
    }
}

fn main() {}
