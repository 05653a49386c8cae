//! The running statistics of a batch normalisation: of features, of channels, and of sequences with padding.

use netdsl_layers::{BatchNorm, Forward, Kernel, Shape};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const BATCH: usize = 3;
const MOMENTUM: f64 = 0.9;
/// As many values as every shape below has.
const VALUES: usize = 24;

fn input() -> Vec<f64> {
    (0..BATCH * VALUES).map(|index| (index as f64 * 1.7).sin() + 0.1 * index as f64).collect()
}

/// What training makes of running statistics that start at `start`, for a batch of examples of this shape.
fn updated(shape: Shape, lengths: Option<&[usize]>, start: &[f64]) -> Vec<f64> {
    let layer = BatchNorm { input: shape, epsilon: 1e-3, momentum: MOMENTUM };
    let input = input();
    let (mut output, mut saved) =
        (vec![0.0; input.len()], vec![0.0; Kernel::<f64>::saved_len(&layer, BATCH)]);
    let mut statistics = start.to_vec();
    let parameters: Vec<f64> = (0..2 * shape.width()).map(|index| index as f64).collect();
    layer.forward(Forward {
        batch: BATCH,
        lengths,
        random: Some(&mut ChaCha8Rng::seed_from_u64(0)),
        parameters: &parameters,
        statistics: &statistics,
        input: &input,
        output: &mut output,
        saved: &mut saved,
    });
    layer.update_statistics(BATCH, &saved, &mut statistics);
    statistics
}

/// The same from the definition: `feature_of` says which feature a value belongs to, or none where it is padding.
fn expected(width: usize, start: &[f64], feature_of: impl Fn(usize) -> Option<usize>) -> Vec<f64> {
    let input = input();
    let of = |feature: usize| {
        let values: Vec<f64> = (0..input.len())
            .filter(|index| feature_of(*index) == Some(feature))
            .map(|index| input[index])
            .collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        // Without Bessel's correction, as in Keras.
        (mean, values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / values.len() as f64)
    };
    let (means, variances): (Vec<f64>, Vec<f64>) = (0..width).map(of).unzip();
    let of_batch = means.into_iter().chain(variances);
    start
        .iter()
        .zip(of_batch)
        .map(|(start, of_batch)| MOMENTUM * start + (1.0 - MOMENTUM) * of_batch)
        .collect()
}

#[track_caller]
fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let apart = found.iter().zip(expected).map(|(one, other)| (one - other).abs()).fold(0.0, f64::max);
    assert!(apart < 1e-12, "{found:?} instead of {expected:?}");
}

#[test]
fn of_features() {
    let start: Vec<f64> = (0..2 * VALUES).map(|index| 1.0 + index as f64).collect();
    let found = updated(Shape::features(VALUES), None, &start);
    close(&found, &expected(VALUES, &start, |index| Some(index % VALUES)));
}

#[test]
fn of_channels() {
    let start = [0.0, -1.0, 2.0, 1.0, 1.5, 3.0];
    let found = updated(Shape::image(3, 2, 4), None, &start);
    close(&found, &expected(3, &start, |index| Some(index / 8 % 3)));
}

#[test]
fn of_steps_that_are_data() {
    let start = [0.0, -1.0, 2.0, 1.0, 1.5, 3.0];
    let lengths = [8, 1, 5];
    let found = updated(Shape::sequence(8, 3), Some(&lengths), &start);
    let is_data = |index: usize| index / 3 % 8 < lengths[index / VALUES];
    close(&found, &expected(3, &start, |index| is_data(index).then_some(index % 3)));
}
