use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        hidden: [[Relu; 100000]; 100000],
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
