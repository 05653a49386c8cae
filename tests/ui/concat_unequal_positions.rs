use netdsl::prelude::*;

network! {
    pub struct Net {
        input: [2, 8, 8],
        Concat(Conv2d(4, kernel = 3), (Conv2d(4, kernel = 3, padding = Same), Relu), MaxPool2d(3, stride = 1)),
        Flatten,
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

fn main() {
    let _ = Net::new(0);
}
