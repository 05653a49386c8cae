use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [2000000000, 2000000000, 2],
        output: Flatten,
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
