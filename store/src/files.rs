//! What is done with files beside SQLite's own doors.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::StoreError;
use crate::head_file::{HeadMedium, SystemHead};
use crate::location;

/// Where the files of a ledger lie. The machine's own file system is [`SystemFiles`]; tests take one
/// that fails.
pub trait Files: Debug + Send + Sync {
    /// The name of the registered layer of SQLite through which it reads and writes the same files; the
    /// system's own if there is none.
    fn vfs(&self) -> Option<&str>;

    /// The absolute path of a ledger's file, where a ledger may lie.
    ///
    /// # Errors
    /// `Folder`, `NotALedger` or `NetworkDrive`.
    fn locate(&self, path: &Path) -> Result<PathBuf, StoreError>;

    /// The lock of a file that is made for it, held until what is given is dropped; none if files
    /// cannot be locked here and SQLite's own lock must do. It does not wait.
    ///
    /// # Errors
    /// Of the kind `WouldBlock` if another has it.
    fn lock(&self, path: &Path) -> io::Result<Option<File>>;

    /// The length of a file in bytes; none if there is no such file.
    ///
    /// # Errors
    /// It cannot be looked at.
    fn length(&self, path: &Path) -> io::Result<Option<u64>>;

    /// The head file beside a ledger, whether it is there or not.
    fn head(&self, path: &Path) -> Box<dyn HeadMedium>;

    /// Has what was written to a file outlive a loss of power; its name only after
    /// [`Files::sync_folder`].
    ///
    /// # Errors
    /// It is missing, or syncing fails.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Has the names of the files in a file's folder outlive a loss of power.
    ///
    /// # Errors
    /// Syncing fails.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// Writes the content of a file into another one, in the place of what that held.
    ///
    /// # Errors
    /// The first is missing, or the second cannot be written.
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// The names of the files in a file's folder.
    ///
    /// # Errors
    /// The folder cannot be read.
    fn names_beside(&self, path: &Path) -> io::Result<Vec<String>>;

    /// Gives a file another name, in the place of the file that has it.
    ///
    /// # Errors
    /// It is missing, or cannot be renamed.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// It is missing, or cannot be removed.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemFiles;

impl Files for SystemFiles {
    fn vfs(&self) -> Option<&str> {
        None
    }

    fn locate(&self, path: &Path) -> Result<PathBuf, StoreError> {
        location::locate(path)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<File>> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.try_lock()?;
        Ok(Some(file))
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        match fs::metadata(path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn head(&self, path: &Path) -> Box<dyn HeadMedium> {
        Box::new(SystemHead::new(path))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.sync_all()
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        location::sync_folder(path)
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::copy(from, to).map(|_| ())
    }

    fn names_beside(&self, path: &Path) -> io::Result<Vec<String>> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let name = |entry: io::Result<fs::DirEntry>| {
            entry.map(|entry| entry.file_name().to_string_lossy().into_owned())
        };
        fs::read_dir(folder)?.map(name).collect()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_copied_renamed_and_removed() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let (one, two) = (folder.path().join("касса [1].head"), folder.path().join("b"));
        assert_eq!(SystemFiles.length(&one)?, None);
        fs::write(&one, b"abcd")?;
        SystemFiles.sync(&one)?;
        SystemFiles.sync_folder(&one)?;
        SystemFiles.copy(&one, &two)?;
        let mut names = SystemFiles.names_beside(&one)?;
        names.sort();
        assert_eq!(names, ["b", "касса [1].head"]);
        SystemFiles.rename(&two, &one)?;
        assert_eq!((SystemFiles.length(&one)?, SystemFiles.length(&two)?), (Some(4), None));
        SystemFiles.remove(&one)?;
        assert_eq!(SystemFiles.remove(&one).unwrap_err().kind(), io::ErrorKind::NotFound);
        Ok(())
    }

    #[test]
    fn a_lock_keeps_others_out_until_it_is_dropped() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.lock");
        let held = SystemFiles.lock(&path)?;
        assert_eq!(SystemFiles.lock(&path).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(held);
        SystemFiles.lock(&path).map(|_| ())
    }
}
