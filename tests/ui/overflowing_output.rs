use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [2000000000, 1],
        hidden: Dense(2000000000),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
