use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [3, 8, 8],
        hidden: Dense(64),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
