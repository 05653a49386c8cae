use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [5] ~ Tokens(10),
        Concat(Identity, Embedding(10, 4)),
        LastStep,
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
