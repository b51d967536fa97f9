//! Runs vectors that ask ledgers on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use kopilka::Error;
use kopilka::json::Node;
use kopilka_store::Ledger;

use crate::conformance::{Failure, check_keys, judge, substitute};
use crate::root;

/// What a step of such a vector does.
pub enum Turn<'a> {
    /// Opens a ledger by its options.
    Open(&'a Node),
    /// Asks it.
    Ask(&'a Node),
    /// Closes it.
    Close,
}

impl Turn<'_> {
    /// What a step says, and with which ledger.
    pub fn of(step: &Node) -> Result<(&str, Turn<'_>), String> {
        let ledger = step.get("ledger").and_then(Node::text).ok_or("`ledger` is missing")?;
        let turn = match (step.get("open"), step.get("ask"), step.get("close")) {
            (Some(options), None, None) => Turn::Open(options),
            (None, Some(query), None) => Turn::Ask(query),
            (None, None, Some(Node::Boolean(true))) => Turn::Close,
            _ => return Err("a step opens, asks or closes a ledger".to_owned()),
        };
        Ok((ledger, turn))
    }
}

/// A folder is the current one as long as this lives: vectors name files without folders.
pub struct Entered(());

impl Entered {
    pub fn folder(folder: &Path) -> Result<Entered> {
        std::env::set_current_dir(folder)?;
        Ok(Entered(()))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        // The folder was there when the command began.
        let _ = std::env::set_current_dir(root());
    }
}

/// Runs the steps of a vector.
pub fn run(steps: &[Node]) -> Vec<Failure> {
    let _folder = match empty_folder().and_then(|folder| Entered::folder(&folder)) {
        Ok(folder) => folder,
        Err(error) => return vec![wrong("vector", "a folder", error.to_string())],
    };
    let mut ledgers: BTreeMap<&str, Ledger> = BTreeMap::new();
    let (mut answers, mut failures) = (BTreeMap::new(), Vec::new());
    for (number, step) in steps.iter().enumerate() {
        let place = format!("step {}", number + 1);
        let known = ["name", "ledger", "open", "ask", "close", "expect", "error", "errors"];
        check_keys(step, &known, &place, &mut failures);
        let (ledger, turn) = match Turn::of(step) {
            Ok(turn) => turn,
            Err(problem) => {
                failures.push(wrong(&place, "a step of a ledger", problem));
                continue;
            }
        };
        let outcome = match turn {
            Turn::Open(options) => Ledger::open_json(&options.canonical()).map(|opened| {
                ledgers.insert(ledger, opened);
                Node::default()
            }),
            Turn::Ask(query) => match ledgers.get(ledger) {
                Some(open) => ask(open, &substitute(query, &answers)),
                None => {
                    failures.push(wrong(&place, "an open ledger", ledger.to_owned()));
                    continue;
                }
            },
            Turn::Close => {
                ledgers.remove(ledger);
                Ok(Node::default())
            }
        };
        judge(step, place, outcome, "", &mut answers, &mut failures);
    }
    failures
}

/// The answer below its verb.
fn ask(ledger: &Ledger, query: &Node) -> Result<Node, Error> {
    let answer = Node::parse(&ledger.ask_json(&query.canonical())?, usize::MAX)?;
    let Node::Map(mut entries) = answer else { return Ok(answer) };
    Ok(entries.pop().map(|(_, inner)| inner).unwrap_or_default())
}

fn wrong(place: &str, expected: &str, actual: String) -> Failure {
    Failure { place: place.to_owned(), field: String::new(), expected: expected.into(), actual }
}

/// A text in which times that were taken are zero: no two runs take the same.
pub fn without_times(text: &str) -> String {
    let mut told = text.to_owned();
    for key in ["\"last\":", "\"longest\":", "\"median\":", "\"micros\":"] {
        let mut parts = told.split(key);
        let mut again = parts.next().unwrap_or("").to_owned();
        for part in parts {
            let rest = part.trim_start_matches(|sign: char| sign.is_ascii_digit());
            again.push_str(key);
            again.push_str(if rest.len() < part.len() { "0" } else { "" });
            again.push_str(rest);
        }
        told = again;
    }
    told
}

/// The folder of the ledgers of vectors, emptied. It is always the same one, since messages name it.
pub fn empty_folder() -> Result<PathBuf> {
    let folder = root().join("target/transcripts/ledgers");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_left_out_and_nothing_else() {
        let text = r#"{"calls":{"calls":3,"last":12,"median":7},"last":"till-1.1.3","micros":0}"#;
        let told = r#"{"calls":{"calls":3,"last":0,"median":0},"last":"till-1.1.3","micros":0}"#;
        assert_eq!(without_times(text), told);
    }
}
