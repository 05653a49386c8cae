//! A transformer encoder of two blocks on handwritten digits: the rows of an image are the steps that attend to each other.
//!
//! `cargo run --release --example transformer` prints the forecast, trains and prints the accuracy on images that the
//! training has not seen.
//!
//! Vaswani et al. 2017, "Attention Is All You Need", arXiv:1706.03762, section 3.1, with the normalisation in front (Xiong et
//! al. 2020, arXiv:2002.04745).

mod shared;

use std::error::Error;

use netdsl::prelude::*;
use shared::{ALL, Digits, classify};

network! {
    /// The number of features of a row within the network.
    const WIDTH: usize = 48;

    /// Attention and a dense layer at each row, twice; then the mean over the rows.
    pub struct Encoder {
        input: [8, 16] ~ Uniform(0.0, 1.0),
        embedding: Dense(WIDTH),
        blocks: [
            Residual(LayerNorm, SelfAttention(heads = 4), Dropout(0.1)),
            Residual(LayerNorm, Dense(2 * WIDTH, activation = Gelu), Dense(WIDTH), Dropout(0.1));
            2
        ],
        LayerNorm,
        MeanOverTime,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        optimizer: Adam(learning_rate = 0.001, clip = GlobalNorm(1.0)),
    }
}

/// The eight pixels of a row, and which row it is: attention alone does not know.
fn rows(digits: &Digits) -> Vec<[[f32; 16]; 8]> {
    let feature = |image: &[[f32; 8]; 8], row: usize, feature: usize| match feature.checked_sub(8) {
        None => image[row][feature],
        Some(place) => f32::from(u8::from(place == row)),
    };
    digits
        .images
        .iter()
        .map(|image| std::array::from_fn(|row| std::array::from_fn(|f| feature(image, row, f))))
        .collect()
}

fn run(images: usize, epochs: usize) -> Result<f64, Box<dyn Error>> {
    classify::<Encoder, _>(Encoder::optimizer(), images, epochs, rows)
}

fn main() -> Result<(), Box<dyn Error>> {
    run(ALL, 40).map(drop)
}

/// The whole way on a few images; that the score is reached is seen by running the example.
#[test]
fn learns() {
    let accuracy = run(160, 4).expect("the numbers stay finite");
    assert!(accuracy > 0.3, "{accuracy}");
}
