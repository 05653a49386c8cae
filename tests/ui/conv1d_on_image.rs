use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [3, 8, 8],
        first: Conv1d(4, kernel = 3),
        Flatten,
        Dense(2),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
