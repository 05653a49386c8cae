//! What the examples share: the digits, and the way in which a network is introduced, trained and judged.

#![allow(dead_code, reason = "each example uses some of it")]

use std::error::Error;
use std::time::Instant;

use netdsl::layers::{OptimizerKernel, SoftmaxCrossEntropy};
use netdsl::metrics::Accuracy;
use netdsl::prelude::*;
use netdsl::{Examples, Features};

/// Handwritten digits: 8 × 8 pixels from 0 to 1, and what they show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Digits {
    /// The rows of each image.
    pub(crate) images: Vec<[[f32; 8]; 8]>,
    /// The digit on each image.
    pub(crate) digits: Vec<usize>,
}

impl Digits {
    /// The images to train on, and every fifth for the test.
    pub(crate) fn load() -> Result<(Self, Self), Box<dyn Error>> {
        let (mut train, mut test) = (Self::default(), Self::default());
        let mut reader = csv::Reader::from_reader(&include_bytes!("../data/digits.csv")[..]);
        for (index, row) in reader.deserialize().enumerate() {
            let row: Vec<usize> = row?;
            let (digit, pixels) = row.split_first().ok_or("an empty line")?;
            let part = if index % 5 == 4 { &mut test } else { &mut train };
            part.digits.push(*digit);
            part.images.push(std::array::from_fn(|row| {
                std::array::from_fn(|column| pixels[8 * row + column] as f32 / 16.0)
            }));
        }
        Ok((train, test))
    }

    /// The images with one channel, as convolutions take them.
    pub(crate) fn channels(&self) -> Vec<[[[f32; 8]; 8]; 1]> {
        self.images.iter().map(|image| [*image]).collect()
    }

    /// The first images of these.
    pub(crate) fn take(mut self, count: usize) -> Self {
        self.images.truncate(count);
        self.digits.truncate(count);
        self
    }
}

/// Prints what the compiler forecast of a network.
pub(crate) fn introduce<N: Network<f32>>() {
    println!("{}\n", N::forecast());
}

/// As many images as there are.
pub(crate) const ALL: usize = usize::MAX;

/// Trains a classifier on that many images, `input` of which is what it takes, and prints how it does; the accuracy on the
/// images of the test, of which there are a quarter as many.
pub(crate) fn classify<N, X>(
    optimizer: impl OptimizerKernel<f32> + 'static,
    images: usize,
    epochs: usize,
    input: impl Fn(&Digits) -> X,
) -> Result<f64, Box<dyn Error>>
where
    N: Network<f32, Output = Features<10>, Loss = SoftmaxCrossEntropy>,
    X: Examples<f32, N::Input>,
{
    introduce::<N>();
    let start = Instant::now();
    let (train, test) = Digits::load()?;
    let (train, test) = (train.take(images), test.take(images / 4));
    let (train_input, test_input) = (input(&train), input(&test));
    let mut network = N::with_seed(1);
    let steps_of_an_epoch = train.digits.len().div_ceil(N::BATCH);
    let history = Trainer::new(optimizer)
        .epochs(epochs)
        // About the average of the last epoch: the score does not hang on the very last step.
        .average(1.0 - 1.0 / steps_of_an_epoch as f64)
        .progress(Progress::Lines)
        .metric(Accuracy)
        .validation(&test_input, &test.digits)?
        .fit(&mut network, &train_input, &train.digits)?;
    let last = history.epochs.last().ok_or("there was no epoch")?;
    let accuracy = last.validation_metrics.first().ok_or("there is no metric")?.1;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{:.2} % of {} test images are right, after {seconds:.1} s",
        100.0 * accuracy,
        test.digits.len()
    );
    Ok(accuracy)
}
