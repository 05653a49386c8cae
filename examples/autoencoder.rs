//! An autoencoder of handwritten digits: 64 pixels through eight numbers and back.
//!
//! `cargo run --release --example autoencoder` prints the forecast, trains, prints how much of the variance of images that
//! the training has not seen the eight numbers keep, and shows some of them beside what was made of them.
//!
//! Hinton & Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural Networks".

mod shared;

use std::error::Error;
use std::time::Instant;

use ndarray::{Array2, Axis, concatenate};
use netdsl::prelude::*;
use shared::{Digits, introduce};

network! {
    /// How many numbers an image is kept in.
    const CODE: usize = 8;

    /// The code in the middle has no activation, the pixels at the end are between 0 and 1.
    pub struct Autoencoder {
        input: [64] ~ Uniform(0.0, 1.0),
        encoder: (Dense(128, activation = Selu, init = LecunNormal), Dense(32, activation = Selu, init = LecunNormal)),
        code: Dense(CODE),
        decoder: (Dense(32, activation = Selu, init = LecunNormal), Dense(128, activation = Selu, init = LecunNormal)),
        pixels: Dense(64, activation = Sigmoid),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        optimizer: Adam(learning_rate = 0.002),
    }
}

fn flat(digits: &Digits) -> Array2<f32> {
    let pixel = |(image, pixel): (usize, usize)| digits.images[image][pixel / 8][pixel % 8];
    Array2::from_shape_fn((digits.images.len(), 64), pixel)
}

/// An image as two characters a pixel, the darker the fuller.
fn drawn(pixels: impl IntoIterator<Item = f32>) -> Vec<String> {
    let shade = |value: f32| [' ', '.', ':', 'o', '#'][((value * 5.0) as usize).min(4)];
    let shades: Vec<char> = pixels.into_iter().map(shade).collect();
    shades.chunks(8).map(|row| row.iter().flat_map(|shade| [*shade; 2]).collect()).collect()
}

/// Trains, and returns the network and the share of the variance of the images of the test that it keeps.
fn run(train: &Digits, test: &Digits, epochs: usize) -> Result<(Autoencoder, f64), Box<dyn Error>> {
    introduce::<Autoencoder>();
    let start = Instant::now();
    let (train, test) = (flat(train), flat(test));
    let mut network = Autoencoder::new(1);
    Trainer::new(Autoencoder::optimizer())
        .epochs(epochs)
        .progress(Progress::Lines)
        .validation(&test, &test)?
        .fit(&mut network, &train, &train)?;
    let error = network.loss(&test, &test)?;
    let mean = test.mean_axis(Axis(0)).ok_or("there are no images")?;
    let variance =
        f64::from((&test - &mean).mapv(|value| value * value).mean().ok_or("there are no images")?);
    let kept = 1.0 - error / variance;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{:.1} % of the variance of the test images is kept, a mean squared error of {error:.4}, after {seconds:.1} s",
        100.0 * kept
    );
    Ok((network, kept))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (train, test) = Digits::load()?;
    let (network, _) = run(&train, &test, 60)?;
    let images = flat(&test.take(4));
    let both = concatenate![Axis(0), images, network.predict(&images)?];
    let columns: Vec<Vec<String>> = both.rows().into_iter().map(|row| drawn(row.iter().copied())).collect();
    for (title, columns) in ["images", "through eight numbers"].iter().zip(columns.chunks(4)) {
        println!("\n{title}");
        for row in 0..8 {
            println!("{}", columns.iter().map(|column| column[row].as_str()).collect::<Vec<_>>().join("  "));
        }
    }
    Ok(())
}

/// The whole way on a few images; that the score is reached is seen by running the example.
#[test]
fn learns() {
    let (train, test) = Digits::load().expect("the file is whole");
    let (_, kept) = run(&train.take(320), &test.take(40), 4).expect("the numbers stay finite");
    assert!(kept > 0.1, "{kept}");
}
