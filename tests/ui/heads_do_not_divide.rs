use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [5, 10],
        SelfAttention(heads = 4),
        MeanOverTime,
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
