//! Every conformance vector on a ledger: each answer is byte for byte that of a book in memory, and
//! afterwards everything in the ledger is what its records say.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kopilka::document::{Reader, canonical};
use kopilka::json::Node;
use kopilka::{Book, Error, Request};
use kopilka_store::{ExportOptions, Ledger, MemoryStore, Options, ReplayOptions};

#[path = "../../xtask/src/conformance/substitute.rs"]
mod substitute;

use substitute::substitute;

/// The till of a step that names none.
const TILL: &str = "conformance";
const NOW: &str = "2025-10-24T12:00:00+03:00";
/// Of so many vectors one is run on a file too; its commits wait for the disk.
const FILES_OF: usize = 12;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn collect(path: &Path, vectors: &mut Vec<(PathBuf, Node)>) {
    let mut inside: Vec<PathBuf> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    inside.sort();
    for path in inside {
        if path.is_dir() {
            collect(&path, vectors);
        } else if path.extension().is_some_and(|ending| ending == "json") {
            match Node::parse(&fs::read_to_string(&path).unwrap(), usize::MAX).unwrap() {
                Node::List(list) => {
                    vectors.extend(list.into_iter().map(|vector| (path.clone(), vector)));
                }
                one => vectors.push((path, one)),
            }
        }
    }
}

fn vectors() -> Vec<(PathBuf, Node)> {
    let mut vectors = Vec::new();
    collect(&root().join("conformance"), &mut vectors);
    assert!(vectors.len() > 3_000, "only {} vectors were found", vectors.len());
    vectors
}

fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Node::text)
}

/// The canonical document of a vector's programme; `None` where it begins without one.
fn program_of(vector: &Node) -> Option<String> {
    match vector.get("program") {
        Some(Node::Null) => None,
        Some(Node::Text(name)) => {
            let path = root().join("presets").join(format!("{name}.json"));
            let node = Node::parse(&fs::read_to_string(path).unwrap(), usize::MAX).unwrap();
            Some(node.canonical())
        }
        Some(document) => Some(document.canonical()),
        None => Some(r#"{"currency":"RUB","id":"vector","zone":"Europe/Moscow"}"#.to_owned()),
    }
}

/// One till: the book and the ledger that must answer alike.
struct Pair {
    book: Book,
    ledger: Ledger,
}

impl Pair {
    fn call(&mut self, request: &Node, place: &str) -> Result<Node, Error> {
        let (read, mistakes) = Reader::document::<Request>(request);
        if !mistakes.is_empty() {
            return Err(mistakes.into());
        }
        let expected = self.book.call(&read).map(|answer| canonical(&answer));
        let actual = self.ledger.call(&read).map(|answer| canonical(&answer));
        assert_eq!(actual, expected, "{place}");
        actual.map(|answer| Node::parse(&answer, usize::MAX).unwrap())
    }
}

fn request(at: Node, verb: &str, input: Node, step: &Node) -> Node {
    let mut request =
        vec![("at".into(), at), ("command".into(), Node::Map(vec![(verb.into(), input)]))];
    for key in ["key", "entropy", "explain", "offline_since", "preview"] {
        request.extend(step.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    Node::Map(request)
}

/// Puts the programme of a vector into both.
fn install(pair: &mut Pair, document: &str, at: &Node, place: &str) {
    let key = |key: &str| Node::Map(vec![("key".into(), Node::Text(key.into()))]);
    let map = |key: &str, value| Node::Map(vec![(key.to_owned(), value)]);
    let document = Node::parse(document, usize::MAX).unwrap();
    let install = map("install", map("document", document));
    let answer = pair.call(&request(at.clone(), "program", install, &key("setup:1")), place);
    let answer = answer.unwrap();
    let version = text(answer.get("program").unwrap(), "version").unwrap().to_owned();
    let activate = map("activate", map("version", Node::Text(version)));
    pair.call(&request(at.clone(), "program", activate, &key("setup:2")), place).unwrap();
}

/// The tills of one vector.
struct Tills<'a> {
    pairs: BTreeMap<String, Pair>,
    program: Option<String>,
    guards_clock: bool,
    begin: &'a dyn Fn(&str, Options) -> Ledger,
}

impl Tills<'_> {
    fn pair(&mut self, till: &str, at: &Node, place: &str) -> &mut Pair {
        if !self.pairs.contains_key(till) {
            let mut book = Book::empty(till).unwrap();
            book.guard_clock(self.guards_clock);
            let guards_clock = self.guards_clock;
            // Nothing stays in memory from one call to the next: whatever is needed is asked for.
            let options = Options { guards_clock, states_in_memory: 0, ..Options::default() };
            let mut pair = Pair { book, ledger: (self.begin)(till, options) };
            if let Some(program) = &self.program {
                // Nothing that a vector does comes before this instant.
                let early = Node::Text("2001-01-01T00:00:00Z".into());
                let at = if guards_clock { at.clone() } else { early };
                install(&mut pair, program, &at, place);
            }
            self.pairs.insert(till.to_owned(), pair);
        }
        self.pairs.get_mut(till).unwrap()
    }

    /// All that one till has goes to another.
    fn receive(&mut self, till: &str, from: &str, at: &Node, place: &str) {
        let from = self.pair(from, at, place);
        let entries = from.book.entries().to_vec();
        let mut upload = Vec::new();
        from.ledger.export(&[], &mut upload, &ExportOptions::default()).unwrap();
        let pair = self.pair(till, at, place);
        let received = entries.into_iter().try_for_each(|entry| pair.book.receive(entry));
        let at = at.text().unwrap().parse().unwrap();
        let merged = pair.ledger.import(&mut upload.as_slice(), at);
        match (received, merged) {
            (Err(expected), Err(actual)) => assert_eq!(actual.code(), expected.code(), "{place}"),
            (Ok(()), Ok(merge)) => {
                assert_eq!(
                    (merge.cut, merge.gaps, merge.quarantined),
                    (None, vec![], 0),
                    "{place}"
                );
            }
            (expected, actual) => panic!("{place}: {expected:?}, and of the upload {actual:?}"),
        }
    }
}

/// Runs one vector. A `receive` is an upload of all that the other till has.
fn run(vector: &Node, file: &Path, begin: &dyn Fn(&str, Options) -> Ledger) -> bool {
    let Some(Node::List(steps)) = vector.get("steps") else { return false };
    let name = format!("{}: {}", file.display(), text(vector, "name").unwrap_or("?"));
    let guards_clock = matches!(vector.get("guards_clock"), Some(Node::Boolean(true)));
    let program = program_of(vector);
    let mut tills = Tills { pairs: BTreeMap::new(), program, guards_clock, begin };
    let mut answers = BTreeMap::new();
    for (number, step) in steps.iter().enumerate() {
        let verb = text(step, "verb").unwrap_or("");
        if verb == "compile" {
            continue;
        }
        let place = format!("{name}, step {}", number + 1);
        let at = step.get("at").cloned().unwrap_or_else(|| Node::Text(NOW.into()));
        let till = text(step, "till").unwrap_or(TILL);
        if verb == "receive" {
            let from = step.get("input").and_then(|input| text(input, "from"));
            tills.receive(till, from.unwrap_or(TILL), &at, &place);
            continue;
        }
        let pair = tills.pair(till, &at, &place);
        let input = match text(step, "input_text") {
            Some(text) => match Node::parse(text, usize::MAX) {
                Ok(node) => node,
                Err(_) => continue,
            },
            None => step.get("input").map(|input| substitute(input, &answers)).unwrap_or_default(),
        };
        let answer = pair.call(&request(at, verb, input, step), &place);
        if let (Some(name), Ok(Node::Map(mut entries))) = (text(step, "name"), answer) {
            answers.insert(name.to_owned(), entries.pop().unwrap().1);
        }
    }
    let is_alone = tills.pairs.len() == 1;
    for pair in tills.pairs.values() {
        let verified = pair.ledger.verify().unwrap();
        assert_eq!(verified.found, [], "{name}");
        if is_alone {
            assert_eq!(verified.records, pair.book.entries().len() as u64, "{name}");
        }
        // What needs a PIN or a scan stands in no record; all else comes out byte for byte.
        let told = pair.ledger.replay(&ReplayOptions::default()).unwrap();
        assert_eq!(
            told.same + told.not_decidable,
            verified.records,
            "{name}: {:?}",
            told.differences
        );
    }
    true
}

#[test]
fn a_ledger_in_memory_answers_every_vector_as_a_book_does() {
    let begin =
        |till: &str, options| Ledger::on(Box::new(MemoryStore::new()), till, options).unwrap();
    let vectors = vectors();
    let run = vectors.iter().filter(|(file, vector)| run(vector, file, &begin)).count();
    assert!(run > 3_000, "only {run} vectors were run");
}

#[test]
fn a_ledger_in_a_file_answers_vectors_as_a_book_does() {
    let folder = tempfile::tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    let begin = |till: &str, options| {
        count.set(count.get() + 1);
        let path = folder.path().join(format!("касса [{}].ledger", count.get()));
        Ledger::open_with(&path, till, options).unwrap()
    };
    for (file, vector) in vectors().iter().step_by(FILES_OF) {
        run(vector, file, &begin);
    }
    assert!(count.get() > 200, "only {} ledgers were opened", count.get());
}
