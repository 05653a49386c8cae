use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        Dense(8),
        Relu(0.1),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
