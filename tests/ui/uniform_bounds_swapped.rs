use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        output: Dense(1, init = Uniform(1.0, -1.0)),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
