//! Whether the page on how it is tested names tests that exist.

use std::collections::BTreeMap;
use std::fs;

use crate::root;

const PAGE: &str = "docs/how-it-is-tested.md";

/// What stands between backticks in a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Whether it is the path of a file in this project.
fn is_file(quoted: &str) -> bool {
    quoted.contains('/') && (quoted.ends_with(".rs") || quoted.ends_with(".json"))
}

/// What is wrong with a line of a table: after a file stand tests or vectors that are in it.
fn mistakes(line: &str, read: &mut impl FnMut(&str) -> Option<String>) -> Vec<String> {
    let (mut file, mut found) = (None, Vec::new());
    for name in quoted(line) {
        if is_file(name) {
            file = Some((name, read(name)));
            if let Some((_, None)) = file {
                found.push(format!("there is no {name}"));
            }
        } else if let Some((path, Some(text))) = &file {
            let there = match path.ends_with(".rs") {
                true => {
                    text.contains(&format!("fn {name}(")) || text.contains(&format!("fn {name}<"))
                }
                false => text.contains(&format!("\"name\": \"{name}\"")),
            };
            if !there {
                found.push(format!("{path} has no {name}"));
            }
        }
    }
    found
}

/// The first cell of a line of a table.
fn first(line: &str) -> Option<&str> {
    Some(line.strip_prefix("| ")?.split_once(" |")?.0)
}

#[test]
fn the_page_names_tests_that_exist() {
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let mut texts: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut read = |path: &str| {
        let text = || fs::read_to_string(root().join(path)).ok();
        texts.entry(path.to_owned()).or_insert_with(text).clone()
    };
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let wrong: Vec<String> = rows.flat_map(|line| mistakes(line, &mut read)).collect();
    assert!(wrong.is_empty(), "{PAGE}:\n{}", wrong.join("\n"));
}

#[test]
fn the_page_has_every_invariant_and_every_scenario_once() {
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let invariants = (1..=36).map(|number| format!("I{number}"));
    for number in invariants.chain((1..=50).map(|number| number.to_string())) {
        let rows: Vec<&str> = page.lines().filter(|line| first(line) == Some(&number)).collect();
        let [row] = rows[..] else { panic!("{PAGE}: {number} stands in {} rows", rows.len()) };
        let tested = quoted(row).any(is_file) || row.contains("cannot occur:");
        assert!(tested, "{PAGE}: {number} has neither a test nor a reason");
    }
}

#[test]
fn a_name_that_is_not_in_its_file_is_found() {
    let mut read = |path: &str| match path {
        "a/b.rs" => Some("fn one() {}\nfn two<T>() {}".to_owned()),
        "a/c.json" => Some("{ \"name\": \"It is so\" }".to_owned()),
        _ => None,
    };
    let mut found = |line: &str| mistakes(line, &mut read);
    assert_eq!(found("| `three` | `a/b.rs` `one` `two`, `a/c.json` `It is so` |"), [""; 0]);
    assert_eq!(found("| `a/b.rs` `on` |"), ["a/b.rs has no on"]);
    assert_eq!(found("| `a/c.json` `It is` |"), ["a/c.json has no It is"]);
    assert_eq!(found("| `a/d.rs` `one` |"), ["there is no a/d.rs"]);
}
