//! Whether the vectors name every key of a union and every policy value that a programme may say.

use std::collections::BTreeSet;
use std::path::PathBuf;

use kopilka::ProgramDocument;
use kopilka::document::{Definition, Document, Shape, Shapes};
use kopilka::json::Node;

use crate::conformance::{preset, vectors};

/// Prints what no vector names; false if there is anything.
pub fn run(folders: &[PathBuf]) -> std::io::Result<bool> {
    let missing = missing(folders)?;
    for (kind, word) in &missing {
        println!("no vector has a programme that says `{word}` for {kind}");
    }
    println!("{} values of the programme document are in no vector", missing.len());
    Ok(missing.is_empty())
}

fn missing(folders: &[PathBuf]) -> std::io::Result<BTreeSet<(String, String)>> {
    let mut shapes = Shapes::default();
    let shape = ProgramDocument::shape(&mut shapes);
    let mut seen = BTreeSet::new();
    for vector in vectors(folders)? {
        let named = vector.get("program");
        let program = match named.and_then(Node::text) {
            Some(name) => preset(name).ok(),
            None => named.cloned(),
        };
        let mut programs: Vec<Node> = program.into_iter().collect();
        if let Some(Node::List(steps)) = vector.get("steps") {
            let document = |step: &Node| step.get("input")?.get("document").cloned();
            programs.extend(steps.iter().filter_map(document));
        }
        for program in &programs {
            walk(&shapes, &shape, program, &mut seen);
        }
    }
    Ok(all(&shapes).difference(&seen).cloned().collect())
}

/// Every word and every key that a programme may say. A default need not be said.
fn all(shapes: &Shapes) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for (name, definition) in &shapes.definitions {
        let words: Vec<&str> = match definition {
            Definition::Choice { words, .. } => {
                words.iter().skip(1).map(|(word, _)| *word).collect()
            }
            Definition::Union { variants, .. } => variants.iter().map(|(key, ..)| *key).collect(),
            Definition::Object { .. } => Vec::new(),
        };
        all.extend(words.into_iter().map(|word| ((*name).to_owned(), word.to_owned())));
    }
    all
}

fn walk(shapes: &Shapes, shape: &Shape, node: &Node, seen: &mut BTreeSet<(String, String)>) {
    match (shape, node) {
        (Shape::Optional(inner), node) => walk(shapes, inner, node, seen),
        (Shape::List(inner), Node::List(items)) => {
            items.iter().for_each(|item| walk(shapes, inner, item, seen));
        }
        (Shape::Named(name), node) => match (shapes.definitions.get(name), node) {
            (Some(Definition::Choice { .. }), node) => {
                let word = node.text().map(|word| ((*name).to_owned(), word.to_owned()));
                seen.extend(word);
            }
            (Some(Definition::Object { fields, .. }), Node::Map(entries)) => {
                for (key, value) in entries {
                    if let Some(field) = fields.iter().find(|field| field.name == key) {
                        walk(shapes, &field.shape, value, seen);
                    }
                }
            }
            (Some(Definition::Union { variants, .. }), Node::Map(entries)) => {
                for (key, value) in entries {
                    if let Some((_, _, shape)) = variants.iter().find(|(name, ..)| name == key) {
                        seen.insert(((*name).to_owned(), key.clone()));
                        walk(shapes, shape, value, seen);
                    }
                }
            }
            _ => {}
        },
        _ => {}
    }
}
