//! States made anew: what all records add up to, folded in the order of their positions with only
//! a part of the states in memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use kopilka::{Entry, Head, Key, Position, RecordId, apply, folded_with, touched};

use super::cache::Cache;
use super::records::{ROWS_AT_ONCE, entry_of};
use super::shelf::{Beside, Shelf};
use crate::digest::Digest;
use crate::error::StoreError;
use crate::store::{Change, Store};

/// The note that stands while states are made anew: what is there then is not to be trusted.
pub(super) const REBUILDING: &str = "rebuilding";

/// After how many changed states they are written.
const STATES_AT_ONCE: usize = 4_000;

/// Makes the states and the index of touches of a store anew. It is done in several transactions;
/// one that was cut short is begun again when the ledger is opened.
pub(super) fn rebuild(store: &mut dyn Store, head: &Head) -> Result<u64, StoreError> {
    store.commit(&Change {
        drop_states: true,
        drop_touches: true,
        notes: vec![(REBUILDING.to_owned(), Some("1".to_owned()))],
        ..Change::default()
    })?;
    let mut fold = Fold::new(head);
    let mut after = None;
    let mut records = 0;
    loop {
        let entries = next_entries(store, &mut after)?;
        if entries.is_empty() {
            break;
        }
        records += entries.len() as u64;
        for entry in &entries {
            fold.add(store, entry, Touches::Kept)?;
        }
        if fold.is_full() {
            store.commit(&fold.take())?;
        }
    }
    let mut rest = fold.take();
    rest.notes.push((REBUILDING.to_owned(), None));
    store.commit(&rest)?;
    Ok(records)
}

/// Folds the records of one store into an empty one, which then holds the states alone; the digest
/// that the index of touches must have.
pub(super) fn fold_beside(
    records: &mut dyn Store,
    states: &mut dyn Store,
    head: &Head,
) -> Result<Digest, StoreError> {
    let mut fold = Fold::new(head);
    let mut index = Digest::default();
    let mut after = None;
    loop {
        let entries = next_entries(records, &mut after)?;
        if entries.is_empty() {
            break;
        }
        for entry in &entries {
            fold.add(&mut Beside { states, records }, entry, Touches::Dropped)?;
            let id = entry.record.envelope.id().to_string();
            touched(entry).iter().for_each(|key| index.add(key, &id));
        }
        if fold.is_full() {
            states.commit(&fold.take())?;
        }
    }
    states.commit(&fold.take())?;
    Ok(index)
}

fn next_entries(
    store: &mut dyn Store,
    after: &mut Option<Position>,
) -> Result<Vec<Arc<Entry>>, StoreError> {
    let rows = store.records_after(after.as_ref(), ROWS_AT_ONCE)?;
    if let Some(last) = rows.last() {
        *after = Some(last.position.clone());
    }
    rows.iter().map(entry_of).collect()
}

/// Whether the index of touches is made anew too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Touches {
    Kept,
    Dropped,
}

/// States while they are made anew.
struct Fold {
    head: Head,
    cache: Cache,
    changed: BTreeSet<Key>,
    touches: Vec<(RecordId, Vec<Key>)>,
}

impl Fold {
    fn new(head: &Head) -> Fold {
        let cache = Cache::empty(head.clone());
        Fold { head: head.clone(), cache, changed: BTreeSet::new(), touches: Vec::new() }
    }

    fn add(
        &mut self,
        shelf: &mut (impl Shelf + ?Sized),
        entry: &Arc<Entry>,
        touches: Touches,
    ) -> Result<(), StoreError> {
        let keys = touched(entry);
        let read = folded_with(entry).into_iter().map(|(_, read)| read);
        self.cache.load(shelf, keys.iter().cloned().chain(read))?;
        apply(self.cache.slice_mut(), entry);
        if touches == Touches::Kept {
            self.touches.push((entry.record.envelope.id(), keys.clone()));
        }
        self.changed.extend(keys);
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.changed.len() > STATES_AT_ONCE || self.cache.len() > 4 * STATES_AT_ONCE
    }

    /// What is to be written; afterwards nothing is in memory.
    fn take(&mut self) -> Change {
        let slice = self.cache.slice();
        let changed = std::mem::take(&mut self.changed);
        let states = changed.into_iter().map(|key| (slice.stored(&key), key));
        let states = states.map(|(text, key)| (key, text)).collect();
        let touches = std::mem::take(&mut self.touches);
        self.cache = Cache::empty(self.head.clone());
        Change { states, touches, ..Change::default() }
    }
}
