//! The examples of the reference page: vectors in `docs/examples/program`, one to a file.

use std::fs;

use anyhow::{Context, Result, ensure};
use kopilka::json::Node;
use kopilka::schema::Example;

use crate::root;

/// Where they are.
pub const FOLDER: &str = "docs/examples/program";

/// Every example, by the name of its file.
pub fn all() -> Result<Vec<Example>> {
    let mut examples = Vec::new();
    for entry in fs::read_dir(root().join(FOLDER)).context("there are no examples")? {
        let path = entry?.path();
        let Some(topic) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let text = fs::read_to_string(&path)?.replace("\r\n", "\n");
        let example = example(topic, &text).with_context(|| path.display().to_string())?;
        examples.push(example);
    }
    examples.sort_by(|left, right| left.topic.cmp(&right.topic));
    Ok(examples)
}

fn example(topic: &str, text: &str) -> Result<Example> {
    let vector = Node::parse(text, usize::MAX)?;
    let name = vector.get("name").and_then(Node::text).context("the example has no name")?;
    let program = written_program(text).context("`program` must stand on lines of its own")?;
    let read = Node::parse(&program, usize::MAX)?;
    ensure!(vector.get("program") == Some(&read), "`program` must be indented by two");
    Ok(Example { topic: topic.to_owned(), name: name.to_owned(), program })
}

/// The programme as it is written in the file, moved to the left.
fn written_program(text: &str) -> Option<String> {
    let (_, after) = text.split_once("\n  \"program\": ")?;
    let (body, _) = after.split_once("\n  }")?;
    Some(format!("{body}\n  }}").replace("\n  ", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopilka::{Program, lint, schema};

    #[test]
    fn the_programme_of_an_example_is_shown_as_it_is_written() {
        let text = "{\n  \"name\": \"n\",\n  \"program\": {\n    \"id\": \"a\",\n    \
                    \"tiers\": [\n      { \"id\": \"b\" }\n    ]\n  },\n  \"steps\": []\n}\n";
        let shown = "{\n  \"id\": \"a\",\n  \"tiers\": [\n    { \"id\": \"b\" }\n  ]\n}";
        assert_eq!(example("t", text).unwrap().program, shown);
    }

    #[test]
    fn every_example_stands_on_the_page_once() {
        let examples = all().unwrap();
        let page = schema::reference(&examples);
        for example in &examples {
            let shown = format!("```json\n{}\n```\n", example.program);
            assert_eq!(page.matches(&shown).count(), 1, "{}", example.topic);
        }
    }

    #[test]
    fn every_example_is_a_programme_beyond_doubt() {
        for example in all().unwrap() {
            let program = Program::compile(&example.program).unwrap();
            assert_eq!(lint(&program).findings, [], "{}", example.topic);
        }
    }
}
