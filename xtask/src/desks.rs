//! Runs vectors that ask a desk.

use std::collections::BTreeMap;

use kopilka::Error;
use kopilka::desk::{Desk, DeskAnswer, DeskQuery};
use kopilka::document::{Reader, canonical, from_node, to_node};
use kopilka::json::Node;

use crate::conformance::{Failure, check_keys, compiled, judge, preset, substitute};

/// The desk of a vector.
pub fn load(vector: &Node) -> Result<Desk, String> {
    Desk::from_node(&document(vector)?).map_err(|error| error.to_string())
}

/// Its policy: the name of a file in `presets/desks` or a document, with what `with` puts in its
/// places.
pub fn document(vector: &Node) -> Result<Node, String> {
    let mut document = match vector.get("desk") {
        Some(Node::Text(name)) => preset(&format!("desks/{name}"))?,
        Some(document) => document.clone(),
        None => return Err("missing".into()),
    };
    if let Some(changes) = vector.get("with") {
        let Node::Map(changes) = changes else { return Err("`with` is no object".into()) };
        for (pointer, value) in changes {
            put(&mut document, pointer, value).ok_or_else(|| format!("there is no {pointer}"))?;
        }
    }
    Ok(document)
}

/// Puts a value in a place of a document: a new key, or one that is there, of an object, or an item of a
/// list.
fn put(node: &mut Node, pointer: &str, value: &Node) -> Option<()> {
    let (first, rest) = match pointer.strip_prefix('/')?.split_once('/') {
        Some((first, rest)) => (first, Some(format!("/{rest}"))),
        None => (pointer.strip_prefix('/')?, None),
    };
    let place = match node {
        Node::List(items) => items.get_mut(first.parse::<usize>().ok()?)?,
        Node::Map(entries) => {
            let found = entries.iter().position(|(key, _)| key == first);
            let found = match found {
                Some(found) => found,
                None if rest.is_none() => {
                    entries.push((first.to_owned(), Node::Null));
                    entries.len() - 1
                }
                None => return None,
            };
            &mut entries.get_mut(found)?.1
        }
        _ => return None,
    };
    match rest {
        Some(rest) => put(place, &rest, value),
        None => {
            *place = value.clone();
            Some(())
        }
    }
}

/// Runs the steps of a vector.
pub fn run(desk: &Desk, steps: &[Node]) -> Vec<Failure> {
    let mut answers = BTreeMap::new();
    let mut failures = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let known = ["name", "ask", "compile", "expect", "error", "errors"];
        let (place, outcome, input) = match (step.get("ask"), step.get("compile")) {
            (Some(query), None) => {
                let query = substitute(query, &answers);
                let verb = only_key(&query).unwrap_or_default().to_owned();
                let place = format!("step {} ({verb})", number + 1);
                (place, ask(desk, &query, &mut failures), format!("/{verb}"))
            }
            (None, Some(document)) => {
                (format!("step {} (compile)", number + 1), compile(document), String::new())
            }
            _ => {
                failures.push(Failure {
                    place: format!("step {}", number + 1),
                    field: "ask".into(),
                    expected: "either `ask` or `compile`".into(),
                    actual: step.canonical(),
                });
                continue;
            }
        };
        check_keys(step, &known, &place, &mut failures);
        judge(step, place, outcome, &input, &mut answers, &mut failures);
    }
    failures
}

fn only_key(node: &Node) -> Option<&str> {
    match node {
        Node::Map(entries) => entries.first().map(|(key, _)| key.as_str()),
        _ => None,
    }
}

fn compile(document: &Node) -> Result<Node, Error> {
    let desk = Desk::from_node(document)?;
    Ok(compiled(desk.id(), desk.version()))
}

fn ask(desk: &Desk, node: &Node, failures: &mut Vec<Failure>) -> Result<Node, Error> {
    let query: DeskQuery = from_node(node)?;
    let answer = desk.call(query.clone())?;
    check_round_trip(&query, &answer);
    check_order(desk, &query, &answer, failures);
    let Node::Map(mut entries) = to_node(&answer) else { return Ok(Node::default()) };
    // An answer is an object with one key, the name of its variant.
    Ok(entries.pop().map(|(_, inner)| inner).unwrap_or_default())
}

/// Every question and answer of every vector must survive being written and read again.
fn check_round_trip(query: &DeskQuery, answer: &DeskAnswer) {
    let again = |text: &str| Node::parse(text, usize::MAX).unwrap_or_default();
    let text = canonical(query);
    let (second, mistakes) = Reader::document::<DeskQuery>(&again(&text));
    assert!(mistakes.is_empty(), "a question cannot be read again: {mistakes:?}");
    assert_eq!(text, canonical(&second), "a question changes when read again");
    let text = canonical(answer);
    let (second, mistakes) = Reader::document::<DeskAnswer>(&again(&text));
    assert!(mistakes.is_empty(), "an answer cannot be read again: {mistakes:?}");
    assert_eq!(text, canonical(&second), "an answer changes when read again");
}

/// The order in which the events of a ticket are given says nothing.
fn check_order(desk: &Desk, query: &DeskQuery, answer: &DeskAnswer, failures: &mut Vec<Failure>) {
    let DeskQuery::Evaluate(query) = query else { return };
    let mut turned = query.clone();
    turned.events.reverse();
    let other = desk.call(DeskQuery::Evaluate(turned));
    let text = |answer: &DeskAnswer| canonical(answer);
    if other.as_ref().ok().map(text) != Some(text(answer)) {
        failures.push(Failure {
            place: "events in the other order".into(),
            field: String::new(),
            expected: text(answer),
            actual: other.map_or_else(|error| error.to_string(), |answer| text(&answer)),
        });
    }
}
