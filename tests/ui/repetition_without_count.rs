use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        hidden: [Dense(100)],
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
