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
        let worst = weights(context.forecast).filter(|weight| weight.norm_log10.is_finite()).max_by(|one, other| {
            let excess = |weight: &Weight| norm(weight) - weight.norm_log10;
            excess(one).total_cmp(&excess(other))
        })?;
        let last = weights(context.forecast).last()?;
        let limit = match context.network.optimizer.as_deref() {
            None => format!(" (limit {})", context.limit(&limits::LARGEST_RATIO)),
            Some(optimizer) => {
                let step = Steps::new(context.forecast, optimizer).relative().find(|(weight, _)| weight.index == worst.index);
                let step = step.map_or(f64::NEG_INFINITY, |(_, step)| step);
                format!(", so that the first step of `{}` changes it by {} of itself,", optimizer.written(), power_of_ten(step))
            }
        };
        Some(Finding {
            leaf: context.steepest_leaf().or_else(|| context.leaf_of(worst.index))?,
            message: format!(
                "the gradient explodes: `{}` is forecast a gradient norm of {}, {} times the norm of the weight itself{limit} \
                 and {} times that of `{}`",
                worst.name,
                power_of_ten(norm(&worst)),
                power_of_ten(norm(&worst) - worst.norm_log10),
                power_of_ten(norm(&worst) - norm(&last)),
                last.name,
            ),
            advice: "use the initialisation that fits the activation, or put a normalisation into the stack; clipping \
                     keeps the step finite, but not the signal",
        })
    }
}
