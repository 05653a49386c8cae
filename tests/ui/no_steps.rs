use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [0, 3],
        Gru(4),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
