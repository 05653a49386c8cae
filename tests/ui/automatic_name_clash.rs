use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        dense_1: Dense(8),
        Dense(8),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
