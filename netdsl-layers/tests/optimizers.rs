//! Every optimizer against its formula and against Keras.

use netdsl_layers::{
    Adagrad, Adam, AdamW, Argument, Call, Chain, Clip, OPTIMIZERS, Optimizer, OptimizerKernel, Place,
    RmsProp, Sgd, Value,
};

const STEPS: i32 = 50;

/// The gradient that the reference script uses: one that depends on the parameter and on the step.
fn gradient(step: i32, index: usize, parameter: f64) -> f64 {
    0.5 * parameter + (0.7 * f64::from(step) + index as f64).sin()
}

/// The parameters after each step.
fn run(optimizer: &dyn OptimizerKernel<f64>, start: &[f64]) -> Vec<Vec<f64>> {
    let mut chain = Chain::new(optimizer.transforms(), start.len());
    let mut parameters = start.to_vec();
    (1..=STEPS)
        .map(|step| {
            let mut update: Vec<f64> =
                parameters.iter().enumerate().map(|(index, value)| gradient(step, index, *value)).collect();
            assert!(chain.update(optimizer.learning_rate(), &parameters, &mut update));
            parameters.iter_mut().zip(&update).for_each(|(value, update)| *value -= update);
            parameters.clone()
        })
        .collect()
}

/// One parameter of its own: the state and what becomes of it in a step.
type Formula = fn(step: i32, parameter: f64, gradient: f64, state: &mut [f64; 2]) -> f64;

/// An optimizer, its name in the reference file, the state that its formula starts from, and the formula.
type Row = (Box<dyn OptimizerKernel<f64>>, &'static str, [f64; 2], Formula);

/// The optimizers as the language has them, with their formulas written out plainly, from
/// the papers and the documentation of Keras.
fn table() -> Vec<Row> {
    vec![
        (Box::new(Sgd::default()), "Sgd", [0.0; 2], |_, w, g, _| w - 0.01 * g),
        (Box::new(Sgd { momentum: 0.9, ..Sgd::default() }), "Sgd momentum", [0.0; 2], |_, w, g, state| {
            state[0] = 0.9 * state[0] - 0.01 * g;
            w + state[0]
        }),
        (
            Box::new(Sgd { momentum: 0.9, nesterov: true, ..Sgd::default() }),
            "Sgd nesterov",
            [0.0; 2],
            |_, w, g, state| {
                state[0] = 0.9 * state[0] - 0.01 * g;
                w + 0.9 * state[0] - 0.01 * g
            },
        ),
        (Box::new(Adam::default()), "Adam", [0.0; 2], |t, w, g, state| w - adam(t, g, state)),
        (Box::new(AdamW::default()), "AdamW", [0.0; 2], |t, w, g, state| {
            w * (1.0 - 0.001 * 0.004) - adam(t, g, state)
        }),
        (Box::new(RmsProp::default()), "RmsProp", [0.0; 2], |_, w, g, state| {
            state[0] = 0.9 * state[0] + 0.1 * g * g;
            w - 0.001 * g / (state[0] + 1e-7).sqrt()
        }),
        (Box::new(Adagrad::default()), "Adagrad", [0.1, 0.0], |_, w, g, state| {
            state[0] += g * g;
            w - 0.001 * g / (state[0] + 1e-7).sqrt()
        }),
    ]
}

/// In the form with corrected moments, where Keras's epsilon is `1e-7 / sqrt(1 - 0.999^t)`.
fn adam(step: i32, gradient: f64, state: &mut [f64; 2]) -> f64 {
    state[0] = 0.9 * state[0] + 0.1 * gradient;
    state[1] = 0.999 * state[1] + 0.001 * gradient * gradient;
    let first = state[0] / (1.0 - 0.9f64.powi(step));
    let correction = 1.0 - 0.999f64.powi(step);
    0.001 * first / ((state[1] / correction).sqrt() + 1e-7 / correction.sqrt())
}

/// Fifty steps of a few roundings each: 1e-12 is far above what they add up to, and far below a wrong formula.
#[test]
fn agree_with_their_formulas() {
    let start = [0.5, -1.0, 2.0];
    for (optimizer, name, state, formula) in table() {
        let steps = run(&*optimizer, &start);
        for (index, start) in start.iter().enumerate() {
            let (mut parameter, mut state) = (*start, state);
            for (step, parameters) in (1..).zip(&steps) {
                parameter = formula(step, parameter, gradient(step, index, parameter), &mut state);
                assert!((parameters[index] - parameter).abs() < 1e-12, "{name} in step {step}");
            }
        }
    }
}

/// Keras in double precision; 1e-6 is what its settings, which are stored in single precision, leave.
#[test]
fn agree_with_keras() {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("reference/optimizers.json")).unwrap();
    let cases = document["cases"].as_array().unwrap();
    let numbers = |value: &serde_json::Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
    };
    for (optimizer, name, ..) in table() {
        let case = cases.iter().find(|case| case["name"] == name).unwrap();
        let steps = run(&*optimizer, &numbers(&case["start"]));
        for (step, after) in case["after"].as_object().unwrap() {
            for (ours, theirs) in steps[step.parse::<usize>().unwrap() - 1].iter().zip(numbers(after)) {
                assert!((ours - theirs).abs() < 1e-6, "{name} after step {step}: {ours} {theirs}");
            }
        }
    }
}

/// What an optimizer says of its first step is what its first step does, over all sizes that a gradient has.
#[test]
fn first_steps_are_as_they_say() {
    for (optimizer, name, ..) in table() {
        for exponent in -12..=6 {
            let (size, parameter) = (10f64.powi(exponent), 0.3);
            let mut update: Vec<f64> =
                (0..8).map(|index| if index % 3 == 0 { -size } else { size }).collect();
            let parameters: Vec<f64> =
                (0..8).map(|index| if index % 2 == 0 { -parameter } else { parameter }).collect();
            let chain = optimizer.transforms();
            assert!(Chain::new(chain, 8).update(optimizer.learning_rate(), &parameters, &mut update));
            let square: f64 = update.iter().map(|value| value * value).sum();
            let (made, said) = ((square / 8.0).sqrt(), optimizer.first_step(size, parameter));
            // Decay moves every value by at most this share of itself; the rest is rounding.
            let decay = if name == "AdamW" { 0.001 * 0.004 * parameter } else { 0.0 };
            assert!((made - said).abs() <= 1e-12 * said + decay, "{name}: {made} for {said} at 1e{exponent}");
        }
    }
}

#[test]
fn every_optimizer_is_in_the_table() {
    let table = table();
    assert!(OPTIMIZERS.iter().all(|kind| table.iter().any(|(optimizer, ..)| optimizer.name() == kind.name)));
}

/// Blocks go through the chain one by one; the border between two must not show.
#[test]
fn long_buffers_are_cut_into_blocks() {
    let start = vec![0.3; 5000];
    let short = run(&Adam::default(), &start[..1]);
    let mut chain = Chain::<f64>::new(Adam::default().transforms(), start.len());
    let mut parameters = start;
    for step in 1..=STEPS {
        let mut update: Vec<f64> = parameters.iter().map(|value| gradient(step, 0, *value)).collect();
        chain.update(0.001, &parameters, &mut update);
        parameters.iter_mut().zip(&update).for_each(|(value, update)| *value -= update);
    }
    assert!(parameters.iter().all(|value| *value == short[STEPS as usize - 1][0]));
}

/// Squares of large gradients do not fit single precision: the step would be zero for ever after, silently.
#[test]
fn a_state_that_overflows_is_told() {
    for optimizer in [&Adam::default() as &dyn OptimizerKernel<f32>, &RmsProp::default(), &Adagrad::default()]
    {
        let mut chain = Chain::new(optimizer.transforms(), 2);
        assert!(!chain.update(0.001, &[0.0; 2], &mut [1.0, 1e30]), "{}", optimizer.name());
    }
}

#[test]
fn zero_gradients_are_no_step() {
    for (optimizer, name, ..) in table() {
        let mut chain = Chain::new(optimizer.transforms(), 1);
        let mut update = [0.0];
        assert!(chain.update(0.1, &[0.0], &mut update));
        assert_eq!(update, [0.0], "{name}");
    }
    let adagrad = Adagrad { initial_accumulator: 0.0, epsilon: 0.0, ..Adagrad::default() };
    let mut chain = Chain::<f64>::new(adagrad.transforms(), 1);
    let mut update = [0.0];
    assert!(chain.update(0.1, &[0.0], &mut update));
    assert_eq!(update, [0.0]);
}

fn call(name: &str, arguments: Vec<(&str, Value)>) -> Call {
    let place = Place(0);
    let arguments = arguments
        .into_iter()
        .map(|(name, value)| Argument { name: Some((name.into(), place)), value, place })
        .collect();
    Call { name: name.into(), name_place: place, place, arguments, incomplete: false }
}

#[test]
fn the_language_reads_and_writes_them() {
    let norm = Call {
        arguments: vec![Argument { name: None, value: Value::Real(0.5), place: Place(0) }],
        ..call("Norm", vec![])
    };
    let settings = vec![
        ("learning_rate", Value::Real(0.1)),
        ("momentum", Value::Real(0.9)),
        ("clip", Value::Call(norm)),
    ];
    let optimizer = <dyn Optimizer>::read(&call("Sgd", settings)).unwrap();
    assert_eq!(optimizer.clip(), Some(Clip::Norm(0.5)));
    assert_eq!(optimizer.written(), "Sgd(learning_rate = 0.1, momentum = 0.9, clip = Norm(0.5))");
    assert_eq!(
        optimizer.value_expression(),
        "::netdsl::layers::Sgd { learning_rate: 0.1, momentum: 0.9, nesterov: false, clip: \
         ::core::option::Option::Some(::netdsl::layers::Clip::Norm(0.5)), }"
    );
}

#[test]
fn wrong_settings_are_named() {
    let message = |call: Call| <dyn Optimizer>::read(&call).unwrap_err()[0].message.clone();
    assert_eq!(message(call("Sdg", vec![])), "unknown optimizer `Sdg`: did you mean `Sgd`?");
    let rate = |value| message(call("Adam", vec![("learning_rate", value)]));
    assert_eq!(rate(Value::Integer(0)), "`learning_rate` is a number above 0, not `0`");
    assert_eq!(rate(Value::Real(-0.1)), "`learning_rate` is a number above 0, not `-0.1`");
    let clip = |name: &str| message(call("Sgd", vec![("clip", Value::Call(call(name, vec![])))]));
    assert_eq!(clip("Norn"), "unknown clip mode `Norn`: did you mean `Norm`?");
    assert_eq!(clip("Norm"), "`Norm` needs `bound`");
    let beta = message(call("Adam", vec![("beta_1", Value::Integer(1))]));
    assert_eq!(beta, "`beta_1` is a share of at least 0 and below 1, not `1`");
}
