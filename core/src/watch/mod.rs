//! The watch: antifraud that runs inside the till, without a network, and explains itself.
//!
//! A [`Watch`] is a policy compiled once. It judges a [`WatchEvent`] by what a [`WatchState`] knows:
//! counters folded from the same records as balances. The same policy, state and event give the same
//! verdict, byte for byte, at the till and at the centre.
//!
//! Antifraud never stops a sale: at worst no points move.

mod catalogue;
mod check;
mod compile;
mod counter;
mod document;
mod event;
mod exact;
mod place;
mod reading;
#[cfg(test)]
mod sampled;
mod state;
pub mod texts;
mod verdict;

use std::fmt;
use std::sync::Arc;

use crate::document::Reader;
use crate::error::Error;
use crate::json::Node;
use crate::record::RecordHash;

pub use catalogue::{catalogue_table, readings_table};
pub use document::*;
pub use event::{Counted, WatchEvent, WatchKind, WatchMark, WatchSubject};
pub use reading::Reading;
pub use state::WatchState;
pub use verdict::*;

pub(crate) use exact::Exact;
pub(crate) use state::{Cell, Frozen, OwnCounter, Rare, Recent, SubjectState};

/// The most bytes that a policy may have: 1 MiB.
pub const WATCH_BYTES_MAX: usize = 1 << 20;

/// The compiled policy of a watch. Cheap to clone; it never changes.
///
/// # Examples
/// ```
/// use kopilka::Amount;
/// use kopilka::watch::{Watch, WatchAction, WatchEvent, WatchPlace, WatchState};
///
/// let watch = Watch::compile(r#"{"id": "corner-shop", "checks": [{"check": "F13"}]}"#)?;
/// let mut state = WatchState::default();
/// let redeem = |at: &str| WatchEvent {
///     at: at.parse().unwrap(),
///     card: Some("1001".into()),
///     spent: Amount { units: 100, digits: 0 },
///     ..WatchEvent::default()
/// };
/// let (first, verdict) = watch.judge(&state, WatchPlace::Till, redeem("2026-03-01T10:00:00Z"));
/// assert_eq!(verdict.action, WatchAction::Allow);
/// state.fold(&first);
/// // Two redemptions within 15 minutes ask for the PIN.
/// let (_, verdict) = watch.judge(&state, WatchPlace::Till, redeem("2026-03-01T10:05:00Z"));
/// assert_eq!(verdict.action, WatchAction::StepUp);
/// assert_eq!(verdict.shown, ["F13"]);
/// # Ok::<(), kopilka::Error>(())
/// ```
#[derive(Clone)]
pub struct Watch {
    rules: Arc<compile::Rules>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Watch({} {})", self.id(), self.version())
    }
}

impl Watch {
    /// Compiles the text of a policy.
    ///
    /// # Errors
    /// Every mistake of the document, each with its place.
    pub fn compile(text: &str) -> Result<Watch, Error> {
        Watch::from_node(&Node::parse(text, WATCH_BYTES_MAX)?)
    }

    /// Compiles a policy that is parsed already.
    ///
    /// # Errors
    /// As [`Watch::compile`].
    pub fn from_node(node: &Node) -> Result<Watch, Error> {
        let (document, mut mistakes) = Reader::document::<WatchDocument>(node);
        if !mistakes.is_empty() {
            return Err(mistakes.into());
        }
        let version = RecordHash::of(node.canonical().as_bytes()).to_string();
        let (rules, more) = compile::compile(document, version);
        mistakes.extend(more);
        if mistakes.is_empty() {
            Ok(Watch { rules: Arc::new(rules) })
        } else {
            Err(mistakes.into())
        }
    }

    /// The stable id of the policy.
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
    pub fn document(&self) -> &WatchDocument {
        &self.rules.document
    }

    /// Judges an event. The event comes back with what the policy finds of it, as it is to be
    /// folded into the state if it really happens.
    #[must_use]
    pub fn judge(
        &self,
        state: &WatchState,
        place: WatchPlace,
        event: WatchEvent,
    ) -> (WatchEvent, Verdict) {
        let event = verdict::seen(&self.rules, state, event);
        let verdict = verdict::judge(&self.rules, place, state, &event);
        (event, verdict)
    }

    /// What the policy costs: readings for an event, and bytes of state.
    #[must_use]
    pub fn cost(&self, place: WatchPlace) -> WatchCost {
        let bytes = |of| self.rules.bytes(of) as u64;
        WatchCost {
            card_bytes: bytes(WatchSubject::Card),
            cashier_bytes: bytes(WatchSubject::Cashier),
            checks: self.rules.checks.len() as u64,
            program_bytes: bytes(WatchSubject::Program),
            readings: self.rules.leaves(place) as u64,
            store_bytes: bytes(WatchSubject::Store),
            till_bytes: bytes(WatchSubject::Till),
        }
    }
}

crate::document::document! {
    /// What a policy costs, told before it runs. Bytes are the most that one subject's state can take.
    pub struct WatchCost {
        /// Of a card.
        pub card_bytes: u64,
        /// Of a cashier.
        pub cashier_bytes: u64,
        /// How many checks there are that are not off.
        pub checks: u64,
        /// Of the programme as a whole.
        pub program_bytes: u64,
        /// How many readings one event asks at most.
        pub readings: u64,
        /// Of a store.
        pub store_bytes: u64,
        /// Of a till.
        pub till_bytes: u64,
    }
}

/// The guide, whose examples run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/watch.md")]
struct Guide;
