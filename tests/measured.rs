//! The forecast of whole networks against their gradients, measured over seeds.

use ndarray::{Array1, Array2};
use netdsl::layers::{Forecast, Verdict};
use netdsl::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SEEDS: u64 = 150;
const BATCH: usize = 32;
const FEATURES: usize = 40;

network! {
    struct Sigmoids {
        input: [40] ~ Uniform(0.0, 1.0),
        #[expect(vanishing_gradient)]
        hidden: [Dense(40, activation = Sigmoid); 8],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
    }
}

network! {
    struct LargeWeights {
        input: [40] ~ Uniform(0.0, 1.0),
        #[expect(exploding_gradient)]
        hidden: [Dense(40, activation = Relu, init = Uniform(0.9, 1.1)); 5],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
    }
}

network! {
    struct Normalised {
        input: [40] ~ Uniform(0.0, 1.0),
        hidden: [(Dense(40), BatchNorm, Relu); 4],
        output: Dense(5),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct Residuals {
        input: [40] ~ Uniform(0.0, 1.0),
        hidden: [Residual(LayerNorm, Dense(60, activation = Gelu), Dense(40)); 6],
        output: Dense(3),
        target ~ Uniform(0.0, 1.0),
        loss: Huber,
    }
}

network! {
    struct Probability {
        input: [40] ~ Uniform(0.0, 1.0),
        hidden: [Dense(30, activation = Tanh); 4],
        output: Dense(4, activation = Softmax),
        loss: CategoricalCrossEntropy,
    }
}

network! {
    struct Binary {
        input: [40] ~ Uniform(0.0, 1.0),
        hidden: (Dense(30, activation = Silu, init = HeNormal), Dropout(0.2)),
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: SigmoidCrossEntropy,
    }
}

network! {
    struct Branches {
        input: [40] ~ Uniform(0.0, 1.0),
        grown: [Concat(Identity, Dense(20, activation = Relu, init = HeNormal)); 3],
        mixed: Concat(Dense(30, activation = Tanh), (Dense(40), LayerNorm, Gelu, Dense(10)), Dense(20, init = Normal(0.05, 0.1))),
        output: Dense(5),
        loss: SoftmaxCrossEntropy,
    }
}

/// The logarithms of the norms over seeds, for each parameter.
macro_rules! measure {
    ($network:ident, $targets:expr) => {
        (0..SEEDS).map(|seed| {
            let random = &mut ChaCha8Rng::seed_from_u64(1000 + seed);
            let input = Array2::from_shape_simple_fn((BATCH, FEATURES), || random.random_range(0.0..1.0));
            let target = $targets(random);
            let gradients =
                $network::<f32>::with_seed(seed).gradients(&input, &target).expect("the shapes fit");
            gradients.norms().iter().map(|norm| norm.log10()).collect()
        })
    };
}

/// The median over seeds lies within what the forecast is good for, a tenth of a decade, and four standard errors of a
/// median of so many seeds.
fn hold(forecast: &Forecast, measured: impl Iterator<Item = Vec<f64>>) {
    let measured: Vec<Vec<f64>> = measured.collect();
    for (index, parameter) in forecast.parameters.iter().enumerate() {
        let mut values: Vec<f64> = measured.iter().map(|norms| norms[index]).collect();
        values.sort_by(f64::total_cmp);
        let median = values[values.len() / 2];
        let Some(expected) = parameter.gradient_norm_log10 else {
            assert!(median < -6.0, "{}: {median} instead of nothing", parameter.name);
            continue;
        };
        let deviation = parameter.gradient_norm_log10_std.expect("where there is a median there is a spread");
        let tolerance = 0.1 + 4.0 * 1.25 * deviation / (SEEDS as f64).sqrt();
        assert!(
            (median - expected).abs() < tolerance,
            "{}: measured {median:.3}, forecast {expected:.3} ± {tolerance:.3}",
            parameter.name
        );
    }
}

fn values(columns: usize) -> impl Fn(&mut ChaCha8Rng) -> Array2<f32> {
    move |random| Array2::from_shape_simple_fn((BATCH, columns), || random.random_range(0.0..1.0))
}

fn classes(count: usize) -> impl Fn(&mut ChaCha8Rng) -> Array1<usize> {
    move |random| Array1::from_shape_simple_fn(BATCH, || random.random_range(0..count))
}

macro_rules! tests {
    ($($name:ident: $network:ident, $targets:expr, $verdict:ident;)*) => {
        $(#[test]
        fn $name() {
            let forecast = $network::<f32>::forecast();
            hold(forecast, measure!($network, $targets));
            assert_eq!(forecast.verdict, Verdict::$verdict);
        })*
    };
}

tests! {
    sigmoids_vanish: Sigmoids, values(1), Vanishing;
    large_weights_explode: LargeWeights, values(1), Exploding;
    batch_normalisation_is_healthy: Normalised, classes(5), Healthy;
    normalised_residuals_are_healthy: Residuals, values(3), Healthy;
    probabilities_are_healthy: Probability, classes(4), Healthy;
    branches_are_healthy: Branches, classes(5), Healthy;
    a_binary_classifier_is_healthy: Binary, values(1), Healthy;
}
