//! The ledger's door for requests.

use std::sync::Arc;

use kopilka::document::{Reader, canonical};
use kopilka::json::Node;
use kopilka::{Answer, Entry, Error, ErrorCode, Position, REQUEST_BYTES_MAX, Request};

use super::Ledger;
use super::together::Together;

/// The most requests that are answered together.
pub const CALLS_TOGETHER_MAX: usize = 10_000;

impl Ledger {
    /// Answers a request. What changes something is in the file when the answer is given.
    ///
    /// # Errors
    /// What is wrong with the request or does not fit the present state, with nothing changed; or
    /// `store.failed` and its like where it is not known: ask again with the same key.
    pub fn call(&self, request: &Request) -> Result<Answer, Error> {
        let answers = self.call_all(std::slice::from_ref(request));
        let nothing = || Error::new(ErrorCode::Internal, "", "a call was not answered");
        answers.into_iter().next().ok_or_else(nothing)?
    }

    /// Answers a request in JSON with an answer in canonical JSON.
    ///
    /// # Errors
    /// As [`Ledger::call`], and every mistake of form.
    pub fn call_json(&self, text: &str) -> Result<String, Error> {
        let node = Node::parse(text, REQUEST_BYTES_MAX)?;
        let (request, mistakes) = Reader::document::<Request>(&node);
        if !mistakes.is_empty() {
            return Err(mistakes.into());
        }
        self.call(&request).map(|answer| canonical(&answer))
    }

    /// Answers requests one after another, each seeing what those before it did, and keeps all of it
    /// in one transaction with one sync: for imports, and for servers that gather calls. If it cannot
    /// be kept, all fail.
    ///
    /// # Errors
    /// Each as [`Ledger::call`]; all `document.list_too_long` if there are more than
    /// [`CALLS_TOGETHER_MAX`].
    pub fn call_all(&self, requests: &[Request]) -> Vec<Result<Answer, Error>> {
        if requests.len() > CALLS_TOGETHER_MAX {
            let message = format!("at most {CALLS_TOGETHER_MAX} requests are answered together");
            let error = Error::new(ErrorCode::DocumentListTooLong, "", message);
            return vec![Err(error); requests.len()];
        }
        self.with(|engine| engine.call_all(requests))
    }

    /// Gathers calls of which one may need the answer of another, as a confirmation needs the token of
    /// its reservation, and keeps what they made in one transaction with one sync. No answer may leave
    /// before this returns; if it fails, nothing of it was done. Nobody else is answered meanwhile.
    ///
    /// # Errors
    /// As the medium fails.
    pub fn together<T>(&self, run: impl FnOnce(&mut Together<'_>) -> T) -> Result<T, Error> {
        self.with(|engine| {
            let mut calls = Together::begin(engine)?;
            let outcome = run(&mut calls);
            calls.keep().map(|()| outcome)
        })
    }

    /// The record that was made under a key, if there is one: what a host did before it was cut off.
    ///
    /// # Errors
    /// As the medium fails.
    pub fn recorded(&self, key: &str) -> Result<Option<Arc<Entry>>, Error> {
        self.with(|engine| {
            engine.ensure_open()?;
            engine.recorded(key).map_err(|error| engine.fail(error))
        })
    }

    /// The records of all tills after a place, in their order, at most so many and never more than 1,000.
    ///
    /// # Errors
    /// As the medium fails.
    pub fn records_after(
        &self,
        after: Option<&Position>,
        most: usize,
    ) -> Result<Vec<Arc<Entry>>, Error> {
        self.with(|engine| {
            engine.ensure_open()?;
            engine.records_after(after, most).map_err(|error| engine.fail(error))
        })
    }
}
