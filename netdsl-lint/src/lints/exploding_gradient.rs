//! ### What it does
//! Finds networks whose gradient grows on the way back until a step of gradient descent destroys the weights: the
//! gradient of a weight is more than ten times the weight itself, or that of the first layer is more than thirty times
//! that of the last. Where an optimizer is declared its first step counts in place of the gradient: one that changes a
//! weight before the output layer by more than a tenth, clipping included. One whose steps do not follow the gradient, such
//! as `Adam` or one that clips, survives a larger growth, but no output of more than twenty times the scale of the targets.
//! Where the gradients by themselves are not too large it is the learning rate, of which `step_too_large` speaks.
//!
//! In the weights of the output layer alone the loss is convex, so that it finds its scale from any start. Where a network
//! has no other layer only a step counts that overshoots the minimum of a squared error for certain.
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
//! A step of `η` against the gradient `g` aims at lowering the loss `L` by `η |g|²`. A quadratic of the curvature `λ` that is
//! nowhere negative has `|g|² <= 2 λ L`, and descent on it diverges where `η λ > 2`: for certain where `η |g|² > 4 L`.
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
use crate::forecast::{LARGEST_DESCENT, Steps, limits};
use crate::lint::{Context, Finding, Group, Lint, Subject};
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
        let excess = |weight: &Weight| weight.gradient_log10.unwrap_or(f64::NEG_INFINITY) - weight.norm_log10;
        let optimizer = context.network.optimizer.as_deref();
        let steps = optimizer.map(|optimizer| (optimizer, Steps::new(context.forecast, optimizer)));
        // Where the learning rate alone is too large, that is said instead.
        let declaration = context.network.declaration();
        if steps.as_ref().is_some_and(|(_, steps)| steps.too_large_alone(&declaration, context.settings).is_some()) {
            return None;
        }
        let judged = steps.as_ref().filter(|(_, steps)| steps.follow_the_gradient());
        let too_large: Vec<usize> = judged
            .into_iter()
            .flat_map(|(_, steps)| steps.before_the_output())
            .filter(|(_, step)| exceeds(context, *step, &limits::LARGEST_STEP))
            .map(|(weight, _)| weight.index)
            .collect();
        let drawn = weights(context.forecast).filter(|weight| weight.norm_log10.is_finite());
        let candidates = drawn.filter(|weight| too_large.is_empty() || too_large.contains(&weight.index));
        let worst = candidates.max_by(|one, other| excess(one).total_cmp(&excess(other)))?;
        let mut message = format!(
            "the gradient explodes: `{}` is forecast a gradient norm of {}, {} times the norm of the weight itself",
            worst.name,
            power_of_ten(worst.gradient_log10?),
            power_of_ten(excess(&worst)),
        );
        match &steps {
            Some((optimizer, steps)) => {
                message += &format!(", and the first step of `{}`", optimizer.written());
                message += &of_step(context, steps, &worst)?;
            }
            None => {
                // The mean over the outputs of an example makes every gradient smaller.
                let averaged = declaration.averaged();
                let limit = context.limit(&limits::LARGEST_RATIO) / averaged.sqrt();
                if excess(&worst) > libm::log10(limit) {
                    message += &format!(" (limit {})", rounded(limit));
                }
                message += &growth(context, &limits::LARGEST_GROWTH);
            }
        }
        // What is to change is where it grows, which may be written elsewhere.
        let mut leaf = context.leaf_of(worst.index)?;
        let leaves = &context.network.leaves;
        if let Some(steepest) = context.steepest_leaf().filter(|steepest| leaves[*steepest].shown != leaves[leaf].shown) {
            message += &format!("; it grows most in `{}`", leaves[steepest].path);
            leaf = steepest;
        }
        Some(Finding {
            subject: Subject::Layer(leaf),
            message,
            advice: "use the initialisation that fits the activation, or put a normalisation into the stack; clipping \
                     keeps the step finite, but not the signal",
        })
    }
}

/// What the first step of a declared optimizer makes of the weight, and what of it the verdict compared.
fn of_step(context: &Context<'_>, steps: &Steps<'_>, worst: &Weight<'_>) -> Option<String> {
    let (_, step) = steps.relative().find(|(weight, _)| weight.index == worst.index)?;
    let mut text = format!(" changes it by {} of itself", power_of_ten(step));
    let follows = steps.follow_the_gradient();
    let is_before = steps.before_the_output().any(|(weight, _)| weight.index == worst.index);
    if follows && is_before && exceeds(context, step, &limits::LARGEST_STEP) {
        text += &format!(" (limit {})", context.limit(&limits::LARGEST_STEP));
    }
    let descent = steps.descent_log10(&*context.network.loss).filter(|_| follows);
    if let Some(descent) = descent.filter(|descent| *descent > libm::log10(LARGEST_DESCENT)) {
        let times = power_of_ten(descent);
        text += &format!(" to lower the loss by {times} times itself, which overshoots (limit {LARGEST_DESCENT})");
    }
    let output = context.forecast.activations.last().and_then(|activation| activation.rms_log10);
    if let Some(output) = output.filter(|output| exceeds(context, *output, &limits::LARGEST_OUTPUT)) {
        let limit = context.limit(&limits::LARGEST_OUTPUT);
        text += &format!("; the output has a root mean square of {} (limit {limit})", power_of_ten(output));
    }
    text += &growth(context, if follows { &limits::LARGEST_GROWTH } else { &limits::LARGEST_GROWTH_ADAPTIVE });
    Some(text)
}

/// The gradient of the first weight beside that of the last, where it is too large.
fn growth(context: &Context<'_>, limit: &Threshold) -> String {
    let compared = || weights(context.forecast).filter_map(|weight| Some((weight.name, weight.gradient_log10?)));
    let (Some((first, of_first)), Some((last, of_last))) = (compared().next(), compared().next_back()) else {
        return String::new();
    };
    let growth = of_first - of_last;
    if !exceeds(context, growth, limit) {
        return String::new();
    }
    let limit = context.limit(limit);
    format!("; that of `{first}` is {} times that of `{last}` (limit {limit})", power_of_ten(growth))
}

fn exceeds(context: &Context<'_>, figure_log10: f64, limit: &Threshold) -> bool {
    figure_log10 > libm::log10(context.limit(limit))
}

/// A limit that was computed, as the other figures are written; one that was set as it is.
fn rounded(limit: f64) -> String {
    if limit == limit.round() { limit.to_string() } else { power_of_ten(libm::log10(limit)) }
}
