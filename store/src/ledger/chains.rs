//! Chains of records, looked at one after another: is each the one that the next one names?

use jiff::Timestamp;
use kopilka::{ChainEnd, FindingKind, LedgerFinding, Link, RecordHash};

use super::records::{ROWS_AT_ONCE, entry_of};
use crate::error::{StoreError, StoreFault};
use crate::store::{Chain, ChainHead, RecordRow, Store};

/// What visits one sound record after another. What it finds damaged is no longer sound; another
/// failure ends the visit and is passed on.
pub(super) type VisitRecord<'a> = &'a mut dyn FnMut(&RecordRow) -> Result<(), StoreError>;

/// How far a chain is sound.
#[derive(Debug)]
pub(super) struct Sound {
    pub chain: Chain,
    /// The last sound record.
    pub sequence: u64,
    pub hash: RecordHash,
    /// Its logical time, if there is one.
    pub logical_at: Option<Timestamp>,
    /// How many records were looked at.
    pub records: u64,
    /// The newest record that the store has of it.
    pub newest: u64,
    /// What is wrong with the record after it.
    pub damage: Option<LedgerFinding>,
}

/// The end of a chain as it is told.
pub(super) fn told(head: &ChainHead) -> ChainEnd {
    ChainEnd {
        hash: head.hash.to_string(),
        incarnation: head.chain.incarnation,
        sequence: head.sequence,
        till: head.chain.till.clone(),
    }
}

/// Looks at the records of a chain after one that is known, or at all, and hands each sound one
/// to `visit`. It ends at the first that is not sound.
pub(super) fn check(
    store: &mut dyn Store,
    head: &ChainHead,
    known: Option<&ChainEnd>,
    visit: VisitRecord<'_>,
) -> Result<Sound, StoreError> {
    let mut sound = Sound {
        chain: head.chain.clone(),
        sequence: 0,
        hash: RecordHash::default(),
        logical_at: None,
        records: 0,
        newest: head.sequence,
        damage: None,
    };
    if let Some(known) = known.filter(|known| known.sequence > 0) {
        start_at(store, &mut sound, known)?;
    }
    while sound.damage.is_none() {
        let rows = next_rows(store, &mut sound)?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            match look_at(&sound, row, visit)? {
                None => {
                    sound.sequence = row.position.sequence;
                    sound.hash = row.hash;
                    sound.logical_at = Some(row.position.logical_at);
                    sound.records += 1;
                }
                damage => {
                    sound.damage = damage;
                    break;
                }
            }
        }
    }
    if sound.damage.is_none() && sound.sequence < sound.newest {
        sound.damage = Some(missing(&sound));
    }
    Ok(sound)
}

/// Begins after a record that was verified before, if it still stands there.
fn start_at(store: &mut dyn Store, sound: &mut Sound, known: &ChainEnd) -> Result<(), StoreError> {
    let id = sound.chain.record(known.sequence);
    let row = unless_damaged(store.record(&id))?.flatten();
    let row = row.filter(|row| row.hash.to_string() == known.hash);
    // Otherwise all of the chain is looked at: that finds where it is damaged.
    if let Some(row) = row.filter(|row| entry_of(row).is_ok()) {
        sound.sequence = known.sequence;
        sound.hash = row.hash;
        sound.logical_at = Some(row.position.logical_at);
    }
    Ok(())
}

/// The next rows. Where the store cannot read several at once, they are read one by one, so that
/// all before the damage are found.
fn next_rows(store: &mut dyn Store, sound: &mut Sound) -> Result<Vec<RecordRow>, StoreError> {
    let rows = store.chain(&sound.chain, sound.sequence, ROWS_AT_ONCE);
    if let Some(rows) = unless_damaged(rows)? {
        return Ok(rows);
    }
    let id = sound.chain.record(sound.sequence + 1);
    match store.record(&id) {
        Ok(row) => Ok(row.into_iter().collect()),
        Err(error) if error.fault() == StoreFault::Damaged => {
            sound.damage = Some(damaged(id.to_string(), error.message()));
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

/// What is wrong with a record, if anything is. Its hash says that the text is what was written; of
/// the text only what chains it is read.
fn look_at(
    sound: &Sound,
    row: &RecordRow,
    visit: VisitRecord<'_>,
) -> Result<Option<LedgerFinding>, StoreError> {
    if row.position.sequence != sound.sequence + 1 {
        return Ok(Some(missing(sound)));
    }
    let id = row.position.id().to_string();
    if RecordHash::of(row.text.as_bytes()) != row.hash {
        let text = format!("the record {id} is not what its hash names");
        return Ok(Some(damaged(id, &text)));
    }
    let link = Link::read(&row.text).filter(|link| link.position == row.position);
    let Some(link) = link else {
        let text = format!("the record {id} says that it is another one");
        return Ok(Some(damaged(id, &text)));
    };
    if link.previous != sound.hash.to_string() {
        let text = "it does not name the hash of the record before it".to_owned();
        return Ok(Some(LedgerFinding { kind: FindingKind::ChainBroken, place: id, text }));
    }
    match visit(row) {
        Err(error) if error.fault() == StoreFault::Damaged => {
            Ok(Some(damaged(id, error.message())))
        }
        visited => visited.map(|()| None),
    }
}

fn missing(sound: &Sound) -> LedgerFinding {
    LedgerFinding {
        kind: FindingKind::RecordMissing,
        place: sound.chain.record(sound.sequence + 1).to_string(),
        text: "it is not there, though a later one is".to_owned(),
    }
}

fn damaged(place: String, text: &str) -> LedgerFinding {
    LedgerFinding { kind: FindingKind::RecordDamaged, place, text: text.to_owned() }
}

fn unless_damaged<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.fault() == StoreFault::Damaged => Ok(None),
        Err(error) => Err(error),
    }
}
