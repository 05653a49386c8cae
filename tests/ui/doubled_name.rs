use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        hidden: Dense(8),
        hidden: Dense(8),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
