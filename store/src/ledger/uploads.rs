//! Uploads: what other ledgers lack is written out, what they wrote is taken in.

use jiff::Timestamp;
use kopilka::upload::{Acknowledgement, Fork, Merge, UploadCut};
use kopilka::{ChainEnd, Error, LedgerEvent, MissingRecords};

use super::cache::Cache;
use super::chains;
use super::comparing::note_missing;
use super::engine::Engine;
use super::notes;
use super::opening::just_after;
use crate::error::StoreError;
use crate::merge::{Import, Step};
use crate::store::{Chain, ChainHead, Change};
use crate::upload::read::Piece;
use crate::upload::write::Upload;

impl Engine {
    /// The chain that this ledger continues.
    pub fn own_chain(&self) -> Chain {
        let head = self.cache.slice().head();
        Chain { till: head.till.clone(), incarnation: head.incarnation }
    }

    /// The id of the programme to which the records belong, if there are any.
    pub fn program_id(&mut self) -> Result<Option<String>, Error> {
        self.ensure_open()?;
        Ok(self.cache.slice().program_id().map(str::to_owned))
    }

    /// The newest record of each chain.
    pub fn heads(&mut self) -> Result<Vec<ChainEnd>, Error> {
        self.ensure_open()?;
        let heads = self.store().and_then(|store| store.heads());
        let heads = heads.map_err(|error| self.fail(error))?;
        Ok(heads.iter().map(chains::told).collect())
    }

    /// Begins an upload. What it names survives a loss of power from here on.
    pub fn begin_upload(&mut self, after: &[ChainEnd]) -> Result<Upload, Error> {
        let program = self.program_id()?;
        let begun =
            self.head_file.sync().and_then(|()| Upload::begin(self.store()?, program, after));
        begun.map_err(|error| self.fail(error))
    }

    /// Adds the next records to an upload; whether there may be more.
    pub fn add_to_upload(&mut self, upload: &mut Upload) -> Result<bool, Error> {
        self.ensure_open()?;
        let more = self.store().and_then(|store| upload.more(store));
        more.map_err(|error| self.fail(error))
    }

    /// Adds what is personal to an upload.
    pub fn add_profiles(&mut self, upload: &mut Upload) -> Result<(), Error> {
        self.ensure_open()?;
        let added = self.store().and_then(|store| upload.profiles(store));
        added.map_err(|error| self.fail(error))
    }

    /// Takes in a part of an upload. Where it shows that this ledger lost its tail, it begins anew
    /// first.
    pub fn import_piece(&mut self, import: &mut Import, piece: &Piece) -> Result<(), Error> {
        loop {
            self.ensure_open()?;
            let own = self.own_chain();
            let step = self.store().and_then(|store| import.piece(store, &own, piece));
            match step.map_err(|error| self.fail(error))? {
                Step::BeginAnew(incarnation) => self.begin_anew(incarnation)?,
                Step::Merged(records) => {
                    let taken = self.note_merged(import.latest(), records);
                    return taken.map_err(|error| self.fail(error));
                }
            }
        }
    }

    /// States and programmes were changed beside the calls: nothing in memory holds any more.
    fn note_merged(&mut self, latest: Option<Timestamp>, records: u64) -> Result<(), StoreError> {
        let mut head = self.cache.slice().head().clone();
        if let Some(latest) = latest {
            head.logical_at = head.logical_at.max(just_after(latest));
        }
        self.holds.forget();
        self.since_checkpoint = self.since_checkpoint.saturating_add(records);
        let store = self.store()?;
        self.cache = Cache::new(store, head)?;
        if self.since_checkpoint >= self.opener.options.checkpoint_after {
            self.checkpoint()?;
        }
        Ok(())
    }

    /// What came of an upload.
    pub fn end_import(&mut self, import: Import, cut: Option<UploadCut>) -> Result<Merge, Error> {
        self.ensure_open()?;
        let own = self.own_chain();
        let merge = self.store().and_then(|store| import.finish(store, &own, cut));
        let merge = merge.map_err(|error| self.fail(error))?;
        let forks = merge.acknowledgement.forks.iter().cloned();
        self.events.extend(forks.map(LedgerEvent::Forked));
        Ok(merge)
    }

    /// The backend said what it has. Where that is not what is here, this ledger is an old copy, or
    /// another one writes under its name: it begins anew.
    pub fn acknowledge(&mut self, told: &Acknowledgement, at: Timestamp) -> Result<(), Error> {
        self.ensure_open()?;
        let own = self.own_chain();
        let is_own =
            |till: &str, incarnation: u32| till == own.till && incarnation == own.incarnation;
        let fork = told.forks.iter().find(|fork| is_own(&fork.till, fork.incarnation));
        let head = told.heads.iter().find(|head| is_own(&head.till, head.incarnation));
        let ahead = match head {
            Some(head) => !self.has(head)?,
            None => false,
        };
        let last = self.cache.slice().head().sequence;
        if let (Some(head), true) = (head, ahead) {
            self.begin_anew(next_incarnation(&own, fork, told))?;
            self.opening.missing.push(MissingRecords {
                from: last.saturating_add(1).min(head.sequence),
                incarnation: head.incarnation,
                till: head.till.clone(),
                until: head.sequence,
            });
        } else if fork.is_some() {
            self.begin_anew(next_incarnation(&own, fork, told))?;
        }
        let mut known = Vec::new();
        for head in told.heads.iter().filter(|head| head.till == own.till) {
            if self.has(head)? {
                known.push(head.clone());
            } else if head.incarnation != own.incarnation {
                self.note_missing(head)?;
            }
        }
        self.note_acknowledged(known, at)
    }

    /// The backend has more of an earlier chain of this till than this ledger, which was restored.
    fn note_missing(&mut self, head: &ChainEnd) -> Result<(), Error> {
        let heads = self.store().and_then(|store| store.heads());
        let heads = heads.map_err(|error| self.fail(error))?;
        let same = |known: &&ChainHead| {
            known.chain.till == head.till && known.chain.incarnation == head.incarnation
        };
        let last = heads.iter().find(same).map_or(0, |known| known.sequence);
        let from = last.saturating_add(1).min(head.sequence);
        let chain = Chain { till: head.till.clone(), incarnation: head.incarnation };
        note_missing(&mut self.opening, &chain, from, head.sequence);
        Ok(())
    }

    /// Whether a record that the backend has is the one that is here.
    fn has(&mut self, end: &ChainEnd) -> Result<bool, Error> {
        let chain = Chain { till: end.till.clone(), incarnation: end.incarnation };
        let row = self.store().and_then(|store| store.record(&chain.record(end.sequence)));
        let row = row.map_err(|error| self.fail(error))?;
        Ok(row.is_some_and(|row| row.hash.to_string() == end.hash))
    }

    /// Goes on in a new chain.
    fn begin_anew(&mut self, incarnation: u32) -> Result<(), Error> {
        let note = (notes::INCARNATION.to_owned(), Some(incarnation.to_string()));
        let change = Change { notes: vec![note], ..Change::default() };
        let kept = self.store().and_then(|store| store.commit(&change));
        kept.map_err(|error| self.fail(error))?;
        self.reopen()
    }
}

/// The incarnation with which this ledger goes on: the one that it was told, and in any case one
/// that nobody is known to have.
fn next_incarnation(own: &Chain, fork: Option<&Fork>, told: &Acknowledgement) -> u32 {
    let known = told.heads.iter().filter(|head| head.till == own.till);
    let highest = known.map(|head| head.incarnation).fold(own.incarnation, u32::max);
    let begin = fork.map_or(0, |fork| fork.begin);
    highest.saturating_add(1).max(begin)
}
