//! What every network can do.

mod networks;

use ndarray::{Array2, ArrayD, arr2};
use netdsl_runtime::layers::Sgd;
use netdsl_runtime::prelude::*;
use netdsl_runtime::{Error, Stage, Tensors, TrainingStep};
use networks::{Classifier, DeepSigmoid, Exploding, Small, uniform};

#[test]
fn a_seed_is_a_network() {
    assert_eq!(Small::new(1).tensors().parameters(), Small::new(1).tensors().parameters());
    assert_ne!(Small::new(1).tensors().parameters(), Small::new(2).tensors().parameters());
}

#[test]
fn parameters_have_names_shapes_and_views() {
    let mut network = Small::new(0);
    let parameters = Small::<f32>::parameters();
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let expected = [
        "hidden.0.weight",
        "hidden.0.bias",
        "hidden.1.weight",
        "hidden.1.bias",
        "output.weight",
        "output.bias",
    ];
    assert_eq!(names, expected);
    assert_eq!(parameters[4].shape, [2, 3]);
    assert_eq!(parameters[5].range, 30..32);
    network.parameter_mut("output.bias").unwrap().fill(7.0);
    assert_eq!(network.parameter("output.bias").unwrap().as_slice(), Some(&[7.0, 7.0][..]));
    let error = network.parameter("output.wieght").unwrap_err();
    let error = error.to_string();
    assert!(
        error.starts_with("there is no parameter `output.wieght` (there are `hidden.0.weight`, "),
        "{error}"
    );
    assert!(error.ends_with("): did you mean `output.weight`?"), "{error}");
}

#[test]
fn takes_nested_arrays_and_ndarray() {
    let network = Small::new(0);
    let nested = [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]];
    let output = network.predict(&nested).unwrap();
    assert_eq!(output.dim(), (2, 2));
    let same = [
        network.predict(&arr2(&nested)).unwrap(),
        network.predict(&arr2(&nested).view()).unwrap(),
        network.predict(&arr2(&nested).into_dyn()).unwrap(),
        network.predict(&nested.to_vec()).unwrap(),
        network.predict(&nested[..]).unwrap(),
        network.predict(&arr2(&nested).t().as_standard_layout().t()).unwrap(),
    ];
    assert!(same.iter().all(|other| other == output));
}

/// Central differences of the loss in double precision; with a step of 1e-5 their own error is about 1e-10.
#[test]
fn gradients_are_those_of_the_loss() {
    let mut network = Small::<f64>::with_seed(3);
    let (input, target) = ([[0.3, -0.2, 0.9], [1.1, 0.4, -0.7]], [[0.5, -1.0], [0.0, 2.0]]);
    let gradients = network.gradients(&input, &target).unwrap();
    assert_eq!(gradients.loss(), network.loss(&input, &target).unwrap());
    for parameter in gradients.parameters().to_vec() {
        let gradient = gradients.get(&parameter.name).unwrap();
        let mut squares = 0.0;
        for (index, value) in parameter.range.zip(gradient.iter()) {
            let start = network.tensors().parameters()[index];
            let mut loss = |shift: f64| {
                network.tensors_mut().parameters_mut()[index] = start + shift;
                network.loss(&input, &target).unwrap()
            };
            let difference = (loss(1e-5) - loss(-1e-5)) / 2e-5;
            loss(0.0);
            assert!((difference - value).abs() < 1e-8, "{}: {difference} {value}", parameter.name);
            squares += value * value;
        }
        let norm = gradients.norm(&parameter.name).unwrap();
        assert!((norm.to_f64() - squares.sqrt()).abs() < 1e-12);
    }
}

#[test]
fn wrong_inputs_are_named() {
    let network = Small::new(0);
    let message = |error: Error| error.to_string();
    let wide = Array2::<f32>::zeros((4, 5));
    assert_eq!(
        message(network.predict(&wide).unwrap_err()),
        "the input has the shape [4, 5], expected [batch, 3]"
    );
    let flat = ArrayD::<f32>::zeros(vec![3]);
    assert_eq!(
        message(network.predict(&flat).unwrap_err()),
        "the input has the shape [3], expected [batch, 3]: the first axis is the batch, also that of a single example"
    );
    let none: [[f32; 3]; 0] = [];
    assert_eq!(
        message(network.predict(&none).unwrap_err()),
        "the input has no examples, expected at least one"
    );
    assert_eq!(
        message(network.predict(&Array2::<f32>::zeros((0, 3))).unwrap_err()),
        "the input has no examples, expected at least one"
    );
    assert_eq!(
        message(network.predict(&[[0.0, 1.0, 2.0], [0.0, f32::NAN, 0.0]]).unwrap_err()),
        "value 1 of example 1 of the input is NaN, expected a finite number"
    );
    let two = [[0.0f32; 3]; 2];
    assert_eq!(
        message(network.loss(&two, &[[0.0f32; 2]; 3]).unwrap_err()),
        "the input has 2 examples, but the target has 3"
    );
    assert_eq!(
        message(network.loss(&two, &[[0.0, 1.0], [f32::NAN, 0.0]]).unwrap_err()),
        "value 0 of example 1 of the target is NaN, expected a finite number"
    );
    assert_eq!(
        message(Classifier::new(0).loss(&[[0.0f32; 4]; 2], &[0usize, 3]).unwrap_err()),
        "the target of example 1 is 3, expected a class from 0 to 2"
    );
}

#[test]
fn wrong_tensors_are_named() {
    let network = Small::<f32>::from_tensors(Tensors::new(&[0.0; 3], &[]));
    let expected = "the network has 3 parameters, expected 32";
    assert_eq!(network.predict(&[[0.0f32; 3]]).unwrap_err().to_string(), expected);
    assert_eq!(network.parameter("output.bias").unwrap_err().to_string(), expected);
}

#[test]
fn what_is_not_finite_is_named() {
    let input = [[0.5f32; 100]; 2];
    let mut network = Exploding::new(0);
    network.parameter_mut("hidden.3.bias").unwrap()[5] = f32::NAN;
    // ReLU swallows the NaN, so that the output would not show it.
    let Err(Error::NonFinite(error)) = network.predict(&input) else { panic!("a NaN was let through") };
    assert_eq!((error.stage, error.name.as_str()), (Stage::Parameter, "hidden.3.bias"));
    // Also behind a step, which knows its parameters to be finite.
    let mut network = Small::new(0);
    let mut step = TrainingStep::new(&Sgd::default(), 0).unwrap();
    let (input, target) = ([[0.5f32; 3]; 2], [[0.5f32; 2]; 2]);
    step.run(&mut network, &input, &target).unwrap();
    network.parameter_mut("output.bias").unwrap()[0] = f32::NAN;
    let Err(Error::NonFinite(error)) = step.run(&mut network, &input, &target) else {
        panic!("a NaN was let through behind a step")
    };
    assert_eq!((error.stage, error.name.as_str()), (Stage::Parameter, "output.bias"));
    let input = [[0.5f32; 100]; 2];
    let mut network = Exploding::new(0);
    network.parameter_mut("hidden.3.bias").unwrap().fill(3e38);
    let error = network.predict(&input).unwrap_err().to_string();
    assert_eq!(error, "the output of the layer `hidden.4` leaves the range of f32: it is inf");
}

#[test]
fn settings_are_checked() {
    for learning_rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let optimizer = Sgd { learning_rate, ..Sgd::default() };
        let error = TrainingStep::<f32, Small>::new(&optimizer, 0).unwrap_err().to_string();
        assert_eq!(error, format!("the learning rate is {learning_rate}, expected a finite number above 0"));
        let mut step = TrainingStep::<f32, Small>::new(&Sgd::default(), 0).unwrap();
        assert!(step.set_learning_rate(learning_rate).is_err());
        assert_eq!(step.learning_rate(), 0.01);
    }
    let optimizer = Sgd { clip: Some(Clip::Norm(-1.0)), ..Sgd::default() };
    let error = TrainingStep::<f32, Small>::new(&optimizer, 0).unwrap_err().to_string();
    assert_eq!(error, "the bound of clipping is -1, expected a finite number above 0");
}

#[test]
fn a_step_goes_down() {
    let (input, target) = (uniform::<100>(32, 1), uniform::<1>(32, 2));
    let mut network = DeepSigmoid::new(0);
    let mut step = TrainingStep::new(&Sgd::default(), 0).unwrap();
    let before = network.loss(&input, &target).unwrap();
    let report = step.run(&mut network, &input, &target).unwrap();
    assert_eq!(report.loss, before);
    assert!(!report.rescaled);
    assert!(network.loss(&input, &target).unwrap() < before);
}

/// The gradients of the exploding network do not fit 32 bits; in 64 bits they do and need no rescaling: the oracle.
/// 1e-4 is what 32-bit products of ten layers leave.
#[test]
fn norms_are_exact_beyond_the_range() {
    let (input, target) = (uniform::<100>(32, 1), uniform::<1>(32, 2));
    let network = Exploding::new(0);
    let wide = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
    let twin = Exploding::<f64>::from_tensors(Tensors::new(&wide(network.tensors().parameters()), &[]));
    let input_wide: Vec<[f64; 100]> = input.iter().map(|row| row.map(f64::from)).collect();
    let target_wide: Vec<[f64; 1]> = target.iter().map(|row| row.map(f64::from)).collect();
    let narrow = network.gradients(&input, &target).unwrap();
    let oracle = twin.gradients(&input_wide, &target_wide).unwrap();
    assert!((narrow.loss() / oracle.loss() - 1.0).abs() < 1e-4);
    for ((norm, oracle), parameter) in narrow.norms().iter().zip(oracle.norms()).zip(narrow.parameters()) {
        assert!(oracle.to_f64().is_finite());
        assert!((norm.to_f64() / oracle.to_f64() - 1.0).abs() < 1e-4, "{}: {norm} {oracle}", parameter.name);
    }
    assert!(narrow.norm("hidden.0.weight").unwrap().to_f64() > f64::from(f32::MAX));
    assert!(narrow.get("hidden.0.weight").unwrap().iter().any(|value| value.is_infinite()));
}

#[test]
fn overflow_without_clipping_is_an_error_that_changes_nothing() {
    let (input, target) = (uniform::<100>(32, 1), uniform::<1>(32, 2));
    let mut network = Exploding::new(0);
    let before = network.tensors().clone();
    let mut step = TrainingStep::new(&Sgd::default(), 0).unwrap();
    let Err(Error::NonFinite(error)) = step.run(&mut network, &input, &target) else { panic!("it went on") };
    assert_eq!((error.stage, error.step), (Stage::Gradient, Some(1)));
    assert!(error.to_string().starts_with("in step 1 the gradient of `"), "{error}");
    assert_eq!(network.tensors(), &before);
}

#[test]
fn every_way_of_clipping_survives_overflow() {
    let (input, target) = (uniform::<100>(32, 1), uniform::<1>(32, 2));
    for clip in [Clip::Norm(1.0), Clip::Value(0.5), Clip::GlobalNorm(2.0), Clip::Adaptive(0.01)] {
        let mut network = Exploding::new(0);
        let optimizer = Sgd { clip: Some(clip), ..Sgd::default() };
        let mut step = TrainingStep::new(&optimizer, 0).unwrap();
        let report = step.run(&mut network, &input, &target).unwrap();
        assert!(report.rescaled);
        assert!(report.total.before.to_f64() > f64::from(f32::MAX));
        // Sums of 32-bit values: 1e-5 is well above their rounding.
        let largest = report.norms.iter().map(|norms| norms.after.to_f64()).fold(0.0, f64::max);
        match clip {
            Clip::Norm(bound) => assert!((largest - bound).abs() < 1e-5, "{largest}"),
            Clip::Value(bound) => assert!(largest <= bound * 100.0 + 1e-5),
            Clip::GlobalNorm(bound) => assert!((report.total.after.to_f64() - bound).abs() < 1e-5),
            Clip::Adaptive(_) => assert!(largest < 10.0),
            Clip::Auto(_) => unreachable!("its bound is a norm that was seen"),
        }
        assert!(network.tensors().parameters().iter().all(|value| value.is_finite()));
    }
}

/// The first norm is all that automatic clipping has seen, so that it can't help yet.
#[test]
fn automatic_clipping_does_not_let_overflow_pass() {
    let (input, target) = (uniform::<100>(32, 1), uniform::<1>(32, 2));
    let optimizer = Sgd { clip: Some(Clip::Auto(10.0)), ..Sgd::default() };
    let mut step = TrainingStep::new(&optimizer, 0).unwrap();
    let error = step.run(&mut Exploding::new(0), &input, &target).unwrap_err();
    assert!(matches!(error, Error::NonFinite(error) if error.stage == Stage::Gradient));
}

/// A gradient that fits while its square does not: the average of squares would silently stop the parameter for ever.
#[test]
fn an_optimizer_that_overflows_is_an_error_that_changes_nothing() {
    let mut network = Small::new(0);
    network.parameter_mut("output.weight").unwrap().fill(0.0);
    network.parameter_mut("output.bias").unwrap().fill(1e21);
    let before = network.tensors().clone();
    let mut step = TrainingStep::new(&Adam::default(), 0).unwrap();
    let Err(Error::NonFinite(error)) = step.run(&mut network, &[[1.0, 0.5, 0.2]], &[[0.0, 0.0]]) else {
        panic!("it went on")
    };
    assert_eq!((error.stage, error.step), (Stage::Update, Some(1)));
    assert_eq!((error.name.as_str(), error.value.as_str()), ("output.bias", "infinite in its averages"));
    assert_eq!(network.tensors(), &before);
}

#[test]
fn a_layer_that_overflows_in_training_is_named() {
    let (input, target) = (uniform::<100>(4, 1), uniform::<1>(4, 2));
    let mut network = Exploding::new(0);
    network.parameter_mut("hidden.7.bias").unwrap().fill(1e37);
    let before = network.tensors().clone();
    let mut step = TrainingStep::new(&Sgd { clip: Some(Clip::Norm(1.0)), ..Sgd::default() }, 0).unwrap();
    let error = step.run(&mut network, &input, &target).unwrap_err().to_string();
    let expected = "in step 1 the output of the layer `hidden.8` leaves the range of f32: it is inf; use inputs and targets \
                    around zero, as `Normaliser` makes them, and the init of the activation";
    assert_eq!(error, expected);
    assert_eq!(network.tensors(), &before);
}

#[test]
fn running_statistics_and_dropout_belong_to_training() {
    let (input, target) = (uniform::<4>(8, 1), [0usize, 1, 2, 0, 1, 2, 0, 1]);
    let mut network = Classifier::new(0);
    let statistics = network.tensors().statistics().to_vec();
    assert_eq!(network.predict(&input).unwrap(), network.predict(&input).unwrap());
    let training = |seed| network.forward(&input, Mode::Training { seed }).unwrap();
    assert_ne!(training(1), training(2));
    assert_eq!(training(1), training(1));
    assert_eq!(network.tensors().statistics(), statistics);
    let mut step = TrainingStep::new(&Adam::default(), 0).unwrap();
    step.run(&mut network, &input, &target).unwrap();
    assert_ne!(network.tensors().statistics(), statistics);
}
