//! ### What it does
//! Finds networks whose first layers get a gradient that is lost: less than a thousandth of the layer's own weights,
//! or of the largest gradient in the network. An optimizer that divides by the gradient's own size, such as `Adam`, loses
//! less: with one declared, three millionths of the largest gradient are the limit, or a first step below 1e-5 of the
//! weight. In a recurrent layer without gates it also finds a gradient that is lost along the sequence.
//!
//! An output layer that starts small, or at zero, does not count: it grows by its own gradient, and the others after it.
//!
//! ### Why is this bad
//! A step of gradient descent moves each weight by the learning rate times its gradient. Where the gradient is many
//! orders of magnitude below the weights, the first layers keep their random initial values while the last ones are
//! trained on what the random layers happen to pass on; the loss stalls at what the last layer alone can reach.
//!
//! ### The maths
//! At initialisation the gradient at a layer is the gradient at the output times the product of the layers between
//! them. In the limit of wide layers the mean square of the gradient shrinks in each layer `z = W h + b, h' = φ(z)` by
//! the factor `χ = σ² E φ'(z)²` with `σ² = fan_out · Var W` (Schoenholz et al. 2017). For the logistic function with
//! Glorot's initialisation `χ` is about 1/16, so that ten layers lose five decades of the norm. Along a sequence the same
//! holds for each step with the recurrent weight (Pascanu et al. 2013).
//!
//! ### Example
//! ```netdsl
//! pub struct Deep {
//!     input: [100] ~ Uniform(0.0, 1.0),
//!     hidden: [Dense(100, activation = Sigmoid); 10],
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Deep {
//!     input: [100] ~ Uniform(0.0, 1.0),
//!     hidden: [Dense(100, activation = Relu, init = HeNormal); 10],
//!     output: Dense(1),
//!     loss: MeanSquaredError,
//! }
//! ```
//!
//! ### References
//! - Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks
//! - Schoenholz, Gilmer, Ganguli & Sohl-Dickstein 2017, Deep Information Propagation, arXiv:1611.01232
//! - Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, arXiv:1211.5063

use netdsl_layers::{Verdict, power_of_ten};

use crate::fix::Remedy;
use crate::forecast::{Steps, counted, limits};
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::remedies;
use crate::settings::Threshold;
use crate::structure::recurrent_weights;
use crate::weights::{Weight, weights};

/// The gradient of the first layers is lost.
pub(super) struct VanishingGradient;

impl Lint for VanishingGradient {
    fn name(&self) -> &'static str {
        "vanishing_gradient"
    }

    fn group(&self) -> Group {
        Group::Correctness
    }

    fn source(&self) -> &'static str {
        include_str!("vanishing_gradient.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[
            limits::SMALLEST_RATIO,
            limits::SMALLEST_RATIO_ADAPTIVE,
            limits::SMALLEST_STEP,
            limits::SMALLEST_TIME_RATIO,
        ]
    }

    fn remedies(&self) -> &'static [Remedy] {
        remedies::OF_GRADIENTS
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        if context.forecast.verdict != Verdict::Vanishing {
            return through_time(context);
        }
        let counted = counted(context.forecast, |_| 0.0);
        let first = counted.first()?;
        // Where no weight has one, what is wrong stands at the output, and other lints say it.
        weights(context.forecast).find_map(|weight| weight.gradient_log10)?;
        let message = match first.gradient_log10 {
            None => format!("no gradient reaches `{}`", first.name),
            Some(gradient) => {
                let largest = counted.iter().filter_map(|weight| weight.gradient_log10);
                let largest = largest.fold(f64::NEG_INFINITY, f64::max);
                format!(
                    "the gradient vanishes: `{}` is forecast a gradient norm of {}, {}",
                    first.name,
                    power_of_ten(gradient),
                    compared(context, first, gradient, largest),
                )
            }
        };
        Some(Finding {
            subject: Subject::Layer(context.leaf_of(first.index)?),
            message,
            advice: "use an activation that does not saturate with the initialisation that fits it, or put a \
                     normalisation or a residual connection into the stack",
        })
    }
}

/// What the verdict compares the gradient of the first weight with, which depends on whether the optimizer divides by the
/// gradient's own size. A limit stands behind the last of the figures that are below it.
fn compared(context: &Context<'_>, first: &Weight<'_>, gradient: f64, largest: f64) -> String {
    let optimizer = context.network.optimizer.as_deref();
    let adaptive = optimizer
        .map(|optimizer| (optimizer, Steps::new(context.forecast, optimizer)))
        .filter(|(_, steps)| !steps.follow_the_gradient());
    let is_below = |figure: f64, limit: &Threshold| figure < libm::log10(context.limit(limit));
    let behind = |figure: f64, limit: &Threshold| match is_below(figure, limit) {
        true => format!(" (limit {:e})", context.limit(limit)),
        false => String::new(),
    };
    let (to_weight, to_largest) = (gradient - first.norm_log10, gradient - largest);
    let limit = if adaptive.is_some() { &limits::SMALLEST_RATIO_ADAPTIVE } else { &limits::SMALLEST_RATIO };
    let behind_largest = behind(to_largest, limit);
    let mut behind_weight = String::new();
    if adaptive.is_none() && behind_largest.is_empty() {
        behind_weight = behind(to_weight + 0.5 * libm::log10(context.network.declaration().averaged()), limit);
    }
    let mut text = format!(
        "{} of the norm of the weight itself{behind_weight} and {} of the largest gradient in the network{behind_largest}",
        power_of_ten(to_weight),
        power_of_ten(to_largest),
    );
    if let Some((optimizer, steps)) = adaptive
        && let Some((_, step)) = steps.relative().find(|(weight, _)| weight.index == first.index)
        && is_below(step, &limits::SMALLEST_STEP)
    {
        let (optimizer, step, limit) =
            (optimizer.written(), power_of_ten(step), context.limit(&limits::SMALLEST_STEP));
        text += &format!("; the first step of `{optimizer}` changes it by {step} of itself (limit {limit:e})");
    }
    text
}

/// A gradient that is lost along the sequence, which the norms of the parameters hide: they sum over all steps.
///
/// The gates of a layer that has some are biases that the steps of short memory already train to stay open; one without
/// gates has no such way out.
fn through_time(context: &Context<'_>) -> Option<Finding> {
    let decay = context.forecast.time_decay_log10?;
    let limit = context.limit(&limits::SMALLEST_TIME_RATIO);
    let weight = recurrent_weights(context).find(|weight| weight.gates == 0)?;
    (decay < libm::log10(limit)).then(|| Finding {
        subject: Subject::Layer(weight.leaf),
        message: format!(
            "the gradient vanishes through time: at the first step of the sequence it is forecast to be {} of that at the \
             last (limit {limit:e}), which the norm of `{}` does not show",
            power_of_ten(decay),
            weight.name,
        ),
        advice: "use `Lstm` or `Gru`, whose gates can keep a state, or a shorter sequence",
    })
}
