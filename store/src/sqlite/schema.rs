//! What a ledger's file holds, in each version of its form.

use rusqlite::{Connection, Result};

/// `Kopi`: by it a ledger is told from other files of SQLite.
pub(super) const APPLICATION: i32 = 0x4b6f_7069;
/// The form that this version writes.
pub(crate) const VERSION: i32 = 2;

/// How many bits of a record's number are its sequence: the rest are its chain's number.
pub(super) const SEQUENCE_BITS: u32 = 40;
/// The greatest sequence number, and the mask of it.
pub(super) const SEQUENCE_MAX: i64 = (1 << SEQUENCE_BITS) - 1;

const CHAINS: &str = "CREATE TABLE chains (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 4194303),
    till TEXT NOT NULL CHECK (till <> ''),
    incarnation INTEGER NOT NULL CHECK (incarnation BETWEEN 0 AND 4294967295),
    UNIQUE (till, incarnation)
) STRICT";

// The number of a record is its chain's number times 2^40 plus its sequence, so that the records of a
// chain stand together and in sequence without a second index.
const RECORDS: &str = "CREATE TABLE records (
    id INTEGER PRIMARY KEY CHECK (id & 1099511627775 > 0),
    chain INTEGER NOT NULL REFERENCES chains CHECK (chain = id >> 40),
    logical_at INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    text TEXT NOT NULL CHECK (text <> '')
) STRICT";

const RECORDS_BY_TIME: &str = "CREATE INDEX records_by_time ON records (logical_at)";

const STATES: &str = "CREATE TABLE states (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    text TEXT NOT NULL,
    checksum BLOB NOT NULL CHECK (length(checksum) = 8),
    PRIMARY KEY (kind, id)
) STRICT";

const STATE_DIGEST: &str = "CREATE TABLE state_digest (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    digest TEXT NOT NULL CHECK (length(digest) = 64)
) STRICT";

const TOUCHES: &str = "CREATE TABLE touches (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    logical_at INTEGER NOT NULL,
    record INTEGER NOT NULL REFERENCES records,
    PRIMARY KEY (kind, id, logical_at, record)
) STRICT, WITHOUT ROWID";

const PROFILES: &str = "CREATE TABLE profiles (
    guest TEXT NOT NULL PRIMARY KEY,
    personal TEXT,
    phone TEXT,
    logical_at INTEGER NOT NULL,
    till TEXT NOT NULL,
    incarnation INTEGER NOT NULL CHECK (incarnation BETWEEN 0 AND 4294967295),
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    checksum BLOB NOT NULL CHECK (length(checksum) = 8)
) STRICT";

const PROFILES_BY_PHONE: &str =
    "CREATE INDEX profiles_by_phone ON profiles (phone) WHERE phone IS NOT NULL";

const NOTES: &str = "CREATE TABLE notes (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    checksum BLOB NOT NULL CHECK (length(checksum) = 8)
) STRICT";

const QUARANTINE: &str = "CREATE TABLE quarantine (
    till TEXT NOT NULL,
    incarnation INTEGER NOT NULL CHECK (incarnation BETWEEN 0 AND 4294967295),
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    text TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    checksum BLOB NOT NULL CHECK (length(checksum) = 8),
    PRIMARY KEY (till, incarnation, sequence, hash)
) STRICT";

/// What version 1 held.
pub(super) const VERSION_1: [&str; 8] =
    [CHAINS, RECORDS, RECORDS_BY_TIME, STATES, PROFILES, PROFILES_BY_PHONE, NOTES, QUARANTINE];
/// What version 2 adds.
pub(super) const ADDED_IN_2: [&str; 2] = [STATE_DIGEST, TOUCHES];

/// The names and texts of everything in a file of this version, by name.
fn expected() -> Vec<(String, String)> {
    let mut objects: Vec<_> = VERSION_1
        .iter()
        .chain(&ADDED_IN_2)
        .map(|text| {
            let name = text.split(' ').nth(2).unwrap_or_default();
            (name.to_owned(), (*text).to_owned())
        })
        .collect();
    objects.sort();
    objects
}

/// What is in the schema of a file that does not belong there, what is missing, and what reads otherwise.
/// The indexes that SQLite makes of keys have no text and follow from the tables.
pub(super) fn differences(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT name, coalesce(sql, type) FROM sqlite_schema
         WHERE sql IS NOT NULL OR name NOT LIKE 'sqlite\\_autoindex\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let found = rows.collect::<Result<Vec<(String, String)>>>()?;
    let expected = expected();
    let mut differences = Vec::new();
    for (name, text) in &found {
        match expected.iter().find(|(known, _)| known == name) {
            None => differences.push(format!("the schema has `{name}`, which is not the ledger's")),
            Some((_, known)) if known != text => {
                differences.push(format!("the schema says otherwise what `{name}` is"));
            }
            Some(_) => {}
        }
    }
    for (name, _) in &expected {
        if !found.iter().any(|(known, _)| known == name) {
            differences.push(format!("the schema lacks `{name}`"));
        }
    }
    Ok(differences)
}
