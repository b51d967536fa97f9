//! The books of a conformance vector: the main one, and those of other tills of the same programme.

use std::collections::BTreeMap;
use std::sync::Arc;

use kopilka::document::Reader;
use kopilka::json::Node;
use kopilka::{Book, Command, Entry, Error, Program, Record, RecordHash, Request};

/// The till of the main book, and how a step names that book.
pub const MAIN_TILL: &str = "conformance";
const MAIN: &str = "main";

/// A book, and what it received of others: after how many records of its own.
pub struct Tilled {
    pub book: Book,
    pub received: Vec<(usize, Arc<Entry>)>,
    /// The commands, by their keys, of which records leave something out: what identifies a person
    /// and what proves a card. To decide them again, whoever replays must still have them.
    pub secrets: BTreeMap<String, Command>,
}

impl Tilled {
    /// Keeps the command of the last record, if it left anything out.
    pub fn keep_secrets(&mut self, request: &Node) {
        let (request, _) = Reader::document::<Request>(request);
        if request.command.has_secrets() {
            self.secrets.insert(request.key.unwrap_or_default(), request.command);
        }
    }
}

/// All books of a vector, by how steps name them.
pub struct Books {
    /// The programme that books are given; none begin without one.
    program: Option<Program>,
    guards_clock: bool,
    books: BTreeMap<String, Tilled>,
}

impl Books {
    pub fn new(program: Option<Program>, guards_clock: bool) -> Books {
        Books { program, guards_clock, books: BTreeMap::new() }
    }

    /// The book that a step names, begun if it is not there yet.
    pub fn book(&mut self, till: Option<&str>) -> Result<&mut Tilled, Error> {
        let name = till.unwrap_or(MAIN);
        if !self.books.contains_key(name) {
            let till = if name == MAIN { MAIN_TILL } else { name };
            let book = self.empty(till)?;
            self.books.insert(
                name.to_owned(),
                Tilled { book, received: Vec::new(), secrets: BTreeMap::new() },
            );
        }
        Ok(self.books.get_mut(name).expect("the book was put there just now"))
    }

    /// An empty book, kept by a till.
    pub fn empty(&self, till: &str) -> Result<Book, Error> {
        let mut book = match &self.program {
            Some(program) => Book::new(till, program.clone())?,
            None => Book::empty(till)?,
        };
        book.guard_clock(self.guards_clock);
        Ok(book)
    }

    /// A book of records that were only read: those that begin without a programme contain it.
    pub fn rebuild(&self, till: &str, records: Vec<(RecordHash, Record)>) -> Result<Book, Error> {
        match &self.program {
            Some(program) => Book::rebuild(till, program.clone(), records),
            None => Book::from_records(till, records),
        }
    }

    /// Lets a book receive all records of another one, in order.
    pub fn receive(&mut self, till: Option<&str>, from: Option<&str>) -> Result<(), Error> {
        let entries = self.book(from)?.book.entries().to_vec();
        let tilled = self.book(till)?;
        let own = tilled.book.entries().len();
        for entry in entries {
            tilled.book.receive(Arc::clone(&entry))?;
            tilled.received.push((own, entry));
        }
        Ok(())
    }

    /// Every book.
    pub fn all(&self) -> impl Iterator<Item = &Tilled> {
        self.books.values()
    }
}
