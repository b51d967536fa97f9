//! The file beside a ledger, in which its newest record stands.
//!
//! It has two slots, written by turns, so that one of them is whole whatever happens to the other. They lie
//! 4096 bytes apart: no sector and no page holds both. Each has 128 bytes:
//!
//! | bytes | hold |
//! | --- | --- |
//! | 0–3 | `KHd1` |
//! | 4–11 | how many times the file was written, most significant byte first as all numbers here |
//! | 12–15 | the incarnation |
//! | 16–23 | the sequence |
//! | 24–55 | the record's hash |
//! | 56 | how many bytes the till's name has |
//! | 57–88 | the till's name, then zeros |
//! | 89–119 | zeros |
//! | 120–127 | the first eight bytes of the SHA-256 of all before |

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use kopilka::{RecordHash, is_till_name};

use crate::digest::{checksum_of, hash_of};
use crate::error::StoreError;
use crate::location::{io_fault, sync_folder};
use crate::store::{Chain, ChainHead};

const MAGIC: &[u8; 4] = b"KHd1";
const SLOT: usize = 128;
const SUMMED: usize = 120;
const NAME: usize = 32;
/// Where the slots begin.
const PLACES: [usize; 2] = [0, 4096];
/// The most that is read of a file that ought to be a head file.
const READ_MAX: u64 = 8192;

/// What the two slots say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownHead {
    /// There is no file, or nothing in it.
    Missing,
    /// Neither slot can be read.
    Damaged,
    /// The newest record that it knows.
    Known(ChainHead),
}

/// How the file is reached: the system's files, or those of a test.
pub trait HeadMedium: Send + fmt::Debug {
    /// The first 8192 bytes of it; none if there is no file.
    ///
    /// # Errors
    /// Reading fails.
    fn read(&mut self) -> io::Result<Option<Vec<u8>>>;

    /// Writes at a place, and makes the file if there is none. It need not last.
    ///
    /// # Errors
    /// Writing fails.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes what was written last, and the name of the file.
    ///
    /// # Errors
    /// Syncing fails.
    fn sync(&mut self) -> io::Result<()>;
}

/// The head file of a ledger.
#[derive(Debug)]
pub struct HeadFile {
    medium: Box<dyn HeadMedium>,
    path: PathBuf,
    known: KnownHead,
    /// How many times it was written.
    count: u64,
}

impl HeadFile {
    /// The file at a path, whether there is one or not. Nothing is written yet.
    ///
    /// # Errors
    /// As the medium fails; that there is no file or that it is damaged is not a failure.
    pub fn open(path: &Path) -> Result<HeadFile, StoreError> {
        HeadFile::over(path, Box::new(SystemHead::new(path)))
    }

    /// The same over another medium.
    ///
    /// # Errors
    /// As [`HeadFile::open`].
    pub fn over(path: &Path, mut medium: Box<dyn HeadMedium>) -> Result<HeadFile, StoreError> {
        let bytes = medium.read().map_err(|error| io_fault(path, &error))?;
        let bytes = bytes.unwrap_or_default();
        let newest = PLACES
            .iter()
            .filter_map(|place| slot_at(&bytes, *place))
            .max_by_key(|(count, _)| *count);
        let (count, known) = match newest {
            Some((count, head)) => (count, KnownHead::Known(head)),
            None if bytes.is_empty() => (0, KnownHead::Missing),
            None => (0, KnownHead::Damaged),
        };
        Ok(HeadFile { medium, path: path.to_owned(), known, count })
    }

    /// What it said when it was opened, or what was written since.
    #[must_use]
    pub fn known(&self) -> &KnownHead {
        &self.known
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the newest record over the older slot. It survives the end of the process, but a loss of
    /// power only after [`HeadFile::sync`].
    ///
    /// # Errors
    /// As the medium fails; the other slot is whole then.
    pub fn write(&mut self, head: &ChainHead) -> Result<(), StoreError> {
        // A count that is not to be counted on must not stop a till.
        let count = self.count.wrapping_add(1);
        let offset = if count % 2 == 1 { PLACES[0] } else { PLACES[1] };
        let written = self.medium.write_at(offset as u64, &slot(count, head));
        written.map_err(|error| io_fault(&self.path, &error))?;
        self.count = count;
        self.known = KnownHead::Known(head.clone());
        Ok(())
    }

    /// Makes what was written survive a loss of power.
    ///
    /// # Errors
    /// As the medium fails; write again before syncing again, because a sync that failed need not write
    /// anything the next time.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        self.medium.sync().map_err(|error| io_fault(&self.path, &error))
    }
}

fn slot(count: u64, head: &ChainHead) -> Vec<u8> {
    let mut name = head.chain.till.as_bytes().to_vec();
    name.truncate(NAME);
    let length = u8::try_from(name.len()).unwrap_or(0);
    let mut bytes = Vec::with_capacity(SLOT);
    bytes.extend(MAGIC);
    bytes.extend(count.to_be_bytes());
    bytes.extend(head.chain.incarnation.to_be_bytes());
    bytes.extend(head.sequence.to_be_bytes());
    bytes.extend(head.hash.0);
    bytes.push(length);
    bytes.extend(name);
    bytes.resize(SUMMED, 0);
    bytes.extend(checksum_of(&hash_of(&[&bytes])));
    bytes
}

/// How many times the file had been written and the head, if the slot is whole.
fn slot_at(bytes: &[u8], place: usize) -> Option<(u64, ChainHead)> {
    let slot = bytes.get(place..place.checked_add(SLOT)?)?;
    let (summed, checksum) = slot.split_at_checked(SUMMED)?;
    if checksum_of(&hash_of(&[summed])) != *checksum {
        return None;
    }
    let rest = summed.strip_prefix(MAGIC)?;
    let (count, rest) = rest.split_first_chunk::<8>()?;
    let (incarnation, rest) = rest.split_first_chunk::<4>()?;
    let (sequence, rest) = rest.split_first_chunk::<8>()?;
    let (hash, rest) = rest.split_first_chunk::<32>()?;
    let (length, rest) = rest.split_first()?;
    let till = std::str::from_utf8(rest.get(..usize::from(*length))?).ok()?;
    let chain = Chain { till: till.to_owned(), incarnation: u32::from_be_bytes(*incarnation) };
    let sequence = u64::from_be_bytes(*sequence);
    let head = ChainHead { chain, sequence, hash: RecordHash(*hash) };
    is_till_name(till).then_some((u64::from_be_bytes(*count), head))
}

/// A file of the system.
#[derive(Debug)]
pub(crate) struct SystemHead {
    path: PathBuf,
    /// Open once it was written.
    file: Option<File>,
}

impl SystemHead {
    pub fn new(path: &Path) -> SystemHead {
        SystemHead { path: path.to_owned(), file: None }
    }
}

impl HeadMedium for SystemHead {
    fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut bytes = Vec::new();
        file.take(READ_MAX).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => OpenOptions::new().create(true).truncate(false).write(true).open(&self.path)?,
        };
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)?;
        self.file = Some(file);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        match &self.file {
            Some(file) => file.sync_all()?,
            None => return Ok(()),
        }
        sync_folder(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn head(till: &str, incarnation: u32, sequence: u64) -> ChainHead {
        let chain = Chain { till: till.into(), incarnation };
        ChainHead { chain, sequence, hash: RecordHash::of(&sequence.to_be_bytes()) }
    }

    fn read(path: &Path) -> KnownHead {
        HeadFile::open(path).unwrap().known().clone()
    }

    #[test]
    fn a_slot_has_the_bytes_that_the_table_says() {
        let written = slot(258, &head("till-1", 3, 5));
        assert_eq!(written.len(), 128);
        assert_eq!(written[..16], *b"KHd1\0\0\0\0\0\0\x01\x02\0\0\0\x03");
        assert_eq!(written[16..24], [0, 0, 0, 0, 0, 0, 0, 5]);
        assert_eq!(written[56..64], *b"\x06till-1\0");
        assert!(written[63..120].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn what_was_written_last_is_read_after_opening_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("till.ledger.head");
        assert_eq!(read(&path), KnownHead::Missing);
        std::fs::write(&path, "").unwrap();
        assert_eq!(read(&path), KnownHead::Missing);
        let longest = "t".repeat(32);
        for sequence in 0..5 {
            let mut file = HeadFile::open(&path).unwrap();
            file.write(&head(&longest, u32::MAX, sequence)).unwrap();
            file.sync().unwrap();
            assert_eq!(read(&path), KnownHead::Known(head(&longest, u32::MAX, sequence)));
        }
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 4096 + 128);
    }

    #[test]
    fn a_file_without_a_whole_slot_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("till.ledger.head");
        for bytes in [vec![0], vec![0; 128], vec![0xff; 9000], b"KHd1".to_vec()] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(read(&path), KnownHead::Damaged);
        }
        // It is written anew all the same.
        let mut file = HeadFile::open(&path).unwrap();
        file.write(&head("a", 1, 7)).unwrap();
        assert_eq!(read(&path), KnownHead::Known(head("a", 1, 7)));
    }

    proptest! {
        #[test]
        fn a_torn_write_leaves_the_head_before_or_the_new_one(
            writes in 1_u64..6, torn in 0_usize..=SLOT, garbage in any::<u8>(),
        ) {
            let mut bytes = vec![0; PLACES[1] + SLOT];
            for sequence in 1..=writes {
                let place = PLACES[usize::from(sequence % 2 == 0)];
                bytes[place..place + SLOT].copy_from_slice(&slot(sequence, &head("a", 1, sequence)));
            }
            let next = slot(writes + 1, &head("a", 1, writes + 1));
            let place = PLACES[usize::from(writes % 2 == 1)];
            bytes[place..place + torn].copy_from_slice(&next[..torn]);
            if torn < SLOT {
                bytes[place + torn] = garbage;
            }
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("torn.head");
            std::fs::write(&path, &bytes).unwrap();
            let KnownHead::Known(found) = read(&path) else { panic!("no slot is whole") };
            prop_assert!(found == head("a", 1, writes) || found == head("a", 1, writes + 1));
            prop_assert!(torn < SLOT || found.sequence == writes + 1);
        }

        #[test]
        fn a_flipped_bit_makes_no_other_head(
            writes in 1_u64..6, place in 0_usize..(2 * SLOT), bit in 0_u8..8,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("flipped.head");
            let mut file = HeadFile::open(&path).unwrap();
            for sequence in 1..=writes {
                file.write(&head("till_2", 4, sequence)).unwrap();
            }
            let mut bytes = std::fs::read(&path).unwrap();
            let place = if place < SLOT { place } else { PLACES[1] + place - SLOT };
            prop_assume!(place < bytes.len());
            bytes[place] ^= 1 << bit;
            std::fs::write(&path, &bytes).unwrap();
            match read(&path) {
                KnownHead::Known(found) => prop_assert!(
                    found == head("till_2", 4, writes) || found == head("till_2", 4, writes - 1)
                ),
                // Only where the other slot was never written.
                KnownHead::Damaged => prop_assert_eq!(writes, 1),
                KnownHead::Missing => prop_assert!(false, "the file is there"),
            }
        }
    }
}
