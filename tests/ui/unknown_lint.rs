use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [100],
        #[allow(vanishing_gradients)] output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
