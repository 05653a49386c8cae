//! A declared optimizer counts by its first step, and the layer that it changes too much is underlined; one that divides by
//! the gradient's own size has limits of its own.
use netdsl::prelude::*;

network! {
    pub struct Step {
        input: [2],
        hidden: Dense(8, activation = Tanh),
        output: Dense(1),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 0.2),
    }
}

network! {
    pub struct Lost {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Sigmoid); 20],
        #[allow(lost_signal)]
        output: Dense(1),
        loss: MeanSquaredError,
        optimizer: Adam(learning_rate = 0.001),
    }
}

network! {
    pub struct Wide {
        input: [50] ~ Uniform(0.0, 1.0),
        hidden: Dense(50, activation = Relu, init = HeNormal),
        output: Dense(16, init = Uniform(0.0, 3.0)),
        loss: MeanSquaredError,
    }
}

fn main() {}
