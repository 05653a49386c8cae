use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100] ~ Unifrom(0.0, 1.0),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
