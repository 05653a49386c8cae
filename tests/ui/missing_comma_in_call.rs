use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [4] ~ Uniform(0.0 1.0) output: Dense(1) loss: MeanSquaredError optimizer: Adam
    }
}

fn main() {
    let _ = Net::new(0);
}
