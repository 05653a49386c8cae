use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        hidden: Dense(8),
        loss: MeanSquaredError,
        output: Dense(1),
    }
}

fn main() {
    let _ = Net::new(0);
}
