//! What a ledger asks of the place where it is kept.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use kopilka::{Key, Position, RecordHash, RecordId};

use crate::digest::{Digest, hash_of};
use crate::error::StoreError;

/// One till in one incarnation: its records name each other without gaps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chain {
    /// The till.
    pub till: String,
    /// How many times its ledger was begun anew.
    pub incarnation: u32,
}

impl Chain {
    /// The chain in which a record stands.
    #[must_use]
    pub fn of(record: &RecordId) -> Chain {
        Chain { till: record.till.clone(), incarnation: record.incarnation }
    }

    /// The id of one of its records.
    #[must_use]
    pub fn record(&self, sequence: u64) -> RecordId {
        RecordId { till: self.till.clone(), incarnation: self.incarnation, sequence }
    }
}

/// The newest record of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The chain.
    pub chain: Chain,
    /// The record's sequence number.
    pub sequence: u64,
    /// The record's hash.
    pub hash: RecordHash,
}

/// A record as it is kept. A store gives back what it has: whether the text has that hash, and
/// says what the position says, is for the reader to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// Where it stands among those of all tills.
    pub position: Position,
    /// The hash of its text.
    pub hash: RecordHash,
    /// Its canonical JSON.
    pub text: String,
}

/// A record that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// The record.
    pub row: RecordRow,
    /// Every state that applying it changes.
    pub touched: Vec<Key>,
}

/// What is personal of a guest, beside the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProfile {
    /// The guest.
    pub guest: String,
    /// The canonical JSON of the personal data; none once it was erased, so that what is uploaded
    /// later does not bring it back.
    pub personal: Option<String>,
    /// The telephone number by which the guest is found, in E.164.
    pub phone: Option<String>,
    /// The record with which it was said: of two the later counts.
    pub position: Position,
}

/// A record that was not taken in and is kept aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantinedRow {
    /// What it says that its id is.
    pub record: RecordId,
    /// The hash of its text.
    pub hash: RecordHash,
    /// The text as it came.
    pub text: String,
    /// Why it was not taken in: a stable code.
    pub reason: String,
    /// When it came.
    pub at: Timestamp,
}

/// One transaction: all of it is kept, or nothing.
///
/// It is carried out in the order of its fields. Within a list each key stands once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Whether all states are dropped first.
    pub drop_states: bool,
    /// Whether the index of touches is dropped first.
    pub drop_touches: bool,
    /// New records, each the next one of its chain.
    pub records: Vec<NewRecord>,
    /// Further touches of records that are there: the index made anew.
    pub touches: Vec<(RecordId, Vec<Key>)>,
    /// States with their new text, or without one if they are gone.
    pub states: Vec<(Key, Option<String>)>,
    /// Personal data that is new or replaced.
    pub profiles: Vec<StoredProfile>,
    /// Named facts with their new value, or without one if they are gone.
    pub notes: Vec<(String, Option<String>)>,
    /// Records that are kept aside; known ones are passed over.
    pub quarantined: Vec<QuarantinedRow>,
}

/// Something that a store found wrong with itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it concerns.
    pub place: Place,
    /// One sentence: lower case, no full stop.
    pub message: String,
}

/// A part of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The file as a whole: pages, free space, the schema.
    File,
    /// A named fact.
    Note,
    /// Personal data.
    Profile,
    /// A record that is kept aside.
    Quarantine,
    /// A record's columns.
    Record,
    /// A state, or their digest.
    State,
    /// The index of touches.
    Touch,
}

/// A row that could not be read and was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// What was wrong with it: lower case, no full stop.
    pub message: String,
    /// The name of a note, as far as it can be read; empty for what was kept aside.
    pub name: String,
    /// A note, or what was kept aside.
    pub place: Place,
}

/// What visits one row after another; its failure ends the visit and is passed on.
pub type Visit<'a, T> = &'a mut dyn FnMut(T) -> Result<(), StoreError>;

/// Where a ledger is kept: records, states, an index of which record touched which state, personal
/// data, notes and what is kept aside.
///
/// Every read of states, personal data, notes and quarantine checks the row against its checksum
/// and fails with [`StoreFault::Damaged`](crate::StoreFault::Damaged) naming the row. After any
/// failure but [`Refused`](crate::StoreFault::Refused) of a method that writes, drop the store and open it anew.
pub trait Store: Send {
    /// Carries out one transaction. When it returns, the change survives a loss of power.
    ///
    /// # Errors
    /// `Refused` if a record is known, or is not the next of its chain, if a touch names an unknown record, or
    /// an instant lies outside the years 1900 to 2199; then nothing was changed. Else as the medium fails.
    fn commit(&mut self, change: &Change) -> Result<(), StoreError>;

    /// A named fact.
    ///
    /// # Errors
    /// `Damaged`, or as the medium fails.
    fn note(&mut self, name: &str) -> Result<Option<String>, StoreError>;

    /// All named facts, in the order of their names.
    ///
    /// # Errors
    /// `Damaged`, as the medium fails, or as the visit does.
    fn each_note(&mut self, visit: Visit<'_, (String, String)>) -> Result<(), StoreError>;

    /// The text of a state.
    ///
    /// # Errors
    /// `Damaged`, or as the medium fails.
    fn state(&mut self, key: &Key) -> Result<Option<String>, StoreError>;

    /// All states of one kind, in the order of the bytes of their ids.
    ///
    /// # Errors
    /// `Damaged`, as the medium fails, or as the visit does.
    fn each_state(&mut self, kind: &str, visit: Visit<'_, (Key, String)>)
    -> Result<(), StoreError>;

    /// The digest of all states as kept up by each commit.
    ///
    /// # Errors
    /// `Damaged`, or as the medium fails.
    fn state_digest(&mut self) -> Result<Digest, StoreError>;

    /// The digest of all states as they stand there now: another one than [`Store::state_digest`] means
    /// that a state was lost, changed or added by other hands. Reads every state.
    ///
    /// # Errors
    /// `Damaged`, or as the medium fails.
    fn count_state_digest(&mut self) -> Result<Digest, StoreError>;

    /// A record.
    ///
    /// # Errors
    /// As the medium fails.
    fn record(&mut self, id: &RecordId) -> Result<Option<RecordRow>, StoreError>;

    /// The records of a chain after a sequence number, in sequence, at most so many.
    ///
    /// # Errors
    /// As the medium fails.
    fn chain(
        &mut self,
        chain: &Chain,
        after: u64,
        most: usize,
    ) -> Result<Vec<RecordRow>, StoreError>;

    /// The records of all chains after a position, in the order of positions, at most so many.
    ///
    /// # Errors
    /// As the medium fails.
    fn records_after(
        &mut self,
        after: Option<&Position>,
        most: usize,
    ) -> Result<Vec<RecordRow>, StoreError>;

    /// The records that touched any of some states after a position, in the order of positions, each once, at
    /// most so many.
    ///
    /// # Errors
    /// As the medium fails.
    fn records_touching(
        &mut self,
        keys: &[Key],
        after: Option<&Position>,
        most: usize,
    ) -> Result<Vec<RecordRow>, StoreError>;

    /// Where the last record stands that touched a state.
    ///
    /// # Errors
    /// As the medium fails.
    fn last_touch(&mut self, key: &Key) -> Result<Option<Position>, StoreError>;

    /// The whole index of touches: by kind, id, then position.
    ///
    /// # Errors
    /// As the medium fails, or as the visit does.
    fn each_touch(&mut self, visit: Visit<'_, (Key, RecordId)>) -> Result<(), StoreError>;

    /// The newest record of each chain, by till and incarnation.
    ///
    /// # Errors
    /// As the medium fails.
    fn heads(&mut self) -> Result<Vec<ChainHead>, StoreError>;

    /// The same of a store that may be damaged: where the newest record of a chain cannot be read, the first
    /// that cannot stands for it, with a hash of zeros.
    ///
    /// # Errors
    /// As the medium fails.
    fn heads_to_damage(&mut self) -> Result<Vec<ChainHead>, StoreError> {
        self.heads()
    }

    /// What is personal of a guest.
    ///
    /// # Errors
    /// `Damaged`, or as the medium fails.
    fn profile(&mut self, guest: &str) -> Result<Option<StoredProfile>, StoreError>;

    /// The guests with a telephone number, in the order of the bytes of their ids.
    ///
    /// # Errors
    /// `Damaged`, or as the medium fails.
    fn profiles_by_phone(&mut self, phone: &str) -> Result<Vec<StoredProfile>, StoreError>;

    /// All that is personal, in the order of the bytes of the guests' ids.
    ///
    /// # Errors
    /// `Damaged`, as the medium fails, or as the visit does.
    fn each_profile(&mut self, visit: Visit<'_, StoredProfile>) -> Result<(), StoreError>;

    /// All that is kept aside, by record and hash.
    ///
    /// # Errors
    /// `Damaged`, as the medium fails, or as the visit does.
    fn each_quarantined(&mut self, visit: Visit<'_, QuarantinedRow>) -> Result<(), StoreError>;

    /// Removes the notes and the records kept aside that cannot be read, in one transaction for each kind, and
    /// says which. A note that is not found under its name is written anew, and named too.
    ///
    /// # Errors
    /// `Damaged` if not even that can be done; else as the medium fails.
    fn mend(&mut self) -> Result<Vec<Removed>, StoreError> {
        Ok(Vec::new())
    }

    /// Brings everything into its final place and leaves no trace of what was replaced or removed. It loses
    /// nothing if it fails.
    ///
    /// # Errors
    /// As the medium fails.
    fn checkpoint(&mut self) -> Result<(), StoreError>;

    /// Brings everything into its final place and writes all of it anew, so that not even the free
    /// parts of pages hold what was removed. It loses nothing if it fails.
    ///
    /// # Errors
    /// As the medium fails; it needs as much room again.
    fn wipe(&mut self) -> Result<(), StoreError> {
        self.checkpoint()
    }

    /// How many bytes of changes await the next checkpoint.
    ///
    /// # Errors
    /// As the medium fails.
    fn unsettled_bytes(&mut self) -> Result<u64, StoreError>;

    /// Looks at everything that the store itself can judge: its file, its schema, checksums, the digest, and
    /// whether the parts of records and touches agree. Reads it all.
    ///
    /// # Errors
    /// As the medium fails, so that looking had to be given up.
    fn examine(&mut self) -> Result<Vec<Finding>, StoreError>;

    /// Writes all of it into a new file that a ledger can be opened on, and syncs it. The store can be used
    /// afterwards as before.
    ///
    /// # Errors
    /// `Refused` if there is such a file; else as either medium fails, and then no file is left.
    fn back_up(&mut self, to: &Path) -> Result<(), StoreError>;

    /// The file; none if it is kept in memory.
    fn path(&self) -> Option<PathBuf>;
}

/// The instants that a store takes: those that a document may name.
const INSTANTS: std::ops::Range<i64> =
    kopilka::document::INSTANT_MIN..kopilka::document::INSTANT_MAX;

/// Refuses a change with an instant that does not fit into 64 bits of nanoseconds.
pub(crate) fn check_instants(change: &Change) -> Result<(), StoreError> {
    let records = change.records.iter().map(|record| record.row.position.logical_at);
    let profiles = change.profiles.iter().map(|profile| profile.position.logical_at);
    let quarantined = change.quarantined.iter().map(|row| row.at);
    let fits = |instant: Timestamp| INSTANTS.contains(&instant.as_second());
    match records.chain(profiles).chain(quarantined).find(|instant| !fits(*instant)) {
        None => Ok(()),
        Some(instant) => {
            let message = format!("{instant} is outside the years 1900 to 2199");
            Err(StoreError::refused(message))
        }
    }
}

/// The hash of a note's columns.
pub(crate) fn note_hash(name: &str, value: &str) -> [u8; 32] {
    hash_of(&[b"note", name.as_bytes(), value.as_bytes()])
}

/// The hash of the columns of personal data.
pub(crate) fn profile_hash(profile: &StoredProfile) -> [u8; 32] {
    let StoredProfile { guest, personal, phone, position } = profile;
    let optional =
        |text: &Option<String>| text.as_ref().map_or(String::new(), |text| format!("={text}"));
    let (at, id) = (position.logical_at.as_nanosecond(), position.id());
    let (personal, phone, place) = (optional(personal), optional(phone), format!("{at} {id}"));
    hash_of(&[
        b"profile",
        guest.as_bytes(),
        personal.as_bytes(),
        phone.as_bytes(),
        place.as_bytes(),
    ])
}

/// The hash of the columns of a record that is kept aside.
pub(crate) fn quarantined_hash(row: &QuarantinedRow) -> [u8; 32] {
    let QuarantinedRow { record, hash, text, reason, at } = row;
    let place = format!("{} {record}", at.as_nanosecond());
    hash_of(&[b"quarantine", place.as_bytes(), &hash.0, text.as_bytes(), reason.as_bytes()])
}
