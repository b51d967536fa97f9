//! What lies on a disk: per file what was synced and what was only written since, and the same for the
//! names in its one folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::chance::Chance;

/// The unit in which a disk writes wholly or not at all, in bytes.
pub(crate) const SECTOR: usize = 512;

/// The number of a file. A name can come to mean another file.
pub(crate) type FileId = u64;

/// One thing that a program had the disk do and that changes what lies on it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[allow(missing_docs)]
pub enum Operation {
    /// A new, empty file got a name.
    Create { name: String, file: u64 },
    /// Bytes were put at a place of a file; it grows if need be.
    Write { file: u64, offset: u64, bytes: Arc<[u8]> },
    /// A file was cut, or lengthened with zeros, to a length in bytes.
    Truncate { file: u64, length: u64 },
    /// What was written to a file is on the disk now; with `folder` the names too.
    Sync { file: u64, folder: bool },
    /// A sync that was answered with an error. As on Linux, what was written since the sync before is
    /// taken for clean: it is still read, and no later sync writes it.
    FailedSync { file: u64 },
    /// A name is gone; with `folder` it is gone on the disk.
    Delete { name: String, folder: bool },
    /// A file got another name, in one step; a file of that name is gone.
    Rename { from: String, to: String },
    /// The names are on the disk as they are.
    SyncFolder,
}

/// What a loss of power takes of that which was written and not synced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Loss {
    /// Nothing: the program died, not the machine.
    Nothing,
    /// All of it.
    Everything,
    /// What came after some instant; the last write before it is torn at any byte.
    Tail,
    /// Any of it: each write is kept, lost, or torn into sectors of which any are lost. Where a file
    /// grew and the bytes were lost, it is filled with what lay on the disk before.
    Some,
}

impl Loss {
    /// Every kind of loss.
    pub const ALL: [Loss; 4] = [Loss::Nothing, Loss::Everything, Loss::Tail, Loss::Some];
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, bytes: Arc<[u8]> },
    Truncate { length: usize },
}

/// A change that is not known to be on the disk.
#[derive(Clone, Debug)]
struct Pending {
    /// The order among the changes of all files and names.
    number: u64,
    change: Change,
    /// A sync of it failed: no later one writes it.
    abandoned: bool,
}

#[derive(Clone, Debug, Default)]
struct File {
    now: Vec<u8>,
    pending: Vec<Pending>,
    synced: Vec<u8>,
}

#[derive(Clone, Debug)]
enum NameChange {
    Create { name: String, file: FileId },
    Delete { name: String },
    Rename { from: String, to: String },
}

/// The content of a disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    files: BTreeMap<FileId, File>,
    names: BTreeMap<String, FileId>,
    pending_names: Vec<(u64, NameChange)>,
    synced_names: BTreeMap<String, FileId>,
    /// How many operations were applied.
    applied: u64,
}

impl Model {
    pub fn named(&self, name: &str) -> Option<FileId> {
        self.names.get(name).copied()
    }

    pub fn names(&self) -> Vec<String> {
        self.names.keys().cloned().collect()
    }

    /// What a program reads of a file.
    pub fn content(&self, file: FileId) -> &[u8] {
        self.files.get(&file).map_or(&[], |file| &file.now)
    }

    /// A number that no file has.
    pub fn free_number(&self) -> FileId {
        self.files.last_key_value().map_or(0, |(number, _)| number + 1)
    }

    /// Puts a file on the disk as if it had always lain there.
    pub fn put(&mut self, name: &str, bytes: Vec<u8>) {
        let number = self.named(name).unwrap_or_else(|| self.free_number());
        let file = File { now: bytes.clone(), pending: Vec::new(), synced: bytes };
        self.files.insert(number, file);
        for names in [&mut self.names, &mut self.synced_names] {
            names.insert(name.to_owned(), number);
        }
    }

    /// Takes a file off the disk as if it had never lain there.
    pub fn take(&mut self, name: &str) {
        self.names.remove(name);
        self.synced_names.remove(name);
    }

    pub fn apply(&mut self, operation: &Operation) {
        self.applied += 1;
        let number = self.applied;
        match operation {
            Operation::Create { name, file } => {
                self.files.insert(*file, File::default());
                self.rename(number, NameChange::Create { name: name.clone(), file: *file });
            }
            Operation::Write { file, offset, bytes } => {
                let change = Change::Write { offset: *offset as usize, bytes: bytes.clone() };
                self.change(number, *file, change);
            }
            Operation::Truncate { file, length } => {
                self.change(number, *file, Change::Truncate { length: *length as usize });
            }
            Operation::Sync { file, folder } => {
                if let Some(file) = self.files.get_mut(file) {
                    file.sync();
                }
                if *folder {
                    self.sync_names();
                }
            }
            Operation::FailedSync { file } => {
                let pending = self.files.get_mut(file).into_iter();
                for pending in pending.flat_map(|file| &mut file.pending) {
                    pending.abandoned = true;
                }
            }
            Operation::Delete { name, folder } => {
                self.rename(number, NameChange::Delete { name: name.clone() });
                if *folder {
                    self.sync_names();
                }
            }
            Operation::Rename { from, to } => {
                let change = NameChange::Rename { from: from.clone(), to: to.clone() };
                self.rename(number, change);
            }
            Operation::SyncFolder => self.sync_names(),
        }
    }

    fn change(&mut self, number: u64, file: FileId, change: Change) {
        if let Some(file) = self.files.get_mut(&file) {
            change.apply(&mut file.now);
            file.pending.push(Pending { number, change, abandoned: false });
        }
    }

    fn rename(&mut self, number: u64, change: NameChange) {
        change.apply(&mut self.names);
        self.pending_names.push((number, change));
    }

    fn sync_names(&mut self) {
        self.pending_names.clear();
        self.synced_names = self.names.clone();
    }

    /// What is found on the disk when the power is back. The same seed finds the same.
    pub fn after_power_loss(&self, loss: Loss, seed: u64) -> Model {
        let mut chance = Chance::new(seed);
        // For a lost tail: the last operation that reached the disk, perhaps in part.
        let last = self.first_pending() + chance.below(self.applied + 1 - self.first_pending());
        let mut names = self.synced_names.clone();
        for (number, change) in &self.pending_names {
            let kept = match loss {
                Loss::Nothing => true,
                Loss::Everything => false,
                Loss::Tail => *number <= last,
                Loss::Some => chance.once_in(2),
            };
            if kept {
                change.apply(&mut names);
            }
        }
        let mut found = Model::default();
        for (name, number) in names {
            if let Some(file) = self.files.get(&number) {
                found.put(&name, file.after_power_loss(loss, last, &mut chance));
            }
        }
        found
    }

    fn first_pending(&self) -> u64 {
        let writes = self.files.values().flat_map(|file| &file.pending);
        let writes = writes.map(|pending| pending.number);
        let names = self.pending_names.iter().map(|(number, _)| *number);
        writes.chain(names).min().unwrap_or(self.applied)
    }
}

impl File {
    fn sync(&mut self) {
        for pending in self.pending.drain(..) {
            // Where the sync of a write failed its bytes never came; that the file grew by it did,
            // because the length is no page of the cache.
            match (&pending.change, pending.abandoned) {
                (Change::Write { offset, bytes }, true) => {
                    lengthen(&mut self.synced, offset + bytes.len());
                }
                (change, _) => change.apply(&mut self.synced),
            }
        }
    }

    fn after_power_loss(&self, loss: Loss, last: u64, chance: &mut Chance) -> Vec<u8> {
        match loss {
            Loss::Nothing => return self.now.clone(),
            Loss::Everything => return self.synced.clone(),
            Loss::Tail | Loss::Some => {}
        }
        let mut found = self.synced.clone();
        for pending in &self.pending {
            match loss {
                Loss::Tail if pending.number < last => pending.change.apply(&mut found),
                Loss::Tail if pending.number == last => {
                    pending.change.cut(chance).apply(&mut found)
                }
                Loss::Some => pending.change.torn(&mut found, chance),
                _ => {}
            }
        }
        found
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Change::Write { offset, bytes } => {
                lengthen(content, offset + bytes.len());
                content[*offset..offset + bytes.len()].copy_from_slice(bytes);
            }
            Change::Truncate { length } => content.resize(*length, 0),
        }
    }

    /// The first bytes of a write, none to all of them.
    fn cut(&self, chance: &mut Chance) -> Change {
        match self {
            Change::Write { offset, bytes } => {
                let kept = chance.below(bytes.len() as u64 + 1) as usize;
                Change::Write { offset: *offset, bytes: bytes[..kept].into() }
            }
            Change::Truncate { length } => Change::Truncate { length: *length },
        }
    }

    /// Applies all, nothing, or any sectors of the change.
    fn torn(&self, content: &mut Vec<u8>, chance: &mut Chance) {
        let fate = chance.below(3);
        match self {
            _ if fate == 0 => {}
            Change::Write { offset, bytes } if fate == 1 => {
                let grown_from = content.len();
                lengthen(content, offset + bytes.len());
                content[grown_from..].fill_with(|| chance.bits() as u8);
                let mut start = *offset;
                while start < offset + bytes.len() {
                    let end = ((start / SECTOR + 1) * SECTOR).min(offset + bytes.len());
                    if chance.once_in(2) {
                        content[start..end].copy_from_slice(&bytes[start - offset..end - offset]);
                    }
                    start = end;
                }
            }
            change => change.apply(content),
        }
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<String, FileId>) {
        match self {
            NameChange::Create { name, file } => {
                names.insert(name.clone(), *file);
            }
            NameChange::Delete { name } => {
                names.remove(name);
            }
            NameChange::Rename { from, to } => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
        }
    }
}

fn lengthen(content: &mut Vec<u8>, length: usize) {
    if content.len() < length {
        content.resize(length, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(offset: u64, text: &str) -> Operation {
        Operation::Write { file: 0, offset, bytes: text.as_bytes().into() }
    }

    fn model(operations: &[Operation]) -> Model {
        let mut model = Model::default();
        model.apply(&Operation::Create { name: "a".into(), file: 0 });
        model.apply(&Operation::SyncFolder);
        operations.iter().for_each(|operation| model.apply(operation));
        model
    }

    fn found(model: &Model, loss: Loss, seed: u64) -> Option<Vec<u8>> {
        let found = model.after_power_loss(loss, seed);
        found.named("a").map(|file| found.content(file).to_vec())
    }

    const SYNC: Operation = Operation::Sync { file: 0, folder: false };

    #[test]
    fn what_was_synced_outlives_every_loss() {
        let model = model(&[write(0, "kopilka"), SYNC]);
        for (loss, seed) in Loss::ALL.into_iter().flat_map(|loss| (0..20).map(move |n| (loss, n))) {
            assert_eq!(found(&model, loss, seed).as_deref(), Some(&b"kopilka"[..]));
        }
    }

    #[test]
    fn what_was_not_synced_goes_with_the_power_and_stays_with_the_machine() {
        let model = model(&[write(0, "old"), SYNC, write(0, "new!")]);
        assert_eq!(found(&model, Loss::Everything, 1).as_deref(), Some(&b"old"[..]));
        assert_eq!(found(&model, Loss::Nothing, 1).as_deref(), Some(&b"new!"[..]));
    }

    #[test]
    fn a_lost_tail_leaves_a_beginning_of_what_was_written() {
        let model = model(&[write(0, "abc"), write(3, "def"), write(6, "ghi")]);
        let lengths: Vec<usize> = (0..300)
            .map(|seed| {
                let found = found(&model, Loss::Tail, seed).expect("its name was synced");
                assert!(b"abcdefghi".starts_with(&found), "{found:?}");
                found.len()
            })
            .collect();
        assert!((0..=9).all(|length| lengths.contains(&length)), "{lengths:?}");
    }

    #[test]
    fn of_two_writes_the_later_alone_can_be_kept() {
        let model = model(&[write(0, "ab"), write(2, "cd")]);
        let kept_later_alone = (0..200).any(|seed| {
            found(&model, Loss::Some, seed).is_some_and(|found| found.get(2..4) == Some(b"cd"))
                && found(&model, Loss::Some, seed).is_some_and(|found| &found[..2] != b"ab")
        });
        assert!(kept_later_alone);
    }

    #[test]
    fn a_long_write_is_torn_between_sectors() {
        let model = model(&[write(0, &"x".repeat(2 * SECTOR))]);
        let torn = (0..200).any(|seed| {
            found(&model, Loss::Some, seed).is_some_and(|found| {
                found.len() == 2 * SECTOR
                    && found[..SECTOR].iter().any(|byte| *byte != b'x')
                    && found[SECTOR..].iter().all(|byte| *byte == b'x')
            })
        });
        assert!(torn);
    }

    #[test]
    fn a_name_that_was_not_synced_may_be_there_or_not() {
        let mut model = Model::default();
        model.apply(&Operation::Create { name: "a".into(), file: 0 });
        model.apply(&write(0, "abc"));
        model.apply(&SYNC);
        assert_eq!(found(&model, Loss::Everything, 0), None);
        assert_eq!(found(&model, Loss::Nothing, 0).as_deref(), Some(&b"abc"[..]));
        let kept = (0..50).filter(|seed| found(&model, Loss::Some, *seed).is_some()).count();
        assert!((1..50).contains(&kept), "{kept}");
    }

    #[test]
    fn a_sync_after_a_failed_one_does_not_bring_back_what_that_lost() {
        let model =
            model(&[write(0, "ab"), Operation::FailedSync { file: 0 }, write(2, "cd"), SYNC]);
        assert_eq!(model.content(0), b"abcd");
        for loss in [Loss::Everything, Loss::Tail, Loss::Some] {
            assert_eq!(found(&model, loss, 3).as_deref(), Some(&b"\0\0cd"[..]));
        }
    }

    #[test]
    fn a_rename_that_was_not_synced_leaves_the_old_name() {
        let model =
            model(&[write(0, "abc"), SYNC, Operation::Rename { from: "a".into(), to: "b".into() }]);
        assert_eq!(model.names(), ["b"]);
        assert_eq!(model.after_power_loss(Loss::Everything, 0).names(), ["a"]);
        assert_eq!(model.after_power_loss(Loss::Nothing, 0).names(), ["b"]);
    }
}
