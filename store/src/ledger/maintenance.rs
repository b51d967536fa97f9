//! A planned time without a network: it begins and ends by itself, and nobody is alarmed by it.

use jiff::Timestamp;
use kopilka::{LedgerEvent, OfflineEvent};

use super::engine::Engine;

impl Engine {
    /// Tells once that a planned time without a network has begun.
    pub fn note_planned(&mut self, at: Timestamp) {
        let planned = self.notes.is_planned(at);
        if planned
            && !self.told_planned
            && let Some(since) = self.notes.offline_at(at)
        {
            let begun = OfflineEvent { planned, since };
            self.events.push(LedgerEvent::WentOffline(begun));
        }
        self.told_planned = planned;
    }
}
