use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        hidden: Dense(64, activation = Reluu),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
