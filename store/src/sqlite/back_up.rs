//! A copy of a file that is in use.

use std::fs::{self, OpenOptions};
use std::path::Path;

use super::SqliteStore;
use super::fault::fault;
use super::open::beside;
use crate::error::{StoreError, StoreFault};
use crate::location::{io_fault, locate, sync_folder};

/// Writes all that was committed into a new file, without free pages and so without what was erased. The
/// file gets its name when it is whole and synced.
pub(super) fn back_up(store: &SqliteStore, to: &Path) -> Result<(), StoreError> {
    let to = new_file(to)?;
    let part = beside(&to, ".part");
    let copied = copy(store, &part).and_then(|()| in_place(&part, &to));
    if copied.is_err() {
        // What is left of the copy is no use; that it cannot be removed says nothing new.
        let _ = fs::remove_file(&part);
    }
    copied
}

/// Syncs a copy that is whole and gives it its name.
pub(crate) fn in_place(part: &Path, to: &Path) -> Result<(), StoreError> {
    let synced = OpenOptions::new().write(true).open(part).and_then(|file| file.sync_all());
    let named = synced.and_then(|()| fs::rename(part, to)).and_then(|()| sync_folder(to));
    named.map_err(|error| io_fault(to, &error))
}

/// The absolute path of a file that is not there yet.
pub(crate) fn new_file(to: &Path) -> Result<std::path::PathBuf, StoreError> {
    let to = locate(to)?;
    if fs::symlink_metadata(&to).is_ok() {
        let message = format!("there is a file `{}`; choose another name", to.display());
        return Err(StoreError::refused(message));
    }
    Ok(to)
}

fn copy(store: &SqliteStore, part: &Path) -> Result<(), StoreError> {
    let name = part.to_str().ok_or_else(|| {
        let message = format!("`{}` is not in UTF-8; choose another name", part.display());
        StoreError::new(StoreFault::Failed, message)
    })?;
    if fs::symlink_metadata(part).is_ok() {
        // A copy that was interrupted.
        fs::remove_file(part).map_err(|error| io_fault(part, &error))?;
    }
    let copied = store.connection.execute("VACUUM INTO ?1", [name]);
    copied.map(|_| ()).map_err(|error| fault(part, error))
}
