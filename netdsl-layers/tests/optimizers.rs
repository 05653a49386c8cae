//! Every optimizer against its formula, against Keras, PyTorch and optax, and what else all of them have to do.

use netdsl_layers::transforms::{ClipNorm, Momentum, Only, Orthogonal, Scale, WeightDecay};
use netdsl_layers::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Argument, Call, Chain, Clip, Element, Lamb, Lion, Muon, Nadam,
    OPTIMIZERS, Optimizer, OptimizerKernel, ParameterRange, Place, RmsProp, Sgd, Transform, Value,
    on_all_registers,
};

const STEPS: i32 = 50;

/// The start that the reference script uses: a weight of two rows and a bias.
const START: [f64; 8] = [0.5, -1.0, 2.0, -0.25, 1.5, 0.75, 0.1, -0.3];

fn tensors() -> Vec<ParameterRange> {
    let tensor =
        |name: &str, shape: &[usize], range| ParameterRange { name: name.into(), shape: shape.into(), range };
    vec![tensor("weight", &[2, 3], 0..6), tensor("bias", &[2], 6..8)]
}

/// The gradient that the reference script uses: one that depends on the parameter and on the step.
fn gradient(step: i32, index: usize, parameter: f64) -> f64 {
    0.5 * parameter + (0.7 * f64::from(step) + index as f64).sin()
}

/// Moves the parameters by the next steps of a chain.
fn advance<T: Element>(chain: &mut Chain<T>, learning_rate: f64, parameters: &mut [T], steps: i32) {
    for step in chain.step() + 1..=chain.step() + steps {
        let gradient = |(index, value): (usize, &T)| T::from_f64(gradient(step, index, (*value).to_f64()));
        let mut update: Vec<T> = parameters.iter().enumerate().map(gradient).collect();
        assert!(chain.update(learning_rate, parameters, &mut update, &mut [(); 2], |(), _, _| ()));
        parameters.iter_mut().zip(&update).for_each(|(value, update)| *value -= *update);
    }
}

/// The parameters after each step.
fn run(optimizer: &dyn OptimizerKernel<f64>) -> Vec<Vec<f64>> {
    let mut chain = Chain::new(optimizer.transforms(), tensors());
    let mut parameters = START.to_vec();
    (1..=STEPS)
        .map(|_| {
            advance(&mut chain, optimizer.learning_rate(), &mut parameters, 1);
            parameters.clone()
        })
        .collect()
}

/// One value of its own: the state and what becomes of it in a step.
type Formula = fn(step: i32, parameter: f64, gradient: f64, state: &mut [f64; 2]) -> f64;

/// An optimizer in both precisions and as the language has it.
trait Any: OptimizerKernel<f64> + OptimizerKernel<f32> + Optimizer {}
impl<O: OptimizerKernel<f64> + OptimizerKernel<f32> + Optimizer> Any for O {}

/// An optimizer, its name in the reference file, and where it works value by value the state that its formula starts
/// from and the formula.
struct Row {
    optimizer: Box<dyn Any>,
    name: &'static str,
    formula: Option<([f64; 2], Formula)>,
}

impl Row {
    fn new(name: &'static str, optimizer: impl Any + 'static, state: [f64; 2], formula: Formula) -> Self {
        Self { optimizer: Box::new(optimizer), name, formula: Some((state, formula)) }
    }

    /// One whose steps depend on the whole tensor.
    fn of_tensors(name: &'static str, optimizer: impl Any + 'static) -> Self {
        Self { optimizer: Box::new(optimizer), name, formula: None }
    }
}

/// The optimizers with their formulas written out plainly, from the papers and the documentation of Keras. Every test
/// runs over this table; a new optimizer is a line here.
fn table() -> Vec<Row> {
    let zero = [0.0; 2];
    vec![
        Row::new("Sgd", Sgd::default(), zero, |_, w, g, _| w - 0.01 * g),
        Row::new("Sgd momentum", Sgd { momentum: 0.9, ..Sgd::default() }, zero, |_, w, g, state| {
            state[0] = 0.9 * state[0] - 0.01 * g;
            w + state[0]
        }),
        Row::new(
            "Sgd nesterov",
            Sgd { momentum: 0.9, nesterov: true, ..Sgd::default() },
            zero,
            |_, w, g, state| {
                state[0] = 0.9 * state[0] - 0.01 * g;
                w + 0.9 * state[0] - 0.01 * g
            },
        ),
        Row::new("Adam", Adam::default(), zero, |t, w, g, state| w - adam(t, g, state)),
        Row::new("AdamW", AdamW::default(), zero, |t, w, g, state| {
            w * (1.0 - 0.001 * 0.004) - adam(t, g, state)
        }),
        Row::new("RmsProp", RmsProp::default(), zero, |_, w, g, state| {
            state[0] = 0.9 * state[0] + 0.1 * g * g;
            w - 0.001 * g / (state[0] + 1e-7).sqrt()
        }),
        Row::new("Adagrad", Adagrad::default(), [0.1, 0.0], |_, w, g, state| {
            state[0] += g * g;
            w - 0.001 * g / (state[0] + 1e-7).sqrt()
        }),
        Row::new("Nadam", Nadam::default(), zero, |t, w, g, state| w - nadam(1.0, t, g, state)),
        Row::new(
            "Nadam of the paper",
            Nadam { momentum_decay: 0.004, ..Nadam::default() },
            zero,
            |t, w, g, state| w - nadam(0.004, t, g, state),
        ),
        Row::new("Adamax", Adamax::default(), zero, |t, w, g, state| {
            state[0] = 0.9 * state[0] + 0.1 * g;
            state[1] = f64::max(0.999 * state[1], g.abs());
            w - 0.001 * state[0] / (1.0 - 0.9f64.powi(t)) / (state[1] + 1e-7)
        }),
        Row::new("Adadelta", Adadelta::default(), zero, |_, w, g, state| {
            state[0] = 0.95 * state[0] + 0.05 * g * g;
            let step = g * ((state[1] + 1e-7) / (state[0] + 1e-7)).sqrt();
            state[1] = 0.95 * state[1] + 0.05 * step * step;
            w - 0.001 * step
        }),
        Row::of_tensors("Lamb", Lamb::default()),
        Row::of_tensors("Lamb decay", Lamb { weight_decay: 0.1, ..Lamb::default() }),
        Row::new("Lion", Lion::default(), zero, |_, w, g, state| w - lion(g, state)),
        Row::new("Lion decay", Lion { weight_decay: 0.1, ..Lion::default() }, zero, |_, w, g, state| {
            w * (1.0 - 0.001 * 0.1) - lion(g, state)
        }),
        Row::of_tensors("Muon", Muon::default()),
    ]
}

/// In the form with corrected moments, where Keras's epsilon is `1e-7 / sqrt(1 - 0.999^t)`.
fn adam(step: i32, gradient: f64, state: &mut [f64; 2]) -> f64 {
    moments(gradient, state);
    let first = state[0] / (1.0 - 0.9f64.powi(step));
    let correction = 1.0 - 0.999f64.powi(step);
    0.001 * first / ((state[1] / correction).sqrt() + 1e-7 / correction.sqrt())
}

/// The product of all `μ` is taken anew in each step.
fn nadam(decay: f64, step: i32, gradient: f64, state: &mut [f64; 2]) -> f64 {
    moments(gradient, state);
    let momentum = |step: i32| 0.9 * (1.0 - 0.5 * 0.96f64.powf(decay * f64::from(step)));
    let product = |steps: i32| (1..=steps).map(momentum).product::<f64>();
    let first = momentum(step + 1) * state[0] / (1.0 - product(step + 1))
        + (1.0 - momentum(step)) * gradient / (1.0 - product(step));
    0.001 * first / ((state[1] / (1.0 - 0.999f64.powi(step))).sqrt() + 1e-7)
}

fn moments(gradient: f64, state: &mut [f64; 2]) {
    state[0] = 0.9 * state[0] + 0.1 * gradient;
    state[1] = 0.999 * state[1] + 0.001 * gradient * gradient;
}

fn lion(gradient: f64, state: &mut [f64; 2]) -> f64 {
    let direction = 0.9 * state[0] + 0.1 * gradient;
    state[0] = 0.99 * state[0] + 0.01 * gradient;
    // The sign of zero is zero, that of the standard library is not.
    if direction == 0.0 { 0.0 } else { 0.001 * direction.signum() }
}

/// Fifty steps of a few roundings each: 1e-12 is far above what they add up to, and far below a wrong formula.
#[test]
fn agree_with_their_formulas() {
    for Row { optimizer, name, formula } in table() {
        let Some((state, formula)) = formula else { continue };
        let steps = run(&*optimizer);
        for (index, start) in START.iter().enumerate() {
            let (mut parameter, mut state) = (*start, state);
            for (step, parameters) in (1..).zip(&steps) {
                parameter = formula(step, parameter, gradient(step, index, parameter), &mut state);
                assert!((parameters[index] - parameter).abs() < 1e-12, "{name} in step {step}");
            }
        }
    }
}

/// Numbers that are hardly there, too large, or none, among others, for any number of values.
fn of_all_sorts(len: usize, seed: usize, every: usize) -> Vec<f64> {
    let specials = [5e-324, -1e-310, -0.0, 1e300, f64::INFINITY, -1e200, f64::NAN, f64::NEG_INFINITY, 1e-160];
    let number = |index: usize| match (index + seed).is_multiple_of(every) {
        true => specials[(index + seed) / every % specials.len()],
        false => (index as f64 * 0.7 + seed as f64).sin(),
    };
    (0..len).map(number).collect()
}

/// The plain loop is the formula, number by number. Where that leaves the numbers that are finite, so does the update, or the
/// chain tells that what it remembers did.
#[test]
fn follow_their_formulas_for_numbers_of_all_sorts() {
    for Row { optimizer, name, formula } in table() {
        let Some((state, formula)) = formula else { continue };
        let optimizer: &dyn OptimizerKernel<f64> = &*optimizer;
        for len in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 47, 48, 49] {
            let tensor = ParameterRange { name: "bias".into(), shape: vec![len], range: 0..len };
            let mut chain = Chain::new(optimizer.transforms(), vec![tensor]);
            let parameters: Vec<f64> = (0..len).map(|index| (index as f64 * 0.3).cos()).collect();
            let mut states = vec![state; len];
            for step in 1..=3 {
                let gradient = of_all_sorts(len, len + step as usize, 4);
                let mut update = gradient.clone();
                let finite = chain.update(
                    optimizer.learning_rate(),
                    &parameters,
                    &mut update,
                    &mut [()],
                    |(), _, _| (),
                );
                for (index, update) in update.iter().enumerate() {
                    let (parameter, state) = (parameters[index], &mut states[index]);
                    let expected = formula(step, parameter, gradient[index], state);
                    let ours = parameter - update;
                    // What is not finite once is so in all steps to come.
                    let known = expected.is_finite() && state.iter().all(|number| number.is_finite());
                    let close = (ours - expected).abs() <= 1e-12 * (parameter.abs() + expected.abs());
                    let told = !finite || !update.is_finite();
                    let what =
                        format!("{name} of {len}, number {index} of {} in step {step}", gradient[index]);
                    assert!(if known { close } else { told }, "{what}: {ours}, not {expected}");
                }
            }
        }
    }
}

/// Steps of all that a training writes, with all kinds of registers, over more than a block and no whole number of them.
#[test]
fn the_bits_do_not_depend_on_registers() {
    let tensor =
        |name: &str, shape: &[usize], range| ParameterRange { name: name.into(), shape: shape.into(), range };
    let tensors = [tensor("weight", &[5, 11], 0..55), tensor("bias", &[2053], 55..2108)];
    let parameters: Vec<f32> = (0..2108).map(|index| (index as f32 * 0.3).cos()).collect();
    let bits = |value: &f32| if value.is_nan() { u32::MAX } else { value.to_bits() };
    for Row { optimizer, name, .. } in table() {
        // Without numbers of all sorts first: where a tensor is taken together, they leave nothing of it.
        for every in [usize::MAX, 7] {
            let runs = on_all_registers(|| {
                let transforms = OptimizerKernel::<f32>::transforms(&*optimizer);
                let mut chain = Chain::new(transforms, tensors.to_vec());
                let mut written = Vec::new();
                // In the 32nd step what is remembered is settled.
                for step in 1..=33 {
                    let mut update: Vec<f32> =
                        of_all_sorts(2108, 1 + step, every).into_iter().map(|value| value as f32).collect();
                    chain.update(0.01, &parameters, &mut update, &mut [(); 2], |(), _, _| ());
                    if step % 16 == 1 {
                        written.extend(update.iter().map(bits));
                    }
                }
                written.extend(chain.state().flat_map(|(.., values)| values.iter().map(bits)));
                written
            });
            for (registers, written) in &runs[1..] {
                let apart = written.iter().zip(&runs[0].1).position(|(one, other)| one != other);
                assert_eq!(apart, None, "{name} on {registers}");
            }
        }
    }
}

/// In double precision; 1e-6 is what the settings of Keras, which are stored in single precision, leave.
#[test]
fn agree_with_keras_and_pytorch_and_optax() {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("reference/optimizers.json")).unwrap();
    let cases = document["cases"].as_array().unwrap();
    let numbers = |value: &serde_json::Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
    };
    for Row { optimizer, name, .. } in table() {
        let steps = run(&*optimizer);
        let mut found = 0;
        for case in cases.iter().filter(|case| case["name"] == name) {
            for (step, after) in case["after"].as_object().unwrap() {
                found += 1;
                for (ours, theirs) in steps[step.parse::<usize>().unwrap() - 1].iter().zip(numbers(after)) {
                    let made_by = &case["made_by"];
                    assert!(
                        (ours - theirs).abs() < 1e-6,
                        "{name} of {made_by} after step {step}: {ours} {theirs}"
                    );
                }
            }
        }
        assert!(found >= 3, "{name} has no reference");
    }
}

/// What an optimizer says of its first step is what its first step does, over all sizes that a gradient has.
#[test]
fn first_steps_are_as_they_say() {
    let vector = ParameterRange { name: String::new(), shape: vec![8], range: 0..8 };
    let single = |index| ParameterRange { name: String::new(), shape: vec![1, 1], range: index..index + 1 };
    for Row { optimizer, name, .. } in table() {
        for exponent in -12..=6 {
            let (size, parameter) = (10f64.powi(exponent), 0.3);
            let mut update: Vec<f64> =
                (0..8).map(|index| if index % 3 == 0 { -size } else { size }).collect();
            let parameters: Vec<f64> =
                (0..8).map(|index| if index % 2 == 0 { -parameter } else { parameter }).collect();
            let tensors = if name == "Muon" { (0..8).map(single).collect() } else { vec![vector.clone()] };
            let kernel: &dyn OptimizerKernel<f64> = &*optimizer;
            let mut outcomes = vec![(); tensors.len()];
            let mut chain = Chain::new(kernel.transforms(), tensors);
            let rate = kernel.learning_rate();
            assert!(chain.update(rate, &parameters, &mut update, &mut outcomes, |(), _, _| ()));
            let square: f64 = update.iter().map(|value| value * value).sum();
            let (made, said) = ((square / 8.0).sqrt(), optimizer.first_step(size, parameter));
            // Decay moves every value by at most this share of itself; the rest is rounding.
            let decay = match name {
                "AdamW" | "Muon" => 0.001 * 0.004 * parameter,
                "Lion decay" => 0.001 * 0.1 * parameter,
                _ => 0.0,
            };
            assert!((made - said).abs() <= 1e-12 * said + decay, "{name}: {made} for {said} at 1e{exponent}");
        }
    }
}

#[test]
fn every_optimizer_is_in_the_table() {
    let table = table();
    assert!(OPTIMIZERS.iter().all(|kind| table.iter().any(|row| row.optimizer.name() == kind.name)));
}

/// What is saved after some steps and restored into a new chain goes on with the same bits.
#[test]
fn a_restored_chain_goes_on_with_the_same_bits() {
    for Row { optimizer, name, .. } in table() {
        let optimizer: &dyn OptimizerKernel<f64> = &*optimizer;
        let rate = optimizer.learning_rate();
        let mut whole = Chain::new(optimizer.transforms(), tensors());
        let mut parameters = START.to_vec();
        advance(&mut whole, rate, &mut parameters, 20);
        let mut restored = Chain::new(optimizer.transforms(), tensors());
        let saved: Vec<(String, String, Vec<f64>)> = whole
            .state()
            .map(|(buffer, tensor, values)| (buffer.into(), tensor.name.clone(), values.to_vec()))
            .collect();
        for (buffer, tensor, values) in restored.restore(whole.step()) {
            let found = saved.iter().find(|saved| saved.0 == buffer && saved.1 == tensor.name).unwrap();
            values.copy_from_slice(&found.2);
        }
        let mut copy = parameters.clone();
        advance(&mut whole, rate, &mut parameters, 20);
        advance(&mut restored, rate, &mut copy, 20);
        assert_eq!(parameters, copy, "{name}");
        assert_eq!(whole.step(), restored.step());
    }
}

/// Twenty steps in single precision: 1e-5 is a hundred of its roundings.
#[test]
fn single_precision_follows_double() {
    for Row { optimizer, name, .. } in table() {
        let mut chain = Chain::<f32>::new(OptimizerKernel::<f32>::transforms(&*optimizer), tensors());
        let mut parameters = START.map(|value| value as f32);
        let rate = netdsl_layers::OptimizerSettings::learning_rate(&*optimizer);
        advance(&mut chain, rate, &mut parameters, 20);
        for (single, double) in parameters.iter().zip(&run(&*optimizer)[19]) {
            assert!((f64::from(*single) - double).abs() < 1e-5, "{name}: {single} {double}");
        }
    }
}

/// Blocks go through the chain one by one; the border between two must not show.
#[test]
fn long_buffers_are_cut_into_blocks() {
    let range = |len| vec![ParameterRange { name: "bias".into(), shape: vec![len], range: 0..len }];
    for Row { optimizer, name, formula } in table() {
        if formula.is_none() {
            continue;
        }
        let optimizer: &dyn OptimizerKernel<f64> = &*optimizer;
        let values = |len: usize| {
            let mut chain = Chain::new(optimizer.transforms(), range(len));
            let mut parameters = vec![0.3; len];
            for step in 1..=STEPS {
                let mut update: Vec<f64> = parameters.iter().map(|value| gradient(step, 0, *value)).collect();
                chain.update(0.001, &parameters, &mut update, &mut [()], |(), _, _| ());
                parameters.iter_mut().zip(&update).for_each(|(value, update)| *value -= update);
            }
            parameters
        };
        let short = values(1)[0];
        assert!(values(5000).iter().all(|value| *value == short), "{name}");
    }
}

/// Squares of large gradients do not fit single precision: the step would be zero for ever after, silently.
/// As many values as are shared out among threads, against the same tensors one by one, which are not.
#[test]
fn threads_do_not_change_the_bits() {
    const LEN: usize = 100_000;
    let tensor = |start| ParameterRange { name: "bias".into(), shape: vec![LEN], range: start..start + LEN };
    let values: Vec<f32> = (0..4 * LEN).map(|index| (index as f32 * 0.37).sin()).collect();
    for Row { optimizer, name, .. } in table() {
        let chain = |tensors| Chain::<f32>::new(OptimizerKernel::<f32>::transforms(&*optimizer), tensors);
        let mut all = chain((0..4).map(|index| tensor(index * LEN)).collect());
        let mut each = [0; 4].map(|start| chain(vec![tensor(start)]));
        for _ in 0..2 {
            let (mut together, mut apart) = (values.clone(), values.clone());
            let mut visited = [0; 4];
            assert!(all.update(0.1, &values, &mut together, &mut visited, |visited, _, update| {
                *visited += update.len();
            }));
            assert_eq!(visited, [LEN; 4], "{name}");
            let parts = values.chunks(LEN).zip(apart.chunks_mut(LEN));
            for (chain, (values, update)) in each.iter_mut().zip(parts) {
                assert!(chain.update(0.1, values, update, &mut [()], |(), _, _| ()));
            }
            assert!(together == apart, "{name}");
        }
    }
}

#[test]
fn a_state_that_overflows_is_told() {
    let mut told = Vec::new();
    for Row { optimizer, name, .. } in table() {
        let mut chain = Chain::<f32>::new(OptimizerKernel::<f32>::transforms(&*optimizer), tensors());
        let mut update = [0.0, 0.0, 0.0, 0.0, 0.0, 1e30, 0.0, 1e30];
        let finite = chain.update(0.001, &[0.0; 8], &mut update, &mut [(); 2], |(), _, _| ());
        assert!(!finite || update.iter().all(|value| value.is_finite()), "{name}");
        if !finite {
            told.push(name);
        }
    }
    // The others remember no square.
    let square = ["Adam", "AdamW", "RmsProp", "Adagrad", "Nadam", "Nadam of the paper", "Adadelta"];
    let square: Vec<_> = square.into_iter().chain(["Lamb", "Lamb decay", "Muon"]).collect();
    assert_eq!(told, square);
}

#[test]
fn what_is_not_finite_does_not_pass() {
    for Row { optimizer, name, .. } in table() {
        for bad in [f64::NAN, f64::INFINITY] {
            let optimizer: &dyn OptimizerKernel<f64> = &*optimizer;
            let mut chain = Chain::new(optimizer.transforms(), tensors());
            let mut update = [bad; 8];
            let finite = chain.update(0.1, &START, &mut update, &mut [(); 2], |(), _, _| ());
            assert!(!finite || update.iter().any(|value| !value.is_finite()), "{name} of {bad}");
        }
    }
}

/// After one gradient there is none any more, as for a unit that has died.
#[test]
fn what_decays_ends_in_zero() {
    for Row { optimizer, name, .. } in table() {
        let mut chain = Chain::<f32>::new(OptimizerKernel::<f32>::transforms(&*optimizer), tensors());
        let mut in_a_row = 0;
        for step in 0..3000 {
            let mut update = [if step == 0 { 1e-20 } else { 0.0 }; 8];
            assert!(chain.update(0.1, &[0.0; 8], &mut update, &mut [(); 2], |(), _, _| ()), "{name}");
            let subnormal = chain.state().any(|(.., values)| values.iter().any(|value| value.is_subnormal()));
            in_a_row = if subnormal { in_a_row + 1 } else { 0 };
            assert!(in_a_row < 32, "{name} in step {step}");
        }
    }
}

#[test]
fn zero_gradients_are_no_step() {
    for Row { optimizer, name, .. } in table() {
        let optimizer: &dyn OptimizerKernel<f64> = &*optimizer;
        let mut chain = Chain::new(optimizer.transforms(), tensors());
        let mut update = [0.0; 8];
        assert!(chain.update(0.1, &[0.0; 8], &mut update, &mut [(); 2], |(), _, _| ()));
        assert_eq!(update, [0.0; 8], "{name}");
    }
    let adagrad = Adagrad { initial_accumulator: 0.0, epsilon: 0.0, ..Adagrad::default() };
    let mut chain = Chain::<f64>::new(adagrad.transforms(), tensors());
    let mut update = [0.0; 8];
    assert!(chain.update(0.1, &[0.0; 8], &mut update, &mut [(); 2], |(), _, _| ()));
    assert_eq!(update, [0.0; 8]);
}

/// The singular values of a step of Muon, from the eigenvalues of a two by two matrix.
#[test]
fn muon_brings_singular_values_near_one() {
    let muon = Muon { learning_rate: 1.0, weight_decay: 0.0, ..Muon::default() };
    for shape in [[2, 3], [3, 2]] {
        let tensor = ParameterRange { name: String::new(), shape: shape.to_vec(), range: 0..6 };
        let mut chain = Chain::<f64>::new(muon.transforms(), vec![tensor]);
        let mut update = [0.3, -1.0, 2.0, 0.1, 0.4, -0.5];
        chain.update(1.0, &[0.0; 6], &mut update, &mut [()], |(), _, _| ());
        let entry = |row: usize, column: usize| update[row * shape[1] + column] / (0.2 * 3f64.sqrt());
        let vector = |index: usize| -> Vec<f64> {
            (0..3).map(|k| if shape[0] == 2 { entry(index, k) } else { entry(k, index) }).collect()
        };
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (first, second) = (vector(0), vector(1));
        let (a, b, c) = (dot(&first, &first), dot(&first, &second), dot(&second, &second));
        let root = ((a - c).powi(2) / 4.0 + b * b).sqrt();
        for value in [(a + c) / 2.0 + root, (a + c) / 2.0 - root] {
            // The authors: between 0.7 and 1.2.
            assert!((0.65..1.25).contains(&value.sqrt()), "{}", value.sqrt());
        }
    }
}

fn call(name: &str, arguments: Vec<(&str, Value)>) -> Call {
    let place = Place(0);
    let arguments = arguments
        .into_iter()
        .map(|(name, value)| Argument { name: Some((name.into(), place)), value, place, literal: None })
        .collect();
    Call { name: name.into(), name_place: place, place, arguments, incomplete: false }
}

#[test]
fn the_language_reads_and_writes_them() {
    let norm = Call {
        arguments: vec![Argument { name: None, value: Value::Real(0.5), place: Place(0), literal: None }],
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

/// What the block refuses of a setting, the transforms refuse of an optimizer that was made in a program.
#[test]
fn a_program_refuses_what_a_block_refuses() {
    let values = [-1.0, -1e-9, 0.0, 0.5, 1.0, 1.5, f64::NAN, f64::INFINITY];
    macro_rules! check {
        ($($name:ident { $($field:ident),* })*) => {{
            $(
                let mut fields = vec!["learning_rate", "clip"];
                $(
                    fields.push(stringify!($field));
                    for value in values {
                        let optimizer = $name { $field: value, ..$name::default() };
                        let transforms: Vec<Box<dyn Transform<f64>>> = optimizer.transforms();
                        let set = transforms.iter().try_for_each(|transform| transform.check());
                        let call = call(stringify!($name), vec![(stringify!($field), Value::Real(value))]);
                        let written = <dyn Optimizer>::read(&call);
                        assert_eq!(set.is_ok(), written.is_ok(), "{optimizer:?}");
                        if let (Err(set), Err(written)) = (set, written) {
                            let expected = format!("`{}` is {}, not `{value:?}`", set.name, set.expected);
                            assert_eq!(written[0].message, expected);
                            assert_eq!(set.name, stringify!($field));
                        }
                    }
                )*
                let text = format!("{:?}", $name::default());
                let all = text.split([' ', '{']).filter_map(|word| word.strip_suffix(':'));
                let all: Vec<&str> = all.filter(|field| *field != "nesterov").collect();
                assert!(all.iter().all(|field| fields.contains(field)), "{text}");
            )*
            let named = [$(stringify!($name)),*];
            assert!(OPTIMIZERS.iter().all(|kind| named.contains(&kind.name)), "{named:?}");
        }};
    }
    check!(
        Adadelta { rho, epsilon }
        Adagrad { initial_accumulator, epsilon }
        Adam { beta_1, beta_2, epsilon }
        AdamW { weight_decay, beta_1, beta_2, epsilon }
        Adamax { beta_1, beta_2, epsilon }
        Lamb { weight_decay, beta_1, beta_2, epsilon }
        Lion { weight_decay, beta_1, beta_2 }
        Muon { weight_decay, momentum, beta_1, beta_2, epsilon }
        Nadam { beta_1, beta_2, epsilon, momentum_decay }
        RmsProp { rho, epsilon }
        Sgd { momentum }
    );
}

#[test]
fn transforms_of_ones_own_chain_are_checked() {
    let refused: [(Box<dyn Transform<f64>>, &str); 5] = [
        (Box::new(ClipNorm { bound: -1.0 }), "`bound` is -1, expected a number above 0"),
        (Box::new(Scale { factor: f64::NAN }), "`factor` is NaN, expected a finite number"),
        (
            Box::new(Only::weights(WeightDecay { decay: -0.1 })),
            "`weight_decay` is -0.1, expected a number of at least 0",
        ),
        (
            Box::new(Orthogonal::new([1.0, f64::NAN, 1.0], 0.0, 5, 0.2)),
            "`polynomial` is NaN, expected a finite number",
        ),
        (
            Box::new(Momentum { momentum: 1.0, nesterov: false }),
            "`momentum` is 1, expected a share of at least 0 and below 1",
        ),
    ];
    for (transform, expected) in refused {
        assert_eq!(transform.check().unwrap_err().to_string(), expected);
    }
    assert_eq!(Transform::<f64>::check(&ClipNorm { bound: 1.0 }), Ok(()));
}
