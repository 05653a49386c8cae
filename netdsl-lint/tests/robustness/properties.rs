//! What holds of every declaration.

use arbitrary::Unstructured;
use netdsl_layers::{Activation, Elu, Forecast, Gelu, Layer, Linear, Relu, Shape, Sigmoid, Tanh};
use netdsl_lint::forecast::forecast;
use netdsl_lint::language::{parse, resolve};
use netdsl_lint::settings::Settings;
use proc_macro2::Span;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::{exercise, generate};

/// All figures of a forecast in their order, whatever the layers are called.
fn figures(forecast: &Forecast) -> impl Iterator<Item = Option<f64>> {
    let activations = forecast
        .activations
        .iter()
        .flat_map(|activation| [activation.rms_log10, activation.correlation, activation.gradient_rms_log10]);
    let parameters = forecast
        .parameters
        .iter()
        .flat_map(|parameter| [parameter.gradient_norm_log10, parameter.gradient_norm_log10_std]);
    activations.chain(parameters)
}

/// A whole number as it may be written.
#[derive(Clone, Debug)]
enum Written {
    Literal(usize),
    /// The constant `A`.
    Constant,
    Of(Box<Written>, char, Box<Written>),
}

/// What the constant `A` of the block is.
const A: usize = 7;

impl Written {
    fn any() -> impl Strategy<Value = Self> {
        let leaf = prop_oneof![(0..30usize).prop_map(Self::Literal), Just(Self::Constant)];
        leaf.prop_recursive(4, 16, 2, |inner| {
            let operator = prop::sample::select(vec!['+', '-', '*', '/']);
            (inner.clone(), operator, inner)
                .prop_map(|(left, operator, right)| Self::Of(left.into(), operator, right.into()))
        })
    }

    /// How tightly it holds together.
    fn rank(&self) -> u8 {
        match self {
            Self::Of(_, '+' | '-', _) => 0,
            Self::Of(..) => 1,
            _ => 2,
        }
    }

    /// With no more parentheses than Rust needs.
    fn text(&self) -> String {
        let inside = |part: &Self, least| match part.text() {
            text if part.rank() < least => format!("({text})"),
            text => text,
        };
        match self {
            Self::Literal(number) => number.to_string(),
            Self::Constant => "A".into(),
            Self::Of(left, operator, right) => {
                let rank = self.rank();
                format!("{} {operator} {}", inside(left, rank), inside(right, rank + 1))
            }
        }
    }

    /// Without a value where it divides by zero.
    fn value(&self) -> Option<i128> {
        Some(match self {
            Self::Literal(number) => *number as i128,
            Self::Constant => A as i128,
            Self::Of(left, operator, right) => {
                let (left, right) = (left.value()?, right.value()?);
                match operator {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    _ => left.checked_div(right)?,
                }
            }
        })
    }
}

/// The forecast of layers between eight inputs and one output.
fn forecast_of(layers: &str, batch: usize) -> Forecast {
    let text = format!(
        "struct Net {{ input: [8] ~ Normal(0.0, 1.0), {layers}, Dense(1), loss: MeanSquaredError, batch: {batch} }}"
    );
    let block = parse(text.parse().expect("the layers are tokens"), Span::call_site());
    let network = resolve(&block.expect("the layers are read")).expect("the layers fit each other");
    forecast(&network.declaration(), &Settings::default())
}

/// The most that a layer of `n` units does to the mean of the logarithm of a square, whatever the scale of its signal is.
struct Largest {
    /// How much of a change of that before the activation is passed on.
    passed: f64,
    /// By how much it is lowered for one example, times `n`.
    ///
    /// The sum over `n` Gaussian pre-activations scatters by `2 / n`, which the activation passes on, and the sum over what
    /// it makes of them by `(E φ⁴ / (E φ²)² - 1) / n`, of which that is a part.
    lowered: f64,
}

impl Largest {
    fn of(activation: &str) -> Self {
        let function: &dyn Activation = match activation {
            "Relu" => &Relu,
            "Tanh" => &Tanh,
            "Sigmoid" => &Sigmoid,
            "Gelu" => &Gelu,
            "Elu(1.0)" => &Elu { alpha: 1.0 },
            _ => &Linear,
        };
        let function = function.elementwise().expect("it is a function of one number");
        let moment = |deviation: f64, power: i32| {
            let at = |x: f64| function.value(deviation * x).powi(power) * (-x * x / 2.0).exp();
            (-400..=400).map(|step| at(f64::from(step) / 50.0)).sum::<f64>()
                / 50.0
                / std::f64::consts::TAU.sqrt()
        };
        let mut largest = Self { passed: 0.0, lowered: 0.0 };
        for exponent in -40..=40 {
            let deviation = (f64::from(exponent) / 4.0).exp2();
            let square = moment(deviation, 2);
            let passed = (moment(deviation * 1.001, 2) / square).ln() / (2.0 * 1.001f64.ln());
            let scatter = moment(deviation, 4) / (square * square) - 1.0;
            largest.passed = largest.passed.max(passed);
            largest.lowered =
                largest.lowered.max((2.0 * passed + (scatter - 2.0 * passed * passed).max(0.0)) / 2.0);
        }
        largest
    }
}

fn activation() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["Relu", "Tanh", "Sigmoid", "Gelu", "Elu(1.0)", "Linear"])
}

/// The same declarations in every run: new ones are for the fuzzer.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 48,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_declaration_is_handled(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        exercise::declaration(&bytes);
        exercise::network(&bytes);
    }

    #[test]
    fn a_repetition_is_forecast_like_its_copies(bytes in prop::collection::vec(any::<u8>(), 8..60), times in 2..5usize) {
        let Ok(node) = generate::node(&mut Unstructured::new(&bytes), 2) else { return Ok(()) };
        let written = |nodes: &str| {
            let text = format!("struct Net {{ input: [8], {nodes}, loss: MeanSquaredError }}");
            let block = parse(text.parse().expect("a node is made of tokens"), Span::call_site()).ok()?;
            let network = resolve(&block).ok().filter(|network| network.leaves.len() <= 20)?;
            Some(forecast(&network.declaration(), &Settings::default()))
        };
        let copies = vec![node.to_string(); times].join(", ");
        let (repeated, copied) = (written(&format!("[{node}; {times}]")), written(&format!("({copies})")));
        prop_assert_eq!(repeated.is_some(), copied.is_some());
        let (Some(repeated), Some(copied)) = (repeated, copied) else { return Ok(()) };
        for (one, other) in figures(&repeated).zip(figures(&copied)) {
            prop_assert_eq!(one.is_some(), other.is_some());
            let (one, other) = (one.unwrap_or(0.0), other.unwrap_or(0.0));
            prop_assert!((one - other).abs() <= 1e-9, "{one} is not {other}:\n{repeated}\n{copied}");
        }
    }

    #[test]
    fn arithmetic_is_that_of_rust(number in Written::any()) {
        let text = number.text();
        let block = format!(
            "const A: usize = {A}; const B: usize = {text}; \
             struct Net {{ input: [8], Dense(B), loss: MeanSquaredError }}"
        );
        let block = parse(block.parse().expect("numbers are tokens"), Span::call_site());
        let size = number.value().and_then(|value| usize::try_from(value).ok());
        prop_assert_eq!(block.is_ok(), size.is_some(), "{}", text);
        let (Ok(block), Some(size)) = (block, size) else { return Ok(()) };
        prop_assert_eq!(block.constants[1].value, size, "{}", text);
        let output = resolve(&block).ok().map(|network| network.layers.output());
        prop_assert_eq!(output, (1..=Shape::MAX_SIZE).contains(&size).then(|| Shape::features(size)), "{}", text);
    }

    /// The forecast is the mean of a logarithm, which lies below the logarithm of the mean by half of its variance. That is
    /// largest for one example, and a batch can take no more than all of it away.
    #[test]
    fn a_batch_without_a_norm_moves_the_signal_by_its_scatter_alone(
        layers in prop::collection::vec((16..300usize, activation()), 1..5),
        batch in 2..5000usize,
    ) {
        let written = |(units, activation): &(usize, &str)| format!("Dense({units}, activation = {activation})");
        let text = layers.iter().map(written).collect::<Vec<_>>().join(", ");
        let (one, many) = (forecast_of(&text, 1), forecast_of(&text, batch));
        let mut most = 0.0;
        for ((units, activation), (one, many)) in layers.iter().zip(one.activations.iter().zip(&*many.activations)) {
            let largest = Largest::of(activation);
            // Half of a logarithm of a square is one of a root mean square.
            most = most * largest.passed + largest.lowered / *units as f64 / 2.0 / std::f64::consts::LN_10;
            let moved = one.rms_log10.unwrap_or(f64::NAN) - many.rms_log10.unwrap_or(0.0);
            prop_assert!(moved.abs() <= most, "the size moves by {moved}, more than {most}: {text}");
        }
    }

    /// The log of a gradient scatters with the sum over the layers of the inverse widths: Hanin & Nica 2018,
    /// Products of Many Large Random Matrices and Gradients in Deep Neural Networks.
    #[test]
    fn wider_layers_scatter_less(depth in 2..12usize, units in 8..200usize, activation in activation()) {
        let spread = |units: usize| {
            let forecast =
                forecast_of(&format!("[Dense({units}, activation = {activation}, init = LecunNormal); {depth}]"), 32);
            forecast.parameters[0].gradient_norm_log10_std.expect("the first weight has a gradient")
        };
        let (narrow, wide) = (spread(units), spread(4 * units));
        prop_assert!(wide < narrow, "{depth} x {units} {activation}: {narrow} is not above {wide}");
    }
}
