//! States folded anew for one decision, from the records that it could have known.

use std::collections::BTreeSet;
use std::sync::Arc;

use kopilka::{Entry, Key, Position, Slice, apply, fold_together, touched};

use super::apart::Known;
use super::records::{ROWS_AT_ONCE, entry_of};
use super::shelf::Shelf;
use crate::error::StoreError;
use crate::store::{Chain, RecordRow, Store, StoredProfile, Visit};

/// States as they were at a time, or of what one till knew.
pub(super) struct Folded<'s> {
    pub store: &'s mut dyn Store,
    /// Of the records before this one only.
    pub before: Option<Position>,
    /// Of the records of this chain only, and of those of others up to where they were known.
    pub known: Option<(Chain, &'s Known)>,
    /// Whether all versions of the programme were known: they come to every till by themselves.
    pub all_programs: bool,
}

impl Folded<'_> {
    /// Folds one state, with those that its records read.
    fn fold(&mut self, key: &Key) -> Result<Option<String>, StoreError> {
        let mut set = BTreeSet::from([key.clone()]);
        loop {
            let mut slice = Slice::default();
            if self.each(&set.clone(), &mut |entry| {
                let grown = fold_together(&mut set, entry);
                apply(&mut slice, entry);
                let other = touched(entry).into_iter().filter(|key| !set.contains(key));
                other.for_each(|key| slice.forget(&key));
                !grown
            })? {
                return Ok(slice.stored(key));
            }
        }
    }

    /// Visits the records that count and touch any of some states, until `visit` says no; whether all
    /// were visited.
    fn each(
        &mut self,
        set: &BTreeSet<Key>,
        visit: &mut dyn FnMut(&Arc<Entry>) -> bool,
    ) -> Result<bool, StoreError> {
        let keys: Vec<Key> = set.iter().cloned().collect();
        let mut after = None;
        loop {
            let rows = self.store.records_touching(&keys, after.as_ref(), ROWS_AT_ONCE)?;
            for row in &rows {
                if self.before.as_ref().is_some_and(|before| row.position >= *before) {
                    return Ok(true);
                }
                if self.counts(&row.position) && !visit(&entry_of(row)?) {
                    return Ok(false);
                }
            }
            let Some(last) = rows.into_iter().last() else { return Ok(true) };
            after = Some(last.position);
        }
    }
}

impl Folded<'_> {
    fn counts(&self, position: &Position) -> bool {
        let chain = Chain::of(&position.id());
        self.known.as_ref().is_none_or(|(own, known)| {
            chain == *own || known.get(&chain).is_some_and(|last| position.sequence <= *last)
        })
    }
}

impl Shelf for Folded<'_> {
    fn state(&mut self, key: &Key) -> Result<Option<String>, StoreError> {
        match key {
            key if key.decides() && self.all_programs => self.store.state(key),
            key => self.fold(key),
        }
    }

    fn each_state(
        &mut self,
        kind: &str,
        visit: Visit<'_, (Key, String)>,
    ) -> Result<(), StoreError> {
        let mut keys = Vec::new();
        self.store.each_state(kind, &mut |(key, _)| {
            keys.push(key);
            Ok(())
        })?;
        for key in keys {
            if let Some(text) = self.state(&key)? {
                visit((key, text))?;
            }
        }
        Ok(())
    }

    fn record(&mut self, id: &kopilka::RecordId) -> Result<Option<RecordRow>, StoreError> {
        self.store.record(id)
    }

    fn profile(&mut self, _: &str) -> Result<Option<StoredProfile>, StoreError> {
        Ok(None)
    }

    fn profiles_by_phone(&mut self, _: &str) -> Result<Vec<StoredProfile>, StoreError> {
        Ok(Vec::new())
    }
}
