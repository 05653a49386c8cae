use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        body: Residual(Dense(64, activation = Relu)),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
