//! Facts of the watch.

use jiff::Timestamp;

use crate::document::document;
use crate::order::Challenge;
use crate::watch::{Frozen, Verdict, WatchAction, WatchEvent, WatchNamed};

document! {
    /// The watch saw something. Its states are made of such facts alone.
    pub struct Watched {
        /// What it saw, as it was judged.
        pub event: WatchEvent,
        /// What it made of it; absent where nothing was to be decided.
        pub verdict: Option<Verdict>,
    }
}

impl Watched {
    /// What is counted of the event: what was refused did not happen.
    #[must_use]
    pub fn counted(&self) -> WatchEvent {
        let mut event = self.event.clone();
        let Some(verdict) = &self.verdict else { return event };
        if verdict.refuses_spending() {
            event.spent.units = 0;
            if event.kind == crate::watch::WatchKind::GiftSpend {
                event.amount.units = 0;
            }
        }
        if verdict.earning == WatchAction::Deny {
            (event.earned.units, event.stamps.units) = (0, 0);
        }
        event
    }
}

impl Verdict {
    /// Whether what was to be spent is not spent: it is denied, or a challenge was not met.
    #[must_use]
    pub fn refuses_spending(&self) -> bool {
        match self.spending {
            WatchAction::Deny => true,
            WatchAction::StepUp => !self.met,
            _ => false,
        }
    }

    /// The challenge that is still to be met.
    #[must_use]
    pub fn unmet(&self) -> Option<Challenge> {
        (self.spending == WatchAction::StepUp && !self.met).then_some(self.challenge)
    }
}

document! {
    /// Somebody or something is frozen, or free again.
    pub struct WatchFrozen {
        /// Who said so; absent if a check did.
        pub by: Option<String>,
        /// Whether it is frozen.
        pub frozen: bool,
        /// Why, in the host's words, or the checks that froze it.
        pub reason: Option<String>,
        /// What.
        pub subject: WatchNamed,
    }
}

impl WatchFrozen {
    /// What a state keeps of it: with the instant and the record of it, the later word is known.
    pub(crate) fn said(&self, at: Timestamp, record: String) -> Frozen {
        Frozen { at, record, frozen: self.frozen, by: self.by.clone() }
    }
}
