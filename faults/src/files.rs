//! What a program does with files that are not SQLite's: the same disk, the same count of operations,
//! the same faults.

use std::io;

use crate::disk::{Disk, Failure, State};
use crate::model::{FileId, Operation};

impl Disk {
    /// How long a file is in bytes, if it is there.
    ///
    /// # Errors
    /// The disk is gone.
    pub fn length(&self, name: &str) -> io::Result<Option<u64>> {
        let state = self.shared.state();
        if state.is_gone() {
            return Err(Failure::Io.into());
        }
        Ok(state.model().named(name).map(|file| state.model().content(file).len() as u64))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// There is none, or reading fails.
    pub fn read_file(&self, name: &str) -> io::Result<Vec<u8>> {
        let mut state = self.shared.state();
        let file = known(&state, name)?;
        let mut bytes = vec![0; state.model().content(file).len()];
        let given = state.read(file, 0, &mut bytes)?;
        bytes.truncate(given);
        Ok(bytes)
    }

    /// Writes to a file at a place, and makes it if there is none.
    ///
    /// # Errors
    /// Writing fails.
    pub fn write_file(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.shared.state();
        let file = match state.model().named(name) {
            Some(file) => file,
            None => {
                let file = state.model().free_number();
                state.perform(Operation::Create { name: name.to_owned(), file })?;
                file
            }
        };
        Ok(state.perform(Operation::Write { file, offset, bytes: bytes.into() })?)
    }

    /// Has what was written to a file last; its name only after [`Disk::sync_folder`].
    ///
    /// # Errors
    /// There is none, or the sync fails.
    pub fn sync_file(&self, name: &str) -> io::Result<()> {
        let mut state = self.shared.state();
        let file = known(&state, name)?;
        Ok(state.perform(Operation::Sync { file, folder: false })?)
    }

    /// Has the names of all files last.
    ///
    /// # Errors
    /// The sync fails.
    pub fn sync_folder(&self) -> io::Result<()> {
        Ok(self.shared.state().perform(Operation::SyncFolder)?)
    }

    /// Gives a file another name, in the place of the file that has it.
    ///
    /// # Errors
    /// There is none, or it fails.
    pub fn rename_file(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.shared.state();
        known(&state, from)?;
        Ok(state.perform(Operation::Rename { from: from.to_owned(), to: to.to_owned() })?)
    }

    /// Deletes a file.
    ///
    /// # Errors
    /// There is none, or it fails.
    pub fn delete_file(&self, name: &str) -> io::Result<()> {
        let mut state = self.shared.state();
        known(&state, name)?;
        Ok(state.perform(Operation::Delete { name: name.to_owned(), folder: false })?)
    }
}

fn known(state: &State, name: &str) -> io::Result<FileId> {
    if state.is_gone() {
        return Err(Failure::Io.into());
    }
    let missing = || io::Error::new(io::ErrorKind::NotFound, format!("there is no `{name}`"));
    state.model().named(name).ok_or_else(missing)
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> io::Error {
        let (kind, text) = match failure {
            Failure::Full => (io::ErrorKind::StorageFull, "the disk is full"),
            Failure::Io => (io::ErrorKind::Other, "the disk failed"),
            Failure::ReadOnly => (io::ErrorKind::ReadOnlyFilesystem, "the disk is protected"),
        };
        io::Error::new(kind, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fault, Loss};

    #[test]
    fn a_file_lasts_when_it_and_its_name_are_synced() -> io::Result<()> {
        let disk = Disk::new();
        disk.write_file("a.head", 2, b"cd")?;
        disk.write_file("a.head", 0, b"ab")?;
        assert_eq!(disk.read_file("a.head")?, b"abcd");
        disk.sync_file("a.head")?;
        assert_eq!(disk.after_power_loss(Loss::Everything, 0).length("a.head")?, None);
        disk.sync_folder()?;
        assert_eq!(disk.after_power_loss(Loss::Everything, 0).length("a.head")?, Some(4));
        disk.rename_file("a.head", "b.head")?;
        disk.delete_file("b.head")?;
        assert_eq!(disk.length("a.head")?, None);
        assert_eq!(disk.delete_file("b.head").unwrap_err().kind(), io::ErrorKind::NotFound);
        Ok(())
    }

    #[test]
    fn faults_are_those_of_the_whole_disk() -> io::Result<()> {
        let disk = Disk::new();
        disk.write_file("a", 0, b"ab")?;
        disk.fail_at(2, Fault::Full);
        let full = disk.write_file("a", 2, b"cd").unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        assert_eq!(disk.read_file("a")?, b"abc");
        disk.heal();
        disk.write_protect(true);
        let refused = disk.sync_file("a").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ReadOnlyFilesystem);
        disk.write_protect(false);
        disk.fail_at(0, Fault::Crash);
        assert!(disk.sync_file("a").is_err() && disk.read_file("a").is_err());
        assert!(disk.length("a").is_err());
        Ok(())
    }
}
