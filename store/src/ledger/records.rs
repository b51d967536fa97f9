//! Records as they are kept and as they are read.

use std::sync::Arc;

use kopilka::{Entry, touched};

use crate::error::StoreError;
use crate::store::{NewRecord, RecordRow};

/// How many records are read at once.
pub(super) const ROWS_AT_ONCE: usize = 256;

/// A record as it is kept, with what it touches.
pub(super) fn new_record(entry: &Entry) -> NewRecord {
    NewRecord { row: row_of(entry), touched: touched(entry) }
}

/// A record as it is kept.
pub(super) fn row_of(entry: &Entry) -> RecordRow {
    let position = entry.record.envelope.position();
    RecordRow { position, hash: entry.hash, text: entry.text() }
}

/// Reads a record and checks it against what stands beside it.
pub(super) fn entry_of(row: &RecordRow) -> Result<Arc<Entry>, StoreError> {
    let id = row.position.id();
    let entry = Entry::read(&row.text)
        .map_err(|error| StoreError::damaged(format!("the record {id} cannot be read: {error}")))?;
    if entry.hash != row.hash {
        return Err(StoreError::damaged(format!("the record {id} is not what its hash names")));
    }
    if entry.record.envelope.position() != row.position {
        return Err(StoreError::damaged(format!("the record {id} says that it is another one")));
    }
    Ok(entry)
}
