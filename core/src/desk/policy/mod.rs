//! Policies: documents compiled once into a handle.

mod compile;
mod document;
mod life;
mod rules;
mod target;
mod term;
mod when;

use std::fmt;
use std::sync::Arc;

use crate::desk::calendar::Calendar;
use crate::document::Reader;
use crate::error::{Error, ErrorCode};
use crate::json::Node;
use crate::record::RecordHash;

pub use document::*;
pub use life::{AutoMove, Closing, Move, Reopen, StateDocument, StateKind, TicketLife};
pub use target::{After, CalendarSpan, IfOpen, NextBusinessDay, Target};
pub use when::When;

pub(crate) use rules::{ClockRules, LadderRules, MoveRules, Rules, Step};
pub(crate) use target::Due;
pub(crate) use term::after_span;
pub(crate) use when::Marks;

/// The most bytes that a policy may have: 1 MiB.
pub const DESK_BYTES_MAX: usize = 1 << 20;

/// The compiled policy of a support desk. Cheap to clone; it never changes.
///
/// # Examples
/// ```
/// use kopilka::desk::Desk;
///
/// let desk = Desk::compile(r#"{
///     "id": "corner-shop", "zone": "Europe/Moscow",
///     "calendars": [{"id": "work", "weekly": [
///         {"days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
///          "from": "10:00", "to": "19:00"}]}],
///     "priorities": [{"id": "high"}, {"id": "low"}],
///     "life": {"states": [
///         {"id": "open", "kind": "open", "moves": [{"to": "closed"}]},
///         {"id": "closed", "kind": "closed"}]},
///     "targets": [{"id": "reply", "metric": "first_reply",
///         "target": {"after": {"hours": 4, "calendar": "work"}}}]
/// }"#)?;
/// assert_eq!(desk.id(), "corner-shop");
/// # Ok::<(), kopilka::Error>(())
/// ```
#[derive(Clone)]
pub struct Desk {
    rules: Arc<Rules>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Desk({} {})", self.id(), self.version())
    }
}

impl Desk {
    /// Compiles the text of a policy.
    ///
    /// # Errors
    /// Every mistake of the document, each with its place.
    pub fn compile(text: &str) -> Result<Desk, Error> {
        Desk::from_node(&Node::parse(text, DESK_BYTES_MAX)?)
    }

    /// Compiles a policy that is parsed already.
    ///
    /// # Errors
    /// As [`Desk::compile`].
    pub fn from_node(node: &Node) -> Result<Desk, Error> {
        let (document, mut mistakes) = Reader::document::<DeskDocument>(node);
        if !mistakes.is_empty() {
            return Err(mistakes.into());
        }
        let version = RecordHash::of(node.canonical().as_bytes()).to_string();
        let (rules, more) = compile::compile(document, version);
        mistakes.extend(more);
        if mistakes.is_empty() { Ok(Desk { rules: Arc::new(rules) }) } else { Err(mistakes.into()) }
    }

    /// The stable id of the desk.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.rules.document.id
    }

    /// The version: the SHA-256 of the canonical document as written, in hexadecimal digits.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.rules.version
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &DeskDocument {
        &self.rules.document
    }

    /// A calendar by its id.
    ///
    /// # Errors
    /// `desk.reference` if there is no such calendar.
    pub fn calendar(&self, id: &str) -> Result<&Calendar, Error> {
        let document = &self.rules.document;
        let place = document.calendars.iter().position(|calendar| calendar.id == id);
        let found = place.and_then(|place| self.rules.calendars.get(place));
        found.ok_or_else(|| {
            let message = format!("the desk has no calendar `{id}`");
            Error::new(ErrorCode::DeskReference, "/calendar", message)
        })
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }
}
