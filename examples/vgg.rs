//! A small VGG on handwritten digits: pairs of 3 × 3 convolutions, each pair followed by a pooling.
//!
//! `cargo run --release --example vgg` prints the forecast, trains and prints the accuracy on images that the training has
//! not seen.
//!
//! Simonyan & Zisserman 2015, "Very Deep Convolutional Networks for Large-Scale Image Recognition", arXiv:1409.1556.

mod shared;

use std::error::Error;

use netdsl::prelude::*;
use shared::{ALL, Digits, classify};

network! {
    /// Six convolutions in three pairs, which halve the image and double the channels, and two dense layers.
    pub struct SmallVgg {
        input: [1, 8, 8] ~ Uniform(0.0, 1.0),
        first: [Conv2d(16, kernel = 3, padding = Same, activation = Relu, init = HeNormal); 2],
        MaxPool2d(2),
        second: [Conv2d(32, kernel = 3, padding = Same, activation = Relu, init = HeNormal); 2],
        MaxPool2d(2),
        third: [Conv2d(64, kernel = 3, padding = Same, activation = Relu, init = HeNormal); 2],
        MaxPool2d(2),
        Flatten,
        Dense(64, activation = Relu, init = HeNormal),
        Dropout(0.5),
        Dense(10),
        loss: SoftmaxCrossEntropy,
        optimizer: Adam(learning_rate = 0.001),
    }
}

fn run(images: usize, epochs: usize) -> Result<f64, Box<dyn Error>> {
    classify::<SmallVgg, _>(SmallVgg::optimizer(), images, epochs, Digits::channels)
}

fn main() -> Result<(), Box<dyn Error>> {
    run(ALL, 25).map(drop)
}

/// The whole way on a few images; that the score is reached is seen by running the example.
#[test]
fn learns() {
    let accuracy = run(160, 4).expect("the numbers stay finite");
    assert!(accuracy > 0.3, "{accuracy}");
}
