//! Everything that crosses a border, as one document: each type with its fields, and each kind of
//! handle with what it can be asked. The doors of other languages are generated from it, and a
//! test of each compares its names with these.

use super::{default_node, entry, prose, text};
use crate::answer::{Answer, Quote};
use crate::command::Request;
use crate::desk::{CalendarDocument, DaysDocument, DeskAnswer, DeskDocument, DeskQuery};
use crate::document::{Definition, Document, Field, Shape, Shapes, TextFormat};
use crate::door::{
    BookCall, BookOptions, BookReply, LedgerCall, LedgerOptions, LedgerReply, ProgramCall,
    ProgramReply, QuoteCall, WatchCall, WatchReply,
};
use crate::json::Node;
use crate::order::Order;
use crate::program::ProgramDocument;
use crate::record::Record;
use crate::watch::WatchDocument;

/// Something that is opened once and asked many times.
#[derive(Clone, Debug, PartialEq)]
pub struct Handle {
    /// The kind, as in `kopilka_book_open`.
    pub kind: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// The type of the document that opens it.
    pub opened_by: &'static str,
    /// What it can be asked, in the order of the words.
    pub verbs: Vec<Verb>,
}

/// One thing that a handle can be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Verb {
    /// The key that names it in the call and in the reply.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// What it takes.
    pub input: Shape,
    /// What it answers.
    pub answer: Shape,
}

/// Every type that crosses.
#[must_use]
pub fn shapes() -> Shapes {
    let mut shapes = Shapes::default();
    for shape in [
        Answer::shape,
        BookCall::shape,
        BookOptions::shape,
        BookReply::shape,
        CalendarDocument::shape,
        DaysDocument::shape,
        DeskAnswer::shape,
        DeskDocument::shape,
        DeskQuery::shape,
        LedgerCall::shape,
        LedgerOptions::shape,
        LedgerReply::shape,
        Order::shape,
        ProgramCall::shape,
        ProgramDocument::shape,
        ProgramReply::shape,
        QuoteCall::shape,
        Record::shape,
        Request::shape,
        WatchCall::shape,
        WatchDocument::shape,
        WatchReply::shape,
    ] {
        shape(&mut shapes);
    }
    shapes
}

/// Every kind of handle.
#[must_use]
pub fn handles() -> Vec<Handle> {
    let call =
        verb::<Request, Answer>("call", "Answers a request: decides it, and keeps what changes.");
    let quote = verb::<QuoteCall, Quote>(
        "quote",
        "What the order costs, spends and earns at a book or ledger; nothing changes.",
    );
    let with_call = |mut verbs: Vec<Verb>| {
        verbs.insert(0, call.clone());
        verbs
    };
    vec![
        Handle {
            kind: "book",
            doc: "A ledger in memory alone, for trials and tests.",
            opened_by: name::<BookOptions>(),
            verbs: with_call(paired::<BookCall, BookReply>()),
        },
        Handle {
            kind: "desk",
            doc: "A policy of a support desk.",
            opened_by: name::<DeskDocument>(),
            verbs: paired::<DeskQuery, DeskAnswer>(),
        },
        Handle {
            kind: "ledger",
            doc: "A ledger in a file: what was answered is kept.",
            opened_by: name::<LedgerOptions>(),
            verbs: with_call(paired::<LedgerCall, LedgerReply>()),
        },
        Handle {
            kind: "order",
            doc: "An order, checked once against a programme and quoted many times.",
            opened_by: name::<Order>(),
            verbs: vec![quote],
        },
        Handle {
            kind: "program",
            doc: "A programme of loyalty.",
            opened_by: name::<ProgramDocument>(),
            verbs: paired::<ProgramCall, ProgramReply>(),
        },
        Handle {
            kind: "watch",
            doc: "A policy of a watch over fraud, with the state of what it saw.",
            opened_by: name::<WatchDocument>(),
            verbs: paired::<WatchCall, WatchReply>(),
        },
    ]
}

fn name<T: Document>() -> &'static str {
    match T::shape(&mut Shapes::default()) {
        Shape::Named(name) => name,
        _ => "",
    }
}

fn verb<Input: Document, Output: Document>(name: &'static str, doc: &'static str) -> Verb {
    let mut shapes = Shapes::default();
    let (input, answer) = (Input::shape(&mut shapes), Output::shape(&mut shapes));
    Verb { name, doc, input, answer }
}

/// The verbs of a kind: a question and its reply have the same key.
fn paired<Call: Document, Reply: Document>() -> Vec<Verb> {
    let (calls, replies) = (variants::<Call>(), variants::<Reply>());
    let answer = |name: &str| replies.iter().find(|(key, ..)| *key == name);
    let verb = |(name, doc, input): &(&'static str, &'static str, Shape)| {
        let (.., answer) = answer(name)?;
        Some(Verb { name, doc, input: input.clone(), answer: answer.clone() })
    };
    calls.iter().filter_map(verb).collect()
}

fn variants<T: Document>() -> Vec<(&'static str, &'static str, Shape)> {
    let mut shapes = Shapes::default();
    let Shape::Named(name) = T::shape(&mut shapes) else { return Vec::new() };
    match shapes.definitions.remove(name) {
        Some(Definition::Union { variants, .. }) => variants,
        _ => Vec::new(),
    }
}

/// Every type, handle, verb and field that crosses, as JSON.
#[must_use]
pub fn api() -> String {
    let types = shapes()
        .definitions
        .iter()
        .map(|(name, definition)| ((*name).to_owned(), described(definition)))
        .collect();
    let handles = handles().iter().map(handle).collect();
    let api = Node::Map(vec![
        entry("description", "Every type, handle, verb and field that crosses a border."),
        ("handles".to_owned(), Node::Map(handles)),
        ("types".to_owned(), Node::Map(types)),
    ]);
    let text = serde_json::to_string_pretty(&api).unwrap_or_default();
    format!("{text}\n")
}

fn handle(handle: &Handle) -> (String, Node) {
    let verb = |verb: &Verb| {
        Node::Map(vec![
            entry("name", verb.name),
            entry("description", prose(verb.doc)),
            ("input".to_owned(), shape(&verb.input)),
            ("answer".to_owned(), shape(&verb.answer)),
        ])
    };
    let body = vec![
        entry("description", prose(handle.doc)),
        entry("opened_by", handle.opened_by),
        ("verbs".to_owned(), Node::List(handle.verbs.iter().map(verb).collect())),
    ];
    (handle.kind.to_owned(), Node::Map(body))
}

fn described(definition: &Definition) -> Node {
    let (kind, doc, key, parts) = match definition {
        Definition::Object { doc, fields } => {
            ("object", doc, "fields", fields.iter().map(field).collect())
        }
        Definition::Choice { doc, words } => {
            let word = |(word, doc): &(&str, &str)| {
                Node::Map(vec![entry("word", *word), entry("description", prose(doc))])
            };
            ("choice", doc, "words", words.iter().map(word).collect())
        }
        Definition::Union { doc, variants } => {
            let variant = |(key, doc, value): &(&str, &str, Shape)| {
                Node::Map(vec![
                    entry("name", *key),
                    entry("description", prose(doc)),
                    ("type".to_owned(), shape(value)),
                ])
            };
            ("union", doc, "variants", variants.iter().map(variant).collect())
        }
    };
    Node::Map(vec![
        entry("kind", kind),
        entry("description", prose(doc)),
        (key.to_owned(), Node::List(parts)),
    ])
}

fn field(field: &Field) -> Node {
    let (optional, inner) = match &field.shape {
        Shape::Optional(inner) => (true, &**inner),
        other => (false, other),
    };
    let mut body = vec![
        entry("name", field.name),
        entry("description", prose(field.doc)),
        ("type".to_owned(), shape(inner)),
    ];
    if optional {
        body.push(("optional".to_owned(), Node::Boolean(true)));
    }
    if let Some(default) = default_node(field) {
        body.push(("default".to_owned(), default));
    }
    Node::Map(body)
}

/// A shape: a word, or an object whose one key says what the rest is.
fn shape(of: &Shape) -> Node {
    let one = |key: &str, value: Node| Node::Map(vec![(key.to_owned(), value)]);
    match of {
        Shape::Text(TextFormat::Plain) => text("text"),
        Shape::Text(TextFormat::Decimal) => text("decimal"),
        Shape::Text(TextFormat::Instant) => text("instant"),
        Shape::Text(TextFormat::Scan) => text("scan"),
        Shape::Integer(least, most) => {
            one("integer", Node::List(vec![Node::Integer(*least), Node::Integer(*most)]))
        }
        Shape::Boolean => text("boolean"),
        Shape::List(item) => one("list", shape(item)),
        Shape::Named(name) => one("named", text(name)),
        Shape::Optional(inner) => one("optional", shape(inner)),
        Shape::Any => text("any"),
        Shape::TextMap => text("text_map"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(definition: &Definition) -> usize {
        match definition {
            Definition::Object { fields, .. } => fields.len(),
            Definition::Choice { words, .. } => words.len(),
            Definition::Union { variants, .. } => variants.len(),
        }
    }

    #[test]
    fn a_name_stands_for_one_type_alone() {
        assert!(shapes().clashes.is_empty(), "{:?} stand for two types each", shapes().clashes);
    }

    #[test]
    fn every_type_and_every_field_is_named_once_and_the_same_each_time() {
        let api = Node::parse(&api(), 10_000_000).unwrap();
        for (name, definition) in shapes().definitions {
            let kind = api.at(&format!("/types/{name}")).unwrap();
            let parts = ["fields", "words", "variants"].iter().find_map(|key| kind.get(key));
            let Some(Node::List(parts)) = parts else { panic!("{name} has no parts") };
            assert_eq!(parts.len(), counted(&definition), "{name}");
        }
        assert_eq!(super::api(), super::api());
    }

    #[test]
    fn every_question_has_a_reply_of_the_same_name() {
        let counts = [
            (variants::<BookCall>().len() + 1, "book"),
            (variants::<DeskQuery>().len(), "desk"),
            (variants::<LedgerCall>().len() + 1, "ledger"),
            (1, "order"),
            (variants::<ProgramCall>().len(), "program"),
            (variants::<WatchCall>().len(), "watch"),
        ];
        for (handle, (verbs, kind)) in handles().iter().zip(counts) {
            assert_eq!((handle.verbs.len(), handle.kind), (verbs, kind));
        }
    }

    #[test]
    fn a_field_says_its_type_its_default_and_whether_it_may_be_absent() {
        let api = Node::parse(&api(), 10_000_000).unwrap();
        let Some(Node::List(fields)) = api.at("/types/Request/fields") else { panic!("no fields") };
        let written = |name| {
            let named = |field: &&Node| field.get("name") == Some(&text(name));
            fields.iter().find(named).unwrap().clone()
        };
        assert_eq!(written("at").get("type"), Some(&text("instant")));
        assert_eq!(written("at").get("default"), None);
        assert_eq!(written("preview").get("default"), Some(&Node::Boolean(false)));
        assert_eq!(written("key").get("optional"), Some(&Node::Boolean(true)));
    }
}
