//! A network of one layer is a linear regression: what the verdict on its rate says is what becomes of it.

use netdsl::layers::Verdict;
use netdsl::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

network! {
    struct Linear {
        input: [8] ~ Normal(0.0, 1.0),
        output: Dense(1),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 0.1),
    }
}

network! {
    struct TooFast {
        input: [8] ~ Normal(0.0, 1.0),
        #[expect(exploding_gradient)]
        output: Dense(1),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 1.2),
    }
}

network! {
    struct Shifted {
        input: [100] ~ Uniform(0.0, 1.0),
        #[expect(exploding_gradient)]
        output: Dense(4),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 1.5),
    }
}

/// Standard normal numbers, or numbers from 0 to 1.
fn numbers<const N: usize>(rng: &mut ChaCha8Rng, normal: bool) -> Vec<[f32; N]> {
    let mut uniform = || rng.random::<f32>();
    let mut draw = || match normal {
        // Box & Muller 1958
        true => (-2.0 * (1.0 - uniform()).ln()).sqrt() * (std::f32::consts::TAU * uniform()).cos(),
        false => uniform(),
    };
    (0..512).map(|_| std::array::from_fn(|_| draw())).collect()
}

#[test]
fn what_is_healthy_is_learnt() {
    assert_eq!(Linear::FORECAST.verdict, Verdict::Healthy);
    for seed in 0..3 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let input = numbers::<8>(&mut rng, true);
        let teacher = numbers::<8>(&mut rng, true)[0];
        let target: Vec<[f32; 1]> = input
            .iter()
            .map(|example| [example.iter().zip(&teacher).map(|(value, weight)| value * weight).sum()])
            .collect();
        let mut network = Linear::new(seed);
        let trainer = Trainer::new(Linear::optimizer()).epochs(5).progress(Progress::Silent);
        let history = trainer.fit(&mut network, &input, &target).expect("the loss is finite");
        assert!(history.epochs[4].loss < 1e-6, "{history}");
    }
}

/// Whether descent on one batch ends higher than it began, on targets that are independent of the inputs, as the forecast
/// takes them to be.
macro_rules! grows {
    ($network:ident, $normal:literal, $seed:expr) => {{
        let mut rng = ChaCha8Rng::seed_from_u64($seed);
        let (mut input, mut target) = (numbers(&mut rng, $normal), numbers(&mut rng, true));
        input.truncate($network::FORECAST.batch);
        target.truncate($network::FORECAST.batch);
        let mut network = $network::new($seed);
        let before = network.loss(&input, &target).expect("the loss is finite");
        let trainer = Trainer::new($network::optimizer()).epochs(20).progress(Progress::Silent);
        let history = trainer.fit(&mut network, &input, &target);
        // Where a number leaves the range of `f32` the training ends in an error.
        history.map_or(true, |_| network.loss(&input, &target).is_ok_and(|after| after > 100.0 * before))
    }};
}

#[test]
fn what_is_said_to_overshoot_grows() {
    assert_eq!(
        (TooFast::FORECAST.verdict, Shifted::FORECAST.verdict),
        (Verdict::Exploding, Verdict::Exploding)
    );
    for seed in 0..20 {
        assert!(grows!(TooFast, true, seed), "{seed}");
        assert!(grows!(Shifted, false, seed), "{seed}");
    }
}
