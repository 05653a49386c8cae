//! What each format prints of the same three files.

use crate::run::{netdsl, sources};
use serde_json::Value;

fn lint(format: &str) -> String {
    netdsl(sources(), &["lint", "--format", format, "broken.rs", "healthy.rs", "vanishing.rs"]).output
}

/// The text with `#` for the digits of every number that has a point: a snapshot is about the form, and the numbers are
/// held against measurements elsewhere.
fn masked(text: &str) -> String {
    let is_number = |word: &str| {
        let digits: Vec<bool> = word.chars().map(|letter| letter.is_ascii_digit()).collect();
        word.match_indices('.').any(|(at, _)| {
            let at = word[..at].chars().count();
            at > 0 && digits[at - 1] && digits.get(at + 1) == Some(&true)
        })
    };
    let mask = |word: &str| {
        if is_number(word) { word.replace(|letter: char| letter.is_ascii_digit(), "#") } else { word.into() }
    };
    text.split_inclusive([' ', '\n']).map(mask).collect()
}

#[test]
fn human() {
    insta::assert_snapshot!(masked(&lint("human")));
}

#[test]
fn concise() {
    insta::assert_snapshot!(masked(&lint("concise")));
}

#[test]
fn github() {
    insta::assert_snapshot!(masked(&lint("github")));
}

/// The document with `"number"` for every number that is not whole, and masked texts.
fn without_numbers(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => *value = "number".into(),
        Value::String(text) => *text = masked(text),
        Value::Array(values) => values.iter_mut().for_each(without_numbers),
        Value::Object(members) => members.values_mut().for_each(without_numbers),
        _ => {}
    }
}

#[test]
fn json() {
    let mut value: Value = serde_json::from_str(&lint("json")).expect("the output is JSON");
    without_numbers(&mut value);
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
