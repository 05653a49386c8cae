//! Sequences of unequal lengths in one batch: what is refused, and that padding is as good as not there.

use ndarray::{Array2, Array3};
use netdsl::prelude::*;
use netdsl::{Error, TrainingStep};

const STEPS: usize = 6;

network! {
    struct LastState {
        input: [6, 2],
        memory: Lstm(5),
        output: Dense(1),
        loss: MeanSquaredError,
        optimizer: Adam(learning_rate = 0.02),
    }
}

network! {
    struct Labels {
        input: [6, 2],
        memory: Gru(5, return_sequences = true),
        mixed: Residual(SelfAttention(causal = true)),
        output: Dense(3),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct Convolved {
        input: [6, 2],
        body: (Dropout(0.1), Transpose, Conv1d(3, kernel = 2), GlobalAvgPool),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

network! {
    struct Flat {
        input: [6],
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

network! {
    struct Again {
        input: [6, 2],
        MeanOverTime,
        Dense(8, activation = Tanh),
        // These steps are others than those of the input: none of them is padding.
        Reshape([4, 2]),
        Gru(3),
        Dense(1),
        loss: MeanSquaredError,
    }
}

/// Sequences whose steps behind the given lengths hold `padding`.
fn sequences(lengths: &[usize], padding: f32) -> Array3<f32> {
    Array3::from_shape_fn((lengths.len(), STEPS, 2), |(example, step, feature)| {
        if step < lengths[example] { ((7 * example + 3 * step + feature) as f32).sin() } else { padding }
    })
}

/// The sum of the first feature.
fn sums(input: &Array3<f32>, lengths: &[usize]) -> Array2<f32> {
    Array2::from_shape_fn((lengths.len(), 1), |(example, _)| {
        (0..lengths[example]).map(|step| input[[example, step, 0]]).sum()
    })
}

fn message<T>(result: Result<T, Error>) -> String {
    result.err().expect("it is refused").to_string()
}

#[test]
fn wrong_lengths_are_named() {
    let input = sequences(&[6, 6], 0.0);
    let refused =
        |lengths: &[usize]| message(LastState::new(0).predict(&Padded { examples: &input, lengths }));
    assert_eq!(refused(&[6]), "there is 1 length of a sequence, but the input has 2 examples");
    assert_eq!(refused(&[6, 6, 6]), "there are 3 lengths of sequences, but the input has 2 examples");
    assert_eq!(refused(&[1, 0]), "the length of example 1 of the input is 0, expected 1 to 6");
    assert_eq!(refused(&[7, 6]), "the length of example 0 of the input is 7, expected 1 to 6");
}

#[test]
fn layers_that_mix_steps_are_named() {
    let input = sequences(&[6, 2], 0.0);
    let padded = Padded { examples: &input, lengths: &[6, 2] };
    assert_eq!(
        message(Convolved::new(0).gradients(&padded, &[[0.0], [0.0]])),
        "the layer `body.1` can't tell padding from data, expected sequences of one length before a Transpose"
    );
    let padded = Padded { examples: &[[0.0; 6]; 2], lengths: &[6, 2] };
    assert_eq!(
        message(Flat::new(0).loss(&padded, &[[0.0], [0.0]])),
        "the layer `output` can't tell padding from data, expected sequences of one length before a Dense"
    );
}

#[test]
fn training_refuses_before_it_changes_anything() {
    let input = sequences(&[6, 2], 0.0);
    let target = [[0.0], [0.0]];
    let padded = Padded { examples: &input, lengths: &[6, 9] };
    let mut network = LastState::new(0);
    let before = network.tensors().clone();
    let trainer = || Trainer::new(LastState::optimizer()).progress(Progress::Silent);
    let expected = "the length of example 1 of the input is 9, expected 1 to 6";
    assert_eq!(message(trainer().fit(&mut network, &padded, &target)), expected);
    let of_validation = format!("validation data: {expected}");
    assert_eq!(message(trainer().validation(&padded, &target)), of_validation);
    assert_eq!(message(GradientLogger::<f32, LastState>::on_probe(&padded, &target)), expected);
    let mut step = TrainingStep::new(&LastState::optimizer(), 0).expect("the settings are good");
    assert_eq!(message(step.run(&mut network, &padded, &target)), expected);
    assert_eq!(*network.tensors(), before);
}

#[test]
fn padding_is_as_good_as_not_there() {
    let lengths = [3, 6, 1, 4];
    let (zeros, others) = (sequences(&lengths, 0.0), sequences(&lengths, -9.0));
    let target = sums(&zeros, &lengths);
    let network = LastState::new(3);
    let run = |examples| {
        let padded = Padded { examples, lengths: &lengths };
        let gradients = network.gradients(&padded, &target).expect("the lengths fit");
        (network.predict(&padded).expect("the lengths fit"), gradients.get("memory.weight_ih"))
    };
    assert_eq!(run(&zeros), run(&others));
}

/// Every step counts the same, whichever sequence it is of: five steps of data, of which each has a fifth.
#[test]
fn losses_average_over_the_data() {
    let lengths = [1, 4];
    let input = sequences(&lengths, 0.0);
    let classes = [[2, 0, 0, 0, 0, 0], [1, 0, 2, 1, 0, 0]];
    let network = Labels::new(1);
    let loss = |examples: std::ops::Range<usize>| {
        let part = input.slice(ndarray::s![examples.clone(), .., ..]);
        let padded = Padded { examples: &part, lengths: &lengths[examples.clone()] };
        network.loss(&padded, &classes[examples]).expect("the lengths fit")
    };
    let expected = (loss(0..1) + 4.0 * loss(1..2)) / 5.0;
    assert!((loss(0..2) - expected).abs() < 1e-6);
}

#[test]
fn lengths_end_with_the_steps() {
    let input = sequences(&[6, 2], 0.0);
    let network = Again::new(0);
    let padded = Padded { examples: &input, lengths: &[6, 2] };
    let both = network.predict(&padded).expect("the lengths fit");
    let cut = input.slice(ndarray::s![1.., .., ..]).to_owned();
    // The mean of two steps is three times that of six of which four are zeros.
    let alone = network.predict(&cut.mapv(|value| 3.0 * value)).expect("the shapes fit");
    assert!((both[[1, 0]] - alone[[0, 0]]).abs() < 1e-6);
}

#[test]
fn unequal_sequences_train() {
    let lengths: Vec<usize> = (0..64).map(|example| 1 + example % STEPS).collect();
    let input = sequences(&lengths, 5.0);
    let target = sums(&input, &lengths);
    let padded = Padded { examples: &input, lengths: &lengths };
    let mut network = LastState::new(0);
    let mut probe = GradientLogger::on_probe(&padded, &target).expect("the lengths fit");
    let history = Trainer::new(LastState::optimizer())
        .epochs(60)
        .batch(16)
        .progress(Progress::Silent)
        .validation(&padded, &target)
        .expect("the lengths fit")
        .observe(&mut probe)
        .fit(&mut network, &padded, &target)
        .expect("the numbers stay finite");
    let last = history.epochs.last().expect("there were epochs");
    let (loss, validation) = (last.loss, last.validation_loss.expect("there was a validation"));
    assert!(loss < 0.1 && validation < 0.1, "{loss}, {validation}");
    let found = network.loss(&padded, &target).expect("the lengths fit");
    assert!((found - validation).abs() < 1e-6 * (1.0 + found));
}
