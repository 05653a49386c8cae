use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [3, 8, 8],
        Conv2d(4, kernel = 3),
        SimpleRnn(4),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
