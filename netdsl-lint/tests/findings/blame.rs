//! A finding names what is to blame, and proposes what mends it.

use netdsl_layers::Verdict;
use netdsl_lint::check::ShownFinding;

use crate::checked::{checked, lints};

fn of<'a>(findings: &'a [ShownFinding], lint: &str) -> &'a ShownFinding {
    findings.iter().find(|finding| finding.lint == lint).unwrap_or_else(|| panic!("{lint} in {findings:?}"))
}

/// With a layer between its bias and what it would be without, no other change makes the network live.
#[test]
fn a_bias_that_kills_is_what_is_changed() {
    let (network, shown) = checked(
        "input: [4], hidden: [Dense(3, activation = Relu, bias_init = Constant(-1.0)); 4], out: Dense(1), \
         loss: MeanSquaredError",
    );
    assert_eq!(lints(&network), ["dying_relu", "lost_signal"], "{shown}");
    for finding in &network.findings {
        let fix = finding.fix.as_ref().unwrap_or_else(|| panic!("{shown}"));
        assert_eq!(
            (&*fix.title, fix.verdict_after),
            ("write `bias_init = Zeros`", Verdict::Healthy),
            "{shown}"
        );
    }
}

/// What leaves a network dead is not proposed for what makes it dead.
#[test]
fn what_does_not_train_even_so_is_no_mend() {
    let (network, shown) = checked(
        "input: [2], hidden: [Dense(2, activation = Relu); 30], out: Dense(1), loss: MeanSquaredError",
    );
    for finding in network.findings.iter().filter_map(|finding| finding.fix.as_ref()) {
        assert_eq!(finding.verdict_after, Verdict::Healthy, "{shown}");
    }
}

/// In a repetition the copy that the numbers are of is the one that is named.
#[test]
fn the_layer_of_a_finding_is_the_one_of_its_message() {
    let (network, shown) =
        checked("input: [50], hidden: [Dense(50, init = Normal(0.0, 1.0)); 6], loss: MeanSquaredError");
    let found = of(&network.findings, "exploding_gradient");
    let layer = found.layer.as_ref().expect("it has a layer");
    assert!(found.message.contains(&format!("`{layer}.weight` is forecast")), "{shown}");
    assert!(!found.message.contains("it grows most in"), "{shown}");
}

/// Where it is not the same, both are named.
#[test]
fn a_gradient_that_grows_elsewhere_says_where() {
    let (network, shown) = checked(
        "input: [50], hidden: [Dense(50, activation = Relu, init = Normal(0.0, 1.0)); 5], output: Dense(1), \
         loss: MeanSquaredError",
    );
    let found = of(&network.findings, "exploding_gradient");
    let layer = found.layer.as_ref().expect("it has a layer");
    assert!(found.message.contains("`output.weight` is forecast"), "{shown}");
    assert!(found.message.ends_with(&format!("; it grows most in `{layer}`")), "{shown}");
}

#[test]
fn targets_that_training_refuses_are_found() {
    let found = |loss: &str, target: &str| {
        let (network, _) = checked(&format!(
            "input: [4], Dense(8, activation = Relu), Dense(1{}), target ~ {target}, loss: {loss}",
            if loss == "BinaryCrossEntropy" { ", activation = Sigmoid" } else { "" },
        ));
        lints(&network).contains(&"loss_output_mismatch")
    };
    for loss in ["SigmoidCrossEntropy", "BinaryCrossEntropy"] {
        for target in ["Normal(5.0, 3.0)", "Normal(0.5, 0.1)", "Uniform(-1.0, 1.0)", "Normal(2.0, 0.0)"] {
            assert!(found(loss, target), "{loss} {target}");
            assert!(!found("MeanSquaredError", target), "{target}");
        }
        for target in ["Uniform(0.0, 1.0)", "Uniform(0.2, 0.3)", "Normal(1.0, 0.0)"] {
            assert!(!found(loss, target), "{loss} {target}");
        }
    }
}

/// Where the gradients are those of a healthy network, the optimizer is underlined, and no layer is named for it.
#[test]
fn a_learning_rate_that_is_too_large_is_no_gradient() {
    let body = |rate: &str| {
        format!(
            "input: [9], hidden: [Dense(64, activation = Relu, init = HeNormal); 2], output: Dense(1), \
             loss: MeanSquaredError, optimizer: Sgd(learning_rate = {rate})"
        )
    };
    let (network, shown) = checked(&body("1.0"));
    assert_eq!(
        (lints(&network), network.forecast.verdict),
        (vec!["step_too_large"], Verdict::Exploding),
        "{shown}"
    );
    let found = &network.findings[0];
    let text = format!("network! {{ struct N {{ {} }} }}", body("1.0"));
    assert_eq!((&text[found.range.clone()], &found.layer), ("Sgd(learning_rate = 1.0)", &None), "{shown}");
    assert!(found.message.contains("changes `hidden.1.weight` by "), "{shown}");
    assert!(lints(&checked(&body("0.001")).0).is_empty());

    // What explodes at any rate is said of the gradient.
    let (network, shown) = checked(&body("1.0").replace("HeNormal", "Uniform(0.0, 0.2)"));
    assert_eq!(lints(&network), ["exploding_gradient"], "{shown}");
}

#[test]
fn a_level_on_the_optimizer_is_that_of_its_steps() {
    let (network, shown) = checked(
        "input: [9], hidden: [Dense(64, activation = Relu, init = HeNormal); 2], output: Dense(1), \
         loss: MeanSquaredError, #[allow(step_too_large)] optimizer: Sgd(learning_rate = 1.0)",
    );
    assert!(network.findings.is_empty(), "{shown}");
}
