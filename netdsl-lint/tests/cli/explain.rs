//! What the command says of lints and of one network.

use crate::run::{netdsl, sources};
use netdsl_lint::lint::LINTS;

#[test]
fn every_lint_is_listed_and_explained_under_the_same_headings() {
    let list = netdsl(sources(), &["list"]);
    assert_eq!(list.status, Some(0));
    for lint in LINTS {
        let listed = list.output.lines().filter(|line| line.split_whitespace().next() == Some(lint.name()));
        assert_eq!(listed.count(), 1, "{}", lint.name());
        let explained = netdsl(sources(), &["explain", lint.name()]);
        assert_eq!(explained.status, Some(0), "{}", lint.name());
        let headings: Vec<&str> =
            explained.output.lines().filter_map(|line| line.strip_prefix("### ")).collect();
        let mut expected =
            vec!["What it does", "Why is this bad", "The maths", "Example", "Use instead", "References"];
        expected.extend(lint.thresholds().first().map(|_| "Settings"));
        assert_eq!(headings, expected, "{}", lint.name());
    }
}

#[test]
fn a_misspelt_lint_is_guessed() {
    for written in ["vanishing_gradiant", "vanishing"] {
        let said = format!("unknown lint `{written}`: did you mean `vanishing_gradient`?");
        let run = netdsl(sources(), &["explain", written]);
        assert_eq!((run.status, run.errors), (Some(2), format!("error: {said}\n")));
        let run = netdsl(sources(), &["lint", "--level", &format!("{written}=deny"), "healthy.rs"]);
        assert_eq!(run.status, Some(2));
        assert!(run.errors.contains(&said), "{run:?}");
    }
}

#[test]
fn where_no_lint_seems_to_be_meant_all_are_named() {
    let names: Vec<&str> = LINTS.iter().map(|lint| lint.name()).collect();
    let help = format!("the lints are {}", names.join(", "));
    let run = netdsl(sources(), &["explain", "dead"]);
    assert_eq!((run.status, run.errors), (Some(2), format!("error: unknown lint `dead`\nhelp: {help}\n")));
    let run = netdsl(sources(), &["lint", "--level", "dead=deny", "healthy.rs"]);
    assert_eq!(run.status, Some(2));
    assert!(run.errors.contains(&format!("unknown lint `dead`\n\n  tip: {help}\n")), "{run:?}");
}

#[test]
fn a_forecast_shows_the_network_that_is_asked_for() {
    let run = netdsl(sources(), &["forecast", "healthy.rs", "vanishing.rs", "--network", "Rectified"]);
    assert_eq!(run.status, Some(0));
    assert!(
        run.output.starts_with("healthy.rs:2:13\nforecast for `Rectified` at initialisation: healthy"),
        "{run:?}"
    );
    assert_eq!(run.output.matches("forecast for").count(), 1, "{run:?}");
    // Each weight has a line in the table and a bar in the chart.
    let weights = run.output.lines().filter(|line| line.starts_with("output.weight "));
    assert_eq!(weights.count(), 2, "{run:?}");
}

#[test]
fn a_network_that_is_not_there_is_guessed() {
    let run = netdsl(sources(), &["forecast", "healthy.rs", "--network", "Rectifyed"]);
    assert_eq!(run.status, Some(2));
    assert_eq!(run.errors, "error: no network `Rectifyed`: did you mean `Rectified`?\n");
    let run = netdsl(sources(), &["forecast", "healthy.rs", "vanishing.rs", "--network", "Deep"]);
    let message = "error: no network `Deep`\nhelp: the networks are Known, Rectified, Sigmoids\n";
    assert_eq!((run.status, run.errors.as_str()), (Some(2), message));
}
