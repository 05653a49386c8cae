use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [4] Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
