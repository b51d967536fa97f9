//! Runs conformance vectors and says what differs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::books::{Books, Tilled};
use crate::{desks, ledgers, watches};
use kopilka::document::{Reader, canonical, from_node, to_node};
use kopilka::json::Node;
use kopilka::{Answer, CardQuery, Command, Error, Program, Record, Request};

mod expect;
mod substitute;

pub use expect::{check_keys, judge};
pub use substitute::substitute;

/// The instant of steps that name none.
pub const NOW: &str = "2025-10-24T12:00:00+03:00";

/// What one vector, or one step of it, got wrong.
pub struct Failure {
    pub place: String,
    pub field: String,
    pub expected: String,
    pub actual: String,
}

/// Runs every vector below the folders; false if any failed.
pub fn run(folders: &[PathBuf]) -> std::io::Result<bool> {
    let mut files = Vec::new();
    for folder in folders {
        collect(folder, &mut files)?;
    }
    files.sort();
    let (mut passed, mut failed) = (0, 0);
    for file in &files {
        for (name, failures) in run_file(file)? {
            if failures.is_empty() {
                passed += 1;
                continue;
            }
            failed += 1;
            println!("FAILED {}: {name}", file.display());
            for failure in failures {
                println!("  {} {}", failure.place, failure.field);
                println!("    expected {}", failure.expected);
                println!("    actual   {}", failure.actual);
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0 && passed > 0)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_dir() || path.extension().is_some_and(|ending| ending == "json") {
            collect(&path, files)?;
        }
    }
    Ok(())
}

fn run_file(file: &Path) -> std::io::Result<Vec<(String, Vec<Failure>)>> {
    let text = fs::read_to_string(file)?;
    let node = match Node::parse(&text, usize::MAX) {
        Ok(node) => node,
        Err(error) => {
            let failure = Failure {
                place: "file".into(),
                field: String::new(),
                expected: "a vector or a list of them".into(),
                actual: error.to_string(),
            };
            return Ok(vec![("unreadable".into(), vec![failure])]);
        }
    };
    let vectors = match node {
        Node::List(list) => list,
        one => vec![one],
    };
    let name = |vector: &Node| vector.get("name").and_then(Node::text).unwrap_or("?").to_owned();
    Ok(vectors.iter().map(|vector| (name(vector), run_vector(vector))).collect())
}

fn run_vector(vector: &Node) -> Vec<Failure> {
    let wrong = |field: &str, actual: String| Failure {
        place: "vector".into(),
        field: field.into(),
        expected: "what conformance/README.md describes".into(),
        actual,
    };
    let (desk, watch) = (vector.get("desk").is_some(), vector.get("watch").is_some());
    let known: &[&str] = match (desk, watch) {
        (true, _) => &["name", "why", "desk", "with", "steps"],
        (_, true) => &["name", "why", "watch", "steps"],
        _ if vector.get("ledgers").is_some() => &["name", "why", "ledgers", "steps"],
        _ => &["name", "why", "program", "guards_clock", "steps"],
    };
    if let Node::Map(entries) = vector
        && let Some((key, _)) = entries.iter().find(|(key, _)| !known.contains(&key.as_str()))
    {
        return vec![wrong(key, "an unknown key".into())];
    }
    if vector.get("why").and_then(Node::text).is_none_or(str::is_empty) {
        return vec![wrong("why", "missing".into())];
    }
    let Some(Node::List(steps)) = vector.get("steps") else {
        return vec![wrong("steps", "missing".into())];
    };
    if desk {
        return match desks::load(vector) {
            Ok(desk) => desks::run(&desk, steps),
            Err(problem) => vec![wrong("desk", problem)],
        };
    }
    if watch {
        return match watches::load(vector) {
            Ok(watch) => watches::run(&watch, steps),
            Err(problem) => vec![wrong("watch", problem)],
        };
    }
    if vector.get("ledgers").is_some() {
        return ledgers::run(steps);
    }
    let program = match load_program(vector.get("program")) {
        Ok(program) => program,
        Err(problem) => return vec![wrong("program", problem)],
    };
    let guards_clock = matches!(vector.get("guards_clock"), Some(Node::Boolean(true)));
    let mut books = Books::new(program, guards_clock);
    let mut answers = BTreeMap::new();
    let mut failures = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        run_step(&mut books, step, number, &mut answers, &mut failures);
    }
    failures.extend(books.all().filter_map(|tilled| check_replay(&books, tilled)));
    failures
}

/// Whatever a vector did must come out byte for byte when its commands are decided again, and add
/// up to the same balances when its records are only read and applied.
fn check_replay(books: &Books, tilled: &Tilled) -> Option<Failure> {
    let book = &tilled.book;
    let till = book.slice().head().till.clone();
    let failure = |field: &str, expected: String, actual: String| {
        Some(Failure { place: "replay".into(), field: field.into(), expected, actual })
    };
    let mut again = books.empty(&till).ok()?;
    let mut records = Vec::new();
    for (number, entry) in book.entries().iter().enumerate() {
        for (_, other) in tilled.received.iter().filter(|(after, _)| *after == number) {
            again.receive(Arc::clone(other)).ok()?;
        }
        let envelope = &entry.record.envelope;
        let kept = tilled.secrets.get(&envelope.key).unwrap_or(&entry.record.command);
        let request = Request {
            at: envelope.at,
            command: kept.clone(),
            correlation: envelope.correlation.clone(),
            entropy: envelope.entropy.clone(),
            offline_since: envelope.offline_since,
            judged: entry.quote().map(|quote| quote.judged.clone()).unwrap_or_default(),
            ..Request::default()
        };
        let outcome = again.call(&request.with_key(envelope.key.clone()));
        let hash = again.entries().last().map(|entry| entry.hash.to_string());
        if outcome.is_err() || hash != Some(entry.hash.to_string()) {
            let actual = format!("{outcome:?}");
            return failure(&envelope.id().to_string(), entry.hash.to_string(), actual);
        }
        let text = canonical(&entry.record);
        match Node::parse(&text, usize::MAX).and_then(|node| from_node::<Record>(&node)) {
            Ok(record) => records.push((entry.hash, record)),
            Err(error) => return failure("record", text, error.to_string()),
        }
    }
    // What is rebuilt is the book's own chain; what it received would come anew.
    if !tilled.received.is_empty() {
        return None;
    }
    let mut rebuilt = match books.rebuild(&till, records) {
        Ok(rebuilt) => rebuilt,
        Err(error) => return failure("rebuild", "a book".into(), error.to_string()),
    };
    for card in again.slice().card_numbers() {
        let at = book.slice().head().logical_at;
        let office = CardQuery { card: card.clone(), office: true, ..CardQuery::default() };
        let query = Command::Balance(office);
        let request = Request::new(at, query);
        let (live, read) = (book.clone().call(&request), rebuilt.call(&request));
        if live != read {
            return failure(&card, format!("{live:?}"), format!("{read:?}"));
        }
    }
    None
}

/// Every vector below the folders, as it is written.
pub fn vectors(folders: &[PathBuf]) -> std::io::Result<Vec<Node>> {
    let mut files = Vec::new();
    for folder in folders {
        collect(folder, &mut files)?;
    }
    let mut vectors = Vec::new();
    for file in files {
        match Node::parse(&fs::read_to_string(file)?, usize::MAX) {
            Ok(Node::List(list)) => vectors.extend(list),
            Ok(one) => vectors.push(one),
            // What cannot be read fails where vectors are run.
            Err(_) => {}
        }
    }
    Ok(vectors)
}

/// A document below the folder `presets`, as it is written.
pub fn preset(name: &str) -> Result<Node, String> {
    let path = Path::new("presets").join(format!("{name}.json"));
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    Node::parse(&text, usize::MAX).map_err(|error| error.to_string())
}

/// The document of the programme of a vector: itself, the file of a preset, or a small default one.
pub fn programme_document(node: Option<&Node>) -> Result<Option<Node>, String> {
    const SMALL: &str = r#"{"id": "vector", "currency": "RUB", "zone": "Europe/Moscow"}"#;
    match node {
        Some(Node::Null) => Ok(None),
        Some(Node::Text(name)) => preset(name).map(Some),
        Some(document) => Ok(Some(document.clone())),
        None => Node::parse(SMALL, usize::MAX).map(Some).map_err(|error| error.to_string()),
    }
}

fn load_program(node: Option<&Node>) -> Result<Option<Program>, String> {
    let document = programme_document(node)?;
    let compiled = document.as_ref().map(Program::from_node).transpose();
    compiled.map_err(|error| error.to_string())
}

fn run_step(
    books: &mut Books,
    step: &Node,
    number: usize,
    answers: &mut BTreeMap<String, Node>,
    failures: &mut Vec<Failure>,
) {
    let verb = step.get("verb").and_then(Node::text).unwrap_or("");
    let place = format!("step {} ({verb})", number + 1);
    let known = &[
        "name",
        "at",
        "verb",
        "till",
        "key",
        "input",
        "input_text",
        "expect",
        "error",
        "errors",
        "entropy",
        "explain",
        "offline_since",
        "preview",
    ];
    check_keys(step, known, &place, failures);
    let outcome = call(books, step, verb, answers);
    judge(step, place, outcome, &format!("/command/{verb}"), answers, failures);
}
fn call(
    books: &mut Books,
    step: &Node,
    verb: &str,
    answers: &BTreeMap<String, Node>,
) -> Result<Node, Error> {
    let input = match step.get("input_text") {
        Some(text) => Node::parse(text.text().unwrap_or(""), usize::MAX)?,
        None => step.get("input").map(|input| substitute(input, answers)).unwrap_or_default(),
    };
    if verb == "compile" {
        return compile(&input);
    }
    let till = step.get("till").and_then(Node::text);
    if verb == "receive" {
        books.receive(till, input.get("from").and_then(Node::text))?;
        return Ok(Node::Map(Vec::new()));
    }
    let tilled = books.book(till)?;
    let book = &mut tilled.book;
    let text = |text: &str| Node::Text(text.to_owned());
    let at = step.get("at").cloned().unwrap_or_else(|| text(NOW));
    let mut request = vec![
        ("at".to_owned(), at),
        ("command".to_owned(), Node::Map(vec![(verb.to_owned(), input)])),
    ];
    for key in ["key", "entropy", "explain", "offline_since", "preview"] {
        if let Some(value) = step.get(key) {
            request.push((key.to_owned(), value.clone()));
        }
    }
    let node = Node::Map(request);
    let before = book.entries().len();
    let answer = book.call_node(&node)?;
    check_round_trip(&node, &answer);
    if book.entries().len() > before {
        tilled.keep_secrets(&node);
    }
    let Node::Map(mut entries) = to_node(&answer) else { return Ok(Node::default()) };
    // An answer is an object with one key, the name of its variant.
    Ok(entries.pop().map(|(_, inner)| inner).unwrap_or_default())
}

/// Every request and answer of every vector must survive being written and read again.
fn check_round_trip(request: &Node, answer: &Answer) {
    let again = |text: &str| Node::parse(text, usize::MAX).unwrap_or_default();
    let (first, _) = Reader::document::<Request>(request);
    let (second, mistakes) = Reader::document::<Request>(&again(&canonical(&first)));
    assert!(mistakes.is_empty(), "a request cannot be read again: {mistakes:?}");
    assert_eq!(canonical(&first), canonical(&second), "a request changes when read again");
    let text = canonical(answer);
    let (second, mistakes) = Reader::document::<Answer>(&again(&text));
    assert!(mistakes.is_empty(), "an answer cannot be read again: {mistakes:?}");
    assert_eq!(text, canonical(&second), "an answer changes when read again");
}

fn compile(input: &Node) -> Result<Node, Error> {
    let document = input.get("document").cloned().unwrap_or(Node::Null);
    let program = Program::from_node(&document).map_err(|error| {
        let below = |m: &kopilka::Mistake| {
            kopilka::Mistake::new(m.code, format!("/document{}", m.path), &m.message)
        };
        Error::from(error.mistakes().iter().map(below).collect::<Vec<_>>())
    })?;
    Ok(compiled(program.id(), program.version()))
}

/// What a step that compiles a document answers.
pub fn compiled(id: &str, version: &str) -> Node {
    let text = |text: &str| Node::Text(text.to_owned());
    Node::Map(vec![("id".to_owned(), text(id)), ("version".to_owned(), text(version))])
}
