use netdsl::prelude::*;

network! {
    const WIDTH: u32 = 64;
    pub struct Net {
        input: [100],
        hidden: Dense(64),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
