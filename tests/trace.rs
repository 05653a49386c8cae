//! Gradient traces as snapshots, as a user of the crate would hold a training still.

use ndarray::Array2;
use netdsl::prelude::*;

network! {
    /// Six sigmoid layers.
    struct Vanishing {
        input: [20] ~ Uniform(0.0, 1.0),
        #[expect(vanishing_gradient)]
        hidden: [Dense(20, activation = Sigmoid); 6],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 16,
        optimizer: Sgd(learning_rate = 0.01),
    }
}

network! {
    /// The same with rectifiers.
    struct Healthy {
        input: [20] ~ Uniform(0.0, 1.0),
        hidden: [Dense(20, activation = Relu, init = HeNormal); 6],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 16,
        optimizer: Adam(learning_rate = 0.001),
    }
}

network! {
    /// Weights around one, clipped.
    struct Clipped {
        input: [20] ~ Uniform(0.0, 1.0),
        #[expect(exploding_gradient)]
        hidden: [Dense(20, activation = Relu, init = Uniform(0.9, 1.1)); 6],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 16,
        optimizer: Sgd(learning_rate = 0.01, clip = Norm(1.0)),
    }
}

fn data() -> (Array2<f32>, Array2<f32>) {
    let number = |index: usize| ((index * 7919 + 104_729) % 1000) as f32 / 1000.0;
    let input = Array2::from_shape_fn((64, 20), |(row, column)| number(20 * row + column));
    let target = Array2::from_shape_fn((64, 1), |(row, _)| number(31 * row + 17));
    (input, target)
}

macro_rules! trace {
    ($network:ident, $logger:expr) => {{
        let (input, target) = data();
        let mut logger = $logger(&input, &target);
        Trainer::new($network::optimizer())
            .epochs(2)
            .seed(3)
            .progress(Progress::Silent)
            .observe(&mut logger)
            .fit(&mut $network::new(5), &input, &target)
            .expect("the training stays in range");
        logger.trace().to_string()
    }};
}

#[test]
fn a_vanishing_gradient() {
    insta::assert_snapshot!(trace!(Vanishing, |_, _| GradientLogger::on_batch()));
}

#[test]
fn a_healthy_gradient() {
    insta::assert_snapshot!(trace!(Healthy, |_, _| GradientLogger::on_batch()));
}

#[test]
fn a_clipped_gradient() {
    insta::assert_snapshot!(trace!(Clipped, |_, _| GradientLogger::on_batch().every(3)));
}

#[test]
fn a_probe() {
    let probe = |input: &Array2<f32>, target: &Array2<f32>| {
        GradientLogger::on_probe(input, target).expect("the data has the declared shapes")
    };
    insta::assert_snapshot!(trace!(Healthy, probe));
}
