//! What a slice knows of the watch: the policies that were installed by record, which of them is in
//! force where and when, and the states that its events add up to.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Schedule, Slice};
use crate::record::{Effect, Entry};
use crate::watch::{Watch, WatchPlace, WatchState};

/// The watch of a ledger.
#[derive(Clone, Debug, Default)]
pub(super) struct Watches {
    /// Canonical documents with what they compile to, by their versions. A document that this
    /// version of the engine cannot read is kept all the same.
    policies: BTreeMap<String, (Arc<str>, Option<Watch>)>,
    schedule: Schedule,
    pub state: WatchState,
}

impl Slice {
    /// The policy of the watch that is in force in a store at an instant, if any is.
    #[must_use]
    pub fn watch(&self, store: Option<&str>, at: Timestamp) -> Option<&Watch> {
        let activation = self.watches.schedule.in_force(store, at)?;
        self.watches.policies.get(&activation.version)?.1.as_ref()
    }

    /// Whether any policy of the watch was ever put into force.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        !self.watches.schedule.activations.is_empty()
    }

    /// What the watch knows.
    #[must_use]
    pub fn watch_state(&self) -> &WatchState {
        &self.watches.state
    }

    /// The same to be changed by a test.
    #[cfg(test)]
    pub(crate) fn watch_state_mut(&mut self) -> &mut WatchState {
        &mut self.watches.state
    }

    /// Says where the checks of the watch are evaluated: see [`Head::watch_place`](crate::Head::watch_place).
    pub fn set_watch_place(&mut self, place: WatchPlace) {
        self.head.watch_place = place;
    }

    /// The canonical document of a policy of the watch that was installed by record.
    #[must_use]
    pub fn watch_document(&self, version: &str) -> Option<&str> {
        self.watches.policies.get(version).map(|(text, _)| &**text)
    }

    /// The policies of the watch that were installed by record, in the order of their versions.
    pub fn watch_versions(&self) -> impl Iterator<Item = &str> {
        self.watches.policies.keys().map(String::as_str)
    }

    /// Which policies of the watch were activated by record.
    #[must_use]
    pub fn watch_schedule(&self) -> &Schedule {
        &self.watches.schedule
    }

    pub(super) fn set_watch_schedule(&mut self, schedule: Schedule) {
        self.watches.schedule = schedule;
    }

    pub(super) fn put_watch(&mut self, version: &str, text: &str) {
        let watch = Watch::compile(text).ok().filter(|watch| watch.version() == version);
        self.watches.policies.insert(version.to_owned(), (text.into(), watch));
    }
}

/// Applies what a record says of the watch, if anything.
pub(super) fn apply_to_watch(slice: &mut Slice, entry: &Entry) {
    let envelope = &entry.record.envelope;
    for effect in &entry.record.effects {
        match effect {
            Effect::WatchInstalled(installed) => {
                slice.put_watch(&installed.version, &installed.document.canonical());
            }
            Effect::WatchActivated(activated) => slice.watches.schedule.add(entry, activated),
            Effect::Watched(watched) => slice.watches.state.fold(&watched.counted()),
            Effect::WatchFrozen(said) => {
                let frozen = said.said(envelope.logical_at, envelope.id().to_string());
                slice.watches.state.freeze(said.subject.of, &said.subject.id, frozen);
            }
            _ => {}
        }
    }
}
