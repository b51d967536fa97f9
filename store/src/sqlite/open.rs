//! Opening a file: the lock, the settings of the connection, the form of what is in it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::fault::fault;
use super::schema::{self, ADDED_IN_2, APPLICATION, VERSION, VERSION_1};
use super::{SqliteOptions, SqliteStore, migrate};
use crate::digest::Digest;
use crate::error::{StoreError, StoreFault};
use crate::files::{Files, SystemFiles};
use crate::location::io_fault;
use crate::store::Chain;

/// The settings of a connection, in this order; the lock must come before anything is read, so that
/// the log's index lies in memory and not in a file.
const PRAGMAS: [(&str, &str); 11] = [
    ("locking_mode", "EXCLUSIVE"),
    ("synchronous", "FULL"),
    ("fullfsync", if cfg!(target_vendor = "apple") { "ON" } else { "OFF" }),
    ("checkpoint_fullfsync", if cfg!(target_vendor = "apple") { "ON" } else { "OFF" }),
    ("wal_autocheckpoint", "0"),
    ("foreign_keys", "ON"),
    ("cell_size_check", "ON"),
    ("mmap_size", "0"),
    ("secure_delete", "ON"),
    ("temp_store", "MEMORY"),
    ("cache_size", "-8192"),
];

/// The path with something after the file's name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Opens a file, or makes it.
pub(super) fn open(path: &Path, options: &SqliteOptions) -> Result<SqliteStore, StoreError> {
    let files = options.files.clone();
    let path = files.locate(path)?;
    let lock = lock(files.as_ref(), &path)?;
    refuse_scrap(files.as_ref(), &path)?;
    write_log_anew(files.as_ref(), &path)?;
    let connection = connect(&path, files.vfs()).map_err(|error| fault(&path, error))?;
    let mut store =
        SqliteStore { connection, files, path, chains: HashMap::new(), broken: false, _lock: lock };
    store.take_up()?;
    Ok(store)
}

/// The lock of a file, held while it is neither opened nor to be opened by another.
#[derive(Debug)]
pub(crate) struct FileLock(#[allow(dead_code)] Option<File>);

impl FileLock {
    /// Takes it.
    pub fn take(path: &Path) -> Result<FileLock, StoreError> {
        lock(&SystemFiles, path).map(FileLock)
    }
}

/// Takes the lock that lies beside the file. SQLite's own lock on the file alone would be lost as soon
/// as anything in this process opened and closed the file, a copy for instance.
fn lock(files: &dyn Files, path: &Path) -> Result<Option<File>, StoreError> {
    let beside = beside(path, ".lock");
    files.lock(&beside).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => {
            let message =
                format!("another process, or this one, has `{}` open; close it", path.display());
            StoreError::new(StoreFault::Locked, message)
        }
        _ => io_fault(&beside, &error),
    })
}

/// Refuses a file that is shorter than any database, which SQLite would take for a new one.
fn refuse_scrap(files: &dyn Files, path: &Path) -> Result<(), StoreError> {
    if (1..512).contains(&length(files, path)?) {
        let message = format!("`{}` is no ledger; choose another file", path.display());
        return Err(StoreError::new(StoreFault::NotALedger, message));
    }
    Ok(())
}

/// How long a file is; 0 if it is not there.
fn length(files: &dyn Files, path: &Path) -> Result<u64, StoreError> {
    let length = files.length(path).map_err(|error| io_fault(path, &error))?;
    Ok(length.unwrap_or(0))
}

/// Writes the log that was left behind once more, under its own name, and syncs it.
///
/// If a sync failed, the system may take the pages for written although they are not, and a further sync
/// will not write them: they can be read until the power goes, and then what was committed after
/// them is lost as well. Pages that are written anew are synced for certain.
fn write_log_anew(files: &dyn Files, path: &Path) -> Result<(), StoreError> {
    let log = beside(path, "-wal");
    if length(files, &log)? == 0 {
        return Ok(());
    }
    if length(files, path)? == 0 {
        // SQLite would take the file for a new one and throw the log away.
        let name = path.display();
        let message = format!("`{name}` is gone, but its log is there; restore it from a backup");
        return Err(StoreError::damaged(message));
    }
    let copy = beside(path, "-wal.copy");
    let written = files
        .copy(&log, &copy)
        .and_then(|()| files.sync(&copy))
        .and_then(|()| files.rename(&copy, &log))
        .and_then(|()| files.sync_folder(path));
    let Err(error) = written else { return Ok(()) };
    // Half a copy is no use; that it cannot be removed says nothing new.
    let _ = files.remove(&copy);
    match io_fault(&log, &error) {
        // What is there can be read all the same, and the next opening tries again.
        full if full.fault() == StoreFault::Full => Ok(()),
        error => Err(error),
    }
}

fn connect(path: &Path, vfs: Option<&str>) -> rusqlite::Result<Connection> {
    // Without SQLITE_OPEN_URI, so that `?`, `#` and `%` are letters like others.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = match vfs {
        None => Connection::open_with_flags(path, flags)?,
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs)?,
    };
    connection.busy_timeout(std::time::Duration::ZERO)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    // A connection that is closed after a failure must leave everything as it is.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    for (name, value) in PRAGMAS {
        connection.pragma_update(None, name, value)?;
    }
    Ok(connection)
}

impl SqliteStore {
    /// Looks at what the file is, makes or migrates what it holds, and reads the chains.
    fn take_up(&mut self) -> Result<(), StoreError> {
        let is_new = self.is_new()?;
        self.use_log()?;
        if is_new {
            self.create().map_err(|error| self.fault(error))?;
        }
        let version = self.number("user_version")?;
        if (1..VERSION).contains(&version) {
            migrate::migrate(&mut self.connection, &self.path, version)?;
        }
        let differences = schema::differences(&self.connection);
        if let Some(first) = differences.map_err(|error| self.fault(error))?.first() {
            let message = format!("`{}` is damaged: {first}", self.path.display());
            return Err(StoreError::damaged(message));
        }
        self.chains = self.read_chains().map_err(|error| self.fault(error))?;
        Ok(())
    }

    /// Whether nothing is in the file yet; fails if it is something else, or of a later version.
    fn is_new(&self) -> Result<bool, StoreError> {
        let name = self.path.display();
        let sql = "SELECT count(*) FROM sqlite_schema";
        let objects: i64 = self
            .connection
            .query_row(sql, [], |row| row.get(0))
            .map_err(|error| self.fault(error))?;
        let (application, version) = (self.number("application_id")?, self.number("user_version")?);
        if objects == 0 && application == 0 && version == 0 {
            return Ok(true);
        }
        if application != APPLICATION {
            let message = format!("`{name}` is no ledger; choose another file");
            return Err(StoreError::new(StoreFault::NotALedger, message));
        }
        if version > VERSION {
            let message = format!(
                "`{name}` was written by a later version; install that version or a newer one"
            );
            return Err(StoreError::new(StoreFault::Newer, message));
        }
        if version < 1 {
            let message = format!("`{name}` is damaged: it has version {version}");
            return Err(StoreError::damaged(message));
        }
        Ok(false)
    }

    fn number(&self, pragma: &str) -> Result<i32, StoreError> {
        let number = self.connection.pragma_query_value(None, pragma, |row| row.get(0));
        number.map_err(|error| self.fault(error))
    }

    /// Turns the write-ahead log on, which takes the lock, and sees that the file can be written.
    fn use_log(&self) -> Result<(), StoreError> {
        let name = self.path.display();
        let read_only = || {
            let message =
                format!("`{name}` cannot be written; allow writing to the file and its folder");
            StoreError::new(StoreFault::ReadOnly, message)
        };
        if self.connection.is_readonly("main").map_err(|error| self.fault(error))? {
            return Err(read_only());
        }
        let mode: String = self
            .connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
            .map_err(|error| self.fault(error))?;
        if mode != "wal" {
            let message = format!("`{name}` is on a drive that allows no write-ahead log");
            return Err(StoreError::new(StoreFault::Failed, message));
        }
        self.connection.execute_batch("BEGIN IMMEDIATE; COMMIT").map_err(|error| self.fault(error))
    }

    fn create(&mut self) -> rusqlite::Result<()> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for text in VERSION_1.iter().chain(&ADDED_IN_2) {
            transaction.execute_batch(text)?;
        }
        let sql = "INSERT INTO state_digest (id, digest) VALUES (1, ?1)";
        transaction.execute(sql, [Digest::default().to_string()])?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()
    }

    fn read_chains(&self) -> rusqlite::Result<HashMap<Chain, i64>> {
        let mut statement =
            self.connection.prepare("SELECT id, till, incarnation FROM chains ORDER BY id")?;
        let rows = statement.query_map([], |row| {
            Ok((Chain { till: row.get(1)?, incarnation: row.get(2)? }, row.get(0)?))
        })?;
        rows.collect()
    }
}
