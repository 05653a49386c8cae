use netdsl::prelude::*;

const WIDTH: usize = 64;

network! {
    pub struct Net {
        input: [100],
        hidden: Dense(WIDTH),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
