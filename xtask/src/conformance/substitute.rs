//! What stands for values of earlier answers. The vectors that run on ledgers (`store/tests/vectors.rs`)
//! take this file too.

use std::collections::BTreeMap;

use kopilka::json::Node;

/// Puts values of earlier answers in the place of `${name/pointer}`.
pub fn substitute(node: &Node, answers: &BTreeMap<String, Node>) -> Node {
    match node {
        Node::Text(text) => {
            let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            let found = inner.and_then(|inner| {
                let (name, pointer) = inner.split_once('/').unwrap_or((inner, ""));
                let answer = answers.get(name)?;
                if pointer.is_empty() {
                    return Some(answer.clone());
                }
                answer.at(&format!("/{pointer}")).cloned()
            });
            found.unwrap_or_else(|| node.clone())
        }
        Node::List(items) => Node::List(items.iter().map(|n| substitute(n, answers)).collect()),
        Node::Map(entries) => Node::Map(
            entries.iter().map(|(key, value)| (key.clone(), substitute(value, answers))).collect(),
        ),
        other => other.clone(),
    }
}
