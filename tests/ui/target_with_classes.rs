use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        output: Dense(10),
        target ~ Uniform(0.0, 1.0),
        loss: SoftmaxCrossEntropy,
    }
}

fn main() {
    let _ = Net::new(0);
}
