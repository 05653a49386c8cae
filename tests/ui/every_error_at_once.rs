use netdsl::prelude::*;

network! {
    const SIZE: usize = 8;
    pub struct Net {
        input: [100] ~ Unifrom(0.0, 1.0),
        first: Dens(64),
        second: Dense(SIZ, activation = Rleu, init = HeNromal),
        third: [Dropout(1.5), Dense(0); 3],
        loss: SoftmaxCrossEntrpy,
        optimizer: Sgd(learning_rte = 0.1),
    }
}

fn main() {
    let _ = Net::new(0);
}
