//! A fix of several layers says which, and so does the attribute that silences the finding.
use netdsl::prelude::*;

network! {
    pub struct Faded {
        input: [100] ~ Uniform(0.0, 1.0),
        first: Dense(64, activation = Tanh, init = Normal(0.0, 0.02)),
        body: [Dense(64, activation = Tanh, init = Normal(0.0, 0.02)); 4],
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

network! {
    pub struct Sequences {
        input: [100] ~ Uniform(0.0, 1.0),
        stem: (Dense(64), Sigmoid, Dense(64), Sigmoid),
        body: [(Dense(64), Sigmoid); 4],
        output: Dense(1),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 0.01),
    }
}

fn main() {}
