use netdsl::prelude::*;

network! {
    #[deny(vanishing_gradeint)]
    pub struct Net {
        input: [100],
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
