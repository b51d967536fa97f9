//! A store that outlives its ledger: it can be opened again, looked at from outside, and made to fail
//! in the middle of a call, as if the program had died or the power had gone.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use kopilka::{Key, Position, RecordId};
use kopilka_faults::{Disk, Fault, Loss};
use kopilka_store::{
    Chain, ChainHead, Change, Digest, Finding, MemoryStore, QuarantinedRow, RecordRow,
    SqliteOptions, SqliteStore, Store, StoreError, StoreFault, StoredProfile, Visit,
};

use crate::disk_files::DiskFiles;

/// How the program ends in the middle of a call.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// So many commits are done before it; on a disk so many operations.
    pub after: u8,
    /// Whether the commit at which it ends is kept, though nobody hears of it; on a disk whether the
    /// operation is done by half.
    pub halfway: bool,
    /// What of the disk is lost with it.
    pub loss: u8,
}

enum Held {
    Memory(MemoryStore),
    Sqlite(SqliteStore),
}

impl Held {
    fn store(&mut self) -> &mut dyn Store {
        match self {
            Held::Memory(store) => store,
            Held::Sqlite(store) => store,
        }
    }
}

struct Inner {
    /// None while it is opened again.
    store: Option<Held>,
    /// The failing disk on which it lies; without one it is in memory or in a file.
    disk: Option<Disk>,
    /// What is to come.
    cut: Option<Cut>,
    /// It has come: nothing can be read or written any more.
    is_gone: bool,
}

#[derive(Clone)]
pub struct Kept(Arc<Mutex<Inner>>);

const ON_DISK: &str = "касса 1.ledger";

fn on_disk(disk: &Disk) -> Held {
    let options = SqliteOptions { files: Arc::new(DiskFiles) };
    Held::Sqlite(SqliteStore::open_with(&disk.path(ON_DISK), &options).unwrap())
}

fn gone() -> StoreError {
    StoreError::new(StoreFault::Failed, "the program has ended")
}

/// Hands calls on to the store that is kept.
macro_rules! hand_on {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        $(fn $name(&mut self, $($argument: $type),*) -> $result {
            self.alive()?;
            self.with(|store| store.$name($($argument),*))
        })*
    };
}

impl Kept {
    fn of(store: Held, disk: Option<Disk>) -> Kept {
        Kept(Arc::new(Mutex::new(Inner { store: Some(store), disk, cut: None, is_gone: false })))
    }

    pub fn memory() -> Kept {
        Kept::of(Held::Memory(MemoryStore::new()), None)
    }

    pub fn file(path: &Path) -> Kept {
        Kept::of(Held::Sqlite(SqliteStore::open(path).unwrap()), None)
    }

    pub fn disk() -> Kept {
        let disk = Disk::new();
        Kept::of(on_disk(&disk), Some(disk))
    }

    /// Another store with everything that is in this one; none if it is not in memory.
    pub fn copy(&self) -> Option<Kept> {
        match self.inner().store.as_ref() {
            Some(Held::Memory(store)) => Some(Kept::of(Held::Memory(store.clone()), None)),
            _ => None,
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    fn alive(&self) -> Result<(), StoreError> {
        if self.inner().is_gone { Err(gone()) } else { Ok(()) }
    }

    /// Plans the end of the program.
    pub fn plan(&self, cut: Cut) {
        let mut inner = self.inner();
        if let Some(disk) = &inner.disk {
            let fault = if cut.halfway { Fault::TornWrite } else { Fault::Crash };
            disk.fail_at(disk.operations() + u64::from(cut.after), fault);
        }
        inner.cut = Some(cut);
    }

    /// Ends the program, if it has not ended yet, and opens the store as the next one finds it.
    pub fn end(&self) {
        let mut inner = self.inner();
        let cut = inner.cut.take();
        inner.is_gone = false;
        let Some(disk) = inner.disk.clone() else { return };
        // What the store writes while it is dropped is written by nobody.
        disk.heal();
        disk.fail_at(disk.operations(), Fault::Crash);
        drop(inner.store.take());
        let (loss, seed) = cut.map_or((0, 0), |cut| (usize::from(cut.loss), u64::from(cut.after)));
        let found = disk.after_power_loss(Loss::ALL[loss % Loss::ALL.len()], seed + loss as u64);
        inner.store = Some(on_disk(&found));
        inner.disk = Some(found);
    }

    /// Closes a file and opens it again; what is in memory stays as it is.
    pub fn open_again(&self) {
        let mut inner = self.inner();
        let path = inner.store.as_mut().unwrap().store().path();
        if let Some(disk) = inner.disk.clone() {
            drop(inner.store.take());
            inner.store = Some(on_disk(&disk));
        } else if let Some(path) = path {
            drop(inner.store.take());
            inner.store = Some(Held::Sqlite(SqliteStore::open(&path).unwrap()));
        }
    }

    pub fn with<T>(&self, run: impl FnOnce(&mut dyn Store) -> T) -> T {
        run(self.inner().store.as_mut().unwrap().store())
    }

    /// Whether this commit is done, and whether anybody hears of it. On a disk the disk says so.
    fn passes(&self) -> (bool, bool) {
        let mut inner = self.inner();
        if inner.disk.is_some() {
            return (true, true);
        }
        match &mut inner.cut {
            Some(cut) if cut.after == 0 => {
                let done = cut.halfway;
                inner.is_gone = true;
                (done, false)
            }
            Some(cut) => {
                cut.after -= 1;
                (true, true)
            }
            None => (true, true),
        }
    }
}

impl Store for Kept {
    fn commit(&mut self, change: &Change) -> Result<(), StoreError> {
        self.alive()?;
        let (is_done, is_heard) = self.passes();
        let outcome = if is_done { self.with(|store| store.commit(change)) } else { Ok(()) };
        if is_heard { outcome } else { outcome.and(Err(gone())) }
    }

    hand_on! {
        note(name: &str) -> Result<Option<String>, StoreError>;
        each_note(visit: Visit<'_, (String, String)>) -> Result<(), StoreError>;
        state(key: &Key) -> Result<Option<String>, StoreError>;
        each_state(kind: &str, visit: Visit<'_, (Key, String)>) -> Result<(), StoreError>;
        state_digest() -> Result<Digest, StoreError>;
        count_state_digest() -> Result<Digest, StoreError>;
        record(id: &RecordId) -> Result<Option<RecordRow>, StoreError>;
        chain(chain: &Chain, after: u64, most: usize) -> Result<Vec<RecordRow>, StoreError>;
        records_after(after: Option<&Position>, most: usize) -> Result<Vec<RecordRow>, StoreError>;
        records_touching(keys: &[Key], after: Option<&Position>, most: usize)
            -> Result<Vec<RecordRow>, StoreError>;
        last_touch(key: &Key) -> Result<Option<Position>, StoreError>;
        each_touch(visit: Visit<'_, (Key, RecordId)>) -> Result<(), StoreError>;
        heads() -> Result<Vec<ChainHead>, StoreError>;
        profile(guest: &str) -> Result<Option<StoredProfile>, StoreError>;
        profiles_by_phone(phone: &str) -> Result<Vec<StoredProfile>, StoreError>;
        each_profile(visit: Visit<'_, StoredProfile>) -> Result<(), StoreError>;
        each_quarantined(visit: Visit<'_, QuarantinedRow>) -> Result<(), StoreError>;
        checkpoint() -> Result<(), StoreError>;
        unsettled_bytes() -> Result<u64, StoreError>;
        examine() -> Result<Vec<Finding>, StoreError>;
        back_up(to: &Path) -> Result<(), StoreError>;
    }

    fn path(&self) -> Option<PathBuf> {
        self.with(|store| store.path())
    }
}
