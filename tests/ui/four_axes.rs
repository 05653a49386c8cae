use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [1, 2, 3, 4],
        output: Flatten,
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
