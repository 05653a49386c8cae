use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [5] ~ Normal(0.0, 1.0),
        Embedding(10, 8),
        MeanOverTime,
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
