//! What the command does with a text, and what must hold of it whatever the text is.

use arbitrary::Unstructured;
use netdsl_layers::{Expression, Forecast, Problem};
use netdsl_lint::check::{CheckedFile, CheckedNetwork, Levels, TextEdit, TextFix, check};
use netdsl_lint::forecast::forecast;
use netdsl_lint::language::{Block, parse, resolve};
use netdsl_lint::render::FORMATS;
use netdsl_lint::settings::Settings;
use netdsl_lint::source::{SourceText, blocks};
use proc_macro2::{Span, TokenStream};

use crate::generate;

/// More layers than this are resolved but not forecast: what is looked for is found in small networks too.
const MAX_LAYERS: usize = 40;

/// The same of networks that are made of bytes, for these hold what takes longest to forecast: layers with a loop over
/// time inside a loop over copies.
const MAX_LAYERS_OF_DECLARATION: usize = 12;

/// Reads bytes as a source file.
pub(crate) fn text(bytes: &[u8]) {
    checked(bytes.to_vec(), MAX_LAYERS);
}

/// Makes a declaration of bytes and prints it: it reads back as it was.
pub(crate) fn declaration(bytes: &[u8]) {
    let Some((block, printed)) = printed(bytes) else { return };
    let tokens: TokenStream = printed.parse().expect("a block is printed as tokens");
    let parsed = parse(tokens, Span::call_site())
        .unwrap_or_else(|failure| panic!("{:?} in\n{printed}", failure.problems));
    assert_eq!(bare(&parsed), bare(&block), "{printed}");
    assert_eq!(parsed.to_string(), printed);
    match (resolve(&block), resolve(&parsed)) {
        (Err(one), Err(other)) => assert_eq!(messages(&one), messages(&other), "{printed}"),
        (one, other) => assert_eq!(one.is_ok(), other.is_ok(), "{printed}"),
    }
}

/// Makes a declaration of bytes, prints it, and reads it as a source file: it has the same forecast.
pub(crate) fn network(bytes: &[u8]) {
    let Some((block, printed)) = printed(bytes) else { return };
    let file = checked(format!("network! {{\n{printed}\n}}\n").into_bytes(), MAX_LAYERS_OF_DECLARATION);
    if let (Ok(network), Some(file)) = (resolve(&block), file) {
        let again = file.blocks[0].outcome.as_ref().expect("it made sense before it was printed");
        // Not `==`: the text tells numbers apart that are equal, such as the two zeros.
        assert_eq!(
            format!("{:?}", forecast(&network.declaration(), &Settings::default())),
            format!("{:?}", forecast(&again.network.declaration(), &Settings::default())),
            "{printed}"
        );
    }
}

/// The declaration that bytes make, and its text.
fn printed(bytes: &[u8]) -> Option<(Block, String)> {
    let block = generate::block(&mut Unstructured::new(bytes)).ok()?;
    let printed = block.to_string();
    Some((block, printed))
}

/// What problems say, wherever they are.
fn messages(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.message.as_str()).collect()
}

/// The file that bytes make, after all that is done with one; `None` where it can't be read or has a large network.
fn checked(bytes: Vec<u8>, max_layers: usize) -> Option<CheckedFile> {
    let file = read(bytes, max_layers)?;
    for format in FORMATS {
        for styled in [false, true] {
            let rendered = format.render(std::slice::from_ref(&file), styled);
            if format.name() == "json" {
                serde_json::from_str::<serde_json::Value>(&rendered).expect("the output is JSON");
            }
        }
    }
    for block in &file.blocks {
        let Ok(network) = &block.outcome else { continue };
        is_finite(&network.forecast);
        expands(network);
        for fix in network.findings.iter().filter_map(|finding| finding.fix.as_ref()) {
            let inside =
                |edit: &TextEdit| block.range.start < edit.range.start && edit.range.end < block.range.end;
            assert!(fix.edits.iter().all(inside), "{fix:?}");
            is_fixed(file.source.text(), fix);
        }
    }
    Some(file)
}

/// The blocks of a file, or `None` where it can't be read or a network is too large.
fn read(bytes: Vec<u8>, max_layers: usize) -> Option<CheckedFile> {
    let source = SourceText::new("any.rs", bytes).ok()?;
    let small = blocks(&source).ok()?.into_iter().all(|block| {
        let network = parse(block.tokens, block.end).ok().and_then(|block| resolve(&block).ok());
        network.is_none_or(|network| network.leaves.len() <= max_layers)
    });
    small.then(|| check(source, &Levels::default()).expect("its blocks were found before"))
}

/// A block without its places and spans, which say where it was written.
fn bare(block: &Block) -> String {
    let tree = format!("{:?} {:?}", block.constants, block.network);
    let tree = without(&without(&tree, ", span: bytes("), "Place(");
    // How a number is written says nothing of the block.
    without(&tree, ", literal: Some(").replace(", literal: None", "")
}

/// A text without what begins so, up to the bracket that closes it.
fn without(text: &str, begin: &str) -> String {
    let mut parts = text.split(begin);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once(')').map_or("", |(_, rest)| rest))
}

/// No figure of a forecast is infinite or no number, but for the logarithm of a scale that is zero.
pub(crate) fn is_finite(forecast: &Forecast) {
    for activation in forecast.activations.iter() {
        let scales = [activation.rms_log10, activation.gradient_rms_log10];
        let is_scale = |log10: f64| log10.is_finite() || log10 == f64::NEG_INFINITY;
        assert!(scales.into_iter().flatten().all(is_scale), "{activation:?} in {forecast:?}");
        let figures = [activation.correlation, activation.dead_probability];
        assert!(figures.into_iter().flatten().all(f64::is_finite), "{activation:?} in {forecast:?}");
    }
    for parameter in forecast.parameters.iter() {
        let figures = [Some(parameter.rms), parameter.gradient_norm_log10, parameter.gradient_norm_log10_std];
        assert!(figures.into_iter().flatten().all(f64::is_finite), "{parameter:?} in {forecast:?}");
    }
    assert!(forecast.time_decay_log10.is_none_or(f64::is_finite), "{forecast:?}");
}

/// What the macro writes of a network are tokens, and no number that has no literal is among them.
fn expands(checked: &CheckedNetwork) {
    let CheckedNetwork { network, forecast, .. } = checked;
    let mut texts = vec![
        forecast.value_expression(),
        network.layers.type_expression(),
        network.layers.value_expression(),
        network.loss.value_expression(),
    ];
    texts.extend(network.optimizer.as_ref().map(|optimizer| optimizer.value_expression()));
    for text in texts {
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{error} in {text}"));
        assert!(
            !text.contains("NaN") && !tokens.into_iter().any(|token| token.to_string() == "inf"),
            "{text}"
        );
    }
}

/// The text after a fix has the verdict that the fix promises.
fn is_fixed(text: &str, fix: &TextFix) {
    let mut edits: Vec<_> = fix.edits.iter().enumerate().collect();
    // From the end, so that no edit moves another; those at one place in their order.
    edits.sort_by_key(|(index, edit)| (edit.range.start, edit.range.end, *index));
    let mut fixed = text.to_owned();
    for (_, edit) in edits.iter().rev() {
        fixed.replace_range(edit.range.clone(), &edit.text);
    }
    let overlap = edits.windows(2).any(|pair| pair[0].1.range.end > pair[1].1.range.start);
    assert!(!overlap, "{fix:?} in\n{text}");
    // A fix may add layers, so that the network behind it is larger than those that are looked at.
    let source = SourceText::new("fixed.rs", fixed.clone().into_bytes()).expect("a fix writes text");
    let again =
        check(source, &Levels::default()).unwrap_or_else(|error| panic!("{error}: {fix:?} gives\n{fixed}"));
    let verdict = again.blocks.iter().any(|block| {
        block.outcome.as_ref().is_ok_and(|network| network.forecast.verdict == fix.verdict_after)
    });
    assert!(verdict, "{fix:?} of\n{text}\ngives\n{fixed}");
}
