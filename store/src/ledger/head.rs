//! The file beside a ledger, in which its newest record stands.

use std::path::Path;

use super::recover::{name, with};
use crate::error::StoreError;
use crate::files::Files;
use crate::head_file::{HeadFile, KnownHead};
use crate::store::ChainHead;

/// What comes after the ledger's name.
pub(super) const ENDING: &str = ".head";

/// The head file of a ledger, if it is in a file itself.
#[derive(Debug, Default)]
pub(super) struct HeadKeeper {
    file: Option<HeadFile>,
}

impl HeadKeeper {
    /// Beside the ledger with this path.
    pub fn of(path: &Path, files: &dyn Files) -> Result<HeadKeeper, StoreError> {
        let path = with(path, ENDING);
        Ok(HeadKeeper { file: Some(HeadFile::over(&path, files.head(&path))?) })
    }

    /// What it said when the ledger was opened; none if there is to be no such file.
    pub fn known(&self) -> Option<&KnownHead> {
        self.file.as_ref().map(HeadFile::known)
    }

    /// What it says now.
    pub fn read_again(&self, files: &dyn Files) -> Result<Option<KnownHead>, StoreError> {
        let Some(file) = &self.file else { return Ok(None) };
        let path = file.path();
        Ok(Some(HeadFile::over(path, files.head(path))?.known().clone()))
    }

    /// The name of the file.
    pub fn name(&self) -> String {
        self.file.as_ref().map(|file| name(file.path())).unwrap_or_default()
    }

    /// Notes the newest record. It is not synced with each of them.
    pub fn write(&mut self, head: &ChainHead) -> Result<(), StoreError> {
        self.file.as_mut().map_or(Ok(()), |file| file.write(head))
    }

    /// Makes sure that it survives a loss of power. It is written once more: a sync that failed before
    /// need not write anything now.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        if let KnownHead::Known(head) = file.known().clone() {
            file.write(&head)?;
        }
        file.sync()
    }
}
