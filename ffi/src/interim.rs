//! What the engine will have of its own.

use std::path::Path;

use kopilka::document::{canonical, from_node};
use kopilka::json::Node;
use kopilka::watch::Watch;
use kopilka::*;
use kopilka_store::Ledger;

const MAX: usize = 1 << 24;

fn variant(text: &str, key: &str) -> Result<Node, Error> {
    let node = Node::parse(text, MAX)?;
    node.get(key)
        .cloned()
        .ok_or_else(|| Error::new(ErrorCode::DocumentVariant, "", "there is no such verb"))
}

fn text_of(node: &Node, key: &str) -> String {
    node.get(key).and_then(Node::text).unwrap_or_default().to_owned()
}

pub(crate) struct Watcher(Watch);

impl Watcher {
    pub fn open(policy: &str) -> Result<Watcher, Error> {
        Watch::compile(policy).map(Watcher)
    }

    pub fn ask_json(&mut self, text: &str) -> Result<String, Error> {
        variant(text, "cost")?;
        Ok(canonical(&self.0.cost(kopilka::watch::WatchPlace::Till)))
    }
}

pub(crate) trait ProgramDoor {
    fn ask_json(&self, text: &str) -> Result<String, Error>;
}

impl ProgramDoor for Program {
    fn ask_json(&self, text: &str) -> Result<String, Error> {
        variant(text, "describe").map(|_| canonical(self.document()))
    }
}

pub(crate) trait OrderDoor: Sized {
    fn from_json(program: &Program, text: &str) -> Result<Self, Error>;
}

impl OrderDoor for PreparedOrder {
    fn from_json(program: &Program, text: &str) -> Result<Self, Error> {
        PreparedOrder::new(program, from_node(&Node::parse(text, MAX)?)?)
    }
}

pub(crate) trait BookDoor: Sized {
    fn open_json(text: &str) -> Result<Self, Error>;
    fn ask_json(&mut self, text: &str) -> Result<String, Error>;
    fn quote_json(&self, order: &PreparedOrder, text: &str) -> Result<String, Error>;
}

impl BookDoor for Book {
    fn open_json(text: &str) -> Result<Self, Error> {
        let node = Node::parse(text, MAX)?;
        let till = text_of(&node, "till");
        match node.get("program") {
            None => Book::empty(&till),
            Some(program) => Book::new(&till, Program::from_node(program)?),
        }
    }

    fn ask_json(&mut self, text: &str) -> Result<String, Error> {
        self.call_json(text)
    }

    fn quote_json(&self, order: &PreparedOrder, text: &str) -> Result<String, Error> {
        let node = Node::parse(text, MAX)?;
        let at = text_of(&node, "at")
            .parse()
            .map_err(|_| Error::new(ErrorCode::TimeSyntax, "/at", "write an instant"))?;
        order.quote(self.slice(), at, false).map(|quote| canonical(&quote))
    }
}

pub(crate) trait LedgerDoor: Sized {
    fn open_json(text: &str) -> Result<Self, Error>;
    fn ask_json(&self, text: &str) -> Result<String, Error>;
    fn quote_json(&self, order: &PreparedOrder, text: &str) -> Result<String, Error>;
}

impl LedgerDoor for Ledger {
    fn open_json(text: &str) -> Result<Self, Error> {
        let node = Node::parse(text, MAX)?;
        let till = text_of(&node, "till");
        match node.get("path").and_then(Node::text) {
            None => Ledger::in_memory(&till),
            Some(path) => Ledger::open(Path::new(path), &till),
        }
    }

    fn ask_json(&self, text: &str) -> Result<String, Error> {
        self.call_json(text)
    }

    fn quote_json(&self, _: &PreparedOrder, _: &str) -> Result<String, Error> {
        Err(Error::new(ErrorCode::Internal, "", "not yet"))
    }
}
