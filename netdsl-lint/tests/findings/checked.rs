//! A network that is checked, as a string.

use netdsl_lint::check::{CheckedNetwork, Levels, check};
use netdsl_lint::render::render_chart;
use netdsl_lint::source::SourceText;

/// The network, and all that is shown of it.
pub(crate) fn checked(body: &str) -> (CheckedNetwork, String) {
    let text = format!("network! {{ struct N {{ {body} }} }}");
    let source = SourceText::new("src/main.rs", text.into()).expect("the text is UTF-8");
    let mut file = check(source, &Levels::default()).expect("the text is Rust");
    let outcome = file.blocks.remove(0).outcome;
    let network = *outcome.unwrap_or_else(|errors| panic!("{body}: {errors:?}"));
    let mut shown = format!("{}\n{}", network.forecast, render_chart(&network.forecast));
    for finding in &network.findings {
        shown += &format!("{}: {}\nhelp: {}\n", finding.lint, finding.message, finding.help);
    }
    (network, shown)
}

/// The lints that found something, in the order of the text.
pub(crate) fn lints(network: &CheckedNetwork) -> Vec<&'static str> {
    network.findings.iter().map(|finding| finding.lint).collect()
}
