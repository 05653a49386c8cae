//! Tokens that only run time can know: those outside the vocabulary are refused by their place.

use netdsl::prelude::*;
use netdsl::{Error, TrainingStep};

network! {
    struct Words {
        input: [4] ~ Tokens(7),
        body: Concat(Embedding(7, 3), (Embedding(7, 2), Tanh)),
        MeanOverTime,
        output: Dense(2),
        loss: SoftmaxCrossEntropy,
        optimizer: Sgd(learning_rate = 0.1),
    }
}

fn refused(value: f32) -> String {
    let error = Words::new(0).predict(&[[0.0; 4], [1.0, 6.0, value, 0.0]]).expect_err("it is no token");
    assert!(matches!(error, Error::Input { example: 1, index: 2, .. }), "{error:?}");
    error.to_string()
}

#[test]
fn what_is_no_token_is_named() {
    for value in [7.0, -1.0, 0.5, 1e30] {
        let expected = "expected a token from 0 to 6";
        let written = f64::from(value);
        assert_eq!(refused(value), format!("value 2 of example 1 of the input is {written}, {expected}"));
    }
    for value in [f32::NAN, f32::INFINITY] {
        let written = f64::from(value);
        let expected = "expected a finite number";
        assert_eq!(refused(value), format!("value 2 of example 1 of the input is {written}, {expected}"));
    }
}

#[test]
fn training_refuses_before_it_changes_anything() {
    let (input, target) = ([[0.0, 1.0, 2.0, 7.0]], [0]);
    let mut network = Words::new(0);
    let before = network.tensors().clone();
    let message = |error: Error| error.to_string();
    let expected = "value 3 of example 0 of the input is 7, expected a token from 0 to 6";
    let trainer = Trainer::new(Words::optimizer()).progress(Progress::Silent);
    assert_eq!(message(trainer.fit(&mut network, &input, &target).expect_err("7 is no token")), expected);
    let mut step = TrainingStep::new(&Words::optimizer(), 0).expect("the settings are good");
    let error = step.run(&mut network, &input, &target).map(|report| report.loss).expect_err("7 is no token");
    assert_eq!(message(error), expected);
    // Padding is looked at too: it has to be a token, though it does not matter which.
    let padded = Padded { examples: &input, lengths: &[3] };
    assert_eq!(message(network.loss(&padded, &target).expect_err("7 is no token")), expected);
    assert_eq!(*network.tensors(), before);
}
