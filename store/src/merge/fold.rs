//! Folding states anew, where records came in that stand before ones that were applied.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kopilka::{Entry, Key, Position, Slice, apply, folded_with, touched};

use crate::error::StoreError;
use crate::store::{Chain, RecordRow, Store};

/// How many records are read at once.
const RECORDS_AT_ONCE: usize = 64;

/// A new record with its place and what it changes.
pub(super) struct New {
    pub position: Position,
    pub entry: Arc<Entry>,
    pub touched: Vec<Key>,
}

/// States that are folded anew, of the records of a store and new ones together.
pub(super) struct Fold<'s> {
    pub store: &'s mut dyn Store,
    pub own: &'s Chain,
    /// In the order of their positions.
    pub new: &'s [New],
}

/// States with their texts; none where nothing is left of one.
pub(super) type Texts = HashMap<Key, Option<String>>;

impl Fold<'_> {
    /// Folds states anew, and with them all whose records read one of them.
    pub fn anew(&mut self, late: HashSet<Key>) -> Result<Texts, StoreError> {
        let mut texts = Texts::new();
        let mut todo: Vec<Key> = late.iter().cloned().collect();
        let mut late = late;
        todo.sort();
        while let Some(key) = todo.pop() {
            if texts.contains_key(&key) {
                continue;
            }
            let (folded, pairs) = self.with_what_it_reads(key)?;
            for (key, text) in folded {
                if late.contains(&key) {
                    texts.insert(key, text);
                }
            }
            for (reader, read) in pairs {
                if late.contains(&read) && late.insert(reader.clone()) {
                    todo.push(reader);
                }
            }
        }
        Ok(texts)
    }

    /// Folds one state, and those that its records read, of nothing.
    fn with_what_it_reads(&mut self, key: Key) -> Result<(Texts, HashSet<(Key, Key)>), StoreError> {
        let mut set = HashSet::from([key]);
        loop {
            let keys: Vec<Key> = set.iter().cloned().collect();
            let mut slice = Slice::new(&self.own.till, self.own.incarnation);
            let mut pairs = HashSet::new();
            let mut complete = true;
            self.each_record(&keys, &set, &mut |entry, touched| {
                for (reader, read) in folded_with(entry) {
                    let is_new = set.contains(&reader) && !set.contains(&read);
                    complete &= !is_new;
                    pairs.insert((reader, read));
                }
                if complete {
                    apply(&mut slice, entry);
                    touched
                        .iter()
                        .filter(|key| !set.contains(key))
                        .for_each(|key| slice.forget(key));
                }
            })?;
            if complete {
                let text = |key: Key| (slice.stored(&key), key);
                let texts = set.into_iter().map(text).map(|(text, key)| (key, text)).collect();
                return Ok((texts, pairs));
            }
            let more: Vec<Key> = pairs
                .into_iter()
                .filter(|(reader, _)| set.contains(reader))
                .map(|(_, read)| read)
                .collect();
            set.extend(more);
        }
    }

    /// Visits the records that touch any of some states, those of the store and new ones, in the
    /// order of their positions.
    fn each_record(
        &mut self,
        keys: &[Key],
        set: &HashSet<Key>,
        visit: &mut dyn FnMut(&Arc<Entry>, &[Key]),
    ) -> Result<(), StoreError> {
        let is_about = |new: &&New| new.touched.iter().any(|key| set.contains(key));
        let mut new = self.new.iter().filter(is_about).peekable();
        let mut after: Option<Position> = None;
        loop {
            let rows = self.store.records_touching(keys, after.as_ref(), RECORDS_AT_ONCE)?;
            let Some(last) = rows.last() else { break };
            after = Some(last.position.clone());
            for row in &rows {
                while let Some(earlier) = new.next_if(|new| new.position < row.position) {
                    visit(&earlier.entry, &earlier.touched);
                }
                let entry = entry_of(row)?;
                visit(&entry, &touched(&entry));
            }
        }
        new.for_each(|new| visit(&new.entry, &new.touched));
        Ok(())
    }
}

/// The record of a row, with the hash of its text.
pub(super) fn entry_of(row: &RecordRow) -> Result<Arc<Entry>, StoreError> {
    let entry = Entry::read(&row.text).ok();
    let same = |entry: &Arc<Entry>| {
        entry.hash == row.hash && entry.record.envelope.position() == row.position
    };
    entry.filter(same).ok_or_else(|| {
        StoreError::damaged(format!("the record {} is not what was written", row.position.id()))
    })
}
