use netdsl::prelude::*;

const FEATURES: usize = 64;

network! {
    pub struct Net {
        input: [crate::FEATURES],
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
