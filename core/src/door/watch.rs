//! What a watch by itself is asked: verdicts without a ledger, for back-tests and for hosts that keep
//! their own.

use super::ask;
use crate::command::NoDetails;
use crate::document::{document, union};
use crate::error::Error;
use crate::record::Watched;
use crate::watch::{Watch, WatchCost, WatchEvent, WatchPlace, WatchState};

/// The most bytes that a question may have: 1 MiB.
const CALL_BYTES_MAX: usize = 1 << 20;

union! {
    /// A question to a watch.
    pub enum WatchCall {
        /// What its policy costs.
        Cost(WatchAt) = "cost",
        /// Its id and version.
        Describe(NoDetails) = "describe",
        /// That an event really happened.
        Fold(WatchEvent) = "fold",
        /// What to make of an event.
        Judge(WatchJudge) = "judge",
    }
}

union! {
    /// The answer of a watch.
    pub enum WatchReply {
        /// What it costs.
        Cost(WatchCost) = "cost",
        /// Its id and version.
        Describe(WatchDescription) = "describe",
        /// It was counted.
        Fold(NoDetails) = "fold",
        /// The event as it is to be folded if it really happens, and the verdict.
        Judge(Watched) = "judge",
    }
}

document! {
    /// Asks what a policy costs.
    pub struct WatchAt {
        /// Where it is evaluated.
        pub place: WatchPlace = WatchPlace::Till,
    }
}

document! {
    /// Asks what to make of an event.
    pub struct WatchJudge {
        /// The event.
        pub event: WatchEvent,
        /// Where it is judged.
        pub place: WatchPlace = WatchPlace::Till,
    }
}

document! {
    /// Which policy it is.
    pub struct WatchDescription {
        /// Its id.
        pub id: String,
        /// The SHA-256 of its canonical document, in hexadecimal digits.
        pub version: String,
    }
}

/// A policy with what it has seen.
///
/// # Examples
/// ```
/// use kopilka::door::Watcher;
///
/// let mut watcher = Watcher::open(r#"{"id": "shop", "checks": [{"check": "F13"}]}"#)?;
/// let sale = r#"{"kind": "sale", "at": "2026-03-02T10:00:00Z", "card": "1001", "spent": "30"}"#;
/// let told = watcher.ask_json(&format!(r#"{{"judge": {{"event": {sale}}}}}"#))?;
/// assert!(told.contains(r#""action":"allow""#));
/// watcher.ask_json(&format!(r#"{{"fold": {sale}}}"#))?;
/// # Ok::<(), kopilka::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Watcher {
    watch: Watch,
    state: WatchState,
}

impl Watcher {
    /// Compiles a policy; nothing was seen yet.
    ///
    /// # Errors
    /// Every mistake of the policy.
    pub fn open(policy: &str) -> Result<Watcher, Error> {
        Ok(Watcher { watch: Watch::compile(policy)?, state: WatchState::default() })
    }

    /// Answers a question.
    pub fn ask(&mut self, call: WatchCall) -> WatchReply {
        match call {
            WatchCall::Cost(asked) => WatchReply::Cost(self.watch.cost(asked.place)),
            WatchCall::Describe(_) => WatchReply::Describe(WatchDescription {
                id: self.watch.id().to_owned(),
                version: self.watch.version().to_owned(),
            }),
            WatchCall::Fold(event) => {
                self.state.fold(&event);
                WatchReply::Fold(NoDetails {})
            }
            WatchCall::Judge(asked) => {
                let (event, verdict) = self.watch.judge(&self.state, asked.place, asked.event);
                WatchReply::Judge(Watched { event, verdict: Some(verdict) })
            }
        }
    }

    /// Answers the text of a question with the canonical text of the answer.
    ///
    /// # Errors
    /// Every mistake of form.
    pub fn ask_json(&mut self, text: &str) -> Result<String, Error> {
        ask(text, CALL_BYTES_MAX, |call| Ok(self.ask(call)))
    }
}
