//! ### What it does
//! Finds initialisations whose gain is far from the one that the activation behind the layer wants, for activations
//! that are not bounded.
//!
//! ### Why is this bad
//! A gain that is too small makes the signal fade a little in every layer, one that is too large makes it grow. In a
//! shallow network that does not matter, and the lint is silent by default; the gradient lints speak where it does.
//!
//! ### The maths
//! A layer `h = φ(W x)` keeps the scale of its signal where `fan_in · Var W = 1 / E φ(z)²` over a standard normal `z`: 2
//! for the rectifier, 1 for `Selu`. The lint compares the two.
//!
//! ### Example
//! ```netdsl
//! pub struct Faded {
//!     input: [64] ~ Normal(0.0, 1.0),
//!     hidden: [Dense(64, activation = Relu); 3],
//!     output: Dense(10),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Faded {
//!     input: [64] ~ Normal(0.0, 1.0),
//!     hidden: [Dense(64, activation = Relu, init = HeNormal); 3],
//!     output: Dense(10),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### References
//! - He, Zhang, Ren & Sun 2015, Delving Deep into Rectifiers, section 2.2, arXiv:1502.01852
//! - Klambauer, Unterthiner, Mayr & Hochreiter 2017, Self-Normalizing Neural Networks, arXiv:1706.02515

use netdsl_layers::gain;

use crate::activated::activated;
use crate::fix::Remedy;
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::remedies::FITTING_INIT;
use crate::settings::Threshold;

/// How far the gain may be off.
const LARGEST_FACTOR: Threshold = Threshold {
    lint: "init_mismatch",
    name: "largest_factor",
    default: 2.0,
    most: f64::INFINITY,
    meaning: "the gain of the weights against the one that the activation wants, in either direction: a factor of 2 makes \
              the signal fade or grow by a decade in seven layers",
};

/// The gain of the weights does not fit the activation.
pub(super) struct InitMismatch;

impl Lint for InitMismatch {
    fn name(&self) -> &'static str {
        "init_mismatch"
    }

    fn group(&self) -> Group {
        Group::Pedantic
    }

    fn source(&self) -> &'static str {
        include_str!("init_mismatch.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[LARGEST_FACTOR]
    }

    fn remedies(&self) -> &'static [Remedy] {
        &[FITTING_INIT]
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        let limit = context.limit(&LARGEST_FACTOR);
        let off = |ratio: f64| libm::fabs(libm::log(ratio));
        let layers = activated(context).into_iter().filter_map(|layer| {
            let (activation, node) = layer.activation.as_ref()?;
            let wanted = gain(&**activation)?;
            let leaf = layer.leaf;
            // A normalisation between the two makes the scale of the weights immaterial.
            let next = context.network.leaves.get(leaf + 1);
            if node.is_some_and(|node| next.is_none_or(|next| next.place != node)) {
                return None;
            }
            let parameters = context.forecast.parameters.get(context.network.leaves[leaf].parameters.clone())?;
            let weight = parameters.iter().find(|parameter| parameter.shape.len() > 1)?;
            let fan_in: f64 = weight.shape[1..].iter().map(|size| *size as f64).product();
            let gain = fan_in * weight.rms * weight.rms;
            (gain > 0.0).then(|| (gain / wanted, leaf, activation.name(), gain, wanted))
        });
        let (ratio, leaf, activation, gain, wanted) =
            layers.max_by(|(one, ..), (other, ..)| off(*one).total_cmp(&off(*other)))?;
        // The default of Keras before a rectifier is off by exactly the limit.
        (off(ratio) > libm::log(limit) - 1e-9).then(|| Finding {
            subject: Subject::Layer(leaf),
            message: format!(
                "the weights of `{}` have the gain {gain:.2}, and `{activation}` keeps the scale of a signal at {wanted:.2}",
                context.network.leaves[leaf].path,
            ),
            advice: "use the initialisation that fits the activation: `HeNormal` for rectifiers, `LecunNormal` for `Selu`",
        })
    }
}
