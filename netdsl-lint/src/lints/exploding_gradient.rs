//! ### What it does
//! Finds networks whose gradient grows on the way back until a step of gradient descent destroys the weights: the
//! gradient of a weight is more than ten times the weight itself, or that of the first layer is more than thirty times
//! that of the last. Where an optimizer is declared its first step counts in place of the gradient: one that changes a
//! weight before the output layer by more than a tenth, clipping included. One whose steps do not follow the gradient, such
//! as `Adam` or one that clips, survives a larger growth, but no output of more than twenty times the scale of the targets.
//!
//! ### Why is this bad
//! With a learning rate of 0.01 such a step changes a weight by more than a tenth of its own size at once. The loss
//! jumps, the next gradient is larger still, and training ends in infinities.
//!
//! ### The maths
//! At initialisation the mean square of the gradient grows in each layer `z = W h + b, h' = φ(z)` by the factor
//! `χ = σ² E φ'(z)²` with `σ² = fan_out · Var W` (Schoenholz et al. 2017); weights whose mean `μ` is not zero add a
//! component along the all-ones direction that grows by `(fan_out · μ)²`. A stack of `n` layers multiplies the
//! norm by `χ^(n/2)`.
//!
//! ### Example
//! ```netdsl
//! pub struct Large {
//!     input: [50] ~ Uniform(0.0, 1.0),
//!     hidden: [Dense(50, activation = Relu, init = Uniform(0.0, 0.2)); 5],
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Large {
//!     input: [50] ~ Uniform(0.0, 1.0),
//!     hidden: [Dense(50, activation = Relu, init = HeNormal); 5],
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//! }
//! ```
//!
//! ### References
//! - Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks
//! - Schoenholz, Gilmer, Ganguli & Sohl-Dickstein 2017, Deep Information Propagation, arXiv:1611.01232

use netdsl_layers::{Verdict, power_of_ten};

use crate::fix::Remedy;
use crate::forecast::{Steps, limits};
use crate::lint::{Context, Finding, Group, Lint};
use crate::remedies;
use crate::settings::Threshold;
use crate::weights::{Weight, weights};

/// The gradient grows beyond what a step survives.
pub(super) struct ExplodingGradient;

impl Lint for ExplodingGradient {
    fn name(&self) -> &'static str {
        "exploding_gradient"
    }

    fn group(&self) -> Group {
        Group::Correctness
    }

    fn source(&self) -> &'static str {
        include_str!("exploding_gradient.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[
            limits::LARGEST_RATIO,
            limits::LARGEST_GROWTH,
            limits::LARGEST_STEP,
            limits::LARGEST_GROWTH_ADAPTIVE,
            limits::LARGEST_OUTPUT,
        ]
    }

    fn remedies(&self) -> &'static [Remedy] {
        remedies::OF_LARGE_GRADIENTS
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        if context.forecast.verdict != Verdict::Exploding {
            return None;
        }
        let norm = |weight: &Weight| weight.gradient_log10.unwrap_or(f64::NEG_INFINITY);
        let excess = |weight: &Weight| norm(weight) - weight.norm_log10;
        let drawn = weights(context.forecast).filter(|weight| weight.norm_log10.is_finite());
        let worst = drawn.max_by(|one, other| excess(one).total_cmp(&excess(other)))?;
        Some(Finding {
            leaf: context.steepest_leaf().or_else(|| context.leaf_of(worst.index))?,
            message: format!(
                "the gradient explodes: `{}` is forecast a gradient norm of {}, {} times the norm of the weight itself{}",
                worst.name,
                power_of_ten(norm(&worst)),
                power_of_ten(excess(&worst)),
                compared(context, &worst)?,
            ),
            advice: "use the initialisation that fits the activation, or put a normalisation into the stack; clipping \
                     keeps the step finite, but not the signal",
        })
    }
}

/// What the verdict compared: the rest of the message.
fn compared(context: &Context<'_>, worst: &Weight<'_>) -> Option<String> {
    let norm = |weight: Weight<'_>| weight.gradient_log10.unwrap_or(f64::NEG_INFINITY);
    let (first, last) = (weights(context.forecast).next()?, weights(context.forecast).last()?);
    let growth = |limit: &Threshold| {
        let (first_name, last_name) = (first.name, last.name);
        let growth = norm(first.clone()) - norm(last.clone());
        let limit = context.limit(limit);
        if growth > 0.0 {
            format!("; that of `{first_name}` is {} times that of `{last_name}` (limit {limit})", power_of_ten(growth))
        } else {
            String::new()
        }
    };
    let Some(optimizer) = context.network.optimizer.as_deref() else {
        return Some(format!(" (limit {}){}", context.limit(&limits::LARGEST_RATIO), growth(&limits::LARGEST_GROWTH)));
    };
    let steps = Steps::new(context.forecast, optimizer);
    let (_, step) = steps.relative().find(|(weight, _)| weight.index == worst.index)?;
    let follows = steps.follow_the_gradient();
    let step_limit =
        if follows { format!(" (limit {})", context.limit(&limits::LARGEST_STEP)) } else { String::new() };
    let output = context.forecast.activations.last().and_then(|activation| activation.rms_log10);
    let output = output.filter(|output| *output > libm::log10(context.limit(&limits::LARGEST_OUTPUT)));
    let output = output.map_or(String::new(), |output| {
        let limit = context.limit(&limits::LARGEST_OUTPUT);
        format!("; the output has a root mean square of {} (limit {limit})", power_of_ten(output))
    });
    Some(format!(
        ", and the first step of `{}` changes it by {} of itself{step_limit}{output}{}",
        optimizer.written(),
        power_of_ten(step),
        growth(if follows { &limits::LARGEST_GROWTH } else { &limits::LARGEST_GROWTH_ADAPTIVE }),
    ))
}
