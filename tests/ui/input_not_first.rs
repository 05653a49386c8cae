use netdsl::prelude::*;

network! {
    pub struct Net {
        output: Dense(1),
        input: [100],
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
