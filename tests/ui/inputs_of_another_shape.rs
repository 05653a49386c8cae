use ndarray::{Array2, Array3};
use netdsl::prelude::*;

network! {
    /// Reads sequences.
    pub struct Reader {
        input: [5, 3],
        read: Lstm(4),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let network = Reader::new(1);
    let _ = network.predict(&[[[0.5f32; 3]; 4]]);
    let _ = network.predict(&Array2::<f32>::zeros((5, 3)));
    let _ = network.predict(&Array3::<f64>::zeros((1, 5, 3)));
}
