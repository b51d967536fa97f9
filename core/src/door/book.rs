//! What a book in memory is asked besides requests: its records, for those who keep them, and those
//! of others.

use std::sync::Arc;

use super::{Asked, QuoteCall};
use crate::answer::Quote;
use crate::book::{Book, REQUEST_BYTES_MAX};
use crate::command::NoDetails;
use crate::document::{canonical, document, union};
use crate::error::Error;
use crate::json::Node;
use crate::program::Program;
use crate::record::{Entry, Record};
use crate::verbs::{PreparedOrder, program_missing};
use crate::watch::WatchPlace;

/// The most bytes that a question to a book may have, if it is no request: a record.
const CALL_BYTES_MAX: usize = 16 * REQUEST_BYTES_MAX;

document! {
    /// How a book is opened.
    pub struct BookOptions {
        /// Whether a clock that is far ahead is suspect.
        pub guards_clock: bool = false,
        /// The programme's document, if one is in force without a record.
        pub program: Option<Node>,
        /// The till that keeps it: 1 to 32 ASCII letters, digits, `-` and `_`.
        pub till: String,
        /// Where the checks of the watch are evaluated.
        pub watch_place: WatchPlace = WatchPlace::Till,
    }
}

union! {
    /// A question to a book.
    pub enum BookCall {
        /// A record that another till wrote.
        Receive(Record) = "receive",
        /// The records that the book itself wrote.
        Records(BookRecords) = "records",
        /// Its newest record.
        Tip(NoDetails) = "tip",
    }
}

union! {
    /// The answer of a book.
    pub enum BookReply {
        /// It was taken in, or was known.
        Receive(NoDetails) = "receive",
        /// The records.
        Records(RecordList) = "records",
        /// Its newest record.
        Tip(BookTip) = "tip",
    }
}

document! {
    /// Asks for records.
    pub struct BookRecords {
        /// Those after this sequence number; 0 for all.
        pub after: u64 = 0,
        /// How many at most.
        pub most: u32 = 1_000,
    }
}

document! {
    /// Records in their order.
    pub struct RecordList {
        /// The records.
        pub records: Vec<Record>,
    }
}

document! {
    /// Where a book stands.
    pub struct BookTip {
        /// The hash of its newest record, in hexadecimal digits; absent if there is none.
        pub hash: Option<String>,
        /// The number of its newest record; 0 if there is none.
        pub sequence: u64,
    }
}

impl Book {
    /// Opens an empty book.
    ///
    /// # Errors
    /// `document.word` at `/till` for a wrong name; every mistake of the programme, below `/program`.
    pub fn open(options: &BookOptions) -> Result<Book, Error> {
        let program = options.program.as_ref().map(Program::from_node).transpose();
        let mut book = match program.map_err(|error| error.under("/program"))? {
            Some(program) => Book::new(&options.till, program)?,
            None => Book::empty(&options.till)?,
        };
        book.guard_clock(options.guards_clock);
        book.set_watch_place(options.watch_place);
        Ok(book)
    }

    /// The same by the text of the options.
    ///
    /// # Errors
    /// Every mistake of form, and those of [`Book::open`].
    pub fn open_json(text: &str) -> Result<Book, Error> {
        let node = Node::parse(text, CALL_BYTES_MAX)?;
        Book::open(&crate::document::from_node(&node)?)
    }

    /// Answers a question.
    ///
    /// # Errors
    /// As [`Book::receive`].
    pub fn ask(&mut self, call: BookCall) -> Result<BookReply, Error> {
        Ok(match call {
            BookCall::Receive(record) => {
                self.receive(Entry::seal(record)).map_err(|error| error.under("/receive"))?;
                BookReply::Receive(NoDetails {})
            }
            BookCall::Records(asked) => BookReply::Records(self.records(&asked)),
            BookCall::Tip(_) => BookReply::Tip(self.tip()),
        })
    }

    /// Answers the text of a request, or of another question, with the canonical text of the answer.
    ///
    /// # Errors
    /// Every mistake of form, and those of [`Book::call`] and [`Book::ask`].
    ///
    /// # Examples
    /// ```
    /// use kopilka::Book;
    ///
    /// let mut book = Book::open_json(r#"{"till": "till-1", "program":
    ///     {"id": "shop", "currency": "RUB", "zone": "Europe/Moscow"}}"#)?;
    /// let sold = book.ask_json(r#"{"at": "2026-03-02T10:00:00Z", "key": "receipt-1", "command":
    ///     {"sell": {"order": {"lines": [{"id": "1", "price": "10.00"}]}}}}"#)?;
    /// assert!(sold.starts_with(r#"{"sale":"#));
    /// assert!(book.ask_json(r#"{"tip": {}}"#)?.contains(r#""sequence":1"#));
    /// # Ok::<(), kopilka::Error>(())
    /// ```
    pub fn ask_json(&mut self, text: &str) -> Result<String, Error> {
        match Asked::read(text, CALL_BYTES_MAX)? {
            Asked::Request(request) => self.call(&request).map(|answer| canonical(&answer)),
            Asked::Call(call) => self.ask(call).map(|reply| canonical(&reply)),
        }
    }

    /// What a prepared order costs, spends and earns at an instant. It is prepared anew where another
    /// version of the programme is in force than that for which it was.
    ///
    /// # Errors
    /// `program.missing` while no programme is in force; else as [`PreparedOrder::quote`].
    pub fn quote(&self, order: &PreparedOrder, call: &QuoteCall) -> Result<Quote, Error> {
        let Some(program) = self.program_in(order.order().store.as_ref(), call.at) else {
            return Err(program_missing());
        };
        if program.version() == order.program().version() {
            return order.quote(self.slice(), call.at, call.explain);
        }
        order.under(program)?.quote(self.slice(), call.at, call.explain)
    }

    fn records(&self, asked: &BookRecords) -> RecordList {
        let after = usize::try_from(asked.after).unwrap_or(usize::MAX);
        let most = usize::try_from(asked.most).unwrap_or(usize::MAX);
        let entries = self.entries().iter().skip(after).take(most);
        RecordList { records: entries.map(|entry: &Arc<Entry>| entry.record.clone()).collect() }
    }

    fn tip(&self) -> BookTip {
        let last = self.entries().last();
        BookTip {
            hash: last.map(|entry| entry.hash.to_string()),
            sequence: last.map_or(0, |entry| entry.record.envelope.sequence),
        }
    }
}
