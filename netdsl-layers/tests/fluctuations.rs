//! What a finite width and few features do to gradients, against what the kernels measure over many seeds: how the norms
//! fluctuate (`moments/swing.rs`), and how gradients correlate with signals from pair to pair of examples
//! (`Signal::scatter`, `Gradient::response` and `Gradient::beside`).

mod simulated;

use netdsl_layers::*;
use simulated::norms;

fn dense<A: Activation>(input: usize, units: usize, activation: A, init: Initializer) -> Dense<A> {
    Dense {
        activation,
        input: Shape::features(input),
        units,
        bias: true,
        init,
        bias_init: Initializer::ZEROS,
    }
}

fn he() -> Initializer {
    Initializer::VarianceScaling {
        scale: 2.0,
        mode: FanMode::FanIn,
        distribution: Distribution::TruncatedNormal,
    }
}

fn named<L>(layer: L, name: &'static str) -> Named<L> {
    Named { layer, name }
}

/// The first layer, the same body a few times, and the output.
fn stack<L>(features: usize, width: usize, body: L, times: usize, outputs: usize) -> impl Kernel<f64>
where
    L: Kernel<f64>,
{
    let first = named(dense(features, width, Linear, Initializer::GLOROT_UNIFORM), "first");
    let body = named(Repeat { layer: body, times, start: 0 }, "body");
    let last = named(dense(width, outputs, Linear, Initializer::GLOROT_UNIFORM), "last");
    Then { first, second: Then { first: body, second: last } }
}

/// The medians to 0.08 and three standard errors of a median of 400 seeds, and the standard deviations to a share of
/// themselves, which the outer deciles of 400 seeds know to a twentieth.
fn check(layer: &impl Kernel<f64>, low: f64, share: f64) {
    for (index, (forecast, measured)) in norms(layer, &MeanSquaredError, low).into_iter().enumerate() {
        let apart = forecast.median_log10 - measured.median_log10;
        let allowed = 0.08 + 3.0 * 1.25 * measured.deviation_log10 / 20.0;
        assert!(apart.abs() < allowed, "parameter {index} is off by {apart:+.3}, more than {allowed:.3}");
        let ratio = forecast.deviation_log10 / measured.deviation_log10;
        assert!(
            (ratio - 1.0).abs() < share,
            "parameter {index} scatters {ratio:.2} times as much as measured"
        );
    }
}

/// Rectifiers pass the scale of a signal on as it is, so that what all layers add comes together.
#[test]
fn the_scale_reaches_every_gradient() {
    check(&stack(30, 16, dense(16, 16, Relu, he()), 6, 10), 0.0, 0.2);
}

/// A bounded activation passes little of it on.
#[test]
fn a_bounded_activation_keeps_the_scale() {
    check(&stack(30, 16, dense(16, 16, Tanh, he()), 6, 10), 0.0, 0.2);
}

/// Where inputs have no mean, the examples of few features that are alike have gradients that are alike, which a weight inside a branch sees by the
/// branch and beside it.
#[test]
fn likeness_goes_beside_a_branch_too() {
    let shortcut = Identity { input: Shape::features(64) };
    let branch = dense(64, 64, Gelu, Initializer::GLOROT_UNIFORM);
    check(&stack(4, 64, Residual { branch, shortcut, scale: 1.0 }, 4, 2), -1.0, 0.25);
}
