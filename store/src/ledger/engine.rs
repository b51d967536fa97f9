//! The ledger behind its lock: how a call is decided, kept and answered.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use kopilka::{
    Answer, ChainEnd, Command, Decision, Entry, Error, ErrorCode, FailureEvent, Key, LedgerEvent,
    Opening, Order, Program, RecordHash, RecordId, Request, Token, decide, needs_all,
    order_needs_all, order_touches, previewed, touched, touches,
};

use super::cache::Cache;
use super::chains::told;
use super::head::HeadKeeper;
use super::health::{Holds, Meter};
use super::notes::{self, Notes};
use super::opening::{Look, Opened, Opener, own_end};
use super::pending::Pending;
use super::programs::Programs;
use super::traces::Traces;
use super::{event, fold};
use crate::error::{StoreError, StoreFault};
use crate::store::{Change, Place, Store};

/// Everything of a ledger that calls change.
pub(super) struct Engine {
    /// How it is opened anew after a failure.
    pub opener: Opener,
    /// What was found when it was opened last.
    pub opening: Opening,
    /// None while it is closed after a failure.
    pub store: Option<Box<dyn Store>>,
    pub cache: Cache,
    pub programs: Programs,
    pub head_file: HeadKeeper,
    pub notes: Notes,
    pub holds: Holds,
    pub meter: Meter,
    /// What is to be told once the lock is given back.
    pub events: Vec<LedgerEvent>,
    /// How many records were kept since the last checkpoint.
    pub since_checkpoint: u64,
    /// The last calls and errors.
    pub traces: Traces,
    /// Whether it was told that a planned time without a network has begun.
    pub told_planned: bool,
    /// How many stores were begun beside it.
    pub scratches: u64,
}

/// Why a call was not answered.
pub(super) enum Trouble {
    /// It was refused; nothing was changed by it.
    Refused(Error),
    /// The store failed; nothing that was not committed can be relied on.
    Store(StoreError),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Refused(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        Trouble::Store(error)
    }
}

impl Engine {
    pub fn new(opener: Opener, opened: Opened) -> Engine {
        let Opened { store, cache, notes, head_file, opening } = opened;
        Engine {
            opener,
            opening,
            store: Some(store),
            cache,
            programs: Programs::default(),
            head_file,
            notes,
            holds: Holds::default(),
            meter: Meter::default(),
            events: Vec::new(),
            since_checkpoint: 0,
            scratches: 0,
            traces: Traces::default(),
            told_planned: false,
        }
    }

    /// Answers requests one after another and keeps what they made in one transaction.
    pub fn call_all(&mut self, requests: &[Request]) -> Vec<Result<Answer, Error>> {
        let begun = Instant::now();
        let answers = self.ensure_open().and_then(|()| {
            let answers = self.answer_all(requests);
            answers.map_err(|error| self.fail(error))
        });
        let answers = answers.unwrap_or_else(|error| vec![Err(error); requests.len()]);
        let told = requests.iter().zip(answers);
        let answers: Vec<_> = told.map(|(request, answer)| named(request, answer)).collect();
        self.note_calls(requests, &answers, begun.elapsed());
        answers
    }

    fn answer_all(
        &mut self,
        requests: &[Request],
    ) -> Result<Vec<Result<Answer, Error>>, StoreError> {
        self.bound_memory()?;
        let mut pending = Pending::default();
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            self.note_planned(request.at);
            let before = pending.entries().len();
            let completed = self.notes.completed(request).into_owned();
            match self.answer(&mut pending, &completed) {
                Ok(answer) => answers.push(Ok(answer)),
                Err(Trouble::Refused(error)) => answers.push(Err(error)),
                Err(Trouble::Store(error)) => return Err(error),
            }
            self.traces.made(pending.entries().get(before));
        }
        self.keep(&mut pending)?;
        Ok(answers)
    }

    /// Answers one request; what it makes is added to what is to be kept.
    pub fn answer(&mut self, pending: &mut Pending, request: &Request) -> Result<Answer, Trouble> {
        let command = &request.command;
        let program = self.load_for(request)?;
        match command {
            Command::Explain(input) => return self.explain(pending, input),
            Command::History(input) => return self.history(pending, &program, input, request),
            Command::Report(input) => return self.report(pending, &program, input, request),
            _ => {}
        }
        loop {
            let (entry, text) = match decide(&program, self.cache.slice(), request)? {
                Decision::Answer(answer) => return Ok(*answer),
                Decision::Known(entry) => {
                    return Ok(self.cache.slice().with_masks(entry.answer()));
                }
                Decision::Record(record) => Entry::seal_with_text(*record),
            };
            // A record may touch what nobody could name before, such as a number that it made.
            if self.load_touched(&entry)? {
                continue;
            }
            if request.preview {
                return Ok(previewed(&program, self.cache.slice(), command, &entry));
            }
            pending.append(&mut self.cache, &program, command, (&entry, text));
            return Ok(self.cache.slice().with_masks(entry.answer()));
        }
    }

    /// Loads what a request needs, until nothing new is named; the programme that decides it.
    pub(super) fn load_for(&mut self, request: &Request) -> Result<Program, Trouble> {
        let key = request.key.as_deref();
        let named = key.map(|key| Key::Command(key.to_owned())).into_iter();
        let (store, cache) = self.store_and_cache()?;
        cache.load(store, named.chain(pinning_sale(&request.command)))?;
        loop {
            let slice = self.cache.slice();
            let program = self.programs.deciding(slice, request)?;
            let keys = touches(&program, slice, &request.command, key);
            let kinds = match request.command {
                // Reports look at states a few at a time.
                Command::Report(_) => &[],
                _ => needs_all(&program, &request.command),
            };
            if !self.load(keys, kinds)? {
                return Ok(program);
            }
        }
    }

    /// Loads all that the quote of an order needs; the programme under which it is quoted.
    pub(super) fn load_for_quote(
        &mut self,
        order: &Order,
        at: Timestamp,
    ) -> Result<Program, Trouble> {
        loop {
            let slice = self.cache.slice();
            let program = self.programs.quoting(slice, order, at)?;
            let keys = order_touches(&program, slice, order);
            if !self.load(keys, order_needs_all(&program, order))? {
                return Ok(program);
            }
        }
    }

    /// Loads states, and every state of some kinds; whether any was not there yet.
    fn load(&mut self, keys: Vec<Key>, kinds: &[&'static str]) -> Result<bool, StoreError> {
        let (store, cache) = self.store_and_cache()?;
        let mut found = cache.load(store, keys)?;
        for kind in kinds {
            found |= cache.load_kind(store, kind)?;
        }
        Ok(found)
    }

    /// Loads everything that a record touches; whether anything was there.
    fn load_touched(&mut self, entry: &Entry) -> Result<bool, StoreError> {
        let own = entry.record.envelope.id().to_string();
        let (store, cache) = self.store_and_cache()?;
        let mut keys = touched(entry);
        keys.retain(|key| match key {
            Key::Sale(sale) if sale.split('/').next() == Some(own.as_str()) => {
                cache.note_new(key.clone());
                false
            }
            _ => true,
        });
        cache.load(store, keys)
    }

    /// Keeps what calls made, and notes the new head beside the store.
    pub fn keep(&mut self, pending: &mut Pending) -> Result<(), StoreError> {
        if pending.is_empty() {
            return Ok(());
        }
        let change = pending.change(&self.cache);
        self.store()?.commit(&change)?;
        self.holds.note(self.cache.slice(), pending.states());
        self.since_checkpoint += pending.entries().len() as u64;
        self.head_file.write(&own_end(self.cache.slice().head()))?;
        if self.since_checkpoint >= self.opener.options.checkpoint_after {
            self.checkpoint()?;
        }
        Ok(())
    }

    /// The store, unless it is closed.
    pub fn store(&mut self) -> Result<&mut dyn Store, StoreError> {
        self.store_and_cache().map(|(store, _)| store)
    }

    pub fn store_and_cache(&mut self) -> Result<(&mut dyn Store, &mut Cache), StoreError> {
        let closed = || StoreError::new(StoreFault::Failed, "the ledger is closed");
        let store = self.store.as_deref_mut().ok_or_else(closed)?;
        Ok((store, &mut self.cache))
    }

    /// Forgets states where too many are in memory. Everything must be in the store.
    pub fn bound_memory(&mut self) -> Result<(), StoreError> {
        let most = self.opener.options.states_in_memory;
        if self.cache.len() > most {
            let (store, cache) = self.store_and_cache()?;
            cache.trim(store, most)?;
        }
        Ok(())
    }

    /// Opens it again where a failure closed it.
    pub fn ensure_open(&mut self) -> Result<(), Error> {
        if self.store.is_some() { Ok(()) } else { self.reopen() }
    }

    /// After a failure of the store nothing in memory can be relied on: it is closed, opened anew
    /// and verified. What was not committed is gone; the error says so to whoever called.
    pub fn fail(&mut self, error: StoreError) -> Error {
        self.events.push(LedgerEvent::Failed(FailureEvent {
            code: error.fault().code().as_str().to_owned(),
            message: error.message().to_owned(),
        }));
        // What is damaged is looked at as a whole, so that the next call does not meet it again.
        let look = if error.fault() == StoreFault::Damaged { Look::AtAll } else { Look::AtTheEnd };
        // If it cannot be opened now, each further call tries again and says why.
        let _later = self.reopen_with(look);
        error.into()
    }

    pub fn reopen(&mut self) -> Result<(), Error> {
        self.reopen_with(Look::AtTheEnd)
    }

    fn reopen_with(&mut self, look: Look) -> Result<(), Error> {
        let opened = self.opener.open(self.store.take(), look)?;
        let Opened { store, cache, notes, head_file, opening } = opened;
        self.events.push(LedgerEvent::Opened(opening.clone()));
        (self.cache, self.notes, self.head_file) = (cache, notes, head_file);
        (self.store, self.opening) = (Some(store), opening);
        self.holds.forget();
        self.since_checkpoint = 0;
        Ok(())
    }

    /// What happened since this was asked last.
    pub fn take_events(&mut self) -> Vec<LedgerEvent> {
        let found = self.cache.take_found();
        self.events.extend(found.into_iter().map(LedgerEvent::Found));
        std::mem::take(&mut self.events)
    }

    /// Brings everything into the main file, whenever the host asks for it.
    pub fn checkpoint_now(&mut self) -> Result<(), Error> {
        self.ensure_open()?;
        self.checkpoint().map_err(|error| self.fail(error))
    }

    /// Brings everything into the main file and notes where each chain ends, so that the next
    /// opening begins there; syncs the file beside it.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        let store = self.store()?;
        let heads = store.heads()?;
        let ends: Vec<ChainEnd> = heads.iter().map(told).collect();
        let notes = vec![notes::written(notes::CHECKPOINT, Some(&ends))];
        store.commit(&Change { notes, ..Change::default() })?;
        store.checkpoint()?;
        self.head_file.sync()?;
        self.since_checkpoint = 0;
        let end = own_end(self.cache.slice().head());
        self.events.push(LedgerEvent::Checkpointed(told(&end)));
        Ok(())
    }

    /// Makes the states and the index anew; where the file itself is damaged, a new one of what is sound.
    pub fn rebuild(&mut self) -> Result<u64, Error> {
        self.ensure_open()?;
        let found = self.store().and_then(|store| store.examine());
        let found = found.map_err(|error| self.fail(error))?;
        if found.iter().any(|finding| finding.place == Place::File) {
            self.reopen_with(Look::AtAll)?;
        }
        self.rebuilt().map_err(|error| self.fail(error))
    }

    fn rebuilt(&mut self) -> Result<u64, StoreError> {
        let head = self.cache.slice().head().clone();
        let records = fold::rebuild(self.store()?, &head)?;
        let (store, cache) = self.store_and_cache()?;
        cache.evict(store)?;
        self.holds.forget();
        Ok(records)
    }

    /// The hash of a record.
    pub fn record_hash(&mut self, id: &RecordId) -> Result<RecordHash, Error> {
        self.ensure_open()?;
        let row = self.store().and_then(|store| store.record(id));
        let row = row.map_err(|error| self.fail(error))?;
        row.map(|row| row.hash).ok_or_else(|| {
            let message = format!("there is no record {id}");
            Error::new(ErrorCode::RecordUnknown, "/record", message)
        })
    }

    pub fn note_calls(
        &mut self,
        requests: &[Request],
        answers: &[Result<Answer, Error>],
        took: Duration,
    ) {
        // Calls that were kept together are told with an equal share of the time.
        let share = took / u32::try_from(requests.len().max(1)).unwrap_or(u32::MAX);
        for (request, answer) in requests.iter().zip(answers) {
            self.meter.note(share, answer.is_err());
            self.traces.note(request, answer, share);
            if self.opener.options.listener.is_some() {
                self.events.push(event::called(request, answer, share));
            }
        }
    }
}

/// An answer or error with what the host calls the call.
pub(super) fn named(request: &Request, answer: Result<Answer, Error>) -> Result<Answer, Error> {
    answer.map_err(|error| match &request.correlation {
        Some(correlation) => error.with_correlation(correlation),
        None => error,
    })
}

/// The sale whose version of the programme a command is decided under.
pub(super) fn pinning_sale(command: &Command) -> Option<Key> {
    let token = match command {
        Command::Bill(bill) => &bill.token,
        Command::Confirm(confirm) => &confirm.token,
        _ => return None,
    };
    Token::parse(token).ok().map(|token| Key::Sale(token.sale()))
}
