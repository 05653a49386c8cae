//! What each format prints of the same three files.

use crate::run::{netdsl, sources};
use serde_json::Value;

fn lint(format: &str) -> String {
    netdsl(sources(), &["lint", "--format", format, "broken.rs", "healthy.rs", "vanishing.rs"]).output
}

#[test]
fn human() {
    insta::assert_snapshot!(lint("human"));
}

#[test]
fn concise() {
    insta::assert_snapshot!(lint("concise"));
}

#[test]
fn github() {
    insta::assert_snapshot!(lint("github"));
}

/// Numbers to one decimal: the form is what this is about.
fn rounded(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            *value = number.as_f64().map(|number| (number * 10.0).round() / 10.0).into();
        }
        Value::Array(values) => values.iter_mut().for_each(rounded),
        Value::Object(members) => members.values_mut().for_each(rounded),
        _ => {}
    }
}

#[test]
fn json() {
    let mut value: Value = serde_json::from_str(&lint("json")).expect("the output is JSON");
    rounded(&mut value);
    insta::assert_snapshot!(format!("{value:#}"));
}

#[test]
fn json_keeps_the_order_that_is_documented() {
    let text = lint("json");
    let keys = [
        "\"name\": \"Sigmoids\"",
        "\"file\"",
        "\"line\"",
        "\"input_shape\"",
        "\"output_shape\"",
        "\"batch\"",
    ];
    let start = text.find(keys[0]).expect("the network is there");
    let places: Vec<_> = keys.iter().map(|key| text[start..].find(key)).collect();
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{places:?}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(lint("json"), lint("json"));
}
