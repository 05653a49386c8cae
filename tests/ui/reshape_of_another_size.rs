use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [64],
        first: Reshape([3, 8, 8]),
        Flatten,
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
