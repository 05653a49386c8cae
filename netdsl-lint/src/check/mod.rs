//! What there is to say of the blocks of a file: forecast, findings and errors, with their places in the text.

mod baseline;
mod levels;
mod repair;

use std::ops::Range;

use netdsl_layers::{Forecast, NotForecast, Place, Problem, Verdict};

use crate::fix::{Fix, Side};
use crate::language::{Level, Network, Places, parse, resolve};
use crate::lint::{Diagnostic, Report, lint};
use crate::source::{SourceBlock, SourceError, SourceText, blocks};

pub use baseline::{Baseline, BaselineError, Comparison};
pub use levels::{LevelSetting, LevelSettingError, Levels, UnknownLint};
pub use repair::{AppliedFix, Refusal, RefusedFix, RepairedFile, repair};

/// The name under which an expectation that nothing met is shown, as by rustc.
pub const UNFULFILLED: &str = "unfulfilled_lint_expectations";

/// A file and its blocks.
#[derive(Debug)]
pub struct CheckedFile {
    /// The file.
    pub source: SourceText,
    /// Its blocks, in their order.
    pub blocks: Vec<CheckedBlock>,
    /// The levels and settings that it was checked with.
    pub levels: Levels,
}

/// A block. All ranges are in bytes of the text.
#[derive(Debug)]
pub struct CheckedBlock {
    /// The name of the network, where it could be read.
    pub name: Option<String>,
    /// From the word `network` to the closing bracket.
    pub range: Range<usize>,
    /// The network, or all that is wrong with the block.
    pub outcome: Result<Box<CheckedNetwork>, Vec<BlockError>>,
}

/// A network that could be resolved.
#[derive(Debug)]
pub struct CheckedNetwork {
    /// The network.
    pub network: Network,
    /// The forecast.
    pub forecast: Forecast,
    /// The layer at which the forecast ends, where it does not reach the end.
    pub gap: Option<ForecastGap>,
    /// What is shown of it, in the order of the text.
    pub findings: Vec<ShownFinding>,
}

/// A layer that can't be forecast.
#[derive(Clone, Debug)]
pub struct ForecastGap {
    /// What is not known, and why: lowercase, no full stop.
    pub message: String,
    /// Where the layer is written.
    pub range: Range<usize>,
}

/// Something wrong with a block.
#[derive(Clone, Debug)]
pub struct BlockError {
    /// What is wrong: lowercase, no full stop.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
    /// Where.
    pub range: Range<usize>,
}

/// A finding at `warn` or `deny`.
#[derive(Clone, Debug)]
pub struct ShownFinding {
    /// The lint.
    pub lint: &'static str,
    /// The level.
    pub level: Level,
    /// What set the level.
    pub level_set_by: LevelSource,
    /// The dotted path of the layer that shows it worst; a finding about the optimizer and an expectation have none.
    pub layer: Option<String>,
    /// What was found: lowercase, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Where.
    pub range: Range<usize>,
    /// A change that the forecast calls healthy.
    pub fix: Option<TextFix>,
}

impl ShownFinding {
    /// What compilers call a finding of this level.
    pub fn severity(&self) -> &'static str {
        if self.level == Level::Deny { "error" } else { "warning" }
    }
}

/// What set the level of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LevelSource {
    /// The lint itself.
    Lint,
    /// The command, by name.
    Command,
    /// The settings of the project.
    Project,
    /// The command, which lets no warning pass.
    DenyWarnings,
    /// An attribute, where it names the lint.
    Attribute(Range<usize>),
}

/// A change of the text.
#[derive(Clone, Debug)]
pub struct TextFix {
    /// What is changed.
    pub title: String,
    /// The changes, none of which overlap.
    pub edits: Vec<TextEdit>,
    /// The verdict on the changed network.
    pub verdict_after: Verdict,
}

/// New text for a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced; empty where text is only added.
    pub range: Range<usize>,
    /// The new text.
    pub text: String,
}

/// Forecasts and lints every block of a text.
///
/// # Errors
/// [`SourceError::NotRust`] where the text can't be split into tokens.
///
/// # Example
/// ```
/// use netdsl_lint::check::{Levels, check};
/// use netdsl_lint::source::SourceText;
///
/// let text = "network! { pub struct Small { input: [2], Dense(1), loss: MeanSquaredError } }";
/// let source = SourceText::new("src/main.rs", text.into())?;
/// let file = check(source, &Levels::default())?;
/// assert_eq!(file.blocks[0].name.as_deref(), Some("Small"));
/// # Ok::<(), netdsl_lint::source::SourceError>(())
/// ```
pub fn check(source: SourceText, levels: &Levels) -> Result<CheckedFile, SourceError> {
    let found = blocks(&source);
    let checked = found.map(|blocks| blocks.into_iter().map(|block| check_block(block, levels)).collect());
    // Every position is in bytes of the text by now: the text that was kept for the spans can go.
    proc_macro2::extra::invalidate_current_thread_spans();
    Ok(CheckedFile { blocks: checked?, source, levels: levels.clone() })
}

fn check_block(source: SourceBlock, levels: &Levels) -> CheckedBlock {
    let locate = |places: &Places, place: Place| {
        let extent = places.extent(place);
        source.bytes(extent.first, extent.last)
    };
    let errors = |problems: Vec<Problem>, places: &Places| {
        let error = |problem: Problem| BlockError {
            range: locate(places, problem.place),
            message: problem.message,
            help: problem.help,
        };
        Err(problems.into_iter().map(error).collect())
    };
    let (name, outcome) = match parse(source.tokens.clone(), source.end) {
        Err(failure) => {
            let name = failure.header.name.map(|name| name.to_string());
            (name, errors(failure.problems, &failure.places))
        }
        Ok(block) => {
            let outcome = match resolve(&block) {
                Err(problems) => errors(problems, &block.places),
                Ok(network) => {
                    let report = lint(&block, network, &levels.settings());
                    let locate = |place| locate(&block.places, place);
                    let found = report.diagnostics.iter().map(|found| shown(found, levels, &locate));
                    let unfulfilled = report
                        .unfulfilled
                        .iter()
                        .map(|attribute| unfulfilled(attribute.lint, locate(attribute.place), levels));
                    let mut findings: Vec<ShownFinding> = found
                        .chain(unfulfilled)
                        .filter(|finding| matches!(finding.level, Level::Warn | Level::Deny))
                        .collect();
                    findings.sort_by_key(|finding| finding.range.start);
                    let Report { network, forecast, .. } = report;
                    let gap = gap(&network, &forecast)
                        .map(|(place, message)| ForecastGap { message, range: locate(place) });
                    Ok(Box::new(CheckedNetwork { network, forecast, gap, findings }))
                }
            };
            (Some(block.network.name.to_string()), outcome)
        }
    };
    CheckedBlock { name, range: source.range.clone(), outcome }
}

fn gap(network: &Network, forecast: &Forecast) -> Option<(Place, String)> {
    let NotForecast { layer, reason } = forecast.not_forecastable.as_ref()?;
    let leaf = network.leaves.iter().find(|leaf| leaf.path == *layer)?;
    Some((leaf.place, format!("`{}` is not forecast behind `{layer}`: {reason}", network.name)))
}

fn unfulfilled(lint: &str, range: Range<usize>, levels: &Levels) -> ShownFinding {
    let (level, level_set_by) = levels.shown(Level::Warn, LevelSource::Lint);
    ShownFinding {
        lint: UNFULFILLED,
        level,
        level_set_by,
        layer: None,
        message: format!("`{lint}` is expected here, but not found"),
        help: "remove the expectation".into(),
        range,
        fix: None,
    }
}

fn shown(found: &Diagnostic, levels: &Levels, locate: &dyn Fn(Place) -> Range<usize>) -> ShownFinding {
    let help = found.help();
    let set_by = match &found.set_by {
        Some(attribute) => LevelSource::Attribute(locate(attribute.place)),
        None if levels.of(found.lint).is_some() => LevelSource::Command,
        None if levels.of_project(found.lint).is_some() => LevelSource::Project,
        None => LevelSource::Lint,
    };
    let (level, level_set_by) = levels.shown(found.level, set_by);
    ShownFinding {
        lint: found.lint,
        level,
        level_set_by,
        layer: found.layer.clone(),
        message: found.finding.message.clone(),
        help,
        range: locate(found.place),
        fix: found.fix.as_ref().map(|fix| text_fix(fix, locate)),
    }
}

fn text_fix(fix: &Fix, locate: &dyn Fn(Place) -> Range<usize>) -> TextFix {
    let edits = fix.edits.iter().map(|edit| {
        let place = locate(edit.place);
        let range = match edit.side {
            Side::Before => place.start..place.start,
            Side::Instead => place,
            Side::Behind => place.end..place.end,
        };
        TextEdit { range, text: edit.text.clone() }
    });
    TextFix { title: fix.title.clone(), edits: edits.collect(), verdict_after: fix.verdict_after }
}
