//! The committed files that are made of the types in `core/`.

use std::fs;

use anyhow::{Context, Result};
use kopilka::schema;

use crate::{dotnet, examples, header, root, verbs};

/// The name of a generated file and what it must say.
type File = (&'static str, fn() -> Result<String>);

const FILES: &[File] = &[
    ("core/schema/answer.json", || Ok(schema::answer())),
    ("core/schema/api.json", || Ok(schema::api())),
    ("core/schema/codes.json", || Ok(schema::codes())),
    ("core/schema/calendar.json", || Ok(schema::calendar())),
    ("core/schema/days.json", || Ok(schema::days())),
    ("core/schema/desk.json", || Ok(schema::desk())),
    ("core/schema/watch.json", || Ok(schema::watch())),
    ("core/schema/desk-answer.json", || Ok(schema::desk_answer())),
    ("core/schema/desk-query.json", || Ok(schema::desk_query())),
    ("core/schema/order.json", || Ok(schema::order())),
    ("core/schema/program.json", || Ok(schema::program())),
    ("core/schema/record.json", || Ok(schema::record())),
    ("core/schema/request.json", || Ok(schema::request())),
    ("docs/verbs.md", || Ok(verbs::page())),
    ("docs/program.md", || Ok(schema::reference(&examples::all()?))),
    (header::PATH, header::text),
    ("docs/watch-checks.md", || Ok(schema::watch_reference())),
];

/// Every generated file, by its name.
fn files() -> Result<Vec<(String, String)>> {
    let mut files = dotnet::files()?;
    for (name, text) in FILES {
        files.push(((*name).to_owned(), text()?));
    }
    Ok(files)
}

/// Writes the files that are stale, and removes those that nothing generates any more.
pub fn write() -> Result<bool> {
    let files = files()?;
    for (name, text) in stale(&files) {
        let path = root().join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder of {name}"))?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {name}"))?;
        println!("wrote {name}");
    }
    for name in left_over(&files)? {
        fs::remove_file(root().join(&name)).with_context(|| format!("cannot remove {name}"))?;
        println!("removed {name}");
    }
    println!("{} generated files are up to date", files.len());
    Ok(true)
}

/// Names the files that are stale; false if there are any.
pub fn check() -> Result<bool> {
    let files = files()?;
    let stale: Vec<&String> = stale(&files).map(|(name, _)| name).collect();
    let left_over = left_over(&files)?;
    for name in stale.iter().copied().chain(&left_over) {
        println!("{name} is stale: run `cargo xtask generate`");
    }
    let fresh = stale.is_empty() && left_over.is_empty();
    if fresh {
        println!("{} generated files are up to date", files.len());
    }
    Ok(fresh)
}

fn stale(files: &[(String, String)]) -> impl Iterator<Item = &(String, String)> {
    files.iter().filter(|(name, text)| !is_committed(name, text))
}

/// Files in the folders that hold generated files alone, which nothing generates.
fn left_over(files: &[(String, String)]) -> Result<Vec<String>> {
    let mut left_over = Vec::new();
    let folder = root().join(dotnet::FOLDER);
    if !folder.exists() {
        return Ok(left_over);
    }
    for entry in fs::read_dir(folder)? {
        let name = format!("{}/{}", dotnet::FOLDER, entry?.file_name().to_string_lossy());
        if !files.iter().any(|(known, _)| *known == name) {
            left_over.push(name);
        }
    }
    Ok(left_over)
}

/// Whether the file says this already; a checkout may have changed its line ends.
fn is_committed(name: &str, text: &str) -> bool {
    fs::read_to_string(root().join(name)).is_ok_and(|found| found.replace("\r\n", "\n") == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::mistakes;
    use kopilka::document::canonical;
    use kopilka::json::Node;
    use kopilka::{Book, Program};

    fn node(text: &str) -> Node {
        Node::parse(text, 10_000_000).unwrap()
    }

    #[test]
    fn committed_files_are_what_the_types_say() {
        let files = files().unwrap();
        let mut stale: Vec<String> = stale(&files).map(|(name, _)| name.clone()).collect();
        stale.extend(left_over(&files).unwrap());
        assert!(stale.is_empty(), "run `cargo xtask generate`: {stale:?} are stale");
    }

    #[test]
    fn every_preset_keeps_to_the_schema() {
        for (folder, schema) in [
            ("presets", schema::program()),
            ("presets/days", schema::days()),
            ("presets/desks", schema::desk()),
            ("presets/watch", schema::watch()),
        ] {
            let schema = node(&schema);
            for entry in fs::read_dir(root().join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_none_or(|ending| ending != "json") {
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap();
                assert_eq!(mistakes(&schema, &node(&text)), [""; 0], "{}", path.display());
            }
        }
    }

    #[test]
    fn what_the_reader_refuses_the_schema_refuses() {
        let schema = node(&schema::program());
        for wrong in [
            r#"{"currency": "RUB", "id": "a"}"#,
            r#"{"currency": "RUB", "id": "a", "zone": "UTC", "colour": "red"}"#,
            r#"{"currency": "RUB", "id": "a", "zone": "UTC", "hold": {"minutes": "30"}}"#,
            r#"{"currency": "RUB", "id": "a", "zone": "UTC", "tax": {"per": "moon"}}"#,
            r#"{"currency": "RUB", "id": "a", "zone": "UTC", "tiers": [null]}"#,
        ] {
            assert!(Program::compile(wrong).is_err(), "{wrong}");
            assert_ne!(mistakes(&schema, &node(wrong)), [""; 0], "{wrong}");
        }
    }

    #[test]
    fn a_sale_keeps_to_the_schemas_of_request_answer_and_record() {
        let (requests, answers, records) =
            (node(&schema::request()), node(&schema::answer()), node(&schema::record()));
        let preset = fs::read_to_string(root().join("presets/six-stores.json")).unwrap();
        let mut book = Book::new("till-1", Program::compile(&preset).unwrap()).unwrap();
        for request in [
            r#"{"at": "2025-10-24T14:00:00+03:00", "key": "1", "command": {"issue": {
                "card": "1001", "opening": [{"amount": "100"}]}}}"#,
            r#"{"at": "2025-10-24T14:30:00+03:00", "key": "2", "command": {"sell": {"order": {
                "cards": [{"number": "1001"}], "spend": {"mode": "max"}, "store": "almaz",
                "lines": [{"id": "1", "price": "1000.00", "taxes": [
                    {"name": "VAT 20%", "size": {"percent": "20"}}]}]}}}}"#,
        ] {
            assert_eq!(mistakes(&requests, &node(request)), [""; 0]);
            let answer = book.call_json(request).unwrap();
            assert_eq!(mistakes(&answers, &node(&answer)), [""; 0]);
        }
        for entry in book.entries() {
            let record = node(&canonical(&entry.record));
            assert_eq!(mistakes(&records, &record), [""; 0]);
        }
    }
}
