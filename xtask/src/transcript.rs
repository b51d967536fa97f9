//! Transcripts: what the vectors ask over a border, text by text, and what Rust answers. Every other
//! language does the same and must answer the same bytes.
//!
//! A line is one call, its parts set apart by tabs; `n` numbers handles, anew in each vector:
//!
//! ```text
//! # <name of the vector>
//! open <n> <kind> <document or options> ok | error <errors>
//! order <n> <programme's n> <order> ok | error <errors>
//! call <n> <request> ok <answer> | error <errors>
//! quote <n> <order's n> <request> ok <quote> | error <errors>
//! free <n>
//! ```
//!
//! Errors are a list of objects with code, message and path, in order.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use kopilka::desk::Desk;
use kopilka::document::{Reader, canonical, from_node};
use kopilka::door::{QuoteCall, Watcher};
use kopilka::json::Node;
use kopilka::{Book, Error, Order, PreparedOrder, Program};
use kopilka_store::Ledger;

use crate::commands::VECTORS;
use crate::conformance::substitute;
use crate::ledgers::{empty_folder, without_times};
use crate::{conformance, desks, root, watches};

mod books;
mod ledgers;

/// What a transcript says so far, and what it speaks to.
#[derive(Default)]
struct Transcript {
    text: String,
    calls: u64,
    vectors: u64,
    held: Vec<Held>,
    /// Where the files of ledgers are, here and where the transcript is read: messages name them.
    folder: PathBuf,
}

enum Held {
    Book(Box<Book>),
    Desk(Box<Desk>),
    Ledger(Box<Ledger>),
    Order(Box<PreparedOrder>),
    Program(Program),
    Watch(Box<Watcher>),
    /// What could not be opened.
    Nothing,
}

/// The number of a handle.
type Handle = usize;

/// A document as it was written: canonical, but with a fraction where one stood, which the engine
/// itself never writes.
fn written(node: &Node) -> String {
    const HOLDER: &str = "\u{fffc}";
    fn held(node: &Node) -> Node {
        match node {
            Node::Fraction => Node::Text(HOLDER.to_owned()),
            Node::List(items) => Node::List(items.iter().map(held).collect()),
            Node::Map(entries) => {
                Node::Map(entries.iter().map(|(key, value)| (key.clone(), held(value))).collect())
            }
            other => other.clone(),
        }
    }
    held(node).canonical().replace(&format!("\"{HOLDER}\""), "1.5")
}

/// The transcript of all vectors, which is written once in a run.
pub fn of_all() -> Result<PathBuf> {
    static WRITTEN: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = WRITTEN.get() {
        return Ok(path.clone());
    }
    let path = write(&VECTORS.map(PathBuf::from))?;
    Ok(WRITTEN.get_or_init(|| path).clone())
}

/// Writes the transcript of every vector below the folders; the file.
pub fn write(folders: &[PathBuf]) -> Result<PathBuf> {
    let vectors = conformance::vectors(folders).context("the vectors cannot be read")?;
    let mut transcript = Transcript { folder: empty_folder()?, ..Transcript::default() };
    for vector in &vectors {
        transcript.vector(vector)?;
    }
    if transcript.calls == 0 {
        bail!("there are no vectors in {folders:?}");
    }
    let path = root().join("target/transcripts/vectors.txt");
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    fs::write(&path, &transcript.text)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    println!(
        "{} calls of {} vectors in {} ({} MB)",
        transcript.calls,
        transcript.vectors,
        path.display(),
        transcript.text.len() / 1_000_000
    );
    Ok(path)
}

impl Transcript {
    fn vector(&mut self, vector: &Node) -> Result<()> {
        let name = vector.get("name").and_then(Node::text).unwrap_or("?");
        self.text.push_str(&format!("# {}\n", one_line(name)));
        self.vectors += 1;
        let Some(Node::List(steps)) = vector.get("steps") else { bail!("{name} has no steps") };
        if vector.get("desk").is_some() {
            let document = desks::document(vector).map_err(anyhow::Error::msg)?;
            self.desk(&document, steps);
        } else if vector.get("watch").is_some() {
            let document = watches::document(vector).map_err(anyhow::Error::msg)?;
            self.watch(&document, steps);
        } else if let Some(program) = vector.get("ledgers") {
            self.ledgers(program, steps)?;
        } else {
            self.books(vector, steps)?;
        }
        for handle in 0..self.held.len() {
            self.text.push_str(&format!("free\t{}\n", handle + 1));
        }
        self.held.clear();
        Ok(())
    }

    /// Opens something, and writes down what came of it.
    fn open(&mut self, kind: &str, text: &str, opened: Result<Held, Error>) -> Handle {
        let handle = self.held.len();
        let head = format!("open\t{}\t{kind}\t{text}", handle + 1);
        match opened {
            Ok(held) => {
                self.held.push(held);
                self.line(&head, Ok(String::new()));
            }
            Err(error) => {
                self.held.push(Held::Nothing);
                self.line(&head, Err(error));
            }
        }
        handle
    }

    /// Writes down a call with its answer.
    fn line(&mut self, head: &str, outcome: Result<String, Error>) -> Option<Node> {
        self.calls += 1;
        match outcome {
            Ok(answer) if answer.is_empty() => {
                self.text.push_str(&format!("{head}\tok\n"));
                None
            }
            Ok(answer) => {
                self.text.push_str(&format!("{head}\tok\t{answer}\n"));
                Node::parse(&answer, usize::MAX).ok()
            }
            Err(error) => {
                self.text.push_str(&format!("{head}\terror\t{}\n", errors(&error)));
                None
            }
        }
    }

    fn call(&mut self, handle: Handle, text: &str) -> Option<Node> {
        let outcome = match &mut self.held[handle] {
            Held::Book(book) => book.ask_json(text),
            Held::Desk(desk) => desk.call_json(text),
            Held::Ledger(ledger) => ledger.ask_json(text).map(|told| without_times(&told)),
            Held::Program(program) => program.ask_json(text),
            Held::Watch(watcher) => watcher.ask_json(text),
            Held::Nothing | Held::Order(_) => return None,
        };
        self.line(&format!("call\t{}\t{text}", handle + 1), outcome)
    }

    fn desk(&mut self, document: &Node, steps: &[Node]) {
        let text = document.canonical();
        let opened = Desk::from_node(document).map(|desk| Held::Desk(Box::new(desk)));
        let desk = self.open("desk", &text, opened);
        let mut answers = BTreeMap::new();
        for step in steps {
            if let Some(document) = step.get("compile") {
                let opened = Desk::from_node(document).map(|desk| Held::Desk(Box::new(desk)));
                self.open("desk", &document.canonical(), opened);
            }
            if let Some(query) = step.get("ask") {
                let query = substitute(query, &answers).canonical();
                let answer = self.call(desk, &query);
                keep(step, answer, &mut answers);
            }
        }
    }

    fn watch(&mut self, document: &Node, steps: &[Node]) {
        let open = |document: &Node| Watcher::open(&document.canonical());
        let open = |document: &Node| open(document).map(|watcher| Held::Watch(Box::new(watcher)));
        let watch = self.open("watch", &document.canonical(), open(document));
        for step in steps {
            if let Some(document) = step.get("compile") {
                self.open("watch", &document.canonical(), open(document));
                continue;
            }
            for event in watches::turns(step) {
                let mut judge = vec![("event".to_owned(), event)];
                judge.extend(step.get("place").map(|place| ("place".to_owned(), place.clone())));
                let judge = Node::Map(vec![("judge".to_owned(), Node::Map(judge))]);
                let judged = self.call(watch, &judge.canonical());
                if let Some(event) = judged.as_ref().and_then(|judged| judged.at("/judge/event")) {
                    let fold = Node::Map(vec![("fold".to_owned(), event.clone())]);
                    self.call(watch, &fold.canonical());
                }
            }
        }
    }
    /// Prepares an order, and asks a book or a ledger what it costs.
    fn prepared_for(&mut self, place: Handle, program: Handle, order: &Node, call: &Node) {
        let Held::Program(compiled) = &self.held[program] else { return };
        let read: Result<Order, Error> = from_node(order);
        let prepared = read.and_then(|order| PreparedOrder::new(compiled, order));
        let handle = self.held.len();
        let head = format!("order\t{}\t{}\t{}", handle + 1, program + 1, written(order));
        match prepared {
            Ok(prepared) => {
                self.held.push(Held::Order(Box::new(prepared)));
                self.line(&head, Ok(String::new()));
                self.quote(place, handle, call);
            }
            Err(error) => {
                self.held.push(Held::Nothing);
                self.line(&head, Err(error));
            }
        }
    }

    fn quote(&mut self, place: Handle, order: Handle, call: &Node) {
        let Held::Order(prepared) = &self.held[order] else { return };
        let (read, mistakes) = Reader::document::<QuoteCall>(call);
        let quote = match (&self.held[place], mistakes.is_empty()) {
            (_, false) => Err(mistakes.into()),
            (Held::Book(book), true) => book.quote(prepared, &read),
            (Held::Ledger(ledger), true) => ledger.quote(prepared, &read),
            _ => return,
        };
        let head = format!("quote\t{}\t{}\t{}", place + 1, order + 1, call.canonical());
        self.line(&head, quote.map(|quote| canonical(&quote)));
    }
}

/// What a prepared order is asked where a step or a request asks for a quote.
fn quote_call(at: Node, asked: &Node) -> Node {
    let mut call = vec![("at".to_owned(), at)];
    call.extend(asked.get("explain").map(|explain| ("explain".to_owned(), explain.clone())));
    Node::Map(call)
}

/// Keeps the answer of a step with a name, below its verb.
fn keep(step: &Node, answer: Option<Node>, answers: &mut BTreeMap<String, Node>) {
    let name = step.get("name").and_then(Node::text);
    if let (Some(name), Some(Node::Map(mut entries))) = (name, answer)
        && let Some((_, inner)) = entries.pop()
    {
        answers.insert(name.to_owned(), inner);
    }
}

fn errors(error: &Error) -> String {
    let text = |text: &str| Node::Text(text.to_owned());
    let mistake = |mistake: &kopilka::Mistake| {
        Node::Map(vec![
            ("code".to_owned(), text(mistake.code.as_str())),
            ("message".to_owned(), text(&mistake.message)),
            ("path".to_owned(), text(&mistake.path)),
        ])
    };
    Node::List(error.mistakes().iter().map(mistake).collect()).canonical()
}

/// A text without what sets lines and parts of lines apart.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> Node {
        Node::parse(text, usize::MAX).unwrap()
    }

    #[test]
    fn a_vector_becomes_lines_with_what_rust_answers() {
        let vector = node(
            r#"{"name": "a fact", "why": "by hand", "steps": [
                {"name": "sale", "verb": "sell", "key": "1",
                    "input": {"order": {"lines": [{"id": "1", "price": "10.00"}]}}},
                {"verb": "refund", "key": "2", "input": {"token": "${sale/token}"}},
                {"verb": "sell", "input_text": "{\"order\":\n 1}"}]}"#,
        );
        let mut transcript = Transcript::default();
        transcript.vector(&vector).unwrap();
        let lines: Vec<&str> = transcript.text.lines().collect();
        assert_eq!(lines.len(), 6);
        assert_eq!(lines[0], "# a fact");
        assert!(lines[1].starts_with("open\t1\tbook\t{\"guards_clock\":false,"), "{}", lines[1]);
        assert!(lines[2].contains("\tok\t{\"sale\":{"), "{}", lines[2]);
        assert!(lines[3].contains(r#""refund":{"token":"k1."#), "{}", lines[3]);
        assert!(lines[4].contains("\terror\t[{\"code\":\"document.type\""), "{}", lines[4]);
        assert_eq!(lines[5], "free\t1");
        assert_eq!(transcript.calls, 4);
    }
}
