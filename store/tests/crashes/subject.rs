//! A ledger on a disk that fails.

use std::sync::Arc;

use kopilka::{Entry, Error, FindingKind, Opening};
use kopilka_faults::{Disk, Snapshot, Subject};
use kopilka_store::{
    Change, Files, HeadFile, KnownHead, Ledger, Options, SqliteOptions, SqliteStore, Store,
    StoreError,
};

use crate::chores;
use crate::disk_files::DiskFiles;

/// The name of the ledger on its disk.
pub const NAME: &str = "касса 1.ledger";
pub const TILL: &str = "till-1";

pub fn sqlite() -> SqliteOptions {
    SqliteOptions { files: Arc::new(DiskFiles) }
}

/// Opens the ledger as it lies there.
pub fn ledger_on(disk: &Disk) -> Result<Ledger, Error> {
    // The days of the workloads have gaps of more than 24 hours.
    let options = Options { guards_clock: false, sqlite: sqlite(), ..Options::default() };
    Ledger::open_with(&disk.path(NAME), TILL, options)
}

/// A ledger that must open without anything wrong.
pub struct OnDisk {
    disk: Disk,
    ledger: Option<Ledger>,
}

/// What an opening must not tell after a crash: only the head file may be older, torn or missing, and the making
/// anew of the states may have been cut short.
pub fn complaint(opening: &Opening) -> Option<String> {
    let found = |kind| opening.found.iter().any(|finding| finding.kind == kind);
    let harmless = [FindingKind::HeadFile, FindingKind::RebuildUnfinished];
    let harmless = opening.found.iter().all(|finding| harmless.contains(&finding.kind));
    let whole = opening.incarnation == 1 && opening.kept.is_none() && opening.missing.is_empty();
    let again = opening.states_rebuilt == found(FindingKind::RebuildUnfinished);
    let sound = harmless && whole && again;
    (!sound).then(|| format!("{opening:?}"))
}

impl OnDisk {
    pub fn ledger(&mut self) -> Result<&Ledger, String> {
        if self.ledger.is_none() {
            let ledger = ledger_on(&self.disk).map_err(|error| error.to_string())?;
            if let Some(complaint) = complaint(&ledger.opening()) {
                return Err(complaint);
            }
            self.ledger = Some(ledger);
        }
        self.ledger.as_ref().ok_or_else(|| "it was just put there".to_owned())
    }
}

/// An answer about a guest without name and telephone: once those were erased, the same call is answered
/// without them.
pub fn without_personal(answer: String) -> String {
    if !answer.starts_with("{\"guest\":") {
        return answer;
    }
    let personal = |part: &&str| !part.starts_with("\"name\":") && !part.starts_with("\"phone\":");
    answer.split(',').filter(personal).collect::<Vec<_>>().join(",")
}

impl Subject for OnDisk {
    fn open(disk: &Disk) -> Result<Self, String> {
        let mut subject = OnDisk { disk: disk.clone(), ledger: None };
        subject.ledger()?;
        Ok(subject)
    }

    fn call(&mut self, call: &str) -> Result<String, String> {
        if let Some(done) = chores::done(call, self.ledger()?) {
            return done.map_err(|error| error.to_string());
        }
        let answer = self.ledger()?.call_json(call);
        answer.map(without_personal).map_err(|error| error.to_string())
    }

    fn settles(call: &str) -> bool {
        chores::SETTLING.iter().any(|chore| call.starts_with(chore))
    }

    fn knows(disk: &Disk, least: &Snapshot) -> Result<(), String> {
        let own = least.records.iter().filter_map(|text| Entry::read(text).ok());
        let own = own.map(|entry| entry.record.envelope.clone()).filter(|own| own.till == TILL);
        let least = own.map(|own| own.sequence).max().unwrap_or(0);
        let path = disk.path(&format!("{NAME}.head"));
        let head =
            HeadFile::over(&path, DiskFiles.head(&path)).map_err(|error| error.to_string())?;
        match head.known() {
            KnownHead::Known(known) if known.sequence >= least => Ok(()),
            _ if least == 0 => Ok(()),
            known => Err(format!("the head file says {known:?}, wanted at least {least}")),
        }
    }

    fn rest(&mut self) -> Result<(), String> {
        self.ledger()?.checkpoint().map_err(|error| error.to_string())
    }

    fn snapshot(&mut self) -> Result<Snapshot, String> {
        let found = self.ledger()?.verify().map_err(|error| error.to_string())?.found;
        if !found.is_empty() {
            return Err(format!("verify found {found:?}"));
        }
        // The ledger lets go of the file, and what lies there is read as it lies there.
        self.ledger = None;
        kept_on(&self.disk).map_err(|error| error.to_string())
    }
}

/// Everything that is kept, read from the store.
pub fn kept_on(disk: &Disk) -> Result<Snapshot, StoreError> {
    let mut store = SqliteStore::open_with(&disk.path(NAME), &sqlite())?;
    let records = store.records_after(None, usize::MAX)?;
    records.iter().for_each(|record| check_postings(&record.text));
    let records = records.into_iter().map(|record| record.text).collect();
    let mut states = store.state_digest()?.to_string();
    store.each_profile(&mut |profile| {
        states.push_str(&format!("\n{profile:?}"));
        Ok(())
    })?;
    // Where each chain ended at the last checkpoint hangs on when it was made, not on what was called.
    for name in ["incarnation", "maintenance", "offline_since", "till"] {
        states.push_str(&format!("\n{name} {:?}", store.note(name)?));
    }
    store.each_quarantined(&mut |row| {
        states.push_str(&format!("\naside {} {}", row.record, row.hash));
        Ok(())
    })?;
    Ok(Snapshot { records, states })
}

/// Has the next opening look at all records, not only at those after the last checkpoint.
pub fn forget_checkpoint(disk: &Disk) {
    let mut store = SqliteStore::open_with(&disk.path(NAME), &sqlite()).expect("it opens");
    let notes = vec![("checkpoint".to_owned(), None)];
    store.commit(&Change { notes, ..Change::default() }).expect("there is room");
    store.checkpoint().expect("there is room");
}

/// The movements of every asset add up to nothing.
fn check_postings(text: &str) {
    let entry = Entry::read(text).expect("a record that was kept can be read");
    for effect in &entry.record.effects {
        if let kopilka::Effect::Posted(posted) = effect {
            let sum: i64 = posted.postings.iter().map(|posting| posting.amount.units).sum();
            assert_eq!(sum, 0, "{text}");
        }
    }
}
