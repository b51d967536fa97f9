//! Reading.

use std::collections::BTreeSet;

use jiff::Timestamp;
use kopilka::{Key, Position, RecordHash, RecordId};
use rusqlite::{OptionalExtension, Params, Row, params};

use super::SqliteStore;
use super::schema::{SEQUENCE_BITS, SEQUENCE_MAX};
use super::write::{nanoseconds, read_digest};
use crate::digest::{Digest, checksum_of, state_hash};
use crate::error::{StoreError, StoreFault};
use crate::store::{
    Chain, ChainHead, QuarantinedRow, RecordRow, StoredProfile, Visit, note_hash, profile_hash,
    quarantined_hash,
};

type Outcome<T> = Result<T, StoreError>;

const PROFILE: &str = "SELECT guest, personal, phone, logical_at, till, incarnation, sequence, checksum FROM profiles";

pub(super) const QUARANTINED: &str =
    "SELECT till, incarnation, sequence, hash, text, reason, at, checksum FROM quarantine";

/// The instant of a column.
fn instant(nanoseconds: i64) -> rusqlite::Result<Timestamp> {
    let instant = Timestamp::from_nanosecond(i128::from(nanoseconds));
    instant.map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, nanoseconds))
}

/// The unsigned number of a column.
fn unsigned(number: i64) -> rusqlite::Result<u64> {
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, number))
}

/// The position in the columns logical_at, till, incarnation, sequence from a place on.
fn position(row: &Row<'_>, from: usize) -> rusqlite::Result<Position> {
    Ok(Position {
        logical_at: instant(row.get(from)?)?,
        till: row.get(from + 1)?,
        incarnation: row.get(from + 2)?,
        sequence: unsigned(row.get(from + 3)?)?,
    })
}

/// The record in the columns of its position, then hash and text.
fn record(row: &Row<'_>) -> rusqlite::Result<RecordRow> {
    Ok(RecordRow { position: position(row, 0)?, hash: RecordHash(row.get(4)?), text: row.get(5)? })
}

fn profile(row: &Row<'_>) -> rusqlite::Result<(StoredProfile, [u8; 8])> {
    let profile = StoredProfile {
        guest: row.get(0)?,
        personal: row.get(1)?,
        phone: row.get(2)?,
        position: position(row, 3)?,
    };
    Ok((profile, row.get(7)?))
}

fn sound_profile((profile, checksum): (StoredProfile, [u8; 8])) -> Outcome<StoredProfile> {
    if checksum_of(&profile_hash(&profile)) != checksum {
        let message = format!("the personal data of guest `{}` is damaged", profile.guest);
        return Err(StoreError::damaged(message));
    }
    Ok(profile)
}

/// The position before all others.
fn first() -> Position {
    Position { logical_at: Timestamp::MIN, till: String::new(), incarnation: 0, sequence: 0 }
}

/// A count as SQLite's LIMIT takes it.
fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

impl SqliteStore {
    /// One row of a query, if there is one.
    fn one<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Outcome<Option<T>> {
        let found = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_row(parameters, read).optional()
        };
        found().map_err(|error| self.fault(error))
    }

    /// Visits each row of a query.
    pub(super) fn each<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
        visit: &mut dyn FnMut(T) -> Outcome<()>,
    ) -> Outcome<()> {
        let failed = |error| self.fault(error);
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let mut rows = statement.query(parameters).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(read(row).map_err(failed)?)?;
        }
        Ok(())
    }

    fn all<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Outcome<Vec<T>> {
        let mut found = Vec::new();
        self.each(sql, parameters, read, &mut |item| {
            found.push(item);
            Ok(())
        })?;
        Ok(found)
    }

    fn key(kind: &str, id: &str) -> Outcome<Key> {
        Key::parse(kind, id)
            .ok_or_else(|| StoreError::damaged(format!("there is no state `{kind}` of `{id}`")))
    }

    pub(super) fn read_note(&self, name: &str) -> Outcome<Option<String>> {
        let sql = "SELECT name, value, checksum FROM notes WHERE name = ?1";
        let found = self.one(sql, [name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        found.map(sound_note).transpose().map(|note| note.map(|(_, value)| value))
    }

    pub(super) fn visit_notes(&self, visit: Visit<'_, (String, String)>) -> Outcome<()> {
        let sql = "SELECT name, value, checksum FROM notes ORDER BY name";
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        self.each(sql, [], read, &mut |note| visit(sound_note(note)?))
    }

    pub(super) fn read_state(&self, key: &Key) -> Outcome<Option<String>> {
        let sql = "SELECT text, checksum FROM states WHERE kind = ?1 AND id = ?2";
        let found =
            self.one(sql, params![key.kind(), key.id()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let Some((text, checksum)): Option<(String, [u8; 8])> = found else { return Ok(None) };
        sound_state(key, &text, checksum)?;
        Ok(Some(text))
    }

    /// Visits the states of a kind, or all, with the hash of each.
    pub(super) fn visit_states(
        &self,
        kind: Option<&str>,
        visit: &mut dyn FnMut(Key, String, [u8; 32]) -> Outcome<()>,
    ) -> Outcome<()> {
        let sql = match kind {
            Some(_) => {
                "SELECT kind, id, text, checksum FROM states WHERE kind = ?1 ORDER BY kind, id"
            }
            // In the order of the table itself, which is the fastest.
            None => "SELECT kind, id, text, checksum FROM states WHERE ?1 IS NULL",
        };
        let read = |row: &Row<'_>| {
            let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
            Ok((kind, id, row.get(2)?, row.get(3)?))
        };
        self.each(sql, [kind], read, &mut |(kind, id, text, checksum): (_, _, String, _)| {
            let key = SqliteStore::key(&kind, &id)?;
            let hash = sound_state(&key, &text, checksum)?;
            visit(key, text, hash)
        })
    }

    pub(super) fn read_digest(&self) -> Outcome<Digest> {
        read_digest(&self.connection).map_err(|stop| stop.at(&self.path))
    }

    pub(super) fn read_record(&self, id: &RecordId) -> Outcome<Option<RecordRow>> {
        Ok(self
            .read_chain(&Chain::of(id), id.sequence.wrapping_sub(1), 1)?
            .pop()
            .filter(|row| row.position.sequence == id.sequence))
    }

    pub(super) fn read_chain(
        &self,
        chain: &Chain,
        after: u64,
        most: usize,
    ) -> Outcome<Vec<RecordRow>> {
        let after = i64::try_from(after).unwrap_or(SEQUENCE_MAX);
        let Some(number) = self.chains.get(chain).filter(|_| after < SEQUENCE_MAX) else {
            return Ok(Vec::new());
        };
        let sql = "SELECT r.logical_at, c.till, c.incarnation, r.id & 1099511627775, r.hash, r.text
            FROM records r CROSS JOIN chains c ON c.id = r.chain
            WHERE r.id > ?1 AND r.id <= ?2 ORDER BY r.id LIMIT ?3";
        let first = number << SEQUENCE_BITS;
        self.all(sql, params![first | after, first | SEQUENCE_MAX, limit(most)], record)
    }

    pub(super) fn read_records_after(
        &self,
        after: Option<&Position>,
        most: usize,
    ) -> Outcome<Vec<RecordRow>> {
        let after = after.cloned().unwrap_or_else(first);
        // The index gives the order of time; only among records of one instant is there sorting.
        let sql = "SELECT r.logical_at, c.till, c.incarnation, r.id & 1099511627775, r.hash, r.text
            FROM records r INDEXED BY records_by_time CROSS JOIN chains c ON c.id = r.chain
            WHERE r.logical_at >= ?1 AND (r.logical_at > ?1
                OR (c.till, c.incarnation, r.id & 1099511627775) > (?2, ?3, ?4))
            ORDER BY r.logical_at, c.till, c.incarnation, r.id & 1099511627775 LIMIT ?5";
        let sequence = i64::try_from(after.sequence).unwrap_or(i64::MAX);
        let at = nanoseconds(after.logical_at);
        let parameters = params![at, after.till, after.incarnation, sequence, limit(most)];
        self.all(sql, parameters, record)
    }

    /// The positions of the records that touched a state.
    fn positions_touching(
        &self,
        key: &Key,
        after: &Position,
        most: usize,
    ) -> Outcome<Vec<Position>> {
        let sql = "SELECT t.logical_at, c.till, c.incarnation, t.record & 1099511627775
            FROM touches t CROSS JOIN chains c ON c.id = t.record >> 40
            WHERE t.kind = ?1 AND t.id = ?2 AND t.logical_at >= ?3 AND (t.logical_at > ?3
                OR (c.till, c.incarnation, t.record & 1099511627775) > (?4, ?5, ?6))
            ORDER BY t.logical_at, c.till, c.incarnation, t.record & 1099511627775 LIMIT ?7";
        let sequence = i64::try_from(after.sequence).unwrap_or(i64::MAX);
        let parameters = params![
            key.kind(),
            key.id(),
            nanoseconds(after.logical_at),
            after.till,
            after.incarnation,
            sequence,
            limit(most)
        ];
        self.all(sql, parameters, |row| position(row, 0))
    }

    pub(super) fn read_records_touching(
        &self,
        keys: &[Key],
        after: Option<&Position>,
        most: usize,
    ) -> Outcome<Vec<RecordRow>> {
        let after = after.cloned().unwrap_or_else(first);
        let mut found = BTreeSet::new();
        for key in keys {
            found.extend(self.positions_touching(key, &after, most)?);
        }
        let mut rows = Vec::new();
        for position in found.into_iter().take(most) {
            let row = self.read_record(&position.id())?;
            rows.push(row.ok_or_else(|| {
                StoreError::damaged(format!("record {} is indexed but missing", position.id()))
            })?);
        }
        Ok(rows)
    }

    pub(super) fn read_last_touch(&self, key: &Key) -> Outcome<Option<Position>> {
        let sql = "SELECT t.logical_at, c.till, c.incarnation, t.record & 1099511627775
            FROM touches t CROSS JOIN chains c ON c.id = t.record >> 40
            WHERE t.kind = ?1 AND t.id = ?2
            ORDER BY t.logical_at DESC, c.till DESC, c.incarnation DESC,
                t.record & 1099511627775 DESC LIMIT 1";
        self.one(sql, params![key.kind(), key.id()], |row| position(row, 0))
    }

    pub(super) fn visit_touches(&self, visit: Visit<'_, (Key, RecordId)>) -> Outcome<()> {
        let sql =
            "SELECT t.logical_at, c.till, c.incarnation, t.record & 1099511627775, t.kind, t.id
            FROM touches t CROSS JOIN chains c ON c.id = t.record >> 40
            ORDER BY t.kind, t.id, t.logical_at, c.till, c.incarnation,
                t.record & 1099511627775";
        let read = |row: &Row<'_>| {
            let (kind, id): (String, String) = (row.get(4)?, row.get(5)?);
            Ok((position(row, 0)?.id(), kind, id))
        };
        self.each(sql, [], read, &mut |(record, kind, id)| {
            visit((SqliteStore::key(&kind, &id)?, record))
        })
    }

    pub(super) fn read_heads(&self) -> Outcome<Vec<ChainHead>> {
        let mut heads = Vec::new();
        for (chain, number) in &self.chains {
            let sql = "SELECT id & 1099511627775, hash FROM records
                WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1";
            let first = number << SEQUENCE_BITS;
            let found = self.one(sql, [first, first | SEQUENCE_MAX], |row| {
                Ok((unsigned(row.get(0)?)?, RecordHash(row.get(1)?)))
            })?;
            heads.extend(found.map(|(sequence, hash)| ChainHead {
                chain: chain.clone(),
                sequence,
                hash,
            }));
        }
        heads.sort_by(|one, other| one.chain.cmp(&other.chain));
        Ok(heads)
    }

    /// The heads as far as they can be read: where the end of a chain is damaged, the first record that
    /// cannot be read stands for it.
    pub(super) fn read_heads_to_damage(&self) -> Outcome<Vec<ChainHead>> {
        match self.read_heads() {
            Err(error) if error.fault() == StoreFault::Damaged => {}
            heads => return heads,
        }
        let mut heads: Vec<ChainHead> =
            self.chains.iter().map(|(chain, number)| self.walked(chain, *number)).collect();
        heads.retain(|head| head.sequence > 0);
        heads.sort_by(|one, other| one.chain.cmp(&other.chain));
        Ok(heads)
    }

    /// The end of a chain, found from its beginning on.
    fn walked(&self, chain: &Chain, number: i64) -> ChainHead {
        let sql = "SELECT id & 1099511627775, hash FROM records
            WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
        let first = number << SEQUENCE_BITS;
        let read = |row: &Row<'_>| Ok((unsigned(row.get(0)?)?, RecordHash(row.get(1)?)));
        let (mut sequence, mut hash) = (0, RecordHash::default());
        let walked = self.each(sql, [first, first | SEQUENCE_MAX], read, &mut |found| {
            (sequence, hash) = found;
            Ok(())
        });
        if walked.is_err() {
            (sequence, hash) = (sequence.saturating_add(1), RecordHash::default());
        }
        ChainHead { chain: chain.clone(), sequence, hash }
    }

    pub(super) fn read_profile(&self, guest: &str) -> Outcome<Option<StoredProfile>> {
        let sql = format!("{PROFILE} WHERE guest = ?1");
        self.one(&sql, [guest], profile)?.map(sound_profile).transpose()
    }

    pub(super) fn read_profiles_by_phone(&self, phone: &str) -> Outcome<Vec<StoredProfile>> {
        let sql = format!("{PROFILE} WHERE phone = ?1 ORDER BY guest");
        self.all(&sql, [phone], profile)?.into_iter().map(sound_profile).collect()
    }

    pub(super) fn visit_profiles(&self, visit: Visit<'_, StoredProfile>) -> Outcome<()> {
        let sql = format!("{PROFILE} ORDER BY guest");
        self.each(&sql, [], profile, &mut |row| visit(sound_profile(row)?))
    }

    pub(super) fn visit_quarantined(&self, visit: Visit<'_, QuarantinedRow>) -> Outcome<()> {
        let sql = format!("{QUARANTINED} ORDER BY till, incarnation, sequence, hash");
        self.each(&sql, [], quarantined, &mut |row| visit(sound_quarantined(row)?))
    }
}

/// A row of what is kept aside, with its checksum.
pub(super) type Quarantined = (QuarantinedRow, [u8; 8]);

pub(super) fn quarantined(row: &Row<'_>) -> rusqlite::Result<Quarantined> {
    let record =
        RecordId { till: row.get(0)?, incarnation: row.get(1)?, sequence: unsigned(row.get(2)?)? };
    let hash = RecordHash(row.get(3)?);
    let (text, reason, at) = (row.get(4)?, row.get(5)?, instant(row.get(6)?)?);
    Ok((QuarantinedRow { record, hash, text, reason, at }, row.get(7)?))
}

pub(super) fn sound_quarantined((row, checksum): Quarantined) -> Outcome<QuarantinedRow> {
    if checksum_of(&quarantined_hash(&row)) != checksum {
        let message = format!("the record {} that is kept aside is damaged", row.record);
        return Err(StoreError::damaged(message));
    }
    Ok(row)
}

pub(super) fn sound_note(
    (name, value, checksum): (String, String, [u8; 8]),
) -> Outcome<(String, String)> {
    if checksum_of(&note_hash(&name, &value)) != checksum {
        return Err(StoreError::damaged(format!("the note `{name}` is damaged")));
    }
    Ok((name, value))
}

/// The hash of a state whose checksum agrees with it.
fn sound_state(key: &Key, text: &str, checksum: [u8; 8]) -> Outcome<[u8; 32]> {
    let hash = state_hash(key, text);
    if checksum_of(&hash) != checksum {
        let message = format!("the state `{}` of `{}` is damaged", key.kind(), key.id());
        return Err(StoreError::damaged(message));
    }
    Ok(hash)
}
