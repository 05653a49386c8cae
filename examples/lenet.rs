//! LeNet-5 on handwritten digits.
//!
//! `cargo run --release --example lenet` prints the forecast, trains and prints the accuracy on images that the training
//! has not seen.
//!
//! LeCun, Bottou, Bengio & Haffner 1998, "Gradient-Based Learning Applied to Document Recognition", section II.B; with
//! pooling without weights, full connections between the maps and a linear output, as it is mostly written today.

mod shared;

use std::error::Error;

use netdsl::prelude::*;
use shared::{ALL, Digits, classify};

network! {
    /// Two convolutions with their poolings, three dense layers.
    pub struct LeNet5 {
        input: [1, 28, 28] ~ Uniform(0.0, 1.0),
        Conv2d(6, kernel = 5, padding = Same, activation = Tanh),
        AvgPool2d(2),
        Conv2d(16, kernel = 5, activation = Tanh),
        AvgPool2d(2),
        Flatten,
        Dense(120, activation = Tanh),
        Dense(84, activation = Tanh),
        Dense(10),
        loss: SoftmaxCrossEntropy,
        optimizer: Adam(learning_rate = 0.001),
    }
}

/// The size that LeNet-5 takes: every pixel becomes 3 × 3, and a border of two is added.
fn enlarged(digits: &Digits) -> Vec<[[[f32; 28]; 28]; 1]> {
    let pixel = |image: &[[f32; 8]; 8], row: usize, column: usize| {
        let inside =
            |position: usize| position.checked_sub(2).map(|position| position / 3).filter(|p| *p < 8);
        inside(row).zip(inside(column)).map_or(0.0, |(row, column)| image[row][column])
    };
    let enlarge =
        |image| [std::array::from_fn(|row| std::array::from_fn(|column| pixel(image, row, column)))];
    digits.images.iter().map(enlarge).collect()
}

fn run(images: usize, epochs: usize) -> Result<f64, Box<dyn Error>> {
    classify::<LeNet5, _>(LeNet5::optimizer(), images, epochs, enlarged)
}

fn main() -> Result<(), Box<dyn Error>> {
    run(ALL, 20).map(drop)
}

/// The whole way on a few images; that the score is reached is seen by running the example.
#[test]
fn learns() {
    let accuracy = run(160, 3).expect("the numbers stay finite");
    assert!(accuracy > 0.3, "{accuracy}");
}
