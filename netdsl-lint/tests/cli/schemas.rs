//! What is printed for programs is what the schemas say.

use std::fs;
use std::path::Path;

use crate::run::{netdsl, netdsl_reading, sources};
use jsonschema::Validator;
use serde_json::Value;

/// The folder of the whole repository.
fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn schema(path: &Path) -> Validator {
    let text = fs::read_to_string(path).expect("the schema can be read");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    jsonschema::meta::validate(&schema).expect("the schema is one");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is one")
}

#[track_caller]
fn assert_valid(schema: &Validator, text: &str) -> Value {
    let value: Value = serde_json::from_str(text).expect("the output is JSON");
    let errors: Vec<String> =
        schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, [""; 0]);
    value
}

/// A finding in a file with a byte order mark, beside an error and a network that is forecast only in part.
const MIXED: &str = "\u{feff}// ä\r\nnetwork! { struct Deep { input: [20], [Dense(20, activation = Sigmoid); 9], loss: \
                     MeanSquaredError } }\r\nnetwork! { #[expect(non_finite)] struct Hot { input: [4], [Exponential; 2], \
                     Dense(1), loss: MeanSquaredError } } network! { struct }";

#[test]
fn json() {
    let schema = schema(&repository().join("docs/json-schema/netdsl-1.json"));
    let of_repository = ["lint", "--format", "json", "netdsl-lint/tests", "tests", "examples"];
    let value = assert_valid(&schema, &netdsl(repository(), &of_repository).output);
    let networks = value["networks"].as_array().expect("there are networks");
    assert!(networks.len() > 10, "{} networks", networks.len());
    let mixed = netdsl_reading(sources(), &["lint", "--format", "json", "-"], MIXED.as_bytes());
    assert_eq!(assert_valid(&schema, &mixed.output)["networks"].as_array().map(Vec::len), Some(3));
    let nothing = netdsl_reading(sources(), &["lint", "--format", "json", "-"], b"");
    assert_valid(&schema, &nothing.output);
}

#[test]
fn the_schema_of_json_refuses_what_is_not_printed() {
    let schema = schema(&repository().join("docs/json-schema/netdsl-1.json"));
    let run = netdsl(sources(), &["lint", "--format", "json", "vanishing.rs"]);
    let printed = assert_valid(&schema, &run.output);
    let changes: [fn(&mut Value); 4] = [
        |value| value["version"] = 2.into(),
        |value| value["networks"][0]["verdict"] = "fine".into(),
        |value| value["networks"][0]["parameters"][0]["more"] = 1.into(),
        |value| {
            drop(value["networks"][0]["diagnostics"][0].as_object_mut().map(|finding| finding.remove("fix")))
        },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut value = printed.clone();
        change(&mut value);
        assert!(!schema.is_valid(&value), "change {index}");
    }
}

#[test]
fn sarif() {
    let schema =
        schema(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/schemas/sarif-schema-2.1.0.json"));
    let lint =
        |path: &str| netdsl_reading(sources(), &["lint", "--format", "sarif", path], MIXED.as_bytes()).output;
    assert_valid(&schema, &lint("."));
    let absolute = sources().join("vanishing.rs");
    assert_valid(&schema, &lint(absolute.to_str().expect("the path is text")));

    let value = assert_valid(&schema, &lint("-"));
    let run = &value["runs"][0];
    let results = run["results"].as_array().expect("there are results");
    let rules: Vec<&str> =
        results.iter().map(|result| result["ruleId"].as_str().expect("the rule is a text")).collect();
    assert_eq!(rules[..3], ["vanishing_gradient", "not_forecast", "unfulfilled_lint_expectations"]);
    assert!(rules[3..].iter().all(|rule| *rule == "invalid_block") && rules.len() > 3, "{rules:?}");
    let known = run["tool"]["driver"]["rules"].as_array().expect("there are rules");
    for rule in rules {
        assert_eq!(known.iter().filter(|known| known["id"] == rule).count(), 1, "{rule}");
    }
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["region"]["startLine"], 2);
    assert_eq!(place["region"]["snippet"]["text"], "[Dense(20, activation = Sigmoid); 9]");
    assert_eq!(place["contextRegion"]["startColumn"], 1);
    assert_eq!(
        results[0]["fixes"][0]["artifactChanges"][0]["replacements"].as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn what_a_result_of_sarif_is_recognised_by_does_not_move_with_lines() {
    let prints = |text: &str| {
        let run = netdsl_reading(sources(), &["lint", "--format", "sarif", "-"], text.as_bytes());
        let value: Value = serde_json::from_str(&run.output).expect("the output is JSON");
        let results = value["runs"][0]["results"].as_array().expect("there are results").clone();
        results.iter().map(|result| result["partialFingerprints"].to_string()).collect::<Vec<_>>()
    };
    let text = fs::read_to_string(sources().join("vanishing.rs")).expect("the source can be read");
    let moved = format!("\n\n// more\n{}", text.replace("batch: 32", "batch: 64"));
    assert_eq!(prints(&text), prints(&moved));
    let twice = text.replace("struct Known", "struct Sigmoids");
    let twice = prints(&twice);
    assert_eq!(twice.len(), 2);
    assert_ne!(twice[0], twice[1]);
}
