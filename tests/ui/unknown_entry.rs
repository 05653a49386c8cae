use netdsl::network;

network! {
    pub struct Misspelt {
        input: [4],
        output: Dense(1),
        loss: MSE,
        optimiser: Sgd(learning_rate = 0.1),
    }
}

network! {
    pub struct Early {
        input: [4],
        step: Sgd(learning_rate = 0.1),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {}
