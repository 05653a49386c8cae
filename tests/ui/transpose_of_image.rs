use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [3, 8, 8],
        Transpose,
        Flatten,
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
