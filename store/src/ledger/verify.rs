//! Everything in a ledger compared with what its records say.

use kopilka::{FindingKind, Key, LedgerFinding, RecordId, Verification};

use super::engine::Engine;
use super::opening::{Place as Kept, own_end};
use super::{chains, fold, recover};
use crate::digest::Digest;
use crate::error::{StoreError, StoreFault};
use crate::head_file::KnownHead;
use crate::memory::MemoryStore;
use crate::store::{Finding, Place, Store};

/// The most findings that are told.
const FOUND_MAX: usize = 1_000;
/// Where states are folded anew to be compared.
const VERIFYING: &str = ".verifying";

impl Engine {
    /// Verifies all of it. Nothing is changed by it.
    pub fn verify(&mut self) -> Result<Verification, StoreError> {
        let mut told = Verification::default();
        for finding in self.store()?.examine()? {
            note(&mut told, finding_of(finding));
        }
        self.verify_chains(&mut told)?;
        self.verify_head_file(&mut told)?;
        // States and index are made of records: where those are damaged, they cannot be compared.
        let whole = |finding: &LedgerFinding| {
            !matches!(
                finding.kind,
                FindingKind::RecordDamaged | FindingKind::RecordMissing | FindingKind::ChainBroken
            )
        };
        if told.found.iter().all(whole) {
            self.verify_states(&mut told)?;
        }
        told.found.truncate(FOUND_MAX);
        Ok(told)
    }

    /// Looks at every record.
    fn verify_chains(&mut self, told: &mut Verification) -> Result<(), StoreError> {
        let store = self.store()?;
        for head in store.heads()? {
            let sound = chains::check(store, &head, None, &mut |_| Ok(()))?;
            told.chains += 1;
            told.records += sound.records;
            if let Some(damage) = sound.damage {
                note(told, damage);
            }
        }
        Ok(())
    }

    /// The file beside the ledger must name its newest record, or one before it.
    fn verify_head_file(&mut self, told: &mut Verification) -> Result<(), StoreError> {
        let name = self.head_file.name();
        let files = self.opener.options.sqlite.files.clone();
        let (kind, text) = match self.head_file.read_again(files.as_ref())? {
            None => return Ok(()),
            Some(KnownHead::Missing) => (FindingKind::HeadFile, "it is missing".to_owned()),
            Some(KnownHead::Damaged) => (FindingKind::HeadFile, "it cannot be read".to_owned()),
            Some(KnownHead::Known(known)) => {
                if known == own_end(self.cache.slice().head()) {
                    return Ok(());
                }
                (FindingKind::HeadFile, "it does not name the newest record".to_owned())
            }
        };
        note(told, LedgerFinding { kind, place: name, text });
        Ok(())
    }

    /// Folds all records anew beside the ledger, and compares what comes of it: states, and the index
    /// of what each record touched.
    fn verify_states(&mut self, told: &mut Verification) -> Result<(), StoreError> {
        let files = self.opener.options.sqlite.files.clone();
        let beside = match &self.opener.place {
            Kept::Store => None,
            Kept::File(path) => Some(recover::with(path, VERIFYING)),
        };
        let mut anew: Box<dyn Store> = match &beside {
            None => Box::new(MemoryStore::new()),
            Some(path) => {
                recover::remove(path, files.as_ref())?;
                recover::open(path, &self.opener.options.sqlite)?
            }
        };
        let head = self.cache.slice().head().clone();
        let store = self.store()?;
        let index = fold::fold_beside(store, anew.as_mut(), &head)?;
        compare_index(store, index, told)?;
        compare(store, anew.as_mut(), told)?;
        drop(anew);
        beside.map_or(Ok(()), |path| recover::remove(&path, files.as_ref()))
    }
}

/// Compares the index of touches with what the records touch.
fn compare_index(
    store: &mut dyn Store,
    expected: Digest,
    told: &mut Verification,
) -> Result<(), StoreError> {
    let mut found = Digest::default();
    let read = store.each_touch(&mut |(key, id): (Key, RecordId)| {
        found.add(&key, &id.to_string());
        Ok(())
    });
    let damaged = match read {
        Ok(()) => false,
        Err(error) if error.fault() == StoreFault::Damaged => true,
        Err(error) => return Err(error),
    };
    if damaged || found != expected {
        let text = "it is not what the records touch; make it anew".to_owned();
        let (kind, place) = (FindingKind::IndexWrong, "index of touches".to_owned());
        note(told, LedgerFinding { kind, place, text });
    }
    Ok(())
}

/// Compares all states of two stores.
fn compare(
    store: &mut dyn Store,
    anew: &mut dyn Store,
    told: &mut Verification,
) -> Result<(), StoreError> {
    for kind in Key::KINDS {
        store.each_state(kind, &mut |(key, text)| {
            told.states += 1;
            match anew.state(&key)? {
                Some(right) if right == text => {}
                Some(_) => note(told, wrong(&key, "it is not what the records add up to")),
                None => note(told, wrong(&key, "no record made it")),
            }
            Ok(())
        })?;
        anew.each_state(kind, &mut |(key, _)| {
            if store.state(&key)?.is_none() {
                note(told, wrong(&key, "it is missing"));
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn wrong(key: &Key, text: &str) -> LedgerFinding {
    LedgerFinding {
        kind: FindingKind::StateWrong,
        place: format!("{} {}", key.kind(), key.id()),
        text: text.to_owned(),
    }
}

/// What the store found wrong with itself, in the words of the ledger.
pub(super) fn finding_of(finding: Finding) -> LedgerFinding {
    let (kind, place) = match finding.place {
        Place::File => (FindingKind::FileDamaged, "file"),
        Place::Note => (FindingKind::NoteDamaged, "note"),
        Place::Profile => (FindingKind::ProfileDamaged, "profile"),
        Place::Quarantine => (FindingKind::FileDamaged, "quarantine"),
        Place::Record => (FindingKind::RecordDamaged, "record"),
        Place::State => (FindingKind::StateWrong, "state"),
        Place::Touch => (FindingKind::IndexWrong, "index of touches"),
    };
    LedgerFinding { kind, place: place.to_owned(), text: finding.message }
}

fn note(told: &mut Verification, finding: LedgerFinding) {
    if told.found.len() < FOUND_MAX {
        told.found.push(finding);
    }
}
