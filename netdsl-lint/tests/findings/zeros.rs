//! What is exactly zero is said to be, and nothing is measured against it.

use netdsl_layers::{ActivationForecast, ParameterForecast, Verdict};
use netdsl_lint::check::CheckedNetwork;
use netdsl_lint::render::render_chart;

use crate::checked::{checked, lints};

fn parameter<'a>(network: &'a CheckedNetwork, name: &str) -> &'a ParameterForecast {
    network.forecast.parameters.iter().find(|parameter| parameter.name == name).expect("it is declared")
}

const DEAD: &str = "input: [10] ~ Uniform(0.0, 1.0), \
    hidden: [Dense(30, activation = Relu, bias_init = Constant(-1.0)); 4], output: Dense(1), loss: MeanSquaredError";

#[test]
fn a_dead_network_does_not_explode() {
    for optimizer in ["", ", optimizer: Sgd(0.01)", ", optimizer: Adam(0.001)"] {
        let (network, shown) = checked(&format!("{DEAD}{optimizer}"));
        assert_eq!(network.forecast.verdict, Verdict::Dead, "{shown}");
        assert_eq!(lints(&network), ["dying_relu", "lost_signal"], "{shown}");
        assert_eq!(parameter(&network, "output.weight").gradient_norm_log10, None, "{shown}");
        assert!(parameter(&network, "output.bias").gradient_norm_log10.is_some(), "{shown}");
    }
}

/// The weights behind a layer that starts at zero see nothing but zeros, and it alone has a gradient.
#[test]
fn a_layer_of_zeros_is_what_passes_nothing_on() {
    let (network, shown) = checked(
        "input: [4], a: Dense(8, init = Zeros), b: Dense(8), output: Dense(3), loss: SigmoidCrossEntropy",
    );
    let is_zero = |name: &str| parameter(&network, name).gradient_norm_log10.is_none();
    assert!(!is_zero("a.weight") && is_zero("b.weight") && is_zero("output.weight"), "{shown}");
    assert!(shown.contains("vanishing_gradient: no gradient reaches `b.weight`\n"), "{shown}");
    assert!(shown.contains("now 0 to 2.62e-1, "), "{shown}");
    let [a, b, output] = &network.forecast.activations[..] else { panic!("{shown}") };
    let scale = |layer: &ActivationForecast| layer.rms_log10;
    assert_eq!([a, b, output].map(scale), [Some(f64::NEG_INFINITY); 3], "{shown}");
}

/// The weight behind the zeros is the last that has a gradient; the one at the output has none to be compared with.
#[test]
fn a_gradient_beside_none_is_no_growth() {
    let (network, shown) = checked(
        "input: [4], a: Dense(8, activation = Relu), b: Dense(8, init = Zeros), c: Dense(8, activation = Relu), \
         out: Dense(1), loss: MeanSquaredError",
    );
    assert_ne!(network.forecast.verdict, Verdict::Exploding, "{shown}");
}

#[test]
fn no_number_is_shown_that_stands_for_nothing() {
    for body in [
        DEAD,
        "input: [4], a: Dense(8, init = Zeros), b: Dense(8), output: Dense(3), loss: SigmoidCrossEntropy",
        "input: [4], a: Dense(8, activation = Tanh), b: Dense(8, init = Zeros), c: Dense(8), loss: MeanSquaredError",
        "input: [4] ~ Normal(0.0, 0.0), [Dense(8, activation = Relu); 3], loss: MeanSquaredError",
        "input: [6, 4], r: SimpleRnn(8, init = Zeros, recurrent_init = Zeros), Dense(1), loss: MeanSquaredError",
        "input: [6, 4], Lstm(8, init = Zeros), Dense(1, init = Zeros), loss: MeanSquaredError",
        "input: [6, 4], Gru(8, init = Zeros), Dense(1), loss: MeanSquaredError",
        "input: [6, 4], SelfAttention(heads = 2), Dense(4, init = Zeros), LayerNorm, Dense(1), loss: MeanSquaredError",
        "input: [4], Dense(8, init = Zeros), BatchNorm, Relu, Dense(1), loss: MeanSquaredError",
        "input: [4], Dense(8, init = Zeros), RmsNorm, Dense(1), loss: MeanSquaredError",
        "input: [4], Dense(8, init = Zeros), Softmax, loss: CategoricalCrossEntropy",
        "input: [4], [Residual(Dense(4, init = Zeros), Relu); 3], Dense(1), loss: MeanSquaredError",
        "input: [4], Concat(Dense(4, init = Zeros), Dense(4)), Dense(1), loss: MeanSquaredError",
        "input: [1, 8, 8], Conv2d(4, kernel = 3, init = Zeros, activation = Relu), MaxPool2d(2), Flatten, Dense(1), \
         loss: MeanSquaredError",
    ] {
        let (_, shown) = checked(body);
        // Three digits of an exponent are more than any of these networks has.
        let exponents = shown.split("e-").skip(1);
        let digits = exponents.map(|rest| rest.chars().take_while(char::is_ascii_digit).count());
        assert!(digits.max().unwrap_or(0) < 3, "{body}\n{shown}");
        assert!(!shown.contains("inf") && !shown.contains("NaN"), "{body}\n{shown}");
    }
}

/// Beside what is zero, what is not has the whole axis.
#[test]
fn the_axis_of_a_chart_spans_what_is_not_zero() {
    let (network, _) = checked(DEAD);
    let chart = render_chart(&network.forecast);
    let axis = chart.lines().nth(1).expect("there is an axis");
    assert!(axis.contains("1e-2") && axis.contains("1e-1"), "{chart}");
}

#[test]
fn of_what_is_not_forecast_the_verdict_is_unknown() {
    let (network, shown) = checked("input: [4], out: Dense(10000000), loss: MeanSquaredError");
    assert_eq!(network.forecast.known_verdict(), None);
    assert!(shown.starts_with("forecast for `N` at initialisation: unknown ("), "{shown}");
}

#[test]
fn no_rate_is_blamed_for_a_gradient_that_is_lost() {
    let (network, shown) = checked(
        "input: [100] ~ Uniform(0.0, 1.0), hidden: [Dense(100, activation = Sigmoid); 40], output: Dense(1, init = \
         Normal(0.0, 1e-30)), loss: MeanSquaredError, optimizer: Sgd(1e-9)",
    );
    assert!(!lints(&network).contains(&"step_too_small"), "{shown}");
}
