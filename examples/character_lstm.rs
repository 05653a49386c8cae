//! A character model: an LSTM reads the text of a licence and says what comes next.
//!
//! `cargo run --release --example character_lstm` prints the forecast, trains, prints the nats a character on parts of the
//! text that the training has not seen, and writes some text of its own.
//!
//! Graves 2013, "Generating Sequences With Recurrent Neural Networks", arXiv:1308.0850, section 3.

mod shared;

use std::error::Error;
use std::time::Instant;

use netdsl::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use shared::introduce;

network! {
    /// The length of a window.
    const STEPS: usize = 64;
    /// The number of characters: all of ASCII.
    const BYTES: usize = 128;

    /// What the next character is, at each character of a window of the text.
    pub struct Characters {
        input: [STEPS] ~ Tokens(BYTES),
        Embedding(BYTES, 32),
        memory: Lstm(128, return_sequences = true),
        next: Dense(BYTES),
        loss: SoftmaxCrossEntropy,
        batch: 16,
        optimizer: Adam(learning_rate = 0.004, clip = GlobalNorm(1.0)),
    }
}

const STEPS: usize = Characters::STEPS;
const TEXT: &str = include_str!("../LICENSE-APACHE");

/// Windows of the text, and the character behind each character of theirs.
#[derive(Default)]
struct Windows {
    input: Vec<[f32; STEPS]>,
    target: Vec<[usize; STEPS]>,
}

impl Windows {
    /// Windows that overlap, to train on, and every tenth of the windows side by side, which no other touches, for the test.
    fn of(text: &[u8]) -> (Self, Self) {
        let (mut train, mut test) = (Self::default(), Self::default());
        let window = STEPS + 1;
        let is_for_test = |place: usize| place / window % 10 == 9;
        for start in (0..=text.len() - window).step_by(8) {
            if !is_for_test(start) && !is_for_test(start + STEPS) {
                train.push(&text[start..start + window]);
            }
        }
        text.chunks_exact(window).skip(9).step_by(10).for_each(|text| test.push(text));
        (train, test)
    }

    fn push(&mut self, text: &[u8]) {
        self.input.push(std::array::from_fn(|step| f32::from(text[step])));
        self.target.push(std::array::from_fn(|step| usize::from(text[step + 1])));
    }
}

/// Trains on a text, and returns the network and the nats a character on what was left out.
fn run(text: &str, epochs: usize) -> Result<(Characters, f64), Box<dyn Error>> {
    introduce::<Characters>();
    let start = Instant::now();
    let (train, test) = Windows::of(text.as_bytes());
    let mut network = Characters::new(1);
    Trainer::new(Characters::optimizer())
        .epochs(epochs)
        .progress(Progress::Lines)
        .validation(&test.input, &test.target)?
        .fit(&mut network, &train.input, &train.target)?;
    let nats = network.loss(&test.input, &test.target)?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{nats:.3} nats a character on what was left out, after {seconds:.1} s");
    Ok((network, nats))
}

/// Writes on behind a beginning, one character after the other, each drawn as the network expects it.
fn write(network: &Characters, beginning: &str, count: usize) -> Result<String, Box<dyn Error>> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut text = beginning.as_bytes().to_vec();
    for _ in 0..count {
        let seen = &text[text.len().saturating_sub(STEPS)..];
        let mut window = [0.0; STEPS];
        window.iter_mut().zip(seen).for_each(|(step, byte)| *step = f32::from(*byte));
        // The beginning may be shorter than the window.
        let padded = Padded { examples: &[window], lengths: &[seen.len()] };
        let output = network.predict(&padded)?;
        let logits = output.slice(ndarray::s![0, seen.len() - 1, ..]);
        let weights: Vec<f32> = logits.iter().map(|logit| logit.exp()).collect();
        let mut left = random.random_range(0.0..weights.iter().sum::<f32>());
        let drawn = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        text.push(drawn.unwrap_or(usize::from(b' ')) as u8);
    }
    Ok(String::from_utf8(text)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (network, _) = run(TEXT, 16)?;
    println!("\n{}", write(&network, "You may ", 400)?);
    Ok(())
}

/// The whole way on a part of the text; that the score is reached is seen by running the example.
#[test]
fn learns() {
    let (network, nats) = run(&TEXT[..1000], 1).expect("the numbers stay finite");
    assert!(nats < (Characters::BYTES as f64).ln(), "{nats}");
    let text = write(&network, "You may ", 3).expect("the numbers stay finite");
    assert_eq!(text.len(), 11);
}
