use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [20, 3],
        Dense(8),
        first: Conv1d(4, kernel = 3),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
