//! All records decided anew: is each still what it was, and what would it be under another
//! programme?

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use kopilka::{
    Command, Effect, Entry, Error, Key, Position, Program, Quote, RULES_VERSION, RecordDifference,
    Replayed, Slice, apply, folded_with, touched,
};

use super::apart::{Apart, Known};
use super::cache::Cache;
use super::engine::Engine;
use super::opening::Place;
use super::programs::Programs;
use super::records::{self, ROWS_AT_ONCE, entry_of};
use super::recover;
use super::redecide::{
    Under, decide_again, differences, each_token, head_before, lacks_secrets, request_of, sale_of,
};
use super::what_if::Sums;
use crate::error::StoreError;
use crate::memory::MemoryStore;
use crate::store::{Chain, Change, NewRecord, Store};

/// Where records are decided anew.
const REPLAYING: &str = ".replaying";
/// The most records that are told to differ.
const TOLD_MAX: usize = 100;

/// How records are decided anew.
#[derive(Clone, Debug)]
pub struct ReplayOptions {
    /// From this instant on, by the clocks of the hosts; what was before is taken as it was.
    pub from: Option<Timestamp>,
    /// Of how many guests sums are told; those of further ones are told together.
    pub guests_max: usize,
    /// The document of another programme, in JSON: then it is told what would have been.
    pub program: Option<String>,
    /// How many states are held in memory.
    pub states_in_memory: usize,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        ReplayOptions {
            from: None,
            guests_max: 10_000,
            program: None,
            states_in_memory: 50_000,
            until: None,
        }
    }
}

/// The receipt that a sale had, as the ledger knows it.
pub(super) type ReceiptThen<'a> = &'a mut dyn FnMut(&str) -> Result<Option<Quote>, Error>;

/// A replay, with a store of its own in which states and records are made anew.
pub(super) struct Replay {
    options: ReplayOptions,
    program: Option<Program>,
    store: Box<dyn Store>,
    cache: Cache,
    programs: Programs,
    /// What is not in the store yet.
    records: Vec<NewRecord>,
    changed: BTreeSet<Key>,
    /// What each till knew of others when it last decided without all of it.
    known: HashMap<Chain, Known>,
    told: Replayed,
    sums: Sums,
}

/// What a record is taken as.
struct Outcome {
    entry: Arc<Entry>,
    /// Why it was refused, where it was not decided anew for that.
    refused: Option<Error>,
}

impl Replay {
    pub fn begin(
        options: &ReplayOptions,
        program: Option<Program>,
        mut store: Box<dyn Store>,
    ) -> Result<Replay, Error> {
        let cache = Cache::new(store.as_mut(), kopilka::Head::default())?;
        let sums = Sums::new(options.guests_max);
        Ok(Replay {
            options: options.clone(),
            program,
            store,
            cache,
            programs: Programs::default(),
            records: Vec::new(),
            changed: BTreeSet::new(),
            known: HashMap::new(),
            told: Replayed::default(),
            sums,
        })
    }

    /// Decides a record anew. They come in the order of their positions.
    pub fn add(&mut self, entry: &Arc<Entry>, receipt_then: ReceiptThen<'_>) -> Result<(), Error> {
        self.told.records += 1;
        let at = entry.record.envelope.at;
        let within = self.options.from.is_none_or(|from| from <= at)
            && self.options.until.is_none_or(|until| at < until);
        if !within {
            self.take(entry)?;
            return Ok(());
        }
        let Some(program) = self.program.clone() else {
            self.compare(entry)?;
            return Ok(self.take(entry)?);
        };
        let outcome = self.decide_under(&program, entry)?;
        if outcome.refused.is_some() {
            self.told.refused += 1;
            self.note(entry, None, outcome.refused.as_ref());
        }
        self.count(entry, &outcome.entry, &program, receipt_then)
    }

    /// Counts a record then and now. What a sale is undone of is read before that is applied.
    fn count(
        &mut self,
        then: &Arc<Entry>,
        now: &Arc<Entry>,
        program: &Program,
        receipt_then: ReceiptThen<'_>,
    ) -> Result<(), Error> {
        self.take(now)?;
        let slice = self.cache.slice();
        for (sale, sign) in counted(then) {
            let receipt = match then.quote().filter(|_| sign > 0 && is_own(then, sale)) {
                Some(quote) => Some(quote.clone()),
                None => receipt_then(sale)?,
            };
            if let Some(receipt) = receipt {
                self.sums.then(program, then, &receipt, sign);
            }
        }
        for (sale, sign) in counted(now) {
            if let Some(receipt) = slice.receipt(sale) {
                self.sums.now(program, now, receipt, sign);
            }
        }
        Ok(())
    }

    /// Decides a record under the programme that decided it, and compares.
    fn compare(&mut self, entry: &Arc<Entry>) -> Result<(), StoreError> {
        let (command, envelope) = (&entry.record.command, &entry.record.envelope);
        if lacks_secrets(command) {
            self.told.not_decidable += 1;
            return Ok(());
        }
        let version = envelope.program.version.clone();
        self.cache.slice_mut().set_head(head_before(entry));
        let request = request_of(entry);
        let under = Under::Recorded(&version);
        let (cache, programs) = (&mut self.cache, &mut self.programs);
        let mut now = decide_again(cache, self.store.as_mut(), programs, under, &request)?;
        let same =
            |now: &Result<Arc<Entry>, Error>| now.as_ref().is_ok_and(|now| now.hash == entry.hash);
        // Where very many differ it is not for what tills did not know, and each try takes time.
        let own_rules = envelope.rules_version == RULES_VERSION;
        if !same(&now) && own_rules && self.told.differences.len() < TOLD_MAX {
            // The till may not have known all that stands before it now.
            self.commit()?;
            let chain = Chain::of(&envelope.id());
            let apart = Apart::of(self.store.as_mut(), &mut self.programs, entry);
            if let Some(known) = apart.find(self.known.get(&chain))? {
                self.known.insert(chain, known);
                now = Ok(Arc::clone(entry));
            }
        }
        match &now {
            now if same(now) => self.told.same += 1,
            _ if command.has_secrets() => self.told.not_decidable += 1,
            Ok(now) => self.differs(entry, Some(now), None),
            Err(error) => self.differs(entry, None, Some(error)),
        }
        Ok(())
    }

    fn differs(&mut self, then: &Arc<Entry>, now: Option<&Arc<Entry>>, error: Option<&Error>) {
        match then.record.envelope.rules_version == RULES_VERSION {
            true => self.told.differing += 1,
            false => self.told.differing_rules += 1,
        }
        self.note(then, now, error);
    }

    fn note(&mut self, then: &Arc<Entry>, now: Option<&Arc<Entry>>, error: Option<&Error>) {
        if self.told.differences.len() >= TOLD_MAX {
            return;
        }
        let envelope = &then.record.envelope;
        self.told.differences.push(RecordDifference {
            differences: now.map(|now| differences(&then.text(), &now.text())).unwrap_or_default(),
            error: error.map(|error| error.code().as_str().to_owned()),
            record: envelope.id().to_string(),
            rules_version: envelope.rules_version,
            verb: envelope.verb.clone(),
        });
    }

    /// Decides a record under another programme, on what that made of the ones before it. What is
    /// refused, or cannot be decided without what no record holds, is taken as it was.
    fn decide_under(&mut self, program: &Program, entry: &Arc<Entry>) -> Result<Outcome, Error> {
        let as_it_was = |refused| Outcome { entry: Arc::clone(entry), refused };
        let command = &entry.record.command;
        if matches!(command, Command::Program(_) | Command::Clock(_) | Command::Settle(_)) {
            return Ok(as_it_was(None));
        }
        if command.has_secrets() {
            self.told.not_decidable += 1;
            return Ok(as_it_was(None));
        }
        let mut request = request_of(entry);
        // The conditions of another programme stand elsewhere.
        request.judged = Vec::new();
        self.replace_tokens(&mut request.command)?;
        self.cache.slice_mut().set_head(head_before(entry));
        let (cache, programs) = (&mut self.cache, &mut self.programs);
        let under = Under::Other(program);
        let now = decide_again(cache, self.store.as_mut(), programs, under, &request)?;
        Ok(match now {
            Ok(now) => {
                let same = now.record.answer == entry.record.answer
                    && now.record.effects == entry.record.effects;
                match same {
                    true => self.told.same += 1,
                    false => self.told.differing += 1,
                }
                Outcome { entry: now, refused: None }
            }
            Err(error) => as_it_was(Some(error)),
        })
    }

    /// A sale has another token once its record is another one.
    fn replace_tokens(&mut self, command: &mut Command) -> Result<(), StoreError> {
        let mut sales = Vec::new();
        each_token(command, &mut |token| sales.extend(sale_of(token)));
        self.cache.load(self.store.as_mut(), sales.into_iter().map(Key::Sale))?;
        let slice = self.cache.slice();
        each_token(command, &mut |token| {
            if let Some(now) = sale_of(token).and_then(|sale| slice.sale_token(&sale)) {
                *token = now.to_string();
            }
        });
        Ok(())
    }

    /// Applies a record.
    fn take(&mut self, entry: &Arc<Entry>) -> Result<(), StoreError> {
        let keys = touched(entry);
        let read = folded_with(entry).into_iter().map(|(_, read)| read);
        self.cache.load(self.store.as_mut(), keys.iter().cloned().chain(read))?;
        apply(self.cache.slice_mut(), entry);
        self.records.push(records::new_record(entry));
        self.changed.extend(keys);
        // The sales of a record are read when they are counted.
        if self.cache.len() > self.options.states_in_memory
            || self.records.len() >= ROWS_AT_ONCE * 16
        {
            self.commit()?;
            self.cache.evict(self.store.as_mut())?;
            let sales = touched(entry).into_iter().filter(|key| matches!(key, Key::Sale(_)));
            self.cache.load(self.store.as_mut(), sales)?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let slice: &Slice = self.cache.slice();
        let states = std::mem::take(&mut self.changed);
        let states = states.into_iter().map(|key| (slice.stored(&key), key));
        let change = Change {
            records: std::mem::take(&mut self.records),
            states: states.map(|(text, key)| (key, text)).collect(),
            ..Change::default()
        };
        match change == Change::default() {
            true => Ok(()),
            false => self.store.commit(&change),
        }
    }

    /// What came of it.
    pub fn finish(self) -> Replayed {
        let what_if = self.program.as_ref().map(|_| self.sums.told());
        Replayed { what_if, ..self.told }
    }
}

impl Engine {
    /// A store beside the ledger's own, and its file to be removed afterwards if it has one.
    pub fn scratch(&mut self) -> Result<(Box<dyn Store>, Option<PathBuf>), Error> {
        self.scratches += 1;
        match &self.opener.place {
            Place::Store => Ok((Box::new(MemoryStore::new()), None)),
            Place::File(path) => {
                let beside = recover::with(path, &format!("{REPLAYING}-{}", self.scratches));
                // What an earlier process left there when it was killed.
                recover::remove(&beside, &*self.opener.options.sqlite.files)?;
                Ok((recover::open(&beside, &self.opener.options.sqlite)?, Some(beside)))
            }
        }
    }

    /// Removes the store beside the ledger's own.
    pub fn remove_scratch(&mut self, path: &Path) -> Result<(), Error> {
        Ok(recover::remove(path, &*self.opener.options.sqlite.files)?)
    }

    /// The next records in the order of all tills.
    pub fn entries_after(
        &mut self,
        after: &mut Option<Position>,
    ) -> Result<Vec<Arc<Entry>>, Error> {
        self.ensure_open()?;
        let rows = self.store().and_then(|store| store.records_after(after.as_ref(), ROWS_AT_ONCE));
        let rows = rows.map_err(|error| self.fail(error))?;
        if let Some(last) = rows.last() {
            *after = Some(last.position.clone());
        }
        let entries: Result<Vec<_>, _> = rows.iter().map(entry_of).collect();
        entries.map_err(|error| self.fail(error))
    }

    /// The receipt that a sale had when it was completed.
    pub fn receipt_then(&mut self, sale: &str) -> Result<Option<Quote>, Error> {
        self.ensure_open()?;
        let key = [Key::Sale(sale.to_owned())];
        let rows = self.store().and_then(|store| store.records_touching(&key, None, ROWS_AT_ONCE));
        let rows = rows.map_err(|error| self.fail(error))?;
        let mut receipt = None;
        for row in &rows {
            let entry = entry_of(row).map_err(|error| self.fail(error))?;
            if let Some(opened) = entry.opening(sale) {
                receipt = Some(opened.quote.clone());
            }
            let confirmed = entry.record.effects.iter().find_map(|effect| match effect {
                Effect::SaleConfirmed(confirmed) if confirmed.sale == sale => Some(confirmed),
                _ => None,
            });
            if let Some(quote) = confirmed.and_then(|confirmed| confirmed.quote.clone()) {
                receipt = Some(quote);
            }
        }
        Ok(receipt)
    }
}

/// The sales that a record completed or undid.
fn counted(entry: &Entry) -> impl Iterator<Item = (&str, i64)> {
    entry.record.effects.iter().filter_map(|effect| match effect {
        Effect::SaleConfirmed(confirmed) => Some((confirmed.sale.as_str(), 1)),
        Effect::SaleVoided(voided) => Some((voided.sale.as_str(), -1)),
        _ => None,
    })
}

/// Whether a record itself opened the sale that it completed.
fn is_own(entry: &Entry, sale: &str) -> bool {
    entry.record.envelope.id().to_string() == sale
}
