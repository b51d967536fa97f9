//! The table of all codes: errors and reasons, with their numbers and their texts.

use super::entry;
use crate::error::ErrorCode;
use crate::json::Node;
use crate::reason::ReasonCode;
use crate::texts::{self, Language};

/// Every error code and reason code with its number and its texts, as JSON.
///
/// The texts of reasons have places for arguments: `{name}`, or `{name|form}`.
#[must_use]
pub fn codes() -> String {
    let error = |code: &ErrorCode| {
        Node::Map(vec![
            entry("code", code.as_str()),
            number(code.number()),
            entry("class", code.class().as_str()),
            entry("ru", texts::error(*code, Language::Russian)),
            entry("en", texts::error(*code, Language::English)),
        ])
    };
    let reason = |code: &ReasonCode| {
        Node::Map(vec![
            entry("code", code.as_str()),
            number(code.number()),
            entry("ru", texts::reason_template(*code, Language::Russian)),
            entry("en", texts::reason_template(*code, Language::English)),
        ])
    };
    let mut errors = ErrorCode::ALL.to_vec();
    errors.sort_by_key(|code| code.number());
    let mut reasons = ReasonCode::ALL.to_vec();
    reasons.sort_by_key(|code| code.number());
    let table = Node::Map(vec![
        entry("description", "Every code that the engine answers with; no number is reused."),
        ("errors".to_owned(), Node::List(errors.iter().map(error).collect())),
        ("reasons".to_owned(), Node::List(reasons.iter().map(reason).collect())),
    ]);
    let text = serde_json::to_string_pretty(&table).unwrap_or_default();
    format!("{text}\n")
}

fn number(number: u32) -> (String, Node) {
    ("number".to_owned(), Node::Integer(i64::from(number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_number_stands_for_two_codes() {
        let errors = ErrorCode::ALL.iter().map(|code| code.number());
        let reasons = ReasonCode::ALL.iter().map(|code| code.number());
        let mut seen = HashSet::new();
        for number in errors.chain(reasons) {
            assert!(seen.insert(number), "{number} is used twice");
        }
    }

    #[test]
    fn the_table_names_every_code() {
        let table = Node::parse(&codes(), 10_000_000).unwrap();
        let count = |key| match table.get(key) {
            Some(Node::List(codes)) => codes.len(),
            _ => 0,
        };
        assert_eq!(count("errors"), ErrorCode::ALL.len());
        assert_eq!(count("reasons"), ReasonCode::ALL.len());
    }
}
