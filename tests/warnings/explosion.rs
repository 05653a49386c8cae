//! Weights that are too large by a little explode within the range of `f32`; the warning stands inside a function.
use netdsl::prelude::*;

fn main() {
    network! {
        struct Growing {
            input: [50] ~ Uniform(0.0, 1.0),
            stem: (Dense(50, init = Uniform(0.0, 0.2)), Relu),
            body: [Dense(50, init = Uniform(0.0, 0.2)), Relu; 4],
            output: Dense(1),
            target ~ Uniform(0.0, 1.0),
            loss: MeanSquaredError,
        }
    }
    let _ = Growing::new(0);
}
