//! What SQLite's failures mean.

use std::path::Path;

use rusqlite::ErrorCode as Sqlite;

use crate::error::{StoreError, StoreFault};

/// What SQLite's failure at a file means.
pub(super) fn fault(path: &Path, error: rusqlite::Error) -> StoreError {
    let fault = fault_of(&error);
    let name = path.display();
    let message = match fault {
        StoreFault::Locked => format!("another process, or this one, has `{name}` open; close it"),
        StoreFault::Full => format!("there is no space left for `{name}`; free some"),
        StoreFault::NotALedger => format!("`{name}` is no ledger; choose another file"),
        StoreFault::ReadOnly => {
            format!("`{name}` cannot be written; allow writing to the file and its folder")
        }
        StoreFault::Damaged => format!("`{name}` is damaged: {error}"),
        _ => format!("`{name}` could not be read or written: {error}"),
    };
    StoreError::new(fault, message)
}

fn fault_of(error: &rusqlite::Error) -> StoreFault {
    use rusqlite::Error::{
        FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, SqliteFailure,
        Utf8Error,
    };
    match error {
        SqliteFailure(failure, _) => match failure.code {
            Sqlite::DatabaseBusy | Sqlite::DatabaseLocked | Sqlite::FileLockingProtocolFailed => {
                StoreFault::Locked
            }
            Sqlite::DatabaseCorrupt => StoreFault::Damaged,
            Sqlite::DiskFull => StoreFault::Full,
            Sqlite::NotADatabase => StoreFault::NotALedger,
            Sqlite::PermissionDenied | Sqlite::ReadOnly => StoreFault::ReadOnly,
            Sqlite::ConstraintViolation | Sqlite::TooBig => StoreFault::Refused,
            _ => StoreFault::Failed,
        },
        // A column holds what was never written into it.
        FromSqlConversionFailure(..)
        | IntegralValueOutOfRange(..)
        | InvalidColumnType(..)
        | Utf8Error(..) => StoreFault::Damaged,
        _ => StoreFault::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sqlite_says_is_told_as_what_is_to_be_done() {
        let said = |code| {
            let failure = rusqlite::ffi::Error::new(code);
            fault(Path::new("till.ledger"), rusqlite::Error::SqliteFailure(failure, None)).fault()
        };
        use rusqlite::ffi;
        assert_eq!(said(ffi::SQLITE_BUSY), StoreFault::Locked);
        assert_eq!(said(ffi::SQLITE_CORRUPT), StoreFault::Damaged);
        assert_eq!(said(ffi::SQLITE_FULL), StoreFault::Full);
        assert_eq!(said(ffi::SQLITE_IOERR_FSYNC), StoreFault::Failed);
        assert_eq!(said(ffi::SQLITE_NOTADB), StoreFault::NotALedger);
        assert_eq!(said(ffi::SQLITE_READONLY_DBMOVED), StoreFault::ReadOnly);
        assert_eq!(said(ffi::SQLITE_CONSTRAINT_UNIQUE), StoreFault::Refused);
    }
}
