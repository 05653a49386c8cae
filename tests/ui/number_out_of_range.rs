use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100] ~ Normal(0.0, 1e300),
        output: Dense(1, init = Normal(0.0, 1e-300)),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
