//! The whole of what is known, for programs.

use std::ops::Range;

use netdsl_layers::{ActivationForecast, NotForecast, ParameterForecast, Verdict};
use serde::Serialize;

use super::Format;
use crate::check::{BlockError, CheckedBlock, CheckedFile, CheckedNetwork, ShownFinding, TextFix};
use crate::source::SourceText;

/// One object, of the version that it names.
pub(super) struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn render(&self, files: &[CheckedFile], _styled: bool) -> String {
        let networks =
            files.iter().flat_map(|file| file.blocks.iter().map(|block| Network::of(&file.source, block)));
        let document = Document { version: 1, networks: networks.collect() };
        // Maps with text as keys, texts and numbers: nothing that JSON can't hold.
        let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
        text.push('\n');
        text
    }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    networks: Vec<Network<'a>>,
}

#[derive(Serialize)]
struct Network<'a> {
    name: Option<&'a str>,
    file: &'a str,
    line: usize,
    #[serde(flatten)]
    outcome: Outcome<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome<'a> {
    Known(Known<'a>),
    Broken(Broken<'a>),
}

#[derive(Serialize)]
struct Known<'a> {
    input_shape: Vec<usize>,
    output_shape: Vec<usize>,
    batch: usize,
    loss: &'a str,
    parameter_count: usize,
    verdict: Option<&'static str>,
    activations: Vec<Activation<'a>>,
    parameters: Vec<Parameter<'a>>,
    time_decay_log10: Option<f64>,
    not_forecastable: Option<NotForecastable<'a>>,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Broken<'a> {
    /// The first of the errors.
    error: Option<Error<'a>>,
    errors: Vec<Error<'a>>,
    diagnostics: [(); 0],
}

#[derive(Serialize)]
struct Activation<'a> {
    name: &'a str,
    kind: &'a str,
    shape: &'a [usize],
    rms_log10: Option<f64>,
    correlation: Option<f64>,
    gradient_rms_log10: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_probability: Option<f64>,
}

#[derive(Serialize)]
struct Parameter<'a> {
    name: &'a str,
    shape: &'a [usize],
    rms: f64,
    gradient_norm_log10: Option<f64>,
    gradient_norm_log10_std: Option<f64>,
    f32: &'static str,
}

#[derive(Serialize)]
struct NotForecastable<'a> {
    layer: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    lint: &'a str,
    level: &'static str,
    layer: Option<&'a str>,
    message: &'a str,
    help: &'a str,
    #[serde(flatten)]
    location: Location<'a>,
    fix: Option<Fix<'a>>,
}

#[derive(Serialize)]
struct Error<'a> {
    message: &'a str,
    help: Option<&'a str>,
    #[serde(flatten)]
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    edits: Vec<Edit<'a>>,
    verdict_after: &'static str,
}

/// In bytes of the file.
#[derive(Serialize)]
struct Edit<'a> {
    start: usize,
    end: usize,
    text: &'a str,
}

impl<'a> Network<'a> {
    fn of(source: &'a SourceText, block: &'a CheckedBlock) -> Self {
        Self {
            name: block.name.as_deref(),
            file: source.path(),
            line: source.position(block.range.start).line,
            outcome: match &block.outcome {
                Ok(network) => Outcome::Known(Known::of(source, network)),
                Err(errors) => Outcome::Broken(Broken {
                    error: errors.first().map(|error| Error::of(source, error)),
                    errors: errors.iter().map(|error| Error::of(source, error)).collect(),
                    diagnostics: [],
                }),
            },
        }
    }
}

impl<'a> Known<'a> {
    fn of(source: &'a SourceText, checked: &'a CheckedNetwork) -> Self {
        let CheckedNetwork { network, forecast, findings, .. } = checked;
        Self {
            input_shape: network.input.sizes().to_vec(),
            output_shape: network.layers.output().sizes().to_vec(),
            batch: network.batch,
            loss: network.loss.name(),
            parameter_count: forecast.parameter_count,
            verdict: forecast.known_verdict().map(Verdict::name),
            activations: forecast.activations.iter().map(Activation::of).collect(),
            parameters: forecast.parameters.iter().map(Parameter::of).collect(),
            time_decay_log10: forecast.time_decay_log10,
            not_forecastable: forecast
                .not_forecastable
                .as_ref()
                .map(|NotForecast { layer, reason }| NotForecastable { layer, reason }),
            diagnostics: findings.iter().map(|finding| Diagnostic::of(source, finding)).collect(),
        }
    }
}

impl<'a> Activation<'a> {
    fn of(activation: &'a ActivationForecast) -> Self {
        Self {
            name: &activation.name,
            kind: &activation.kind,
            shape: &activation.shape,
            rms_log10: activation.rms_log10,
            correlation: activation.correlation,
            gradient_rms_log10: activation.gradient_rms_log10,
            dead_probability: activation.dead_probability,
        }
    }
}

impl<'a> Parameter<'a> {
    fn of(parameter: &'a ParameterForecast) -> Self {
        Self {
            name: &parameter.name,
            shape: &parameter.shape,
            rms: parameter.rms,
            gradient_norm_log10: parameter.gradient_norm_log10,
            gradient_norm_log10_std: parameter.gradient_norm_log10_std,
            f32: parameter.f32.name(),
        }
    }
}

impl<'a> Diagnostic<'a> {
    fn of(source: &'a SourceText, finding: &'a ShownFinding) -> Self {
        Self {
            lint: finding.lint,
            level: finding.level.name(),
            layer: finding.layer.as_deref(),
            message: &finding.message,
            help: &finding.help,
            location: Location::of(source, &finding.range),
            fix: finding.fix.as_ref().map(|fix| Fix::of(source, fix)),
        }
    }
}

impl<'a> Error<'a> {
    fn of(source: &'a SourceText, error: &'a BlockError) -> Self {
        Self {
            message: &error.message,
            help: error.help.as_deref(),
            location: Location::of(source, &error.range),
        }
    }
}

impl<'a> Location<'a> {
    fn of(source: &'a SourceText, range: &Range<usize>) -> Self {
        let (start, end) = (source.position(range.start), source.position(range.end));
        Self {
            file: source.path(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

impl<'a> Fix<'a> {
    fn of(source: &SourceText, fix: &'a TextFix) -> Self {
        let edits = fix.edits.iter().map(|edit| {
            let Range { start, end } = source.range_in_file(&edit.range);
            Edit { start, end, text: &edit.text }
        });
        Self { title: &fix.title, edits: edits.collect(), verdict_after: fix.verdict_after.name() }
    }
}
