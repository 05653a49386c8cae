//! ### What it does
//! Finds last layers whose output the loss does not take: probabilities where it wants logits, numbers where it wants
//! probabilities, classes that exclude each other where it takes each by itself, targets that the last activation can't
//! reach or that the loss is not defined for.
//!
//! ### Why is this bad
//! A loss from logits that is given probabilities applies softmax twice: its gradient is weak and its minimum is not where
//! the classes are right. A loss from probabilities takes the logarithm of what it is given, which numbers below 0 do not
//! have. A target beyond the range of the last activation is never met. One that is no probability is refused where the loss
//! compares with probabilities, as soon as training meets it.
//!
//! ### The maths
//! `SoftmaxCrossEntropy` and `SigmoidCrossEntropy` compute `-log softmax(z)` and `-log σ(z)` of any numbers `z`.
//! `CategoricalCrossEntropy` computes `-log p` of probabilities that sum to 1, `BinaryCrossEntropy` `-t log p - (1 - t) log(1 -
//! p)` of probabilities each by itself. Cut to `[epsilon, 1 - epsilon]`, everything outside has no gradient.
//!
//! ### Example
//! ```netdsl
//! pub struct Twice {
//!     input: [20] ~ Normal(0.0, 1.0),
//!     hidden: Dense(64, activation = Relu),
//!     output: Dense(10, activation = Softmax),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Twice {
//!     input: [20] ~ Normal(0.0, 1.0),
//!     hidden: Dense(64, activation = Relu),
//!     output: Dense(10),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### References
//! - Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2: output units and losses that undo each other
//! - Nikanjam, Ben Braiek, Morovati & Khomh 2021, NeuraLint, arXiv:2105.08095
//! - Schoop, Huang & Hartmann 2021, UMLAUT: Debugging Deep Learning Programs using Program Structure and Model Behavior

use netdsl_layers::{Activation, OutputKind, TargetDistribution, TargetKind};

use crate::edit::Change;
use crate::fix::Remedy;
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::settings::Threshold;
use crate::structure::{activation, last_layer};

/// The loss that takes what there is.
const FROM_LOGITS: Remedy = Remedy {
    verb: "write",
    changes: |context| {
        let from = match (context.network.loss.takes(), context.network.loss.name()) {
            (OutputKind::Distribution, _) => "SoftmaxCrossEntropy",
            (OutputKind::Probabilities, _) => "SigmoidCrossEntropy",
            _ => return Vec::new(),
        };
        exchange_loss(context, from)
    },
};

/// The loss from probabilities.
const FROM_PROBABILITIES: Remedy = Remedy {
    verb: "write",
    changes: |context| match (context.network.loss.takes(), context.network.loss.target()) {
        (OutputKind::Logits, TargetKind::Classes) => {
            exchange_loss(context, "CategoricalCrossEntropy")
        }
        (OutputKind::Logits, TargetKind::Values) => exchange_loss(context, "BinaryCrossEntropy"),
        _ => Vec::new(),
    },
};

/// The loss of classes that exclude each other.
const OF_CLASSES: Remedy = Remedy {
    verb: "write",
    changes: |context| match context.network.loss.takes() {
        OutputKind::Probabilities => exchange_loss(context, "CategoricalCrossEntropy"),
        _ => Vec::new(),
    },
};

fn exchange_loss(context: &Context<'_>, name: &'static str) -> Vec<Change> {
    let loss = context.block.network.loss.as_ref();
    loss.map(|loss| Change::Exchange { call: loss.value.place, name }).into_iter().collect()
}

/// The last layer and the loss do not fit.
pub(super) struct LossOutputMismatch;

impl Lint for LossOutputMismatch {
    fn name(&self) -> &'static str {
        "loss_output_mismatch"
    }

    fn group(&self) -> Group {
        Group::Correctness
    }

    fn source(&self) -> &'static str {
        include_str!("loss_output_mismatch.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[]
    }

    fn remedies(&self) -> &'static [Remedy] {
        &[FROM_LOGITS, FROM_PROBABILITIES, OF_CLASSES]
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        let leaf = context.network.leaves.len().checked_sub(1)?;
        let loss = &context.network.loss;
        if let Some(finding) = improbable_targets(context, leaf) {
            return Some(finding);
        }
        let last = last_layer(context)?;
        let output = activation(last);
        let has_weight = !context.network.leaves[leaf].parameters.is_empty();
        // What pools or reorders says nothing of the range by itself.
        if output.is_none() && !has_weight {
            return None;
        }
        let (low, high) = range(output.as_deref());
        let coupled = output.as_deref().is_some_and(|output| output.coupled().is_some());
        let width = context.network.layers.output().width();
        let named = output.as_deref().map_or("no activation".into(), |output| format!("`{}`", output.name()));
        let name = loss.name();
        let within = |least: f64, most: f64| low >= least && high <= most;
        let (message, advice) = match loss.takes() {
            OutputKind::Logits if within(0.0, 1.0) => (
                format!("`{name}` takes logits, and the last layer has {named}: what turns them into probabilities is applied twice"),
                "leave the last activation out, or use the loss from probabilities",
            ),
            OutputKind::Probabilities | OutputKind::Distribution if !within(0.0, 1.0) => (
                format!(
                    "`{name}` takes probabilities, and the last layer has {named}, which gives numbers {}",
                    described(low, high)
                ),
                "use the loss from logits, or an activation that gives probabilities",
            ),
            OutputKind::Probabilities if coupled && width > 1 => (
                format!("`{name}` takes each output by itself, and {named} makes the {width} of them sum to 1"),
                "for classes that exclude each other use `CategoricalCrossEntropy`, for others `Sigmoid`",
            ),
            OutputKind::Distribution if width == 1 => (
                format!("`{name}` takes the probabilities of all classes, and the last layer has a single unit"),
                "give the last layer a unit for each class, or use `BinaryCrossEntropy`",
            ),
            OutputKind::Numbers => {
                let TargetDistribution::Uniform { low: least, high: most } = declared_target(context)? else { return None };
                if least >= low && most <= high {
                    return None;
                }
                (
                    format!(
                        "the targets lie from {least:?} to {most:?}, and {named} gives numbers {}: some are out of reach",
                        described(low, high)
                    ),
                    "leave the last activation out, or bring the targets into its range",
                )
            }
            _ => return None,
        };
        Some(Finding { subject: Subject::Layer(leaf), message, advice })
    }
}

/// What is declared of the targets: what is not is not known.
fn declared_target(context: &Context<'_>) -> Option<TargetDistribution> {
    context.block.network.target.as_ref().and(context.network.target)
}

/// Targets that are no probabilities, where the loss compares with probabilities.
fn improbable_targets(context: &Context<'_>, leaf: usize) -> Option<Finding> {
    let loss = &context.network.loss;
    if loss.target() != TargetKind::Values || loss.takes() == OutputKind::Numbers {
        return None;
    }
    let declared = declared_target(context)?;
    let (low, high) = match declared {
        TargetDistribution::Uniform { low, high } => (low.min(high), low.max(high)),
        TargetDistribution::Normal { mean, standard_deviation: 0.0 } => (mean, mean),
        TargetDistribution::Normal { .. } => (f64::NEG_INFINITY, f64::INFINITY),
    };
    (low < 0.0 || high > 1.0).then(|| Finding {
        subject: Subject::Layer(leaf),
        message: format!(
            "`{}` compares with probabilities, and the targets are declared as `{}`: training refuses what is not from 0 to 1",
            loss.name(),
            declared.written(),
        ),
        advice: "declare the targets within 0 and 1, such as `target ~ Uniform(0.0, 1.0)`, or use a loss of numbers, such as \
                 `MeanSquaredError`",
    })
}

/// The range of an activation: what it gives far out and where it turns.
fn range(activation: Option<&dyn Activation>) -> (f64, f64) {
    let Some(activation) = activation else { return (f64::NEG_INFINITY, f64::INFINITY) };
    let Some(function) = activation.elementwise() else { return (0.0, 1.0) };
    let turning = function.turning_points().iter().copied();
    let values = turning.chain([-1e6, -1e3, 0.0, 1e3, 1e6]).map(|x| function.value(x));
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let far = |bound: f64, infinity: f64| if bound.abs() >= 900.0 { infinity } else { bound };
    (far(low, f64::NEG_INFINITY), far(high, f64::INFINITY))
}

fn described(low: f64, high: f64) -> String {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("from {low:.1} to {high:.1}"),
        (true, false) => format!("from {low:.1} on"),
        (false, true) => format!("up to {high:.1}"),
        (false, false) => "of any size".into(),
    }
}
