//! The states in memory: a part of what the store holds, loaded when it is asked for.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use kopilka::{Entry, FindingKind, Head, Key, LedgerFinding, Personal, RecordId, Slice};

use super::records::entry_of;
use super::shelf::Shelf;
use super::stored_profile::personal_of;
use crate::error::{StoreError, StoreFault};

/// The states that decisions read. Whatever is in it is what the store holds, or what the calls
/// since the last commit made of that.
#[derive(Debug)]
pub(super) struct Cache {
    slice: Slice,
    /// What was asked of the store, found or not.
    loaded: HashSet<Key>,
    /// The kinds of which every state was loaded.
    whole: BTreeSet<&'static str>,
    /// What is personal and could not be read: the ledger goes on without it, and says so.
    found: Vec<LedgerFinding>,
}

impl Cache {
    /// With the programmes, which always stay in memory, and the end of the chain.
    pub fn new(store: &mut (impl Shelf + ?Sized), head: Head) -> Result<Cache, StoreError> {
        let mut cache = Cache::empty(head);
        cache.load_programs(store)?;
        Ok(cache)
    }

    /// Without anything: for folding records from the first on.
    pub fn empty(head: Head) -> Cache {
        let mut slice = Slice::new(&head.till, head.incarnation);
        slice.set_head(head);
        Cache { slice, loaded: HashSet::new(), whole: BTreeSet::new(), found: Vec::new() }
    }

    pub fn slice(&self) -> &Slice {
        &self.slice
    }

    /// The states, to be changed by a record whose keys were loaded.
    pub fn slice_mut(&mut self) -> &mut Slice {
        &mut self.slice
    }

    fn load_programs(&mut self, store: &mut (impl Shelf + ?Sized)) -> Result<(), StoreError> {
        self.load_kind(store, "program")?;
        self.load_kind(store, "watch_policy")?;
        self.load(store, [Key::Schedule, Key::WatchSchedule])?;
        Ok(())
    }

    /// Loads what was not asked for before; whether anything was found.
    pub fn load(
        &mut self,
        store: &mut (impl Shelf + ?Sized),
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<bool, StoreError> {
        let mut found = false;
        for key in keys {
            found |= self.load_one(store, key)?;
        }
        Ok(found)
    }

    fn load_one(
        &mut self,
        store: &mut (impl Shelf + ?Sized),
        key: Key,
    ) -> Result<bool, StoreError> {
        if self.loaded.contains(&key) {
            return Ok(false);
        }
        let found = match &key {
            Key::Phone(phone) => self.load_phone(store, &phone.clone())?,
            Key::Guest(guest) => self.load_guest(store, &guest.clone())?,
            key if self.whole.contains(key.kind()) => false,
            key => self.load_state(store, key)?,
        };
        self.loaded.insert(key);
        Ok(found)
    }

    fn load_state(
        &mut self,
        store: &mut (impl Shelf + ?Sized),
        key: &Key,
    ) -> Result<bool, StoreError> {
        let Some(text) = store.state(key)? else { return Ok(false) };
        self.put(store, key, &text)?;
        Ok(true)
    }

    /// Puts a stored state with the records that it names.
    fn put(
        &mut self,
        store: &mut (impl Shelf + ?Sized),
        key: &Key,
        text: &str,
    ) -> Result<(), StoreError> {
        let unreadable = |error: kopilka::Error| {
            let (kind, id) = (key.kind(), key.id());
            StoreError::damaged(format!("the state {kind} `{id}` cannot be read: {error}"))
        };
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        for id in Slice::records_of(key, text).map_err(unreadable)? {
            entries.push(named_record(store, &id)?);
        }
        self.slice.restore(key, text, &entries).map_err(unreadable)
    }

    /// A guest, what is personal of it, and all its cards.
    fn load_guest(
        &mut self,
        store: &mut (impl Shelf + ?Sized),
        guest: &str,
    ) -> Result<bool, StoreError> {
        let key = Key::Guest(guest.to_owned());
        let mut found = match self.whole.contains("guest") {
            true => false,
            false => self.load_state(store, &key)?,
        };
        let personal = store.profile(guest).and_then(personal_of);
        if let Some(personal) = self.unless_damaged(guest, personal)?.flatten() {
            self.slice.keep_profile(guest, personal);
            found = true;
        }
        let cards: Vec<Key> = self.slice.ever_cards_of(guest).cloned().map(Key::Card).collect();
        self.loaded.insert(key);
        Ok(self.load(store, cards)? || found)
    }

    /// The guests with a telephone number.
    fn load_phone(
        &mut self,
        store: &mut (impl Shelf + ?Sized),
        phone: &str,
    ) -> Result<bool, StoreError> {
        let rows = store.profiles_by_phone(phone);
        let rows = self.unless_damaged("by telephone number", rows)?.unwrap_or_default();
        self.load(store, rows.into_iter().map(|row| Key::Guest(row.guest)))
    }

    /// What is personal is not what was counted: where a row of it is damaged, it is lost until
    /// somebody says it again, and everything else goes on.
    fn unless_damaged<T>(
        &mut self,
        place: &str,
        read: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) if error.fault() == StoreFault::Damaged => {
                self.found.push(LedgerFinding {
                    kind: FindingKind::ProfileDamaged,
                    place: place.to_owned(),
                    text: error.message().to_owned(),
                });
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// What could not be read since this was asked last.
    pub fn take_found(&mut self) -> Vec<LedgerFinding> {
        std::mem::take(&mut self.found)
    }

    /// Loads every state of a kind.
    pub fn load_kind(
        &mut self,
        store: &mut (impl Shelf + ?Sized),
        kind: &'static str,
    ) -> Result<bool, StoreError> {
        if self.whole.contains(kind) {
            return Ok(false);
        }
        let mut keys = Vec::new();
        store.each_state(kind, &mut |(key, _)| {
            keys.push(key);
            Ok(())
        })?;
        let found = self.load(store, keys)?;
        self.whole.insert(kind);
        Ok(found)
    }

    /// Notes that a state cannot be in the store, because what it is about began just now.
    pub fn note_new(&mut self, key: Key) {
        self.loaded.insert(key);
    }

    /// What is personal of guests, as it stands in memory.
    pub fn personal<'k>(
        &self,
        guests: impl IntoIterator<Item = &'k str>,
    ) -> HashMap<&'k str, Option<Personal>> {
        let guests = guests.into_iter();
        guests.map(|guest| (guest, self.slice.personal(guest).cloned())).collect()
    }

    /// How many states were asked for.
    pub fn len(&self) -> usize {
        self.loaded.len()
    }

    /// Forgets some of it, so that at most half as many as that stay. Answers and sales go first: they
    /// are the many, and are seldom asked for again. Nothing may be in memory that the store does not
    /// have.
    pub fn trim(
        &mut self,
        store: &mut (impl Shelf + ?Sized),
        most: usize,
    ) -> Result<(), StoreError> {
        let slice = &mut self.slice;
        self.loaded.retain(|key| match key {
            Key::Command(_) | Key::Sale(_) => {
                slice.forget(key);
                false
            }
            _ => true,
        });
        self.whole.retain(|kind| !matches!(*kind, "command" | "sale"));
        if self.loaded.len() > most / 2 { self.evict(store) } else { Ok(()) }
    }

    /// Forgets everything but the programmes and the end of the chain. Nothing may be in memory
    /// that the store does not have.
    pub fn evict(&mut self, store: &mut (impl Shelf + ?Sized)) -> Result<(), StoreError> {
        let found = self.take_found();
        *self = Cache::new(store, self.slice.head().clone())?;
        self.found = found;
        Ok(())
    }
}

/// A record that a state names: without it the state cannot be read.
fn named_record(
    store: &mut (impl Shelf + ?Sized),
    id: &RecordId,
) -> Result<Arc<Entry>, StoreError> {
    let row = store.record(id)?;
    let row = row.ok_or_else(|| {
        StoreError::damaged(format!("the record {id} is missing, and a state names it"))
    })?;
    entry_of(&row)
}
