//! What is forecast of a network at initialisation.

mod ratios;
mod table;

use std::borrow::Cow;
use std::fmt;

use crate::expression::{Expression, ROOT};
pub use ratios::Ratios;
pub use table::{Row, Table};

/// What is forecast of a network before a weight is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The name of the network.
    pub network: Cow<'static, str>,
    /// What the inputs are taken to be, as the language writes it.
    pub input: Cow<'static, str>,
    /// What the targets are taken to be.
    pub target: Cow<'static, str>,
    /// The loss.
    pub loss: Cow<'static, str>,
    /// The number of examples in a batch.
    pub batch: usize,
    /// The number of trainable values.
    pub parameter_count: usize,
    /// What it comes to; [`known_verdict`](Self::known_verdict) says whether that is known.
    pub verdict: Verdict,
    /// The values behind each layer, in the order of the declaration.
    pub activations: Table<ActivationForecast>,
    /// The gradients of the parameters, in the order of the declaration.
    pub parameters: Table<ParameterForecast>,
    /// Recurrent networks: the decimal logarithm of the gradient at the first step against the last.
    pub time_decay_log10: Option<f64>,
    /// What could not be forecast: the figures behind that layer and all gradients are then missing.
    pub not_forecastable: Option<NotForecast>,
}

/// What a forecast comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The gradient of the first layers is lost.
    Vanishing,
    /// The gradient grows beyond what a step survives.
    Exploding,
    /// Units are zero for every example.
    Dead,
    /// Forward or backward leaves the range of `f32`.
    NonFinite,
    /// None of these.
    Healthy,
}

/// What is forecast of the values behind a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivationForecast {
    /// The dotted path.
    pub name: Cow<'static, str>,
    /// The kind of layer.
    pub kind: Cow<'static, str>,
    /// The shape of an example.
    pub shape: Cow<'static, [usize]>,
    /// The decimal logarithm of the root mean square; `-inf` where all values are zero.
    pub rms_log10: Option<f64>,
    /// The correlation of two examples.
    pub correlation: Option<f64>,
    /// The decimal logarithm of the root mean square of the gradient; `-inf` where it is exactly zero.
    pub gradient_rms_log10: Option<f64>,
    /// The share of the values in the flat part of an activation that is bounded on both sides, where there is one.
    pub saturation: Option<f64>,
    /// The probability that all units of the layer, or of one before it, are zero for every example of a batch; where it is
    /// not small.
    pub dead_probability: Option<f64>,
}

/// What is forecast of the gradient of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterForecast {
    /// The dotted path.
    pub name: Cow<'static, str>,
    /// The shape.
    pub shape: Cow<'static, [usize]>,
    /// The root mean square of the initial values.
    pub rms: f64,
    /// The decimal logarithm of the median over seeds of the gradient's norm; `None` for a gradient that is exactly zero.
    pub gradient_norm_log10: Option<f64>,
    /// Its standard deviation from seed to seed.
    pub gradient_norm_log10_std: Option<f64>,
    /// What 32-bit training would see of it.
    pub f32: Float32,
}

impl ParameterForecast {
    /// Whether this is a weight, and no bias or gain: a parameter of more than one axis.
    pub fn is_weight(&self) -> bool {
        self.shape.len() > 1
    }

    /// The number of its values.
    pub fn count(&self) -> f64 {
        self.shape.iter().map(|size| *size as f64).product()
    }

    /// The decimal logarithm of the norm of its initial values; `-inf` where they are zero.
    pub fn norm_log10(&self) -> f64 {
        libm::log10(self.rms * self.count().sqrt())
    }
}

/// What 32-bit floating point makes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Float32 {
    /// It holds it.
    Finite,
    /// It becomes an infinity.
    Overflow,
    /// It becomes zero.
    Underflow,
}

/// A layer that can't be forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct NotForecast {
    /// The dotted path of the layer.
    pub layer: Cow<'static, str>,
    /// The reason.
    pub reason: Cow<'static, str>,
}

impl Verdict {
    /// The name, as the JSON has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vanishing => "vanishing",
            Self::Exploding => "exploding",
            Self::Dead => "dead",
            Self::NonFinite => "non_finite",
            Self::Healthy => "healthy",
        }
    }

    /// What the gradients of the weights come to, see [`Ratios::of_weights`].
    pub fn of_weights(weights: impl Iterator<Item = (f64, f64)>, terms: f64, limits: Limits) -> Self {
        Ratios::of_weights(weights, terms).map_or(Self::Healthy, |ratios| ratios.verdict(limits))
    }
}

/// What a verdict compares with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The largest gradient that is not called exploding, relative to the weight: at ten times the weight, gradient descent
    /// at a rate of 0.01 moves the weight by a tenth of itself.
    pub largest_ratio: f64,
    /// The largest gradient of the first weight that is not called exploding, relative to that of the last.
    pub largest_growth: f64,
    /// The smallest gradient of the first weight that is not called vanishing, relative to the weight and to the largest
    /// gradient.
    pub smallest_ratio: f64,
}

impl Limits {
    /// Those that agree best with what becomes of networks that are trained, see the documentation of the lints.
    pub const DEFAULT: Self = Self { largest_ratio: 10.0, largest_growth: 31.6, smallest_ratio: 1e-3 };
}

impl Float32 {
    /// All of them.
    const ALL: [Self; 3] = [Self::Finite, Self::Overflow, Self::Underflow];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of_number| of_number.name() == name)
    }

    /// The name, as the JSON has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finite => "finite",
            Self::Overflow => "overflow",
            Self::Underflow => "underflow",
        }
    }
}

impl Forecast {
    /// The verdict; `None` where the forecast does not reach the end and found nothing until there, which says nothing.
    pub fn known_verdict(&self) -> Option<Verdict> {
        let is_open = self.not_forecastable.is_some() && self.verdict == Verdict::Healthy;
        (!is_open).then_some(self.verdict)
    }

    /// The forecast of nothing: what stands in for that of a declaration with an error.
    pub const fn unknown() -> Self {
        Self {
            network: Cow::Borrowed(""),
            input: Cow::Borrowed(""),
            target: Cow::Borrowed(""),
            loss: Cow::Borrowed(""),
            batch: 0,
            parameter_count: 0,
            verdict: Verdict::Healthy,
            activations: Table::EMPTY,
            parameters: Table::EMPTY,
            time_decay_log10: None,
            not_forecastable: None,
        }
    }
}

/// `10^x` with three digits, also where it leaves the range of `f64`.
pub fn power_of_ten(log10: f64) -> String {
    if !log10.is_finite() {
        return if log10 < 0.0 { "0".into() } else { "inf".into() };
    }
    let exponent = log10.floor();
    let hundredths = (libm::exp10(log10 - exponent) * 100.0).round() / 100.0;
    let (mantissa, exponent) =
        if hundredths >= 10.0 { (1.0, exponent + 1.0) } else { (hundredths, exponent) };
    format!("{mantissa:.2}e{exponent}")
}

/// How many layers a table shows at the beginning and at the end of a deep network.
const SHOWN: usize = 12;

/// The table that a person reads: a line for each layer with the signal and its gradient, and the gradients of its
/// parameters.
impl fmt::Display for Forecast {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "forecast for `{}` at initialisation: {} (input {}, target {}, batch {})",
            self.network,
            self.known_verdict().map_or("unknown", Verdict::name),
            self.input,
            self.target,
            self.batch
        )?;
        if let Some(NotForecast { layer, reason }) = &self.not_forecastable {
            writeln!(formatter, "`{layer}` can't be forecast: {reason}")?;
        }
        let width =
            self.parameters.iter().map(|parameter| parameter.name.len()).chain([9]).max().unwrap_or(9);
        write!(
            formatter,
            "{:width$}  {:>12}  {:>8}  {:>14}  {:>8}",
            "parameter", "shape", "rms", "gradient norm", "decades"
        )?;
        let count = self.parameters.len();
        for (index, parameter) in self.parameters.iter().enumerate() {
            if count > 2 * SHOWN && (SHOWN..count - SHOWN).contains(&index) {
                if index == SHOWN {
                    write!(formatter, "\n.. {} more", count - 2 * SHOWN)?;
                }
                continue;
            }
            let shape = parameter.shape.iter().map(usize::to_string).collect::<Vec<_>>().join("x");
            let norm = match (parameter.f32, parameter.gradient_norm_log10) {
                (_, None) if self.not_forecastable.is_some() => "unknown".into(),
                (_, None) => "0".into(),
                (Float32::Finite, Some(norm)) => power_of_ten(norm),
                (Float32::Overflow, Some(norm)) => format!("{} inf", power_of_ten(norm)),
                (Float32::Underflow, Some(norm)) => format!("{} zero", power_of_ten(norm)),
            };
            let spread =
                parameter.gradient_norm_log10_std.map_or(String::new(), |spread| format!("±{spread:.2}"));
            write!(
                formatter,
                "\n{:width$}  {shape:>12}  {:>8.4}  {norm:>14}  {spread:>8}",
                parameter.name, parameter.rms
            )?;
        }
        Ok(())
    }
}

impl Expression for Forecast {
    fn type_expression(&self) -> String {
        format!("{ROOT}::Forecast")
    }

    fn value_expression(&self) -> String {
        let (activations, parameters) = (self.activations.expression(), self.parameters.expression());
        let not_forecastable = match &self.not_forecastable {
            None => "::core::option::Option::None".into(),
            Some(NotForecast { layer, reason }) => format!(
                "::core::option::Option::Some({ROOT}::NotForecast {{ layer: {}, reason: {} }})",
                text(layer),
                text(reason)
            ),
        };
        format!(
            "{ROOT}::Forecast {{ network: {}, input: {}, target: {}, loss: {}, batch: {}, parameter_count: {}, \
             verdict: {ROOT}::Verdict::{:?}, activations: {activations}, parameters: {parameters}, \
             time_decay_log10: {}, not_forecastable: {not_forecastable} }}",
            text(&self.network),
            text(&self.input),
            text(&self.target),
            text(&self.loss),
            self.batch,
            self.parameter_count,
            self.verdict,
            number(self.time_decay_log10),
        )
    }
}

const COW: &str = "::std::borrow::Cow::Borrowed";

fn text(text: &str) -> String {
    format!("{COW}({text:?})")
}

fn number(number: Option<f64>) -> String {
    match number {
        Some(number) if number.is_finite() => format!("::core::option::Option::Some({number:?})"),
        _ => "::core::option::Option::None".into(),
    }
}
