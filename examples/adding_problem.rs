//! The adding problem: two of 200 numbers are marked, and the network is to say their sum at the end.
//!
//! `cargo run --release --example adding_problem` prints what the compiler forecast of a plain recurrent network and of a GRU,
//! trains both with clipped gradients, and prints the mean squared error on sequences that the training has not seen.
//!
//! As they are drawn, next to nothing of the gradient at the last step reaches the first in either. That is why the plain
//! network learns nothing: whatever its weights are, its state is overwritten in each step. The gates of the GRU can learn
//! to keep the state, from the marks that are near the end, and do within some hundred steps.
//!
//! Hochreiter & Schmidhuber 1997, "Long Short-Term Memory", section 5.4, in the form of Le, Jaitly & Hinton 2015,
//! arXiv:1504.00941, section 4.1.

mod shared;

use std::error::Error;
use std::time::Instant;

use netdsl::TrainingStep;
use netdsl::layers::power_of_ten;
use netdsl::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use shared::introduce;

network! {
    /// The length of a sequence.
    const STEPS: usize = 200;

    /// A plain recurrent network, which does not learn this.
    pub struct Plain {
        input: [STEPS, 2] ~ Uniform(0.0, 1.0),
        // It vanishes on its way through time, which is what the example shows.
        #[allow(vanishing_gradient)]
        memory: SimpleRnn(32, activation = Tanh),
        output: Dense(1),
        target ~ Normal(1.0, 0.41),
        loss: MeanSquaredError,
        optimizer: Adam(learning_rate = 0.01, clip = GlobalNorm(1.0)),
    }
}

network! {
    /// The length of a sequence.
    const STEPS: usize = 200;

    /// A network whose gates can learn to keep the state.
    pub struct Gated {
        input: [STEPS, 2] ~ Uniform(0.0, 1.0),
        // So it does here, until the gates have learned.
        #[allow(vanishing_gradient)]
        memory: Gru(32),
        output: Dense(1),
        target ~ Normal(1.0, 0.41),
        loss: MeanSquaredError,
        optimizer: Adam(learning_rate = 0.01, clip = GlobalNorm(1.0)),
    }
}

const STEPS: usize = Gated::STEPS;

/// Sequences of numbers from 0 to 1 and marks, of which each half of a sequence has one, and the sums of what is marked.
fn sequences(count: usize, random: &mut ChaCha8Rng) -> (Vec<[[f32; 2]; STEPS]>, Vec<[f32; 1]>) {
    let mut one = || {
        let mut sequence: [[f32; 2]; STEPS] = std::array::from_fn(|_| [random.random_range(0.0..1.0), 0.0]);
        let marked = [random.random_range(0..STEPS / 2), random.random_range(STEPS / 2..STEPS)];
        let sum = marked.iter().map(|step| sequence[*step][0]).sum();
        marked.iter().for_each(|step| sequence[*step][1] = 1.0);
        (sequence, [sum])
    };
    (0..count).map(|_| one()).unzip()
}

/// Prints what is forecast of the way back through time.
fn decay<N: Network<f32>>() {
    if let Some(decay) = N::forecast().time_decay_log10 {
        println!(
            "`{}`: the gradient at the first of {STEPS} steps is {} of that at the last\n",
            N::NAME,
            power_of_ten(decay)
        );
    }
}

/// Trains on sequences that are new in each step; the mean squared error on others.
fn run<N>(optimizer: &Adam, steps: usize, test: usize) -> Result<f64, Box<dyn Error>>
where
    N: Network<
            f32,
            Input = netdsl::Sequence<STEPS, 2>,
            Output = netdsl::Features<1>,
            Loss = netdsl::layers::MeanSquaredError,
        >,
{
    let start = Instant::now();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut network = N::with_seed(1);
    let mut step = TrainingStep::new(optimizer, 0)?;
    let mut sum = 0.0;
    for count in 1..=steps {
        let (input, target) = sequences(N::BATCH, &mut random);
        sum += step.run(&mut network, &input, &target)?.loss;
        if count % 100 == 0 {
            println!("step {count}/{steps}: loss {:.4}", sum / 100.0);
            sum = 0.0;
        }
    }
    let (input, target) = sequences(test, &mut random);
    let error = network.loss(&input, &target)?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "`{}`: a mean squared error of {error:.4} on {test} new sequences, after {steps} steps in {seconds:.1} s; \
         saying 1 whatever comes has 0.1667\n",
        N::NAME
    );
    Ok(error)
}

fn main() -> Result<(), Box<dyn Error>> {
    introduce::<Plain>();
    decay::<Plain>();
    introduce::<Gated>();
    decay::<Gated>();
    run::<Plain>(&Plain::optimizer(), 1000, 1000)?;
    run::<Gated>(&Gated::optimizer(), 1000, 1000)?;
    Ok(())
}

/// A few steps of the whole way, and what the forecast says; that the score is reached is seen by running the example.
#[test]
fn runs() {
    let decay = Plain::FORECAST.time_decay_log10.expect("the network is recurrent");
    assert!(decay < -6.0, "{decay}");
    let error = run::<Gated>(&Gated::optimizer(), 2, 8).expect("the numbers stay finite");
    assert!(error.is_finite());
}
