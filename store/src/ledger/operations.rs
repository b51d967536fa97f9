//! The ledger's door for whoever looks after it: health, copies, reports, replays, erasure.

use std::path::Path;

use jiff::Timestamp;
use kopilka::{
    Diagnostics, Erasure, Error, Health, Program, RecordHash, RecordId, Replayed, Reproduced,
    ShiftClosing, Verification,
};

use super::engine::Engine;
use super::replay::{Replay, ReplayOptions};
use super::{Ledger, Options, backup, erase, recover, reproduce};
use crate::store::Store;

impl Ledger {
    /// Brings everything into the main file and syncs the file beside it: when the till is idle, and
    /// at the end of a shift.
    ///
    /// # Errors
    /// As the medium fails.
    pub fn checkpoint(&self) -> Result<(), Error> {
        self.with(Engine::checkpoint_now)
    }

    /// Compares everything in the ledger with what its records say. Nothing is changed by it.
    ///
    /// # Errors
    /// As the medium fails, so that it had to be given up.
    pub fn verify(&self) -> Result<Verification, Error> {
        self.with(|engine| {
            engine.ensure_open()?;
            engine.verify().map_err(|error| engine.fail(error))
        })
    }

    /// Makes the states and the index anew from the records; how many records there are.
    ///
    /// # Errors
    /// As the medium fails.
    pub fn rebuild(&self) -> Result<u64, Error> {
        self.with(Engine::rebuild)
    }

    /// How the ledger is at an instant.
    ///
    /// # Errors
    /// As the medium fails.
    pub fn health(&self, at: Timestamp) -> Result<Health, Error> {
        self.with(|engine| engine.health(at))
    }

    /// Writes all of it into a new file, from which [`Ledger::restore`] makes a ledger, and then reads
    /// that file as a whole; what was found in it. It holds what is personal too, but nothing that
    /// was erased. Calls wait while it is written, but not while it is read.
    ///
    /// # Errors
    /// `store.exists` if there is such a file; `store.damaged` if the copy is no good, and then it
    /// was removed; as either medium fails.
    pub fn backup(&self, to: &Path) -> Result<Verification, Error> {
        let copied = self.with(|engine| engine.back_up(to))?;
        backup::verify(to, &copied)
    }

    /// Makes a ledger of a copy and opens it as a new incarnation, since nobody knows what the old
    /// one did after the copy was made. The copy stays as it is. A ledger that is there already
    /// is kept aside: [`Opening::kept`](kopilka::Opening::kept) names it. Where the file with its newest
    /// record is still there, [`Ledger::opening`] names the records that the copy lacks; what the
    /// backend has beyond them is named after the next [`Ledger::acknowledge`].
    ///
    /// # Errors
    /// `store.not_a_ledger` if `from` is none; `store.other_till` if it is another till's;
    /// `store.exists` at `/to` if that is the copy itself; `store.locked` if the ledger at `to` is open;
    /// as the media fail. Then the ledger that was
    /// there is as it was.
    pub fn restore(from: &Path, to: &Path, till: &str) -> Result<Ledger, Error> {
        Ledger::restore_with(from, to, till, Options::default())
    }

    /// The same with options.
    ///
    /// # Errors
    /// As [`Ledger::restore`].
    pub fn restore_with(
        from: &Path,
        to: &Path,
        till: &str,
        options: Options,
    ) -> Result<Ledger, Error> {
        let kept = backup::put(from, to, till, &options)?;
        let ledger = Ledger::open_with(to, till, options)?;
        if let Some(kept) = kept {
            ledger.lock().opening.kept = Some(recover::name(&kept));
        }
        Ok(ledger)
    }

    /// Decides all records anew, in the order of all tills, and tells which come out otherwise; under
    /// another programme, what would have been. Nothing in the ledger is changed by it, and calls are
    /// answered meanwhile; what they make may be left out. It needs as much room beside the ledger
    /// as that has.
    ///
    /// # Errors
    /// Every mistake of the other programme's document; as the medium fails.
    pub fn replay(&self, options: &ReplayOptions) -> Result<Replayed, Error> {
        let program = options.program.as_deref().map(Program::compile).transpose()?;
        self.replay_under(options, program)
    }

    /// The same under a programme that is compiled.
    pub(super) fn replay_under(
        &self,
        options: &ReplayOptions,
        program: Option<Program>,
    ) -> Result<Replayed, Error> {
        let (store, scratch) = self.with(Engine::scratch)?;
        let told = self.replay_into(options, program, store);
        if let Some(path) = scratch {
            self.with(|engine| engine.remove_scratch(&path))?;
        }
        told
    }

    fn replay_into(
        &self,
        options: &ReplayOptions,
        program: Option<Program>,
        store: Box<dyn Store>,
    ) -> Result<Replayed, Error> {
        let mut replay = Replay::begin(options, program, store)?;
        let mut after = None;
        loop {
            let entries = self.with(|engine| engine.entries_after(&mut after))?;
            if entries.is_empty() {
                return Ok(replay.finish());
            }
            for entry in &entries {
                replay.add(entry, &mut |sale| self.with(|engine| engine.receipt_then(sale)))?;
            }
        }
    }

    /// Erases what is personal of a guest: by the verb, and then from the ledger's files, so that no
    /// byte of it is left there. Sums, cards and records stay. What was copied elsewhere, such as
    /// backups and files that were kept aside, is to be deleted by who has it. After a failure, call
    /// it again with the same key.
    ///
    /// # Errors
    /// As the verb `guest` refuses; as the medium fails.
    pub fn erase_guest(&self, guest: &str, key: &str, at: Timestamp) -> Result<Erasure, Error> {
        self.call(&erase::erasing(guest, key, at))?;
        self.with(|engine| engine.wipe(key))
    }

    /// What moved in a shift of a store, or of all, as of an instant: its first and last record, the
    /// head and its check code. What it names survives a loss of power. The shift is that which
    /// calls name; records of all tills that are known here count.
    ///
    /// # Errors
    /// `program.missing` while no programme is in force; as the medium fails.
    pub fn shift_report(
        &self,
        store: Option<&str>,
        shift: &str,
        at: Timestamp,
    ) -> Result<ShiftClosing, Error> {
        self.with(|engine| engine.shift_report(store, shift, at))
    }

    /// What support needs, without anything personal.
    ///
    /// # Errors
    /// As the medium fails.
    pub fn diagnostics(&self, at: Timestamp) -> Result<Diagnostics, Error> {
        self.with(|engine| engine.diagnostics(at))
    }

    /// Makes a decision again from a replay file, on any machine: [`Diagnostics::replay`] as canonical
    /// JSON, or a whole bundle.
    ///
    /// # Errors
    /// `replay.format` if it is neither.
    pub fn reproduce(bytes: &[u8]) -> Result<Reproduced, Error> {
        reproduce::reproduce(bytes)
    }

    /// The six characters that stand for a record on the slip: from them it is later seen whether a
    /// ledger still has that very record.
    ///
    /// # Errors
    /// `record.unknown` if there is no such record; as the medium fails.
    pub fn check_code(&self, record: &RecordId) -> Result<String, Error> {
        self.record_hash(record).map(|hash| hash.check_code())
    }

    /// The hash of a record.
    ///
    /// # Errors
    /// As [`Ledger::check_code`].
    pub fn record_hash(&self, record: &RecordId) -> Result<RecordHash, Error> {
        self.with(|engine| engine.record_hash(record))
    }
}
