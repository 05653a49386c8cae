//! ResNet-20 on handwritten digits.
//!
//! `cargo run --release --example resnet20` prints the forecast, trains and prints the accuracy on images that the training
//! has not seen.
//!
//! He, Zhang, Ren & Sun 2016, "Deep Residual Learning for Image Recognition", arXiv:1512.03385, section 4.2 with n = 3;
//! where the shape changes the shortcut is a convolution, option B of the paper.

mod shared;

use std::error::Error;

use netdsl::prelude::*;
use shared::{ALL, Digits, classify};

network! {
    /// A convolution, nine residual blocks of two convolutions in three stages, the mean of each channel, a dense layer.
    pub struct ResNet20 {
        input: [1, 8, 8] ~ Uniform(0.0, 1.0),
        stem: (Conv2d(16, kernel = 3, padding = Same, bias = false, init = HeNormal), BatchNorm(momentum = 0.9), Relu),
        first: [
            Residual(
                Conv2d(16, kernel = 3, padding = Same, bias = false, init = HeNormal), BatchNorm(momentum = 0.9), Relu,
                Conv2d(16, kernel = 3, padding = Same, bias = false, init = HeNormal), BatchNorm(momentum = 0.9)
            ),
            Relu;
            3
        ],
        halved: Residual(
            Conv2d(32, kernel = 3, stride = 2, padding = Same, bias = false, init = HeNormal), BatchNorm(momentum = 0.9),
            Relu, Conv2d(32, kernel = 3, padding = Same, bias = false, init = HeNormal), BatchNorm(momentum = 0.9),
            shortcut = (Conv2d(32, kernel = 1, stride = 2, bias = false, init = HeNormal), BatchNorm(momentum = 0.9))
        ),
        Relu,
        second: [
            Residual(
                Conv2d(32, kernel = 3, padding = Same, bias = false, init = HeNormal), BatchNorm(momentum = 0.9), Relu,
                Conv2d(32, kernel = 3, padding = Same, bias = false, init = HeNormal), BatchNorm(momentum = 0.9)
            ),
            Relu;
            2
        ],
        quartered: Residual(
            Conv2d(64, kernel = 3, stride = 2, padding = Same, bias = false, init = HeNormal), BatchNorm(momentum = 0.9),
            Relu, Conv2d(64, kernel = 3, padding = Same, bias = false, init = HeNormal), BatchNorm(momentum = 0.9),
            shortcut = (Conv2d(64, kernel = 1, stride = 2, bias = false, init = HeNormal), BatchNorm(momentum = 0.9))
        ),
        Relu,
        third: [
            Residual(
                Conv2d(64, kernel = 3, padding = Same, bias = false, init = HeNormal), BatchNorm(momentum = 0.9), Relu,
                Conv2d(64, kernel = 3, padding = Same, bias = false, init = HeNormal), BatchNorm(momentum = 0.9)
            ),
            Relu;
            2
        ],
        GlobalAvgPool,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 64,
        optimizer: Sgd(learning_rate = 0.05, momentum = 0.9),
    }
}

fn run(images: usize, epochs: usize) -> Result<f64, Box<dyn Error>> {
    classify::<ResNet20, _>(ResNet20::optimizer(), images, epochs, Digits::channels)
}

fn main() -> Result<(), Box<dyn Error>> {
    run(ALL, 12).map(drop)
}

/// The whole way on a few images; that the score is reached is seen by running the example.
#[test]
fn runs() {
    let accuracy = run(64, 1).expect("the numbers stay finite");
    assert!((0.0..=1.0).contains(&accuracy), "{accuracy}");
}
