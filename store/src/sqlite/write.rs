//! Writing: one transaction for each change.

use std::collections::HashMap;

use jiff::Timestamp;
use kopilka::Key;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::SqliteStore;
use super::fault::fault;
use super::schema::{SEQUENCE_BITS, SEQUENCE_MAX};
use crate::digest::{Digest, checksum_of, state_hash};
use crate::error::{StoreError, StoreFault};
use crate::store::{
    Chain, Change, NewRecord, QuarantinedRow, StoredProfile, check_instants, note_hash,
    profile_hash, quarantined_hash,
};

/// Why a transaction was given up.
pub(super) enum Stop {
    Sqlite(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Stop {
        Stop::Sqlite(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Store(error)
    }
}

impl Stop {
    fn is_refusal(&self) -> bool {
        matches!(self, Stop::Store(error) if error.fault() == StoreFault::Refused)
    }

    pub(super) fn at(self, path: &std::path::Path) -> StoreError {
        match self {
            Stop::Sqlite(error) => fault(path, error),
            Stop::Store(error) => error,
        }
    }
}

/// Nanoseconds since 1970; every instant that passed `check_instants` fits.
pub(super) fn nanoseconds(instant: Timestamp) -> i64 {
    let nanoseconds = instant.as_nanosecond();
    i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 { i64::MIN } else { i64::MAX })
}

/// A sequence number as a column holds it.
fn column(sequence: u64) -> Result<i64, StoreError> {
    i64::try_from(sequence)
        .map_err(|_| StoreError::refused(format!("sequence {sequence} is out of range")))
}

/// Carries a change out in one transaction.
pub(super) fn commit(store: &mut SqliteStore, change: &Change) -> Result<(), StoreError> {
    check_instants(change)?;
    let mut chains = HashMap::new();
    let path = &store.path;
    let written = (|| {
        let transaction =
            store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut writer =
            Writer { connection: &transaction, known: &store.chains, new: &mut chains };
        if let Err(stop) = writer.write(change) {
            let undone = transaction.rollback();
            // What failed in SQLite was undone by it already; what was refused must be undone here.
            return Err(if stop.is_refusal() {
                undone.err().map_or(stop, Stop::Sqlite)
            } else {
                stop
            });
        }
        Ok(transaction.commit()?)
    })();
    written.map_err(|stop: Stop| stop.at(path))?;
    store.chains.extend(chains);
    Ok(())
}

/// Brings the log into the file, syncs it and empties the log.
pub(super) fn checkpoint(store: &mut SqliteStore) -> Result<(), StoreError> {
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy: i64 = store
        .connection
        .query_row(sql, [], |row| row.get(0))
        .map_err(|error| store.fault(error))?;
    if busy != 0 {
        let message = format!("`{}` is being read; try again", store.path.display());
        return Err(StoreError::refused(message));
    }
    Ok(())
}

/// Writes the file anew. What is only on its way goes into a file of the system, because it may not
/// fit into memory.
pub(super) fn wipe(store: &mut SqliteStore) -> Result<(), StoreError> {
    let sql = "PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY";
    store.connection.execute_batch(sql).map_err(|error| store.fault(error))?;
    checkpoint(store)
}

pub(super) struct Writer<'a> {
    pub connection: &'a Connection,
    pub known: &'a HashMap<Chain, i64>,
    /// The chains that this transaction adds.
    pub new: &'a mut HashMap<Chain, i64>,
}

impl Writer<'_> {
    fn write(&mut self, change: &Change) -> Result<(), Stop> {
        if change.drop_touches {
            self.connection.execute("DELETE FROM touches", [])?;
        }
        change.records.iter().try_for_each(|record| self.record(record))?;
        for (id, keys) in &change.touches {
            let number = self.number(&Chain::of(id), column(id.sequence)?);
            let sql = "SELECT logical_at FROM records WHERE id = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            let at = statement.query_row([number], |row| row.get(0)).optional()?;
            let refused = || StoreError::refused(format!("there is no record {id} to be indexed"));
            self.touch(number, at.ok_or_else(refused)?, keys)?;
        }
        self.states(change)?;
        change.profiles.iter().try_for_each(|profile| self.profile(profile))?;
        for (name, value) in &change.notes {
            self.note(name, value.as_deref())?;
        }
        change.quarantined.iter().try_for_each(|row| self.quarantined(row))
    }

    /// The number of a record; 0, which no record has, if its chain is unknown.
    fn number(&self, chain: &Chain, sequence: i64) -> i64 {
        let chain = self.known.get(chain).or_else(|| self.new.get(chain));
        chain.map_or(0, |number| (number << SEQUENCE_BITS) | (sequence & SEQUENCE_MAX))
    }

    fn chain(&mut self, chain: &Chain) -> Result<i64, Stop> {
        if let Some(number) = self.known.get(chain).or_else(|| self.new.get(chain)) {
            return Ok(*number);
        }
        let sql = "INSERT INTO chains (till, incarnation) VALUES (?1, ?2)";
        self.connection.prepare_cached(sql)?.execute(params![chain.till, chain.incarnation])?;
        let number = self.connection.last_insert_rowid();
        self.new.insert(chain.clone(), number);
        Ok(number)
    }

    fn record(&mut self, record: &NewRecord) -> Result<(), Stop> {
        let id = record.row.position.id();
        let chain = self.chain(&Chain::of(&id))?;
        let (first, last) = (chain << SEQUENCE_BITS, (chain << SEQUENCE_BITS) | SEQUENCE_MAX);
        let sql = "SELECT max(id) FROM records WHERE id BETWEEN ?1 AND ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let newest: Option<i64> = statement.query_row([first, last], |row| row.get(0))?;
        let number = newest.unwrap_or(first) + 1;
        let sequence = number & SEQUENCE_MAX;
        if column(id.sequence)? != sequence || sequence == 0 {
            let message = format!("record {id} does not follow {}", (number - 1) & SEQUENCE_MAX);
            return Err(StoreError::refused(message).into());
        }
        let at = nanoseconds(record.row.position.logical_at);
        let sql =
            "INSERT INTO records (id, chain, logical_at, hash, text) VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![number, chain, at, record.row.hash.0, record.row.text])?;
        self.touch(number, at, &record.touched)
    }

    fn touch(&self, record: i64, at: i64, keys: &[Key]) -> Result<(), Stop> {
        touch(self.connection, record, at, keys).map_err(Stop::from)
    }

    /// Puts the states and keeps the digest up with them.
    fn states(&self, change: &Change) -> Result<(), Stop> {
        if !change.drop_states && change.states.is_empty() {
            return Ok(());
        }
        let mut digest = Digest::default();
        if change.drop_states {
            self.connection.execute("DELETE FROM states", [])?;
        } else {
            digest = read_digest(self.connection)?;
        }
        for (key, text) in &change.states {
            self.state(key, text.as_deref(), &mut digest)?;
        }
        let sql = "UPDATE state_digest SET digest = ?1 WHERE id = 1";
        self.connection.prepare_cached(sql)?.execute([digest.to_string()])?;
        Ok(())
    }

    fn state(&self, key: &Key, text: Option<&str>, digest: &mut Digest) -> Result<(), Stop> {
        let (kind, id) = (key.kind(), key.id());
        let sql = "SELECT rowid, text FROM states WHERE kind = ?1 AND id = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement
            .query_row(params![kind, id], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
            .optional()?;
        let row = found.map(|(row, old): (i64, String)| {
            digest.remove(key, &old);
            row
        });
        let Some(text) = text else {
            if let Some(row) = row {
                let sql = "DELETE FROM states WHERE rowid = ?1";
                self.connection.prepare_cached(sql)?.execute([row])?;
            }
            return Ok(());
        };
        let hash = state_hash(key, text);
        digest.add_hash(&hash);
        let checksum = checksum_of(&hash);
        match row {
            Some(row) => {
                let sql = "UPDATE states SET text = ?2, checksum = ?3 WHERE rowid = ?1";
                self.connection.prepare_cached(sql)?.execute(params![row, text, checksum])?;
            }
            None => {
                let sql = "INSERT INTO states (kind, id, text, checksum) VALUES (?1, ?2, ?3, ?4)";
                let mut statement = self.connection.prepare_cached(sql)?;
                statement.execute(params![kind, id, text, checksum])?;
            }
        }
        Ok(())
    }

    fn profile(&self, profile: &StoredProfile) -> Result<(), Stop> {
        let position = &profile.position;
        let sql = "INSERT OR REPLACE INTO profiles
            (guest, personal, phone, logical_at, till, incarnation, sequence, checksum)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        self.connection.prepare_cached(sql)?.execute(params![
            profile.guest,
            profile.personal,
            profile.phone,
            nanoseconds(position.logical_at),
            position.till,
            position.incarnation,
            column(position.sequence)?,
            checksum_of(&profile_hash(profile)),
        ])?;
        Ok(())
    }

    pub fn note(&self, name: &str, value: Option<&str>) -> Result<(), Stop> {
        match value {
            Some(value) => {
                let checksum = checksum_of(&note_hash(name, value));
                let sql =
                    "INSERT OR REPLACE INTO notes (name, value, checksum) VALUES (?1, ?2, ?3)";
                self.connection.prepare_cached(sql)?.execute(params![name, value, checksum])?;
            }
            None => {
                let sql = "DELETE FROM notes WHERE name = ?1";
                self.connection.prepare_cached(sql)?.execute([name])?;
            }
        }
        Ok(())
    }

    pub fn quarantined(&self, row: &QuarantinedRow) -> Result<(), Stop> {
        let sql = "INSERT INTO quarantine
            (till, incarnation, sequence, hash, text, reason, at, checksum)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (till, incarnation, sequence, hash) DO NOTHING";
        self.connection.prepare_cached(sql)?.execute(params![
            row.record.till,
            row.record.incarnation,
            column(row.record.sequence)?,
            row.hash.0,
            row.text,
            row.reason,
            nanoseconds(row.at),
            checksum_of(&quarantined_hash(row)),
        ])?;
        Ok(())
    }
}

/// Notes which states a record touched.
pub(super) fn touch(
    connection: &Connection,
    record: i64,
    at: i64,
    keys: &[Key],
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO touches (kind, id, logical_at, record) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (kind, id, logical_at, record) DO NOTHING";
    let mut statement = connection.prepare_cached(sql)?;
    for key in keys {
        statement.execute(params![key.kind(), key.id(), at, record])?;
    }
    Ok(())
}

/// The digest that stands in the file.
pub(super) fn read_digest(connection: &Connection) -> Result<Digest, Stop> {
    let sql = "SELECT digest FROM state_digest WHERE id = 1";
    let mut statement = connection.prepare_cached(sql)?;
    let text: Option<String> = statement.query_row([], |row| row.get(0)).optional()?;
    let digest = text.and_then(|text| Digest::parse(&text));
    digest.ok_or_else(|| StoreError::damaged("the digest of the states is damaged").into())
}
