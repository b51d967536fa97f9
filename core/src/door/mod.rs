//! What other languages ask: one document for each question to a programme, a book, a watch or a
//! ledger, and one for each answer.
//!
//! A call over a border is a text: a [`Request`](crate::Request) to a book or a ledger, which is
//! answered with an [`Answer`](crate::Answer), or an object with one key, the verb. So a new verb
//! changes no function of any border. Rust itself calls the functions behind them.

mod book;
mod ledger;
mod program;
mod watch;

pub use book::*;
pub use ledger::*;
pub use program::*;
pub use watch::*;

use crate::command::Command;
use crate::document::{Document, Reader, canonical, document};
use crate::error::{Error, ErrorCode};
use crate::json::Node;
use jiff::Timestamp;

document! {
    /// What a prepared order is asked.
    pub struct QuoteCall {
        /// The instant, by the host's clock.
        pub at: Timestamp,
        /// Whether the quote tells how each number came about.
        pub explain: bool = false,
    }
}

/// What a text asks a book or a ledger: a request, or one of its other verbs.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked<T> {
    /// A request: it has a command.
    Request(Box<crate::command::Request>),
    /// Another verb.
    Call(T),
}

impl<T: Document> Asked<T> {
    /// Reads what is asked. What the engine wrote itself, such as records, may be of any length.
    ///
    /// # Errors
    /// Every mistake of form.
    pub fn read(text: &str, bytes_max: usize) -> Result<Asked<T>, Error> {
        let node = Node::parse(text, bytes_max)?;
        if node.get("command").is_some() {
            return whole(Reader::document(&node)).map(Asked::Request);
        }
        let read = whole(Reader::recorded(&node)).map(|call| Asked::Call(*call));
        read.map_err(|error| bare_command(&node, &error).unwrap_or(error))
    }
}

/// Where a command was sent without its request: how it is sent.
fn bare_command(node: &Node, error: &Error) -> Option<Error> {
    let Node::Map(entries) = node else { return None };
    let [(verb, _)] = entries.as_slice() else { return None };
    let is_unknown = error.code() == ErrorCode::DocumentKeyUnknown
        && error.path().strip_prefix('/') == Some(verb);
    if !is_unknown || !Command::KEYS.contains(&verb.as_str()) {
        return None;
    }
    let message = format!(
        r#"`{verb}` is a command; send {{"at": …, "key": …, "command": {{"{verb}": {{…}}}}}}"#
    );
    Some(Error::new(ErrorCode::DocumentKeyUnknown, format!("/{verb}"), message))
}

/// Reads a call, asks, and writes the reply.
fn ask<C: Document, R: Document>(
    text: &str,
    bytes_max: usize,
    reply: impl FnOnce(C) -> Result<R, Error>,
) -> Result<String, Error> {
    let node = Node::parse(text, bytes_max)?;
    let call = whole(Reader::recorded(&node))?;
    reply(*call).map(|reply| canonical(&reply))
}

fn whole<T>((value, mistakes): (T, Vec<crate::error::Mistake>)) -> Result<Box<T>, Error> {
    if mistakes.is_empty() { Ok(Box::new(value)) } else { Err(mistakes.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_without_its_request_is_told_how_it_is_sent() {
        let said = |text: &str| Asked::<BookCall>::read(text, 1_000).unwrap_err();
        let error = said(r#"{"issue": {"card": "1"}}"#);
        assert_eq!((error.code(), error.path()), (ErrorCode::DocumentKeyUnknown, "/issue"));
        assert!(error.to_string().contains(r#"send {"at": …"#), "{error}");
        assert!(said(r#"{"isue": {}}"#).to_string().contains("known are `receive`"));
        // A ledger has a verb of the name of a command.
        let text = r#"{"import": {"at": "2026-03-02T10:00:00Z", "from": "a"}}"#;
        assert!(Asked::<LedgerCall>::read(text, 1_000).is_ok());
    }
}
