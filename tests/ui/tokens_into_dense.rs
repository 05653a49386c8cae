use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [5] ~ Tokens(100),
        Dense(8),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
