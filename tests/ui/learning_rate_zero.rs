use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        output: Dense(1),
        loss: MeanSquaredError,
        optimizer: Adam(learning_rate = 0),
    }
}

fn main() {
    let _ = Net::new(0);
}
