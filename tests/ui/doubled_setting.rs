use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        output: Dense(1, bias = true, bias = false),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
