//! A store in memory: for previews, tests and books that need not last.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use kopilka::{Key, Position, RecordId};

use crate::copy;
use crate::digest::Digest;
use crate::error::StoreError;

use crate::store::{
    Chain, ChainHead, Change, Finding, Place, QuarantinedRow, RecordRow, Store, StoredProfile,
    Visit, check_instants,
};

/// A store that forgets everything when it is dropped.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    chains: BTreeMap<Chain, BTreeMap<u64, RecordRow>>,
    order: BTreeSet<Position>,
    states: BTreeMap<(&'static str, String), (Key, String)>,
    digest: Digest,
    touches: BTreeMap<(&'static str, String), (Key, BTreeSet<Position>)>,
    profiles: BTreeMap<String, StoredProfile>,
    notes: BTreeMap<String, String>,
    quarantined: BTreeMap<(Chain, u64, [u8; 32]), QuarantinedRow>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    fn last_sequence(&self, chain: &Chain) -> u64 {
        let rows = self.chains.get(chain);
        rows.and_then(BTreeMap::last_key_value).map_or(0, |(sequence, _)| *sequence)
    }

    fn row(&self, id: &RecordId) -> Option<&RecordRow> {
        self.chains.get(&Chain::of(id))?.get(&id.sequence)
    }

    /// Whether a change can be carried out: afterwards nothing can fail, so that it is all or
    /// nothing.
    fn check(&self, change: &Change) -> Result<(), StoreError> {
        check_instants(change)?;
        let mut last: BTreeMap<Chain, u64> = BTreeMap::new();
        for record in &change.records {
            let id = record.row.position.id();
            let chain = Chain::of(&id);
            let known = self.last_sequence(&chain);
            let before = last.entry(chain).or_insert(known);
            if before.checked_add(1) != Some(id.sequence) {
                return Err(StoreError::refused(format!("record {id} does not follow {before}")));
            }
            *before = id.sequence;
        }
        for (id, _) in &change.touches {
            let added = last.get(&Chain::of(id)).is_some_and(|last| id.sequence <= *last);
            let known = self.row(id).is_some() || (added && id.sequence > 0);
            if !known {
                return Err(StoreError::refused(format!("there is no record {id} to be indexed")));
            }
        }
        Ok(())
    }

    fn touch(&mut self, position: &Position, keys: &[Key]) {
        for key in keys {
            let name = (key.kind(), key.id());
            let (_, positions) =
                self.touches.entry(name).or_insert_with(|| (key.clone(), BTreeSet::new()));
            positions.insert(position.clone());
        }
    }

    fn put_state(&mut self, key: &Key, text: Option<&String>) {
        let name = (key.kind(), key.id());
        let old = match text {
            Some(text) => {
                self.digest.add(key, text);
                self.states.insert(name, (key.clone(), text.clone()))
            }
            None => self.states.remove(&name),
        };
        if let Some((key, text)) = old {
            self.digest.remove(&key, &text);
        }
    }

    fn rows<'a>(&self, positions: impl Iterator<Item = &'a Position>) -> Vec<RecordRow> {
        positions.filter_map(|position| self.row(&position.id())).cloned().collect()
    }
}

/// Everything after a position.
fn after(position: Option<&Position>) -> (Bound<&Position>, Bound<&Position>) {
    (position.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

impl Store for MemoryStore {
    fn commit(&mut self, change: &Change) -> Result<(), StoreError> {
        self.check(change)?;
        if change.drop_states {
            self.states.clear();
            self.digest = Digest::default();
        }
        if change.drop_touches {
            self.touches.clear();
        }
        for record in &change.records {
            let position = &record.row.position;
            let chain = self.chains.entry(Chain::of(&position.id())).or_default();
            chain.insert(position.sequence, record.row.clone());
            self.order.insert(position.clone());
            self.touch(position, &record.touched);
        }
        for (id, keys) in &change.touches {
            if let Some(position) = self.row(id).map(|row| row.position.clone()) {
                self.touch(&position, keys);
            }
        }
        for (key, text) in &change.states {
            self.put_state(key, text.as_ref());
        }
        for profile in &change.profiles {
            self.profiles.insert(profile.guest.clone(), profile.clone());
        }
        for (name, value) in &change.notes {
            match value {
                Some(value) => self.notes.insert(name.clone(), value.clone()),
                None => self.notes.remove(name),
            };
        }
        for row in &change.quarantined {
            let key = (Chain::of(&row.record), row.record.sequence, row.hash.0);
            self.quarantined.entry(key).or_insert_with(|| row.clone());
        }
        Ok(())
    }

    fn note(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self.notes.get(name).cloned())
    }

    fn each_note(&mut self, visit: Visit<'_, (String, String)>) -> Result<(), StoreError> {
        self.notes.iter().try_for_each(|(name, value)| visit((name.clone(), value.clone())))
    }

    fn state(&mut self, key: &Key) -> Result<Option<String>, StoreError> {
        Ok(self.states.get(&(key.kind(), key.id())).map(|(_, text)| text.clone()))
    }

    fn each_state(
        &mut self,
        kind: &str,
        visit: Visit<'_, (Key, String)>,
    ) -> Result<(), StoreError> {
        let of_kind = self.states.iter().filter(|((its_kind, _), _)| *its_kind == kind);
        of_kind.map(|(_, state)| state.clone()).try_for_each(visit)
    }

    fn state_digest(&mut self) -> Result<Digest, StoreError> {
        Ok(self.digest)
    }

    fn count_state_digest(&mut self) -> Result<Digest, StoreError> {
        let mut digest = Digest::default();
        self.states.values().for_each(|(key, text)| digest.add(key, text));
        Ok(digest)
    }

    fn record(&mut self, id: &RecordId) -> Result<Option<RecordRow>, StoreError> {
        Ok(self.row(id).cloned())
    }

    fn chain(
        &mut self,
        chain: &Chain,
        after: u64,
        most: usize,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let Some(rows) = self.chains.get(chain) else { return Ok(Vec::new()) };
        let later = rows.range((Bound::Excluded(after), Bound::Unbounded));
        Ok(later.take(most).map(|(_, row)| row.clone()).collect())
    }

    fn records_after(
        &mut self,
        position: Option<&Position>,
        most: usize,
    ) -> Result<Vec<RecordRow>, StoreError> {
        Ok(self.rows(self.order.range::<Position, _>(after(position)).take(most)))
    }

    fn records_touching(
        &mut self,
        keys: &[Key],
        position: Option<&Position>,
        most: usize,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let mut found = BTreeSet::new();
        for key in keys {
            if let Some((_, positions)) = self.touches.get(&(key.kind(), key.id())) {
                found.extend(positions.range::<Position, _>(after(position)).take(most));
            }
        }
        Ok(self.rows(found.into_iter().take(most)))
    }

    fn last_touch(&mut self, key: &Key) -> Result<Option<Position>, StoreError> {
        let touched = self.touches.get(&(key.kind(), key.id()));
        Ok(touched.and_then(|(_, positions)| positions.last().cloned()))
    }

    fn each_touch(&mut self, visit: Visit<'_, (Key, RecordId)>) -> Result<(), StoreError> {
        for (key, positions) in self.touches.values() {
            positions.iter().try_for_each(|position| visit((key.clone(), position.id())))?;
        }
        Ok(())
    }

    fn heads(&mut self) -> Result<Vec<ChainHead>, StoreError> {
        let heads = self.chains.iter().filter_map(|(chain, rows)| {
            let (sequence, row) = rows.last_key_value()?;
            Some(ChainHead { chain: chain.clone(), sequence: *sequence, hash: row.hash })
        });
        Ok(heads.collect())
    }

    fn profile(&mut self, guest: &str) -> Result<Option<StoredProfile>, StoreError> {
        Ok(self.profiles.get(guest).cloned())
    }

    fn profiles_by_phone(&mut self, phone: &str) -> Result<Vec<StoredProfile>, StoreError> {
        let with_phone = |profile: &&StoredProfile| profile.phone.as_deref() == Some(phone);
        Ok(self.profiles.values().filter(with_phone).cloned().collect())
    }

    fn each_profile(&mut self, visit: Visit<'_, StoredProfile>) -> Result<(), StoreError> {
        self.profiles.values().cloned().try_for_each(visit)
    }

    fn each_quarantined(&mut self, visit: Visit<'_, QuarantinedRow>) -> Result<(), StoreError> {
        self.quarantined.values().cloned().try_for_each(visit)
    }

    fn checkpoint(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn unsettled_bytes(&mut self) -> Result<u64, StoreError> {
        Ok(0)
    }

    fn examine(&mut self) -> Result<Vec<Finding>, StoreError> {
        let mut findings = Vec::new();
        if self.count_state_digest()? != self.digest {
            let message = "the states are not those that were written".into();
            findings.push(Finding { place: Place::State, message });
        }
        Ok(findings)
    }

    fn back_up(&mut self, to: &Path) -> Result<(), StoreError> {
        copy::into_file(self, to)
    }

    fn path(&self) -> Option<PathBuf> {
        None
    }
}
