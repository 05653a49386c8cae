use netdsl::prelude::*;

network! {
    const WIDTH: usize = 4000000000;
    pub struct Net {
        input: [100],
        output: Dense(WIDTH * WIDTH),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
