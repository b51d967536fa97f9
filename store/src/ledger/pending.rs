//! What calls made since the last commit: one transaction when it is done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kopilka::{Command, Entry, Key, Position, Program, apply, profiles_of, touched};

use super::cache::Cache;
use super::stored_profile;
use crate::store::{Change, NewRecord, RecordRow};

/// Records that are applied to the states in memory, but not in the store yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    entries: Vec<Arc<Entry>>,
    /// The same as they are to be kept.
    records: Vec<NewRecord>,
    /// The states that differ from the stored ones.
    states: BTreeSet<Key>,
    /// The guests whose personal data differ, with the place of the record that changed them.
    profiles: BTreeMap<String, Position>,
}

impl Pending {
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The records, in order.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Whether a state differs from the stored one.
    pub fn holds(&self, key: &Key) -> bool {
        self.states.contains(key)
    }

    /// The states that differ from the stored ones.
    pub fn states(&self) -> impl Iterator<Item = &Key> {
        self.states.iter()
    }

    /// Applies a record that a call made. Everything that it touches is in the cache.
    pub fn append(
        &mut self,
        cache: &mut Cache,
        program: &Program,
        command: &Command,
        (entry, text): (&Arc<Entry>, String),
    ) {
        let keys = touched(entry);
        let guests = keys.iter().filter_map(|key| match key {
            Key::Guest(guest) => Some(guest.as_str()),
            _ => None,
        });
        let before = cache.personal(guests);
        let slice = cache.slice_mut();
        apply(slice, entry);
        let position = entry.record.envelope.position();
        for (guest, before) in before {
            if before.as_ref() != slice.personal(guest) {
                self.profiles.insert(guest.to_owned(), position.clone());
            }
        }
        // Where only what is personal changed, the record touches no state of the guest.
        for (guest, profile) in profiles_of(program, slice, command, &entry.record) {
            let before = slice.personal(&guest).cloned();
            slice.keep_profile(&guest, profile);
            if before.as_ref() != slice.personal(&guest) {
                self.profiles.insert(guest, position.clone());
            }
        }
        self.entries.push(Arc::clone(entry));
        self.states.extend(keys.iter().cloned());
        let row = RecordRow { position, hash: entry.hash, text };
        self.records.push(NewRecord { row, touched: keys });
    }

    /// The transaction that keeps all of it; asked for once.
    pub fn change(&mut self, cache: &Cache) -> Change {
        let slice = cache.slice();
        let profile = |(guest, position): (&String, &Position)| {
            stored_profile::row_of(guest, slice.personal(guest), position.clone())
        };
        Change {
            records: std::mem::take(&mut self.records),
            states: self.states.iter().map(|key| (key.clone(), slice.stored(key))).collect(),
            profiles: self.profiles.iter().map(profile).collect(),
            ..Change::default()
        }
    }
}
