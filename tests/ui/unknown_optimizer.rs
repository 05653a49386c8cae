use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        output: Dense(1),
        loss: MeanSquaredError,
        optimizer: Adamm(learning_rate = 0.001),
    }
}

fn main() {
    let _ = Net::new(0);
}
