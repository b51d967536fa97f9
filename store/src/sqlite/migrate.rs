//! Files of earlier versions.

use std::path::Path;

use kopilka::{Entry, Key, RecordHash};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::schema::{ADDED_IN_2, VERSION};
use super::write::{Stop, touch};
use crate::digest::{Digest, checksum_of, state_hash};
use crate::error::StoreError;

/// Brings a file of an earlier version to the present one, in one transaction.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    from: i32,
) -> Result<(), StoreError> {
    let migrated = (|| {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if from < 2 {
            to_version_2(&transaction)?;
        }
        transaction.pragma_update(None, "user_version", VERSION)?;
        Ok(transaction.commit()?)
    })();
    migrated.map_err(|stop: Stop| stop.at(path))
}

/// Version 1 had neither the index of touches nor the digest of the states.
fn to_version_2(transaction: &Transaction<'_>) -> Result<(), Stop> {
    for text in ADDED_IN_2 {
        transaction.execute_batch(text)?;
    }
    let mut records = transaction.prepare("SELECT id, logical_at, hash, text FROM records")?;
    let mut rows = records.query([])?;
    while let Some(row) = rows.next()? {
        let (record, at): (i64, i64) = (row.get(0)?, row.get(1)?);
        let (hash, text): ([u8; 32], String) = (row.get(2)?, row.get(3)?);
        touch(transaction, record, at, &touched_by(&RecordHash(hash), &text)?)?;
    }
    let mut digest = Digest::default();
    let mut states = transaction.prepare("SELECT kind, id, text, checksum FROM states")?;
    let mut rows = states.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
        let (text, checksum): (String, [u8; 8]) = (row.get(2)?, row.get(3)?);
        let damaged = || StoreError::damaged(format!("the state `{kind}` of `{id}` is damaged"));
        let key = Key::parse(&kind, &id).ok_or_else(damaged)?;
        let hash = state_hash(&key, &text);
        if checksum_of(&hash) != checksum {
            return Err(damaged().into());
        }
        digest.add_hash(&hash);
    }
    let sql = "INSERT INTO state_digest (id, digest) VALUES (1, ?1)";
    transaction.execute(sql, params![digest.to_string()])?;
    Ok(())
}

/// The states that a record changes.
fn touched_by(hash: &RecordHash, text: &str) -> Result<Vec<Key>, StoreError> {
    let damaged = || StoreError::damaged("a record is damaged; restore the file from a backup");
    let entry = Entry::read(text).map_err(|_| damaged())?;
    if entry.hash != *hash {
        return Err(damaged());
    }
    Ok(kopilka::touched(&entry))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::error::StoreFault;

    fn golden() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1.ledger")
    }

    fn count(connection: &Connection, sql: &str) -> i64 {
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_migration_that_is_interrupted_anywhere_leaves_version_1_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v1.ledger");
        fs::copy(golden(), &path).unwrap();
        let before = fs::read(&path).unwrap();
        let mut connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "journal_mode", "MEMORY").unwrap();
        // SQLite asks after each step of its programs whether to go on; there are thousands.
        let mut interruptions = 0;
        for stop in (0..).step_by(7) {
            let mut steps = 0;
            let reached = move || {
                steps += 1;
                steps == stop + 1
            };
            connection.progress_handler(1, Some(reached)).unwrap();
            let migrated = migrate(&mut connection, &path, 1);
            connection.progress_handler(0, None::<fn() -> bool>).unwrap();
            if migrated.is_ok() {
                break;
            }
            interruptions += 1;
            assert_eq!(migrated.unwrap_err().fault(), StoreFault::Failed);
            assert!(connection.is_autocommit());
            assert_eq!(count(&connection, "PRAGMA user_version"), 1);
            assert_eq!(fs::read(&path).unwrap(), before, "after {stop} steps");
        }
        assert!(interruptions > 500, "only {interruptions} interruptions");
        assert_eq!(count(&connection, "PRAGMA user_version"), 2);
        assert!(count(&connection, "SELECT count(*) FROM touches") >= 39);
    }

    #[test]
    fn a_damaged_record_or_state_is_not_carried_over() {
        for sql in [
            "UPDATE records SET text = replace(text, '200.00', '900.00')",
            "UPDATE records SET hash = zeroblob(32) WHERE id & 1099511627775 = 20",
            "UPDATE states SET text = text || ' ' WHERE kind = 'card'",
            "UPDATE states SET kind = 'cord' WHERE kind = 'card'",
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("v1.ledger");
            fs::copy(golden(), &path).unwrap();
            let mut connection = Connection::open(&path).unwrap();
            connection.execute_batch(sql).unwrap();
            let error = migrate(&mut connection, &path, 1).unwrap_err();
            assert_eq!(error.fault(), StoreFault::Damaged, "{sql}");
            assert_eq!(count(&connection, "PRAGMA user_version"), 1);
        }
    }
}
