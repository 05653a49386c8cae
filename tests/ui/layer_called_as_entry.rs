use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [4],
        batch: Dense(8),
        optimizer: (Dense(4), Relu),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
