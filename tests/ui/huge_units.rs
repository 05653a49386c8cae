use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        output: Dense(99999999999999999999999),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
