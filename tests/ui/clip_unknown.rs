use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        output: Dense(1),
        loss: MeanSquaredError,
        optimizer: Sgd(clip = Nrm(1.0)),
    }
}

fn main() {
    let _ = Net::new(0);
}
