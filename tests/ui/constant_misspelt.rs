use netdsl::prelude::*;

network! {
    const WIDTH: usize = 64;
    pub struct Net {
        input: [100],
        hidden: Dense(WIDHT),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
