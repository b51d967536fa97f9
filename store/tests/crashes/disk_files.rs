//! The files beside a ledger, on a disk that fails.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use kopilka_faults::Disk;
use kopilka_store::{Files, HeadMedium, StoreError};

/// The files of one disk.
#[derive(Debug)]
pub struct DiskFiles;

pub fn on_disk(path: &Path) -> io::Result<(Disk, String)> {
    let disk = path.to_str().and_then(Disk::of_path);
    disk.ok_or_else(|| io::Error::other("the disk was taken away"))
}

impl Files for DiskFiles {
    fn vfs(&self) -> Option<&str> {
        Some(Disk::VFS)
    }

    fn locate(&self, path: &Path) -> Result<PathBuf, StoreError> {
        Ok(path.to_owned())
    }

    fn lock(&self, _: &Path) -> io::Result<Option<File>> {
        Ok(None)
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        let (disk, name) = on_disk(path)?;
        disk.length(&name)
    }

    fn head(&self, path: &Path) -> Box<dyn HeadMedium> {
        Box::new(DiskHead(path.to_owned()))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        let (disk, name) = on_disk(path)?;
        disk.sync_file(&name)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        on_disk(path)?.0.sync_folder()
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let ((disk, from), (_, to)) = (on_disk(from)?, on_disk(to)?);
        let bytes = disk.read_file(&from)?;
        if disk.length(&to)?.is_some() {
            disk.delete_file(&to)?;
        }
        disk.write_file(&to, 0, &bytes)
    }

    fn names_beside(&self, path: &Path) -> io::Result<Vec<String>> {
        Ok(on_disk(path)?.0.files())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let ((disk, from), (_, to)) = (on_disk(from)?, on_disk(to)?);
        disk.rename_file(&from, &to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let (disk, name) = on_disk(path)?;
        disk.delete_file(&name)
    }
}

/// The head file on a disk.
#[derive(Debug)]
struct DiskHead(PathBuf);

impl HeadMedium for DiskHead {
    fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let (disk, name) = on_disk(&self.0)?;
        match disk.length(&name)? {
            None => Ok(None),
            Some(_) => disk.read_file(&name).map(Some),
        }
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let (disk, name) = on_disk(&self.0)?;
        disk.write_file(&name, offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        let (disk, name) = on_disk(&self.0)?;
        if disk.length(&name)?.is_none() {
            return Ok(());
        }
        disk.sync_file(&name)?;
        disk.sync_folder()
    }
}
