//! Notes and records kept aside that cannot be read any more: they are removed and told, so that they stop
//! nobody, and made anew where something else says what they said.

use std::collections::BTreeMap;

use kopilka::{ChainEnd, FindingKind, LedgerFinding, Opening};

use super::chains::Sound;
use super::fold::REBUILDING;
use super::notes;
use super::verify::finding_of;
use crate::error::StoreError;
use crate::merge::{BEGIN, FORK, fork_note};
use crate::store::{Chain, Change, Finding, Place, Removed, Store};

/// What is to be done at the opening because of notes that are gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mended {
    /// The ends of the chains at the last checkpoint are to be noted anew.
    pub checkpoint: bool,
    /// It may have been a copy that is to begin anew.
    pub copy: bool,
    /// The states may have been half made.
    pub states: bool,
}

/// The notes that are not about another till.
const OWN: [&str; 9] = [
    notes::ACKNOWLEDGED,
    notes::ACKNOWLEDGED_AT,
    notes::CHECKPOINT,
    notes::INCARNATION,
    notes::MAINTENANCE,
    notes::OFFLINE_SINCE,
    notes::RESTORED,
    notes::TILL,
    REBUILDING,
];

/// Removes what cannot be read, and tells it.
pub(super) fn mend(store: &mut dyn Store, opening: &mut Opening) -> Result<Mended, StoreError> {
    let mut mended = Mended::default();
    let mut forks = false;
    for Removed { name, place, message } in store.mend()? {
        if place == Place::Note {
            // What it was called is damaged as well: it may have been any.
            let known = OWN.contains(&name.as_str());
            let foreign = name.starts_with(FORK) || name.starts_with(BEGIN);
            let may_be = |note: &str| name == note || !known && !foreign;
            mended.checkpoint |= may_be(notes::CHECKPOINT);
            mended.copy |= may_be(notes::RESTORED);
            mended.states |= may_be(REBUILDING);
            forks |= !known;
            let (kind, place) = (FindingKind::NoteDamaged, name);
            opening.found.push(LedgerFinding { kind, place, text: message });
        } else {
            opening.found.push(finding_of(Finding { place, message }));
        }
    }
    if forks {
        note_forks(store)?;
    }
    Ok(mended)
}

/// Notes once more which chains were written by two ledgers: those of which records are kept aside.
fn note_forks(store: &mut dyn Store) -> Result<(), StoreError> {
    let mut forks: BTreeMap<Chain, u64> = BTreeMap::new();
    store.each_quarantined(&mut |row| {
        let first = forks.entry(Chain::of(&row.record)).or_insert(row.record.sequence);
        *first = row.record.sequence.min(*first);
        Ok(())
    })?;
    let mut notes = Vec::new();
    for (chain, sequence) in forks {
        let note = fork_note(&chain);
        if store.note(&note)?.is_none() {
            notes.push((note, Some(sequence.to_string())));
        }
    }
    store.commit(&Change { notes, ..Change::default() })
}

/// Notes where chains end of which every record was looked at.
pub(super) fn note_checkpoint(store: &mut dyn Store, sounds: &[Sound]) -> Result<(), StoreError> {
    let end = |sound: &Sound| ChainEnd {
        hash: sound.hash.to_string(),
        incarnation: sound.chain.incarnation,
        sequence: sound.sequence,
        till: sound.chain.till.clone(),
    };
    let ends: Vec<ChainEnd> = sounds.iter().map(end).collect();
    let notes = vec![notes::written(notes::CHECKPOINT, Some(&ends))];
    store.commit(&Change { notes, ..Change::default() })
}
