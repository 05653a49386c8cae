use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [3, 8, 8],
        first: Conv2d(4),
        Flatten,
        Dense(2),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
