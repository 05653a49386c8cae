use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        output: Dense(1),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = -0.01),
    }
}

fn main() {
    let _ = Net::new(0);
}
