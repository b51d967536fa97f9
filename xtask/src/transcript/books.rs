//! What vectors of rules ask: the books of tills.

use std::collections::BTreeMap;

use anyhow::Result;
use kopilka::json::Node;
use kopilka::{Book, Program};

use super::{Handle, Held, Transcript, keep, one_line, quote_call, written};
use crate::books::MAIN_TILL;
use crate::conformance::{NOW, compiled, programme_document, substitute};

/// How steps name the main book.
const MAIN: &str = "main";

impl Transcript {
    pub(super) fn books(&mut self, vector: &Node, steps: &[Node]) -> Result<()> {
        let program = programme_document(vector.get("program")).map_err(anyhow::Error::msg)?;
        let guards = matches!(vector.get("guards_clock"), Some(Node::Boolean(true)));
        let mut tills = Tills { program, guards, books: BTreeMap::new(), compiled: None };
        let mut answers = BTreeMap::new();
        for step in steps {
            let input = match step.get("input_text") {
                Some(text) => one_line(text.text().unwrap_or("")),
                None => {
                    let input = step.get("input").map(|input| substitute(input, &answers));
                    written(&input.unwrap_or_default())
                }
            };
            let answer = match step.get("verb").and_then(Node::text).unwrap_or("") {
                "compile" => self.compile(&input),
                "receive" => {
                    let from = Node::parse(&input, usize::MAX).ok();
                    let from = from.as_ref().and_then(|from| from.get("from")?.text());
                    self.receive(&mut tills, till(step), from.unwrap_or(MAIN));
                    None
                }
                verb => {
                    let book = self.book(&mut tills, till(step));
                    if verb == "quote" {
                        self.prepared(&mut tills, book, step, &input);
                    }
                    self.call(book, &request(step, verb, &input))
                }
            };
            keep(step, answer, &mut answers);
        }
        Ok(())
    }

    /// The book of a till, opened if it is not there yet.
    fn book(&mut self, tills: &mut Tills, till: &str) -> Handle {
        if let Some(book) = tills.books.get(till) {
            return *book;
        }
        let name = if till == MAIN { MAIN_TILL } else { till };
        let text = |text: &str| Node::Text(text.to_owned());
        let mut options = vec![
            ("guards_clock".to_owned(), Node::Boolean(tills.guards)),
            ("till".to_owned(), text(name)),
        ];
        options.extend(tills.program.iter().map(|p| ("program".to_owned(), p.clone())));
        let options = Node::Map(options).canonical();
        let opened = Book::open_json(&options).map(|book| Held::Book(Box::new(book)));
        let book = self.open("book", &options, opened);
        tills.books.insert(till.to_owned(), book);
        book
    }

    fn compile(&mut self, input: &str) -> Option<Node> {
        let document = Node::parse(input, usize::MAX).ok()?.get("document")?.clone();
        let program = Program::from_node(&document);
        let answer = program.as_ref().ok().map(|p| compiled(p.id(), p.version()));
        let handle = self.open("program", &written(&document), program.map(Held::Program));
        self.call(handle, r#"{"describe":{}}"#);
        self.call(handle, r#"{"lint":{}}"#);
        // As an answer below its verb.
        answer.map(|answer| Node::Map(vec![("compile".to_owned(), answer)]))
    }

    fn receive(&mut self, tills: &mut Tills, to: &str, from: &str) {
        let (from, to) = (self.book(tills, from), self.book(tills, to));
        let records = self.call(from, r#"{"records":{"after":0,"most":10000}}"#);
        let records = records.as_ref().and_then(|records| records.at("/records/records"));
        let Some(Node::List(records)) = records else { return };
        for record in records {
            let call = Node::Map(vec![("receive".to_owned(), record.clone())]);
            self.call(to, &call.canonical());
        }
    }

    /// The same quote of a prepared order, where the programme is the vector's own.
    fn prepared(&mut self, tills: &mut Tills, book: Handle, step: &Node, input: &str) {
        let Some(document) = &tills.program else { return };
        if step.get("offline_since").is_some() {
            return;
        }
        let Some(order) = Node::parse(input, usize::MAX).ok().and_then(|i| i.get("order").cloned())
        else {
            return;
        };
        let program = match tills.compiled {
            Some(program) => program,
            None => {
                let opened = Program::from_node(document).map(Held::Program);
                self.open("program", &written(document), opened)
            }
        };
        tills.compiled = Some(program);
        self.prepared_for(book, program, &order, &quote_call(instant(step), step));
    }
}

/// The books of a vector, by their tills.
struct Tills {
    program: Option<Node>,
    guards: bool,
    books: BTreeMap<String, Handle>,
    compiled: Option<Handle>,
}

fn till(step: &Node) -> &str {
    step.get("till").and_then(Node::text).unwrap_or(MAIN)
}

fn instant(step: &Node) -> Node {
    step.get("at").cloned().unwrap_or_else(|| Node::Text(NOW.to_owned()))
}

/// The text of a request. The input may be no JSON at all.
fn request(step: &Node, verb: &str, input: &str) -> String {
    let verb = Node::Text(verb.to_owned()).canonical();
    let mut text = format!(r#"{{"at":{},"command":{{{verb}:{input}}}"#, instant(step).canonical());
    for key in ["key", "entropy", "explain", "offline_since", "preview"] {
        if let Some(value) = step.get(key) {
            text.push_str(&format!(r#","{key}":{}"#, value.canonical()));
        }
    }
    text.push('}');
    text
}
