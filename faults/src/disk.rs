//! The handle of a disk: what is done to it, what it was told to fail at, and what it was at any time.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::model::{FileId, Loss, Model, Operation};
use crate::vfs;

/// A failure that the running program sees.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The operation and everything after it fails, reads too.
    Crash,
    /// Half of the operation, if it is a write, is done; it and everything after it fails.
    TornWrite,
    /// The operation fails and does nothing; the one after it succeeds.
    Error,
    /// The first sync from the operation on fails, the next one succeeds; see
    /// [`Operation::FailedSync`].
    FailedSync,
    /// From the operation on no file grows, until [`Disk::make_room`]. A write that would make it grow is
    /// done by half.
    Full,
    /// The read of this number fails. Reads are counted apart, from 0.
    ReadError,
    /// The read of this number gives the first half of what was asked for, and says so.
    ShortRead,
}

/// Why an operation was not done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Failure {
    Full,
    Io,
    ReadOnly,
}

/// A disk in memory. Its files are opened through SQLite's file system of the name [`Disk::VFS`], by
/// their [`Disk::path`]. A handle can be cloned; the disk is gone with the last handle and open file.
#[derive(Clone)]
pub struct Disk {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    number: u64,
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    crashed: bool,
    faults: Vec<(u64, Fault)>,
    full: bool,
    /// What was done since `start`.
    history: Vec<Operation>,
    /// An image of [`Disk::at`], and of how many operations.
    looked_back: Option<(u64, Model)>,
    /// Per file and opener the level of SQLite's lock.
    locks: BTreeMap<FileId, BTreeMap<u64, i32>>,
    model: Model,
    next_opener: u64,
    read_only: bool,
    reads: u64,
    start: Model,
}

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(0);
static DISKS: Mutex<BTreeMap<u64, Weak<Shared>>> = Mutex::new(BTreeMap::new());

/// The beginning of every path, so that no file of the machine is meant by mistake.
const ROOT: &str = "/faults/";

impl Disk {
    /// The name under which SQLite knows the file system of all these disks.
    pub const VFS: &'static str = "kopilka-faults";

    /// An empty disk.
    #[must_use]
    pub fn new() -> Disk {
        Disk::of(Model::default())
    }

    fn of(model: Model) -> Disk {
        vfs::register();
        let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
        let state = State { start: model.clone(), model, ..State::default() };
        let shared = Arc::new(Shared { number, state: Mutex::new(state) });
        locked(&DISKS).insert(number, Arc::downgrade(&shared));
        Disk { shared }
    }

    /// The path by which SQLite opens the file of this name.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("{ROOT}{}/{name}", self.shared.number))
    }

    /// The disk and the name that a path means, if it is one of these.
    #[must_use]
    pub fn of_path(path: &str) -> Option<(Disk, String)> {
        let (number, name) = path.strip_prefix(ROOT)?.split_once('/')?;
        let shared = locked(&DISKS).get(&number.parse().ok()?)?.upgrade()?;
        Some((Disk { shared }, name.to_owned()))
    }

    /// Has operation `number`, counted from 0 as [`Disk::operations`] counts, fail; or the next one if that many were
    /// done. Of reads the number is that of [`Disk::reads`].
    pub fn fail_at(&self, number: u64, fault: Fault) {
        self.shared.state().faults.push((number, fault));
    }

    /// Whether every planned fault has come.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.shared.state().faults.is_empty()
    }

    /// Ends a [`Fault::Full`].
    pub fn make_room(&self) {
        self.shared.state().full = false;
    }

    /// Drops the faults that are planned and have not come, and ends a [`Fault::Full`].
    pub fn heal(&self) {
        let mut state = self.shared.state();
        state.faults.clear();
        state.full = false;
    }

    /// From now on nothing on the disk can be changed, or again can.
    pub fn write_protect(&self, protected: bool) {
        self.shared.state().read_only = protected;
    }

    /// Takes the locks from whoever has them, as the system does when a program is killed. What is still
    /// open must not be used any more.
    pub fn release_locks(&self) {
        self.shared.state().locks.clear();
    }

    /// How many operations were done that change what lies on the disk.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.shared.state().history.len() as u64
    }

    /// How many times a file was read.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.shared.state().reads
    }

    /// The operations, from the first.
    #[must_use]
    pub fn history(&self) -> Vec<Operation> {
        self.shared.state().history.clone()
    }

    /// How many of the operations from number `first` on were syncs of a file that succeeded.
    #[must_use]
    pub fn syncs_since(&self, first: u64) -> usize {
        let state = self.shared.state();
        let done = state.history.iter().skip(first as usize);
        done.filter(|operation| matches!(operation, Operation::Sync { .. })).count()
    }

    /// Another disk, as this one was when `operations` were done and no more.
    #[must_use]
    pub fn at(&self, operations: u64) -> Disk {
        let mut state = self.shared.state();
        let state = &mut *state;
        // Who asks for one image after another gets each from the one before.
        let (mut done, mut model) = match state.looked_back.take() {
            Some((done, model)) if done <= operations => (done, model),
            _ => (0, state.start.clone()),
        };
        let rest = state.history.iter().skip(done as usize);
        for operation in rest.take((operations - done) as usize) {
            model.apply(operation);
            done += 1;
        }
        state.looked_back = Some((done, model.clone()));
        Disk::of(model)
    }

    /// Another disk: what is found on this one when the power went now and is back. The same seed
    /// finds the same.
    #[must_use]
    pub fn after_power_loss(&self, loss: Loss, seed: u64) -> Disk {
        let found = self.shared.state().model.after_power_loss(loss, seed);
        Disk::of(found)
    }

    /// The names of the files.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        self.shared.state().model.names()
    }

    /// The content of a file, as a program reads it.
    #[must_use]
    pub fn content(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.shared.state();
        state.model.named(name).map(|file| state.model.content(file).to_vec())
    }

    /// Puts a file on the disk, behind the back of whoever has it open. As every change from outside it
    /// is there for good, and what was done before is forgotten: operations are counted anew.
    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        self.shared.state().edit(|model| model.put(name, bytes));
    }

    /// Takes a file off the disk; see [`Disk::put`].
    pub fn remove(&self, name: &str) {
        self.shared.state().edit(|model| model.take(name));
    }

    /// Copies a file as it is read now; see [`Disk::put`]. False if there is none.
    pub fn copy(&self, from: &str, to: &str) -> bool {
        let content = self.content(from);
        content.map(|bytes| self.put(to, bytes)).is_some()
    }

    /// Cuts a file to a length in bytes; see [`Disk::put`]. False if it is not longer.
    pub fn truncate(&self, name: &str, length: usize) -> bool {
        let content = self.content(name).filter(|bytes| bytes.len() > length);
        content.map(|bytes| self.put(name, bytes[..length].to_vec())).is_some()
    }

    /// Turns one bit of a file over, counted from its beginning; see [`Disk::put`]. False if the file
    /// is shorter.
    pub fn flip_bit(&self, name: &str, bit: usize) -> bool {
        let Some(mut bytes) = self.content(name) else { return false };
        let Some(byte) = bytes.get_mut(bit / 8) else { return false };
        *byte ^= 1 << (bit % 8);
        self.put(name, bytes);
        true
    }
}

impl Default for Disk {
    fn default() -> Disk {
        Disk::new()
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<(String, usize)> = self
            .files()
            .into_iter()
            .map(|name| (name.clone(), self.content(&name).map_or(0, |bytes| bytes.len())))
            .collect();
        f.debug_struct("Disk").field("number", &self.shared.number).field("files", &files).finish()
    }
}

impl Shared {
    pub fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        locked(&DISKS).remove(&self.number);
    }
}

/// A lock that a panic in another test does not take away.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub fn model(&self) -> &Model {
        &self.model
    }

    fn edit(&mut self, edit: impl FnOnce(&mut Model)) {
        edit(&mut self.model);
        self.start = self.model.clone();
        self.history.clear();
        self.looked_back = None;
    }

    /// Whether it was told to crash and did.
    pub fn is_gone(&self) -> bool {
        self.crashed
    }

    /// Whether a new opener may change files.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Does an operation, unless it was planned to fail.
    pub fn perform(&mut self, operation: Operation) -> Result<(), Failure> {
        if self.crashed {
            return Err(Failure::Io);
        }
        if self.read_only {
            return Err(Failure::ReadOnly);
        }
        match self.due(&operation) {
            None => {}
            Some(Fault::Full) => self.full = true,
            Some(Fault::FailedSync) => {
                if let Operation::Sync { file, .. } = operation {
                    self.record(Operation::FailedSync { file });
                }
                return Err(Failure::Io);
            }
            Some(Fault::TornWrite) => {
                if let Some(half) = half_of(&operation) {
                    self.record(half);
                }
                self.crashed = true;
                return Err(Failure::Io);
            }
            Some(fault) => {
                self.crashed = fault == Fault::Crash;
                return Err(Failure::Io);
            }
        }
        if self.full && self.grows(&operation) {
            if let Some(half) = half_of(&operation) {
                self.record(half);
            }
            return Err(Failure::Full);
        }
        self.record(operation);
        Ok(())
    }

    /// The planned fault whose time has come with this operation.
    fn due(&mut self, operation: &Operation) -> Option<Fault> {
        let number = self.history.len() as u64;
        let is_sync = matches!(operation, Operation::Sync { .. });
        let place = self.faults.iter().position(|(at, fault)| match fault {
            Fault::ReadError | Fault::ShortRead => false,
            Fault::FailedSync => *at <= number && is_sync,
            _ => *at <= number,
        })?;
        Some(self.faults.remove(place).1)
    }

    fn record(&mut self, operation: Operation) {
        self.model.apply(&operation);
        self.history.push(operation);
    }

    fn grows(&self, operation: &Operation) -> bool {
        let (file, length) = match operation {
            Operation::Write { file, offset, bytes } => (file, offset + bytes.len() as u64),
            Operation::Truncate { file, length } => (file, *length),
            _ => return false,
        };
        length > self.model.content(*file).len() as u64
    }

    /// Fills what is asked for, from a place of a file; gives how many bytes there were.
    pub fn read(&mut self, file: FileId, offset: u64, asked: &mut [u8]) -> Result<usize, Failure> {
        if self.crashed {
            return Err(Failure::Io);
        }
        let number = self.reads;
        self.reads += 1;
        let place = self.faults.iter().position(|(at, fault)| {
            matches!(fault, Fault::ReadError | Fault::ShortRead) && *at <= number
        });
        let fault = place.map(|place| self.faults.remove(place).1);
        if fault == Some(Fault::ReadError) {
            return Err(Failure::Io);
        }
        let rest = self.model.content(file).get(offset as usize..).unwrap_or_default();
        let most = if fault.is_some() { asked.len() / 2 } else { asked.len() };
        let length = rest.len().min(most);
        asked[..length].copy_from_slice(&rest[..length]);
        asked[length..].fill(0);
        Ok(length)
    }

    pub fn new_opener(&mut self) -> u64 {
        self.next_opener += 1;
        self.next_opener
    }

    /// The level of lock that an opener has on a file.
    pub fn lock_of(&self, file: FileId, opener: u64) -> i32 {
        self.locks.get(&file).and_then(|locks| locks.get(&opener)).copied().unwrap_or(0)
    }

    /// The highest level that any other opener has on a file.
    pub fn lock_of_others(&self, file: FileId, opener: u64) -> i32 {
        let locks = self.locks.get(&file).into_iter().flatten();
        locks.filter(|(other, _)| **other != opener).map(|(_, level)| *level).max().unwrap_or(0)
    }

    pub fn set_lock(&mut self, file: FileId, opener: u64, level: i32) {
        let locks = self.locks.entry(file).or_default();
        if level == 0 {
            locks.remove(&opener);
        } else {
            locks.insert(opener, level);
        }
    }
}

fn half_of(operation: &Operation) -> Option<Operation> {
    let Operation::Write { file, offset, bytes } = operation else { return None };
    let half = bytes[..bytes.len() / 2].into();
    Some(Operation::Write { file: *file, offset: *offset, bytes: half })
}
