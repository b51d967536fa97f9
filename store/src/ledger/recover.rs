//! A damaged file is kept aside, and what is sound of it goes into a new one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use kopilka::{FindingKind, Key, LedgerFinding, MissingRecords, Opening};

use super::chains::{self, Sound};
use super::fold::REBUILDING;
use super::notes;
use super::records;
use crate::error::{StoreError, StoreFault};
use crate::files::Files;
use crate::head_file::KnownHead;
use crate::location::io_fault;
use crate::sqlite::{SqliteOptions, SqliteStore};
use crate::store::{ChainHead, Change, NewRecord, Store};

/// What comes after the name of a damaged file that is kept aside.
pub(super) const DAMAGED: &str = ".damaged";
/// While sound records are copied.
const RECOVERING: &str = ".recovering";
/// When all were copied, until the new file has the ledger's name.
const RECOVERED: &str = ".recovered";
/// The files that SQLite keeps beside its own.
const BESIDE: [&str; 3] = ["", "-wal", "-shm"];
/// The empty file by whose lock a store keeps others out.
pub(super) const LOCK: &str = ".lock";
/// How many records are copied in one transaction.
const COPIED_AT_ONCE: usize = 500;

/// Opens a file, or makes it.
pub(super) fn open(path: &Path, how: &SqliteOptions) -> Result<Box<dyn Store>, StoreError> {
    Ok(Box::new(SqliteStore::open_with(path, how)?))
}

/// The name of a file as it is told.
pub(super) fn name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| path.display().to_string())
}

/// Whether a file that cannot be opened is a damaged ledger, and not something else: then there
/// would be no head file beside it.
pub(super) fn is_damage(error: &StoreError, known: Option<&KnownHead>) -> bool {
    match error.fault() {
        StoreFault::Damaged => true,
        StoreFault::NotALedger => matches!(known, Some(KnownHead::Known(_))),
        _ => false,
    }
}

/// Ends what an earlier opening began, if it was cut short.
pub(super) fn finish(path: &Path, files: &dyn Files) -> Result<(), StoreError> {
    remove(&with(path, RECOVERING), files)?;
    if exists(&with(path, RECOVERED), files)? {
        put_in_place(path, files)?;
    }
    Ok(())
}

/// Copies what is sound into a new file, keeps the damaged one aside, and opens the new one. The opening
/// says what was damaged and is missing.
pub(super) fn salvage(
    path: &Path,
    damaged: Option<Box<dyn Store>>,
    sounds: &[Sound],
    how: &SqliteOptions,
    opening: &mut Opening,
) -> Result<Box<dyn Store>, StoreError> {
    let files = how.files.as_ref();
    let recovering = with(path, RECOVERING);
    let mut new = open(&recovering, how)?;
    // A new file has no states yet; they are made when it is opened.
    let begun = (REBUILDING.to_owned(), Some("1".to_owned()));
    new.commit(&Change { notes: vec![begun], ..Change::default() })?;
    if let Some(mut old) = damaged {
        copy_notes(old.as_mut(), new.as_mut(), opening)?;
        for sound in sounds {
            let copied = copy_chain(old.as_mut(), new.as_mut(), sound)?;
            opening.missing.extend(lost(&copied));
            opening.found.extend(copied.damage);
        }
        copy_profiles(old.as_mut(), new.as_mut(), opening)?;
        copy_quarantined(old.as_mut(), new.as_mut())?;
    }
    new.checkpoint()?;
    drop(new);
    rename(&recovering, &with(path, RECOVERED), files)?;
    // What lies beside it was brought into it, or is empty.
    remove(&recovering, files)?;
    opening.kept = put_in_place(path, files)?.as_deref().map(name);
    open(path, how)
}

/// Gives the recovered file the ledger's name; where the damaged one is kept now, if there was one.
fn put_in_place(path: &Path, files: &dyn Files) -> Result<Option<PathBuf>, StoreError> {
    let mut kept = None;
    // A log without its file would be taken for the new one's.
    let mut left = false;
    for beside in BESIDE {
        left |= exists(&with(path, beside), files)?;
    }
    if left {
        let aside = free_name(path, files)?;
        // The main file goes last: while it is there, all of this is done again after a crash.
        for beside in BESIDE.iter().rev() {
            let from = with(path, beside);
            if exists(&from, files)? {
                rename(&from, &with(&aside, beside), files)?;
            }
        }
        kept = Some(aside);
    }
    rename(&with(path, RECOVERED), path, files)?;
    Ok(kept)
}

/// A name under which nothing is kept aside yet, or a part of the same that was begun to be.
fn free_name(path: &Path, files: &dyn Files) -> Result<PathBuf, StoreError> {
    for number in 1..10_000 {
        let aside = with(path, &format!(".damaged-{number}"));
        let mut taken = exists(&aside, files)?;
        for beside in BESIDE {
            taken |= exists(&with(path, beside), files)? && exists(&with(&aside, beside), files)?;
        }
        if !taken {
            return Ok(aside);
        }
    }
    let message = format!("too many damaged files lie beside `{}`", path.display());
    Err(StoreError::new(StoreFault::Failed, message))
}

fn copy_notes(
    old: &mut dyn Store,
    new: &mut dyn Store,
    opening: &mut Opening,
) -> Result<(), StoreError> {
    let names = [
        notes::TILL,
        notes::INCARNATION,
        notes::ACKNOWLEDGED,
        notes::ACKNOWLEDGED_AT,
        notes::OFFLINE_SINCE,
        notes::MAINTENANCE,
    ];
    let mut notes = Vec::new();
    for name in names {
        match old.note(name) {
            Ok(value) => notes.extend(value.map(|value| (name.to_owned(), Some(value)))),
            Err(error) => {
                let text = error.message().to_owned();
                let (kind, place) = (FindingKind::NoteDamaged, name.to_owned());
                opening.found.push(LedgerFinding { kind, place, text });
            }
        }
    }
    new.commit(&Change { notes, ..Change::default() })
}

/// Copies what is sound of a chain from its beginning on: what was looked at before may have begun at a
/// checkpoint, with damage before it.
fn copy_chain(
    old: &mut dyn Store,
    new: &mut dyn Store,
    sound: &Sound,
) -> Result<Sound, StoreError> {
    let (chain, hash) = (sound.chain.clone(), sound.hash);
    let head = ChainHead { chain, sequence: sound.newest, hash };
    let mut records: Vec<NewRecord> = Vec::new();
    let copied = chains::check(old, &head, None, &mut |row| {
        records.push(records::new_record(&*records::entry_of(row)?));
        if records.len() == COPIED_AT_ONCE {
            let records = std::mem::take(&mut records);
            new.commit(&Change { records, ..Change::default() })?;
        }
        Ok(())
    })?;
    new.commit(&Change { records, ..Change::default() })?;
    Ok(copied)
}

/// The records of a chain from its damage on.
fn lost(sound: &Sound) -> Option<MissingRecords> {
    sound.damage.as_ref()?;
    Some(MissingRecords {
        from: sound.sequence + 1,
        incarnation: sound.chain.incarnation,
        till: sound.chain.till.clone(),
        until: sound.newest.max(sound.sequence + 1),
    })
}

/// Copies what is personal of the guests whom records name.
fn copy_profiles(
    old: &mut dyn Store,
    new: &mut dyn Store,
    opening: &mut Opening,
) -> Result<(), StoreError> {
    let mut guests: Vec<String> = Vec::new();
    new.each_touch(&mut |(key, _)| {
        if let Key::Guest(guest) = key
            && guests.last() != Some(&guest)
        {
            guests.push(guest);
        }
        Ok(())
    })?;
    let mut profiles = Vec::new();
    for guest in guests {
        match old.profile(&guest) {
            Ok(profile) => profiles.extend(profile),
            Err(error) => {
                let text = error.message().to_owned();
                let kind = FindingKind::ProfileDamaged;
                opening.found.push(LedgerFinding { kind, place: guest, text });
            }
        }
    }
    new.commit(&Change { profiles, ..Change::default() })
}

/// Copies what was kept aside, up to what cannot be read of it.
fn copy_quarantined(old: &mut dyn Store, new: &mut dyn Store) -> Result<(), StoreError> {
    let mut quarantined = Vec::new();
    let read = old.each_quarantined(&mut |row| {
        quarantined.push(row);
        Ok(())
    });
    match read {
        Err(error) if error.fault() != StoreFault::Damaged => Err(error),
        _ => new.commit(&Change { quarantined, ..Change::default() }),
    }
}

/// A path with something after its name.
pub(super) fn with(path: &Path, ending: &str) -> PathBuf {
    let mut text = OsString::from(path);
    text.push(ending);
    PathBuf::from(text)
}

fn exists(path: &Path, files: &dyn Files) -> Result<bool, StoreError> {
    let length = files.length(path).map_err(|error| io_fault(path, &error))?;
    Ok(length.is_some())
}

/// Renames a file so that it has the new name, and not the old, after a loss of power too.
fn rename(from: &Path, to: &Path, files: &dyn Files) -> Result<(), StoreError> {
    let renamed = files.rename(from, to).and_then(|()| files.sync_folder(to));
    renamed.map_err(|error| io_fault(from, &error))
}

/// Removes a file of SQLite with those beside it, if they are there.
pub(super) fn remove(path: &Path, files: &dyn Files) -> Result<(), StoreError> {
    remove_all(path, &BESIDE, files)?;
    remove_all(path, &[LOCK], files)
}

/// Removes what lies beside a file of SQLite that was brought into it as a whole.
pub(super) fn remove_beside(path: &Path, files: &dyn Files) -> Result<(), StoreError> {
    remove_all(path, &["-wal", "-shm", LOCK], files)
}

fn remove_all(path: &Path, endings: &[&str], files: &dyn Files) -> Result<(), StoreError> {
    for beside in endings {
        let file = with(path, beside);
        if exists(&file, files)? {
            files.remove(&file).map_err(|error| io_fault(&file, &error))?;
        }
    }
    Ok(())
}
