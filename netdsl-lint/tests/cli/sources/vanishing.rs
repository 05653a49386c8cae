use netdsl::prelude::*;

network! {
    /// Six sigmoid layers: the first gets no gradient.
    pub struct Sigmoids {
        input: [20] ~ Uniform(0.0, 1.0),
        hidden: [Dense(20, activation = Sigmoid); 6],
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    // The same, known and denied.
    network! {
        struct Known {
            input: [20] ~ Uniform(0.0, 1.0),
            #[deny(vanishing_gradient)]
            hidden: [Dense(20, activation = Sigmoid); 6],
            output: Dense(1),
            loss: MeanSquaredError,
        }
    }
}
