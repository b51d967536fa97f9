//! What a step of a vector expects, and whether that is what came.

use std::collections::BTreeMap;

use kopilka::Error;
use kopilka::json::Node;

use super::Failure;
use super::substitute::substitute;

/// Notes keys of a step that nobody knows.
pub fn check_keys(step: &Node, known: &[&str], place: &str, failures: &mut Vec<Failure>) {
    let Node::Map(entries) = step else { return };
    for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
        failures.push(Failure {
            place: place.to_owned(),
            field: key.clone(),
            expected: "a key that conformance/README.md describes".into(),
            actual: "an unknown key".into(),
        });
    }
}

/// Compares what came of a step with what it expects, and keeps the answer of a step with a name.
/// Places of mistakes are told below `input`.
pub fn judge(
    step: &Node,
    place: String,
    outcome: Result<Node, Error>,
    input: &str,
    answers: &mut BTreeMap<String, Node>,
    failures: &mut Vec<Failure>,
) {
    let expected_errors = expected_errors(step);
    match (outcome, expected_errors) {
        (Ok(answer), None) => {
            if let Some(expected) = step.get("expect") {
                let expected = substitute(expected, answers);
                compare(&expected, Some(&answer), &place, "", failures);
            }
            if let Some(name) = step.get("name").and_then(Node::text) {
                answers.insert(name.to_owned(), answer);
            }
        }
        (Err(error), Some(expected)) => {
            let mut actual: Vec<(String, String)> = error
                .mistakes()
                .iter()
                .map(|m| (m.code.as_str().to_owned(), strip(&m.path, input)))
                .collect();
            let mut expected = expected;
            expected.sort();
            actual.sort();
            if actual != expected {
                failures.push(Failure {
                    place,
                    field: "error".into(),
                    expected: format!("{expected:?}"),
                    actual: format!("{actual:?} ({error})"),
                });
            }
        }
        (Ok(answer), Some(expected)) => failures.push(Failure {
            place,
            field: "error".into(),
            expected: format!("{expected:?}"),
            actual: answer.canonical(),
        }),
        (Err(error), None) => failures.push(Failure {
            place,
            field: "answer".into(),
            expected: step.get("expect").map(Node::canonical).unwrap_or_default(),
            actual: error.to_string(),
        }),
    }
}

/// Paths are given within the step's input.
fn strip(path: &str, input: &str) -> String {
    path.strip_prefix(input).unwrap_or(path).to_owned()
}

fn expected_errors(step: &Node) -> Option<Vec<(String, String)>> {
    let one = |error: &Node| {
        let text = |key| error.get(key).and_then(Node::text).unwrap_or("").to_owned();
        (text("code"), text("path"))
    };
    match (step.get("error"), step.get("errors")) {
        (Some(error), _) => Some(vec![one(error)]),
        (None, Some(Node::List(errors))) => Some(errors.iter().map(one).collect()),
        _ => None,
    }
}

/// Compares only what the expectation names.
fn compare(
    expected: &Node,
    actual: Option<&Node>,
    place: &str,
    field: &str,
    failures: &mut Vec<Failure>,
) {
    let mut differ = |field: &str| {
        failures.push(Failure {
            place: place.to_owned(),
            field: field.to_owned(),
            expected: expected.canonical(),
            actual: actual.map_or_else(|| "absent".to_owned(), Node::canonical),
        });
    };
    match (expected, actual) {
        (Node::Null, None) => {}
        (Node::Map(wanted), Some(Node::List(items))) if contains(wanted).is_some() => {
            let all = contains(wanted).unwrap_or(&[]);
            if !all.iter().all(|want| items.iter().any(|item| matches(want, item))) {
                differ(field);
            }
        }
        (Node::Map(wanted), Some(map @ Node::Map(_))) => {
            for (key, value) in wanted {
                compare(value, map.get(key), place, &format!("{field}/{key}"), failures);
            }
        }
        (Node::List(wanted), Some(Node::List(items))) if wanted.len() == items.len() => {
            for (index, (want, item)) in wanted.iter().zip(items).enumerate() {
                compare(want, Some(item), place, &format!("{field}/{index}"), failures);
            }
        }
        (wanted, Some(actual)) if wanted == actual => {}
        _ => differ(field),
    }
}

fn contains(wanted: &[(String, Node)]) -> Option<&[Node]> {
    match wanted {
        [(key, Node::List(items))] if key == "$contains" => Some(items),
        _ => None,
    }
}

fn matches(expected: &Node, actual: &Node) -> bool {
    let mut failures = Vec::new();
    compare(expected, Some(actual), "", "", &mut failures);
    failures.is_empty()
}
