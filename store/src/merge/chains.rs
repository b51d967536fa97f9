//! Where a record stands in its chain: known, the next one, after a gap, or of a fork.

use std::collections::{BTreeMap, HashMap, HashSet};

use kopilka::{Entry, Position, RecordHash};

use crate::error::StoreError;
use crate::store::{Chain, Store};

/// What is to be done with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the next one of its chain.
    Next,
    /// It is known.
    Known,
    /// Records before it are missing.
    Gap,
    /// Another record has its place, or it follows one that is kept aside.
    Fork,
}

/// The newest record of a chain.
#[derive(Clone, Debug, Default)]
struct Newest {
    sequence: u64,
    hash: RecordHash,
    position: Option<Position>,
}

type Aside = HashMap<Chain, HashSet<RecordHash>>;

/// The chains of a ledger, and where a part of an upload goes on with them.
pub(super) struct Chains {
    newest: HashMap<Chain, Newest>,
    /// The records that are kept aside; read when it is first asked.
    aside: Option<Aside>,
    /// The sequence numbers at which chains part of which records were kept aside now.
    pub forks: BTreeMap<Chain, u64>,
    /// The highest sequence number that was left because of a gap before it.
    pub skipped: BTreeMap<Chain, u64>,
}

impl Chains {
    /// The chains as they stand in a store.
    pub fn load(store: &mut dyn Store) -> Result<Chains, StoreError> {
        let mut newest = HashMap::new();
        for head in store.heads()? {
            let (sequence, hash) = (head.sequence, head.hash);
            newest.insert(head.chain, Newest { sequence, hash, position: None });
        }
        Ok(Chains { newest, aside: None, forks: BTreeMap::new(), skipped: BTreeMap::new() })
    }

    /// Says what is to be done with a record, and goes on from it.
    pub fn judge(&mut self, store: &mut dyn Store, entry: &Entry) -> Result<Verdict, StoreError> {
        let envelope = &entry.record.envelope;
        let chain = Chain::of(&envelope.id());
        let newest = self.newest(store, &chain)?;
        let next = newest.sequence.saturating_add(1);
        let verdict = if envelope.sequence < next {
            let known = store.record(&envelope.id())?;
            let same = known.is_some_and(|known| known.hash == entry.hash);
            if same { Verdict::Known } else { Verdict::Fork }
        } else if envelope.sequence > next {
            let aside = self.aside(store)?.get(&chain);
            let before = |hash: &RecordHash| hash.to_string() == envelope.previous;
            let follows = aside.is_some_and(|aside| aside.iter().any(before));
            if follows { Verdict::Fork } else { Verdict::Gap }
        } else {
            let links = envelope.previous == newest.hash.to_string();
            let position = newest.position.as_ref();
            let later = position.is_none_or(|before| *before < envelope.position());
            if links && later { Verdict::Next } else { Verdict::Fork }
        };
        if verdict == Verdict::Fork {
            self.aside(store)?.entry(chain.clone()).or_default().insert(entry.hash);
        }
        self.note(chain, entry, verdict);
        Ok(verdict)
    }

    fn aside(&mut self, store: &mut dyn Store) -> Result<&mut Aside, StoreError> {
        if self.aside.is_none() {
            let mut aside = Aside::new();
            store.each_quarantined(&mut |row| {
                aside.entry(Chain::of(&row.record)).or_default().insert(row.hash);
                Ok(())
            })?;
            self.aside = Some(aside);
        }
        Ok(self.aside.get_or_insert_default())
    }

    fn newest(&mut self, store: &mut dyn Store, chain: &Chain) -> Result<Newest, StoreError> {
        let mut newest = self.newest.get(chain).cloned().unwrap_or_default();
        if newest.position.is_none() && newest.sequence > 0 {
            let record = store.record(&chain.record(newest.sequence))?;
            newest.position = record.map(|record| record.position);
            self.newest.insert(chain.clone(), newest.clone());
        }
        Ok(newest)
    }

    fn note(&mut self, chain: Chain, entry: &Entry, verdict: Verdict) {
        let envelope = &entry.record.envelope;
        match verdict {
            Verdict::Known => {}
            Verdict::Next => {
                let (hash, position) = (entry.hash, Some(envelope.position()));
                let newest = Newest { sequence: envelope.sequence, hash, position };
                self.newest.insert(chain, newest);
            }
            Verdict::Gap => {
                let highest = self.skipped.entry(chain).or_default();
                *highest = envelope.sequence.max(*highest);
            }
            Verdict::Fork => {
                let first = self.forks.entry(chain).or_insert(envelope.sequence);
                *first = envelope.sequence.min(*first);
            }
        }
    }
}
