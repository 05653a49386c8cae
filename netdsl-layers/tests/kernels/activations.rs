//! The kernels of every activation against the function itself, number by number, in double precision by libm.

use netdsl_layers::*;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::numbers::{bits, cases, number, some};

/// How many units in the last place a kernel may be off, of the size of what is computed on the way: the transcendental
/// functions themselves are exact to 6.5, and no activation has more than two of them.
const UNITS: f64 = 16.0;

fn near<T: Element>(ours: T, exact: f64, size: f64) -> bool {
    crate::numbers::near(ours, exact, UNITS * size.max(exact.abs()))
}

/// What the kernels make of numbers and of a gradient, which has the same bits with all kinds of registers.
fn run<T: Element, A: ActivationKernel<T>>(
    activation: &A,
    input: &[T],
    gradient: &[T],
) -> Result<[Vec<T>; 2], TestCaseError> {
    let mut results = on_all_registers(|| {
        let (mut outputs, mut gradient) = (input.to_vec(), gradient.to_vec());
        activation.activate(input.len().max(1), &mut outputs);
        let source = if A::FROM_INPUT { input } else { &outputs };
        activation.differentiate(input.len().max(1), source, &mut gradient);
        [outputs, gradient]
    });
    let (_, first) = results.remove(0);
    let all_bits = |results: &[Vec<T>; 2]| {
        results.clone().map(|values| values.into_iter().map(bits).collect::<Vec<_>>())
    };
    for (registers, other) in &results {
        prop_assert_eq!(all_bits(other), all_bits(&first), "on {}", registers);
    }
    Ok(first)
}

fn of_numbers<T: Element, A: ActivationKernel<T>>(
    activation: &A,
    function: &dyn Elementwise,
    level: fn(f64) -> f64,
    input: &[T],
    gradient: &[T],
) -> Result<(), TestCaseError> {
    let [outputs, pulled] = run(activation, input, gradient)?;
    for (index, (x, before)) in input.iter().zip(gradient).enumerate() {
        let (output, after) = (outputs[index], pulled[index]);
        let exact = Element::to_f64(*x);
        let value = if exact.is_nan() { f64::NAN } else { function.value(exact) };
        // What is multiplied with the argument may itself be hardly there.
        let size = level(exact).max(exact.abs() * Element::to_f64(T::min_positive_value()));
        prop_assert!(near(output, value, size), "f({x}) is {value}, not {output}");
        // An output beyond the range says no more what the slope was.
        let known = A::FROM_INPUT || output.is_finite();
        if !before.is_finite() {
            prop_assert!(!after.is_finite(), "{before} becomes {after} at {x}");
        } else if exact.is_finite() && known {
            let slope = function.derivative(exact);
            let before = Element::to_f64(*before);
            // A difference from one may be multiplied with the argument.
            let size = slope.abs().max(1.0).max(exact.abs()) * before.abs();
            prop_assert!(
                near(after, before * slope, size),
                "{before} times f'({x}), {slope}, is not {after}"
            );
        }
    }
    Ok(())
}

fn of_rows<T: Element, A: ActivationKernel<T>>(
    activation: &A,
    function: &dyn Coupled,
    input: &[T],
    gradient: &[T],
) -> Result<(), TestCaseError> {
    let [outputs, pulled] = run(activation, input, gradient)?;
    let mut exact: Vec<f64> = input.iter().map(|value| Element::to_f64(*value)).collect();
    function.apply(&mut exact);
    for (output, exact) in outputs.iter().zip(&exact) {
        // A sum of some dozens of numbers, and a difference of numbers up to a hundred that becomes an exponent.
        prop_assert!(near(*output, *exact, 16.0 * exact), "{exact}, not {output}");
    }
    let mut at_input: Vec<f64> = gradient.iter().map(|value| Element::to_f64(*value)).collect();
    let size = at_input.iter().fold(0.0, |size: f64, value| size.max(value.abs()));
    if size < 1e30 && exact.iter().all(|value| value.is_finite()) {
        function.pull_back(&exact, &mut at_input);
        for (after, exact) in pulled.iter().zip(&at_input) {
            prop_assert!(near(*after, *exact, 32.0 * size), "a gradient of {exact}, not {after}");
        }
    }
    Ok(())
}

fn check<T: Element, A: ActivationKernel<T>>(activation: &A, level: fn(f64) -> f64) {
    TestRunner::new(cases(128))
        .run(&some((number::<T>(), number::<T>())), |pairs| {
            let (input, gradient): (Vec<T>, Vec<T>) = pairs.into_iter().unzip();
            match activation.elementwise() {
                Some(function) => of_numbers(activation, function, level, &input, &gradient),
                None => {
                    let function = activation.coupled().expect("a function of numbers or of rows");
                    of_rows(activation, function, &input, &gradient)
                }
            }
        })
        .unwrap_or_else(|error| panic!("{}: {error}", activation.written()));
}

/// The suite for each activation, with the size of what may cancel on the way to a value, and a check that the list is whole.
macro_rules! activations {
    ($($activation:expr, $level:expr;)*) => {
        #[test]
        fn every_kernel_is_the_function() {
            $(
                check::<f32, _>(&$activation, $level);
                check::<f64, _>(&$activation, $level);
            )*
            let tested = [$($activation.name()),*];
            let missing = ACTIVATIONS.iter().find(|kind| !tested.contains(&kind.name));
            assert!(missing.is_none(), "not in the table: {missing:?}");
        }
    };
}

activations! {
    Elu { alpha: 0.7 }, |_| 0.0;
    Exponential, |_| 0.0;
    // `erfc` makes as much more of the rounding of its argument; `src/transcendental/tests.rs` holds the kernel to less.
    Gelu, |x| x * x * Gelu.value(x).abs();
    HardSigmoid, |_| 1.0;
    LeakyRelu { alpha: 0.1 }, |_| 0.0;
    Linear, |_| 0.0;
    Mish, |_| 0.0;
    Relu, |_| 0.0;
    Selu, |_| 0.0;
    Sigmoid, |_| 0.0;
    Silu, |_| 0.0;
    Softmax, |_| 0.0;
    Softplus, |_| 0.0;
    Softsign, |_| 0.0;
    Tanh, |_| 0.0;
}
