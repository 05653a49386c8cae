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
use shared::{Digits, classify};

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
fn enlarged(images: &[[[f32; 8]; 8]]) -> Vec<[[[f32; 28]; 28]; 1]> {
    let pixel = |image: &[[f32; 8]; 8], row: usize, column: usize| {
        let inside =
            |position: usize| position.checked_sub(2).map(|position| position / 3).filter(|p| *p < 8);
        inside(row).zip(inside(column)).map_or(0.0, |(row, column)| image[row][column])
    };
    let enlarge =
        |image| [std::array::from_fn(|row| std::array::from_fn(|column| pixel(image, row, column)))];
    images.iter().map(enlarge).collect()
}

fn run(train: &Digits, test: &Digits, epochs: usize) -> Result<f64, Box<dyn Error>> {
    let (train_images, test_images) = (enlarged(&train.images), enlarged(&test.images));
    classify::<LeNet5, _>(
        LeNet5::optimizer(),
        epochs,
        (&train_images, &train.digits),
        (&test_images, &test.digits),
    )
}

fn main() -> Result<(), Box<dyn Error>> {
    let (train, test) = Digits::load()?;
    run(&train, &test, 20)?;
    Ok(())
}

/// The whole way on a few images; that the score is reached is seen by running the example.
#[test]
fn learns() {
    let (train, test) = Digits::load().expect("the file is whole");
    let accuracy = run(&train.take(160), &test.take(40), 3).expect("the numbers stay finite");
    assert!(accuracy > 0.3, "{accuracy}");
}
