//! `expect` silences a finding, and warns where there is none.
use netdsl::prelude::*;

network! {
    /// Expected and found.
    pub struct Met {
        input: [100] ~ Uniform(0.0, 1.0),
        #[expect(vanishing_gradient)]
        hidden: [Dense(100, activation = Sigmoid); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
    }
}

network! {
    /// Expected and not found.
    pub struct Unmet {
        input: [100] ~ Uniform(0.0, 1.0),
        #[expect(exploding_gradient)]
        hidden: [Dense(100, activation = Relu, init = HeNormal); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
    }
}

fn main() {}
