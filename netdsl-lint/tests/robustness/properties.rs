//! What holds of every declaration.

use arbitrary::Unstructured;
use netdsl_layers::Forecast;
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
}
