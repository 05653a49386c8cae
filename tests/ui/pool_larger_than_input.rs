use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [3, 8, 8],
        first: MaxPool2d(9),
        Flatten,
        Dense(2),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
