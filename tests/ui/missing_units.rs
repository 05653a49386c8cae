use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        output: Dense(activation = Relu),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
