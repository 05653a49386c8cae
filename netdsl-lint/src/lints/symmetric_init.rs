//! ### What it does
//! Finds hidden layers whose units all start with the same weights and get the same gradient.
//!
//! ### Why is this bad
//! Units that start alike and get the same gradient stay alike: the layer never computes more than one of them would.
//! Zero weights between rectifiers do not even do that.
//!
//! ### The maths
//! With equal rows `w` of a weight every unit has the same value `φ(w · x)`. The gradient of a row is `δ x` with
//! `δ = φ'(w · x) Σ v g`, which is the same for all rows where the weights `v` of the next layer are the same for all, or
//! where it is zero. An output layer may start with equal weights: its units are compared with different targets.
//!
//! ### Example
//! ```netdsl
//! pub struct Equal {
//!     input: [20] ~ Normal(0.0, 1.0),
//!     hidden: Dense(64, activation = Tanh, init = Constant(0.01)),
//!     output: Dense(10, init = Constant(0.01)),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### Use instead
//! ```netdsl
//! pub struct Equal {
//!     input: [20] ~ Normal(0.0, 1.0),
//!     hidden: Dense(64, activation = Tanh),
//!     output: Dense(10),
//!     loss: SoftmaxCrossEntropy,
//! }
//! ```
//!
//! ### References
//! - Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4: initial parameters need to break symmetry
//! - Nikanjam, Ben Braiek, Morovati & Khomh 2021, Automatic Fault Detection for Deep Learning Programs Using Graph
//!   Transformations (NeuraLint), arXiv:2105.08095

use netdsl_layers::Float32;

use crate::fix::Remedy;
use crate::lint::{Context, Finding, Group, Lint, Subject};
use crate::remedies::FITTING_INIT_EVERYWHERE;
use crate::settings::Threshold;
use crate::weights::weights;

/// Units start alike and get the same gradient.
pub(super) struct SymmetricInit;

impl Lint for SymmetricInit {
    fn name(&self) -> &'static str {
        "symmetric_init"
    }

    fn group(&self) -> Group {
        Group::Correctness
    }

    fn source(&self) -> &'static str {
        include_str!("symmetric_init.rs")
    }

    fn thresholds(&self) -> &'static [Threshold] {
        &[]
    }

    fn remedies(&self) -> &'static [Remedy] {
        &[FITTING_INIT_EVERYWHERE]
    }

    fn check(&self, context: &Context<'_>) -> Option<Finding> {
        let parameters = context.network.layers.parameters();
        let weights: Vec<_> = weights(context.forecast).collect();
        // The spread of the entries, with room for the rounding of a mean.
        let is_constant = |index: usize| parameters.get(index).is_some_and(|weight| weight.variance() < 1e-30);
        let symmetric = weights.windows(2).find(|pair| {
            let (weight, next) = (&pair[0], &pair[1]);
            let forecast = &context.forecast.parameters[weight.index];
            let is_zero = weight.gradient_log10.is_none() || forecast.f32 == Float32::Underflow;
            forecast.shape[0] > 1 && is_constant(weight.index) && (is_zero || is_constant(next.index))
        })?;
        let weight = &symmetric[0];
        Some(Finding {
            subject: Subject::Layer(context.leaf_of(weight.index)?),
            message: format!(
                "all units of `{}` start alike and get the same gradient: they stay alike however long they are trained",
                weight.name,
            ),
            advice: "draw the weight at random; constants are for biases and for the scales of normalisations",
        })
    }
}
