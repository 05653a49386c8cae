use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [5] ~ Tokens(100),
        Embedding(50, 8),
        MeanOverTime,
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
