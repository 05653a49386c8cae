use netdsl::prelude::*;

network! {
    pub struct Net<T> {
        input: [100],
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
