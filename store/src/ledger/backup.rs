//! A copy of a ledger while it is in use, and a ledger made of a copy.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use kopilka::{Error, ErrorCode, Verification};

use super::engine::Engine;
use super::notes;
use super::recover::{self, name, with};
use super::verify::finding_of;
use super::{Options, chains};
use crate::digest::Digest;
use crate::error::{StoreError, StoreFault};
use crate::files::SystemFiles;
use crate::location::{io_fault, locate, sync_folder};
use crate::sqlite::{FileLock, SqliteOptions};
use crate::store::{ChainHead, Change};

/// While a copy is prepared to be a ledger.
const RESTORING: &str = ".restoring";
/// What comes after the name of a ledger in whose place another one was restored.
const REPLACED: &str = ".replaced";
/// The files that belong to a ledger: its own, its log, what SQLite keeps with it, its newest record.
const PARTS: [&str; 4] = ["", "-wal", "-shm", ".head"];
/// How many ledgers may be kept aside beside one.
const ASIDE_MAX: u32 = 10_000;

/// What a copy must hold.
pub(super) struct Copied {
    heads: Vec<ChainHead>,
    states: Digest,
}

impl Engine {
    /// Writes all of it into a new file.
    pub fn back_up(&mut self, to: &Path) -> Result<Copied, Error> {
        self.ensure_open()?;
        let copied = self.copied(to);
        copied.map_err(|error| match error.fault() {
            // The store goes on as before.
            StoreFault::Refused => exists(&error),
            StoreFault::Failed | StoreFault::Full | StoreFault::Damaged => self.fail(error),
            _ => error.into(),
        })
    }

    fn copied(&mut self, to: &Path) -> Result<Copied, StoreError> {
        let store = self.store()?;
        store.back_up(to)?;
        Ok(Copied { heads: store.heads()?, states: store.state_digest()? })
    }
}

fn exists(error: &StoreError) -> Error {
    Error::new(ErrorCode::StoreExists, "/to", error.message())
}

/// Reads a copy as a whole. One that is not what was copied is removed, so that nobody relies on it.
pub(super) fn verify(to: &Path, copied: &Copied) -> Result<Verification, Error> {
    let to = locate(to)?;
    let verified = look_at(&to, copied);
    let beside = recover::remove_beside(&to, &SystemFiles);
    if verified.is_err() {
        recover::remove(&to, &SystemFiles)?;
    }
    beside?;
    Ok(verified?)
}

fn look_at(to: &Path, copied: &Copied) -> Result<Verification, StoreError> {
    let mut store = recover::open(to, &SqliteOptions::default())?;
    let store = store.as_mut();
    let mut told = Verification::default();
    told.found.extend(store.examine()?.into_iter().map(finding_of));
    for head in store.heads()? {
        let sound = chains::check(store, &head, None, &mut |_| Ok(()))?;
        told.chains += 1;
        told.records += sound.records;
        told.found.extend(sound.damage);
    }
    for kind in kopilka::Key::KINDS {
        store.each_state(kind, &mut |_| {
            told.states += 1;
            Ok(())
        })?;
    }
    let same = store.heads()? == copied.heads && store.count_state_digest()? == copied.states;
    let fault = match told.found.first() {
        Some(finding) => Some(format!("{}: {}", finding.place, finding.text)),
        None if same => None,
        None => Some("it does not hold what the ledger holds".to_owned()),
    };
    match fault {
        None => store.checkpoint().map(|()| told),
        Some(fault) => {
            let message = format!("the copy `{}` is no good and was removed: {fault}", name(to));
            Err(StoreError::damaged(message))
        }
    }
}

/// Puts a copy in the place of a ledger, to be opened as a new incarnation; where the ledger that
/// was there is kept, if there was one.
pub(super) fn put(
    from: &Path,
    to: &Path,
    till: &str,
    options: &Options,
) -> Result<Option<PathBuf>, Error> {
    let (from, to) = (locate(from)?, locate(to)?);
    if from == to {
        let message = "this is the copy itself, which is to stay; name the ledger's own file";
        return Err(Error::new(ErrorCode::StoreExists, "/to", message));
    }
    let restoring = with(&to, RESTORING);
    let lock = FileLock::take(&to)?;
    let prepared = prepare(&from, &restoring, till, &options.sqlite);
    if prepared.is_err() {
        recover::remove(&restoring, &SystemFiles)?;
    }
    prepared?;
    let kept = keep_aside(&to)?;
    fs::rename(&restoring, &to).map_err(|error| io_fault(&to, &error))?;
    sync_folder(&to).map_err(|error| io_fault(&to, &error))?;
    drop(lock);
    Ok(kept)
}

/// Copies a copy, so that it stays as it is, and notes in it that it is to begin anew.
fn prepare(from: &Path, restoring: &Path, till: &str, how: &SqliteOptions) -> Result<(), Error> {
    recover::remove(restoring, &SystemFiles)?;
    if !from.exists() {
        let message = format!("there is no file `{}`; choose another copy", from.display());
        return Err(StoreError::new(StoreFault::NotALedger, message).into());
    }
    // A file that is in use has a log, and would be copied in two halves.
    let log = with(from, "-wal");
    let _lock = match fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        true => Some(FileLock::take(from)?),
        false => None,
    };
    copy(from, restoring)?;
    if log.exists() {
        copy(&log, &with(restoring, "-wal"))?;
    }
    let mut store = recover::open(restoring, how)?;
    match store.note(notes::TILL)? {
        Some(owner) if owner == till => {}
        Some(owner) => {
            let message = format!("this is a copy of the ledger of the till `{owner}`");
            return Err(Error::new(ErrorCode::StoreOtherTill, "/till", message));
        }
        None => {
            let message = format!("`{}` holds no ledger; choose another copy", from.display());
            return Err(StoreError::new(StoreFault::NotALedger, message).into());
        }
    }
    // Without a checkpoint every record is looked at when it is opened.
    let notes =
        vec![(notes::CHECKPOINT.to_owned(), None), (notes::RESTORED.to_owned(), Some("1".into()))];
    store.commit(&Change { notes, ..Change::default() })?;
    store.checkpoint()?;
    drop(store);
    Ok(recover::remove_beside(restoring, &SystemFiles)?)
}

fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::copy(from, to).map_err(|error| io_fault(to, &error))?;
    // A backup may be write-protected; the ledger must not be.
    let mut permissions = fs::metadata(to).map_err(|error| io_fault(to, &error))?.permissions();
    if permissions.readonly() {
        #[allow(clippy::permissions_set_readonly_false)]
        permissions.set_readonly(false);
        fs::set_permissions(to, permissions).map_err(|error| io_fault(to, &error))?;
    }
    let synced = OpenOptions::new().write(true).open(to).and_then(|file| file.sync_all());
    synced.map_err(|error| io_fault(to, &error))
}

/// Keeps the ledger that is there aside. The file with its newest record is copied: it says what
/// the restored one lacks.
fn keep_aside(to: &Path) -> Result<Option<PathBuf>, StoreError> {
    if !PARTS.iter().any(|part| with(to, part).exists()) {
        return Ok(None);
    }
    let places = (1..=ASIDE_MAX).map(|number| with(to, &format!("{REPLACED}-{number}")));
    let free = |place: &PathBuf| !PARTS.iter().any(|part| with(place, part).exists());
    let aside = places.into_iter().find(free).ok_or_else(|| {
        let message = format!("too many files were kept beside `{}`", to.display());
        StoreError::new(StoreFault::Failed, message)
    })?;
    let head = with(to, ".head");
    if head.exists() {
        let kept = with(&aside, ".head");
        fs::copy(&head, &kept).map_err(|error| io_fault(&kept, &error))?;
    }
    for part in ["-shm", "-wal", ""] {
        let file = with(to, part);
        if file.exists() {
            fs::rename(&file, with(&aside, part)).map_err(|error| io_fault(&file, &error))?;
        }
    }
    Ok(Some(aside))
}

/// Whether a file beside a ledger was kept aside when that was damaged or restored, or was left behind
/// when a restoring was cut short.
pub(super) fn is_kept(ledger: &str, file: &str) -> bool {
    let rest = file.strip_prefix(ledger).unwrap_or_default();
    [REPLACED, RESTORING, recover::DAMAGED].iter().any(|kind| rest.starts_with(kind))
}
