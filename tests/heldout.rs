//! The forecast against networks that were drawn at random and that nothing was tuned on: `reference/make_heldout.py` draws
//! and measures them. `cargo test --test heldout -- --nocapture` prints the table of docs/accuracy.md.

use std::collections::BTreeMap;
use std::path::Path;

use netdsl_lint::forecast::forecast;
use netdsl_lint::language::{parse, resolve};
use netdsl_lint::settings::Settings;
use proc_macro2::Span;
use serde_json::Value;

/// Below the largest gradient of a network by so many decades counts as zero: of sums that cancel exactly, double precision
/// leaves more than nothing.
const ROUNDING: f64 = 9.0;

/// The distance between the outer deciles of a normal distribution, in standard deviations.
const DECILES: f64 = 2.563_103_131;

/// The most that the errors of all networks together may be: a little above what docs/accuracy.md says.
const MEDIAN: f64 = 0.058;
const NEARLY_ALL: f64 = 0.72;

/// The errors of the medians and those of the distances between the outer deciles, in decades.
#[derive(Default)]
struct Errors {
    median: Vec<f64>,
    spread: Vec<f64>,
    /// How many parameters are zero by measurement or by forecast, but not by both.
    zero: usize,
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(share * (values.len() - 1) as f64).round() as usize]
}

/// The errors of one network, and what it counts as beside its family.
fn errors(network: &Value) -> (Errors, &'static str) {
    let text = network["block"].as_str().expect("a block is a text");
    let block = parse(text.parse().expect("a block is made of tokens"), Span::call_site());
    let resolved = resolve(&block.expect("a block is read")).expect("its layers fit each other");
    let forecast = forecast(&resolved.declaration(), &Settings::default());
    let measured = network["deciles"].as_array().expect("the deciles are a list");
    assert_eq!(forecast.parameters.len(), measured.len(), "{text}");
    assert!(forecast.not_forecastable.is_none(), "{text}");
    let largest = measured.iter().filter_map(|of| of[1].as_f64()).fold(f64::MIN, f64::max);
    let mut errors = Errors::default();
    for (parameter, measured) in forecast.parameters.iter().zip(measured) {
        let median = measured[1].as_f64().filter(|median| *median > largest - ROUNDING);
        let (Some(median), Some(said)) = (median, parameter.gradient_norm_log10) else {
            let nothing = parameter.gradient_norm_log10.is_none_or(|said| said < largest - ROUNDING + 1.0);
            errors.zero += usize::from(median.is_some() || !nothing);
            continue;
        };
        errors.median.push((said - median).abs());
        let Some(low) = measured[0].as_f64() else { continue };
        let spread = measured[2].as_f64().expect("it is not below the median") - low;
        let said = parameter.gradient_norm_log10_std.expect("where there is a median there is a spread");
        errors.spread.push((said * DECILES - spread).abs());
    }
    let weights: Vec<_> = forecast.parameters.iter().filter(|parameter| parameter.shape.len() == 2).collect();
    (errors, if weights.len() > weights[0].shape[0] { "deeper than wide" } else { "wider than deep" })
}

#[test]
fn networks_that_nothing_was_tuned_on() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/heldout.json");
    let text = std::fs::read_to_string(path).expect("the file is in the repository");
    let data: Value = serde_json::from_str(&text).expect("the file is JSON");
    let mut families: BTreeMap<&str, Errors> = BTreeMap::new();
    for network in data["networks"].as_array().expect("the networks are a list") {
        let (of_network, class) = errors(network);
        for family in [network["family"].as_str().expect("a family has a name"), class, "all"] {
            let of_family = families.entry(family).or_default();
            of_family.zero += of_network.zero;
            of_family.median.extend(&of_network.median);
            of_family.spread.extend(&of_network.spread);
        }
    }
    for (family, Errors { median, spread, zero }) in &mut families {
        println!(
            "{family:16} {:5} parameters: {:.3}, 95 % below {:.3}; spread {:.3}, 95 % below {:.3}; {zero} wrong about zero",
            median.len(),
            quantile(median, 0.5),
            quantile(median, 0.95),
            quantile(spread, 0.5),
            quantile(spread, 0.95)
        );
    }
    let all = families.get_mut("all").expect("there are networks");
    assert!(quantile(&mut all.median, 0.5) < MEDIAN);
    assert!(quantile(&mut all.median, 0.95) < NEARLY_ALL);
}
