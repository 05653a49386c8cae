//! Positions and changes hold in the file, whatever stands around the block.

use netdsl_lint::check::{CheckedFile, Levels, check};
use netdsl_lint::render::Format;
use netdsl_lint::source::SourceText;
use proptest::prelude::*;
use serde_json::Value;

const LAYER: &str = "Dense(20, activation = Sigmoid)";

fn checked(bytes: &[u8]) -> CheckedFile {
    let source = SourceText::new("a.rs", bytes.to_vec()).expect("the bytes are text");
    check(source, &Levels::default()).expect("the text is Rust")
}

fn json(bytes: &[u8]) -> Value {
    let format = <dyn Format>::named("json").expect("there is JSON");
    serde_json::from_str(&format.render(&[checked(bytes)], false)).expect("the output is JSON")
}

fn number(value: &Value) -> usize {
    value.as_u64().expect("the value is a whole number") as usize
}

/// What stands between two positions, as an editor counts them: lines, and characters in the line.
fn cut(text: &str, place: &Value) -> String {
    let [line, column, end_line, end_column] =
        ["line", "column", "end_line", "end_column"].map(|key| number(&place[key]));
    assert_eq!(line, end_line, "the layer stands on one line");
    let line = text.split('\n').nth(line - 1).expect("the line is there");
    line.chars().skip(column - 1).take(end_column - column).collect()
}

proptest! {
    #[test]
    fn places_cut_the_layer_out_of_the_file_and_changes_heal_it(
        before in "[ -~äß水😀]{0,30}",
        lines in 0_usize..4,
        inside in "[ \t]{0,8}",
        mark in any::<bool>(),
        returns in any::<bool>(),
        shebang in any::<bool>(),
    ) {
        let mut text = String::new();
        if shebang {
            text.push_str("#!/usr/bin/env cargo\n");
        }
        text.push_str(&format!("// {before}\n").repeat(lines));
        let comment = before.replace("*/", "").replace("/*", "");
        text.push_str(&format!(
            "/* {comment} */ network! {{ struct Deep {{\n input: [20] ~ Uniform(0.0, 1.0), /* {comment} */{inside}\
             [{LAYER}; 6],\n Dense(1), loss: MeanSquaredError }} }}\n"
        ));
        if returns {
            text = text.replace('\n', "\r\n");
        }
        let file = if mark { format!("\u{feff}{text}") } else { text.clone() };

        let found = json(file.as_bytes());
        let network = &found["networks"][0];
        prop_assert_eq!(number(&network["line"]), lines + usize::from(shebang) + 1);
        let finding = &network["diagnostics"][0];
        prop_assert_eq!(&finding["lint"], "vanishing_gradient");
        prop_assert_eq!(cut(&text, finding), format!("[{LAYER}; 6]"));

        let mut edits = finding["fix"]["edits"].as_array().expect("there is a fix").clone();
        edits.sort_by_key(|edit| number(&edit["start"]));
        let mut changed = file.clone();
        for edit in edits.iter().rev() {
            let range = number(&edit["start"])..number(&edit["end"]);
            changed.replace_range(range, edit["text"].as_str().expect("the edit has a text"));
        }
        let after = json(changed.as_bytes());
        prop_assert_eq!(&after["networks"][0]["verdict"], &finding["fix"]["verdict_after"]);
        prop_assert_eq!(after["networks"][0]["diagnostics"].as_array().map(Vec::len), Some(0));
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,60}") {
        for text in [text.clone(), format!("network! {{ {text} }}"), format!("network! {{ struct A {{ input: [2], {text} }} }}")] {
            let source = SourceText::new("a.rs", text.into()).expect("the text is UTF-8");
            let _ = check(source, &Levels::default());
        }
    }
}
