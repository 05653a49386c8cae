use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [4],
        Concat(Dense(3), Dense(5), axis = 1),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
