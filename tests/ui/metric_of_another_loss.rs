use netdsl::metrics::{Accuracy, RSquared};
use netdsl::prelude::*;

network! {
    /// Numbers.
    pub struct Numbers {
        input: [3],
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

network! {
    /// Classes.
    pub struct Kinds {
        input: [3],
        output: Dense(2),
        loss: SoftmaxCrossEntropy,
    }
}

fn main() {
    let _ = Trainer::<f32, Numbers>::new(Adam::default()).metric(Accuracy);
    let _ = Trainer::<f32, Kinds>::new(Adam::default()).metric(RSquared);
    let _ = Kinds::new(1).loss(&[[0.5f32; 3]], &[[1.0f32, 0.0]]);
}
