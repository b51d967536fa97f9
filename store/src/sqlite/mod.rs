//! A store in one file of SQLite.
//!
//! One connection holds the file alone. The write-ahead log is synced with each commit and brought
//! into the file when the ledger asks for it, never by SQLite itself.

mod back_up;
mod examine;
mod fault;
mod mend;
mod migrate;
mod open;
mod read;
mod schema;
mod write;

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kopilka::{Key, Position, RecordId};
use rusqlite::Connection;

use crate::digest::Digest;
use crate::error::{StoreError, StoreFault};
use crate::files::{Files, SystemFiles};
use crate::location::io_fault;
use crate::store::{
    Chain, ChainHead, Change, Finding, QuarantinedRow, RecordRow, Removed, Store, StoredProfile,
    Visit,
};

pub(crate) use back_up::{in_place, new_file};
pub(crate) use open::{FileLock, beside};
pub(crate) use schema::VERSION as FILE_VERSION;

/// How a file is opened.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Where it lies: on the machine, unless a test says otherwise.
    pub files: Arc<dyn Files>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        SqliteOptions { files: Arc::new(SystemFiles) }
    }
}

/// A store in one file, which it holds alone until it is dropped.
///
/// Beside `NAME` lie `NAME-wal`, the log of what was committed since the last checkpoint, and `NAME.lock`,
/// an empty file whose lock keeps other processes out. Dropping the store writes nothing: what is in
/// the log is found by the next opening.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    files: Arc<dyn Files>,
    path: PathBuf,
    chains: HashMap<Chain, i64>,
    /// Whether a write failed: from then on nothing is written by this connection.
    broken: bool,
    /// Held until the connection is closed.
    _lock: Option<File>,
}

impl SqliteStore {
    /// Opens a file, or makes it if there is none.
    ///
    /// # Errors
    /// `Locked` at once if another process, or another store of this one, has it open; `Folder`,
    /// `NetworkDrive`, `ReadOnly`, `NotALedger`, `Newer`, `Full`, `Damaged` if the schema is not the ledger's, or
    /// `Failed`.
    pub fn open(path: &Path) -> Result<SqliteStore, StoreError> {
        SqliteStore::open_with(path, &SqliteOptions::default())
    }

    /// The same with options.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_with(path: &Path, options: &SqliteOptions) -> Result<SqliteStore, StoreError> {
        open::open(path, options)
    }

    fn fault(&self, error: rusqlite::Error) -> StoreError {
        fault::fault(&self.path, error)
    }

    /// Runs what writes. After a failure nothing more is written: what the file holds then is known only to
    /// who opens it anew, and a sync that failed once may succeed the next time without having written.
    fn writing<T>(
        &mut self,
        run: impl FnOnce(&mut SqliteStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.broken {
            let name = self.path.display();
            let message = format!("writing `{name}` failed before; open it anew");
            return Err(StoreError::new(StoreFault::Failed, message));
        }
        let outcome = run(self);
        let unharmed = |error: &StoreError| error.fault() == StoreFault::Refused;
        self.broken = outcome.as_ref().is_err_and(|error| !unharmed(error));
        outcome
    }
}

impl Store for SqliteStore {
    fn commit(&mut self, change: &Change) -> Result<(), StoreError> {
        self.writing(|store| write::commit(store, change))
    }

    fn note(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        self.read_note(name)
    }

    fn each_note(&mut self, visit: Visit<'_, (String, String)>) -> Result<(), StoreError> {
        self.visit_notes(visit)
    }

    fn state(&mut self, key: &Key) -> Result<Option<String>, StoreError> {
        self.read_state(key)
    }

    fn each_state(
        &mut self,
        kind: &str,
        visit: Visit<'_, (Key, String)>,
    ) -> Result<(), StoreError> {
        self.visit_states(Some(kind), &mut |key, text, _| visit((key, text)))
    }

    fn state_digest(&mut self) -> Result<Digest, StoreError> {
        self.read_digest()
    }

    fn count_state_digest(&mut self) -> Result<Digest, StoreError> {
        let mut digest = Digest::default();
        self.visit_states(None, &mut |_, _, hash| {
            digest.add_hash(&hash);
            Ok(())
        })?;
        Ok(digest)
    }

    fn record(&mut self, id: &RecordId) -> Result<Option<RecordRow>, StoreError> {
        self.read_record(id)
    }

    fn chain(
        &mut self,
        chain: &Chain,
        after: u64,
        most: usize,
    ) -> Result<Vec<RecordRow>, StoreError> {
        self.read_chain(chain, after, most)
    }

    fn records_after(
        &mut self,
        after: Option<&Position>,
        most: usize,
    ) -> Result<Vec<RecordRow>, StoreError> {
        self.read_records_after(after, most)
    }

    fn records_touching(
        &mut self,
        keys: &[Key],
        after: Option<&Position>,
        most: usize,
    ) -> Result<Vec<RecordRow>, StoreError> {
        self.read_records_touching(keys, after, most)
    }

    fn last_touch(&mut self, key: &Key) -> Result<Option<Position>, StoreError> {
        self.read_last_touch(key)
    }

    fn each_touch(&mut self, visit: Visit<'_, (Key, RecordId)>) -> Result<(), StoreError> {
        self.visit_touches(visit)
    }

    fn heads(&mut self) -> Result<Vec<ChainHead>, StoreError> {
        self.read_heads()
    }

    fn profile(&mut self, guest: &str) -> Result<Option<StoredProfile>, StoreError> {
        self.read_profile(guest)
    }

    fn profiles_by_phone(&mut self, phone: &str) -> Result<Vec<StoredProfile>, StoreError> {
        self.read_profiles_by_phone(phone)
    }

    fn each_profile(&mut self, visit: Visit<'_, StoredProfile>) -> Result<(), StoreError> {
        self.visit_profiles(visit)
    }

    fn each_quarantined(&mut self, visit: Visit<'_, QuarantinedRow>) -> Result<(), StoreError> {
        self.visit_quarantined(visit)
    }

    fn heads_to_damage(&mut self) -> Result<Vec<ChainHead>, StoreError> {
        self.read_heads_to_damage()
    }

    fn mend(&mut self) -> Result<Vec<Removed>, StoreError> {
        self.writing(mend::mend)
    }

    fn checkpoint(&mut self) -> Result<(), StoreError> {
        self.writing(write::checkpoint)
    }

    fn wipe(&mut self) -> Result<(), StoreError> {
        self.writing(write::wipe)
    }

    fn unsettled_bytes(&mut self) -> Result<u64, StoreError> {
        let log = open::beside(&self.path, "-wal");
        let length = self.files.length(&log).map_err(|error| io_fault(&log, &error))?;
        Ok(length.unwrap_or(0))
    }

    fn examine(&mut self) -> Result<Vec<Finding>, StoreError> {
        examine::examine(self)
    }

    fn back_up(&mut self, to: &Path) -> Result<(), StoreError> {
        back_up::back_up(self, to)
    }

    fn path(&self) -> Option<PathBuf> {
        Some(self.path.clone())
    }
}
