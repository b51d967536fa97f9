//! A book in memory: records in order, and the states that they add up to.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use crate::answer::Answer;
use crate::command::{Command, Explain, History, Personal, Report, Request};
use crate::document::{self, Reader};
use crate::error::{Error, ErrorCode};
use crate::json::Node;
use crate::position::Position;
use crate::program::Program;
use crate::record::{Effect, Entry, Record, RecordHash, is_till_name};
use crate::report::{Tally, reads_records};
use crate::slice::{Slice, apply};
use crate::statement::{Statement, explained, explained_record};
use crate::touched::card_of;
use crate::verbs::{
    Decision, check, decide, first_program, pinned_version, previewed, profiles_of,
    version_in_force, version_in_store,
};
use crate::watch::WatchPlace;

/// The most bytes that a request may have: 16 MiB.
pub const REQUEST_BYTES_MAX: usize = 1 << 24;

/// A ledger in memory for one programme and one till: it answers every verb and keeps every
/// record. Dropping it loses them; the ledger on disk does not.
///
/// It either begins with a programme, or without one: then the verb `program` installs and activates
/// it. What was activated by record goes before what the book was given in code.
///
/// # Examples
/// ```
/// use kopilka::{Answer, Book, Command, Issue, Order, Line, Program, Request, SellOrder};
/// use rust_decimal::Decimal;
///
/// let program = Program::compile(r#"{
///     "id": "corner-shop", "currency": "RUB", "zone": "Europe/Moscow",
///     "points": [{"id": "bonus"}],
///     "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 4}]}],
///     "earning": {"rules": [{"id": "five", "give": {"percent": "5"}}]}
/// }"#)?;
/// let mut book = Book::new("till-1", program)?;
/// let at = "2025-10-24T14:30:00+03:00".parse().unwrap();
///
/// let issue = Issue { card: "1001".into(), ..Issue::default() };
/// book.call(&Request::new(at, Command::Issue(issue)).with_key("card-1001"))?;
///
/// let order = Order {
///     cards: vec!["1001".into()],
///     lines: vec![Line::new("1", Decimal::new(1000_00, 2))],
///     ..Order::default()
/// };
/// let sell = Command::Sell(SellOrder { order, ..SellOrder::default() });
/// let Answer::Sale(sale) = book.call(&Request::new(at, sell).with_key("payment-1"))? else {
///     unreachable!("a sale answers a sale")
/// };
/// assert_eq!(sale.balances[0].after.spendable.to_string(), "50");
/// # Ok::<(), kopilka::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Book {
    /// Compiled programmes, by their versions.
    programs: BTreeMap<String, Program>,
    /// What is in force where nothing was activated by record.
    given: Option<Program>,
    slice: Slice,
    entries: Vec<Arc<Entry>>,
    /// The records of other tills, by their ids.
    received: BTreeMap<String, Arc<Entry>>,
    /// The records that touched a card, in the order of their time.
    by_card: HashMap<String, Vec<Arc<Entry>>>,
    /// Where the newest record stands.
    newest: Option<Position>,
}

impl Book {
    /// An empty book kept by a till, whose name is 1 to 32 ASCII letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// `card.number` is never given here; a wrong name is `document.word` at `/till`.
    pub fn new(till: &str, program: Program) -> Result<Book, Error> {
        let mut book = Book::empty(till)?;
        book.give(program);
        Ok(book)
    }

    /// An empty book without a programme: every verb but `program` is refused with
    /// `program.missing` until one is installed and activated.
    ///
    /// # Errors
    /// As [`Book::new`].
    ///
    /// # Examples
    /// ```
    /// let mut book = kopilka::Book::empty("till-1")?;
    /// book.call_json(r#"{
    ///     "at": "2025-10-24T12:00:00Z", "key": "install-1",
    ///     "command": {"program": {"install": {"document": {
    ///         "id": "corner-shop", "currency": "RUB", "zone": "Europe/Moscow"
    ///     }}}}
    /// }"#)?;
    /// let version = book.slice().program_versions().next().unwrap().to_owned();
    /// book.call_json(&format!(r#"{{
    ///     "at": "2025-10-24T12:00:00Z", "key": "activate-1",
    ///     "command": {{"program": {{"activate": {{"version": "{version}"}}}}}}
    /// }}"#))?;
    /// assert_eq!(book.program().unwrap().id(), "corner-shop");
    /// # Ok::<(), kopilka::Error>(())
    /// ```
    pub fn empty(till: &str) -> Result<Book, Error> {
        if !is_till_name(till) {
            let message = "name the till with 1 to 32 ASCII letters, digits, `-` and `_`";
            return Err(Error::new(ErrorCode::DocumentWord, "/till", message));
        }
        Ok(Book {
            programs: BTreeMap::new(),
            given: None,
            slice: Slice::new(till, 1),
            entries: Vec::new(),
            received: BTreeMap::new(),
            by_card: HashMap::new(),
            newest: None,
        })
    }

    /// A book rebuilt from its records, in order: every state is folded anew, and nothing is
    /// decided again.
    ///
    /// # Errors
    /// `record.chain` if a record is not the next one, does not name the hash of the one before, or
    /// does not have the hash that it came with; `program.mismatch` if it is of another programme.
    pub fn rebuild(
        till: &str,
        program: Program,
        records: impl IntoIterator<Item = (RecordHash, Record)>,
    ) -> Result<Book, Error> {
        let mut book = Book::new(till, program)?;
        book.read_all(records)?;
        Ok(book)
    }

    /// A book rebuilt from its records alone, which contain their programmes.
    ///
    /// # Errors
    /// As [`Book::rebuild`].
    pub fn from_records(
        till: &str,
        records: impl IntoIterator<Item = (RecordHash, Record)>,
    ) -> Result<Book, Error> {
        let mut book = Book::empty(till)?;
        book.read_all(records)?;
        Ok(book)
    }

    fn read_all(
        &mut self,
        records: impl IntoIterator<Item = (RecordHash, Record)>,
    ) -> Result<(), Error> {
        for (hash, record) in records {
            let id = record.envelope.id().to_string();
            let sealed = Entry::seal(record);
            let envelope = &sealed.record.envelope;
            self.check_program(&envelope.program.id, &id)?;
            let head = self.slice.head();
            let next = envelope.id() == self.slice.next_id();
            if !next || envelope.previous != head.hash.to_string() || sealed.hash != hash {
                let message = format!("record {id} does not continue the chain");
                return Err(Error::new(ErrorCode::RecordChain, "", message));
            }
            self.append(sealed);
        }
        Ok(())
    }

    /// Refuses a record of another programme.
    fn check_program(&self, program: &str, record: &str) -> Result<(), Error> {
        if self.program_id().is_none_or(|own| own == program) {
            return Ok(());
        }
        let message = format!("record {record} belongs to another programme");
        Err(Error::new(ErrorCode::ProgramMismatch, "", message))
    }

    /// The id of the book's programme; `None` while it has neither records nor a programme.
    fn program_id(&self) -> Option<&str> {
        self.slice.program_id().or_else(|| self.given.as_ref().map(Program::id))
    }

    /// Takes in a record of another till. The states are then those of all records that are known, in
    /// the order of their [`Position`](crate::Position), in whatever order they came in: after one
    /// that comes late they are all made anew. The book's own chain is untouched, and the same record
    /// a second time changes nothing.
    ///
    /// # Errors
    /// `program.mismatch` if it is of another programme; `record.chain` if it is a record of this
    /// book itself, if its hash is not that of its content, or if another record with its id was
    /// received before.
    pub fn receive(&mut self, entry: Arc<Entry>) -> Result<(), Error> {
        let envelope = &entry.record.envelope;
        let id = envelope.id().to_string();
        self.check_program(&envelope.program.id, &id)?;
        let head = self.slice.head();
        let own = envelope.till == head.till && envelope.incarnation == head.incarnation;
        let known = self.received.get(&id);
        let other = known.is_some_and(|known| known.hash != entry.hash);
        let broken = Entry::seal(entry.record.clone()).hash != entry.hash;
        if own || other || broken {
            let message = format!("record {id} is not what another till wrote; ask it again");
            return Err(Error::new(ErrorCode::RecordChain, "", message));
        }
        if known.is_none() {
            self.note_cards(&entry);
            self.note_programs(&entry);
            self.received.insert(id, Arc::clone(&entry));
            self.take_in(&entry);
        }
        Ok(())
    }

    /// Applies a record in its place.
    fn take_in(&mut self, entry: &Arc<Entry>) {
        let position = entry.record.envelope.position();
        if self.newest.as_ref().is_none_or(|newest| *newest < position) {
            apply(&mut self.slice, entry);
            self.newest = Some(position);
        } else {
            self.fold();
        }
    }

    /// Makes all states anew. What is personal is kept: no record holds it.
    fn fold(&mut self) {
        let mut entries: Vec<&Arc<Entry>> =
            self.entries.iter().chain(self.received.values()).collect();
        entries.sort_by_cached_key(|entry| entry.record.envelope.position());
        self.slice.clear();
        entries.into_iter().for_each(|entry| apply(&mut self.slice, entry));
    }

    /// Puts another version of the programme into force without a record, wherever nothing was
    /// activated by one. Sales that are reserved are still confirmed under the version that they
    /// began with.
    ///
    /// # Errors
    /// `program.mismatch` if it is another programme.
    pub fn install(&mut self, program: Program) -> Result<(), Error> {
        if let Some(own) = self.program_id().filter(|own| *own != program.id()) {
            let message = format!("this book belongs to the programme `{own}`");
            return Err(Error::new(ErrorCode::ProgramMismatch, "/id", message));
        }
        self.give(program);
        Ok(())
    }

    /// Says whether the host's clock is guarded: see [`Head::guards_clock`](crate::Head::guards_clock).
    pub fn guard_clock(&mut self, guards: bool) {
        self.slice.guard_clock(guards);
    }

    /// Says where the checks of the watch are evaluated: see [`Head::watch_place`](crate::Head::watch_place).
    pub fn set_watch_place(&mut self, place: WatchPlace) {
        self.slice.set_watch_place(place);
    }

    fn give(&mut self, program: Program) {
        self.programs.insert(program.version().to_owned(), program.clone());
        self.given = Some(program);
    }

    /// The programme in force at the book's own time where no store is named, if any is.
    #[must_use]
    pub fn program(&self) -> Option<&Program> {
        let at = self.slice.head().logical_at;
        match self.slice.schedule().in_force(None, at) {
            Some(activation) => self.programs.get(&activation.version),
            None => self.given.as_ref(),
        }
    }

    /// The states that the records add up to.
    #[must_use]
    pub fn slice(&self) -> &Slice {
        &self.slice
    }

    /// Every record, in order.
    #[must_use]
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Answers a request. What changes something is done once for its key: the same command under
    /// the same key gets the same answer again, another command `key.conflict`.
    ///
    /// # Errors
    /// What is wrong with the request or does not fit the present state, with the place in the
    /// request; nothing was changed.
    pub fn call(&mut self, request: &Request) -> Result<Answer, Error> {
        let answer = self.answer(request);
        answer.map_err(|error| match &request.correlation {
            Some(correlation) => error.with_correlation(correlation),
            None => error,
        })
    }

    /// Answers a request in JSON with an answer in canonical JSON.
    ///
    /// # Errors
    /// As [`Book::call`], and every mistake of form.
    pub fn call_json(&mut self, text: &str) -> Result<String, Error> {
        let node = Node::parse(text, REQUEST_BYTES_MAX)?;
        self.call_node(&node).map(|answer| document::canonical(&answer))
    }

    /// Answers a request that is parsed already.
    ///
    /// # Errors
    /// As [`Book::call_json`].
    pub fn call_node(&mut self, node: &Node) -> Result<Answer, Error> {
        let (request, mistakes) = Reader::document::<Request>(node);
        if mistakes.is_empty() { self.call(&request) } else { Err(mistakes.into()) }
    }

    fn answer(&mut self, request: &Request) -> Result<Answer, Error> {
        let program = self.program_for(request)?;
        match &request.command {
            Command::Explain(input) => return self.explain(input),
            Command::History(input) => return self.history(&program, input, request.at),
            Command::Report(input) if reads_records(&input.kind) => {
                return self.report(&program, input, request);
            }
            _ => {}
        }
        match decide(&program, &self.slice, request)? {
            Decision::Answer(answer) => Ok(*answer),
            Decision::Known(entry) => Ok(self.slice.with_masks(entry.answer())),
            Decision::Record(record) if request.preview => {
                Ok(previewed(&program, &self.slice, &request.command, &Entry::seal(*record)))
            }
            Decision::Record(record) => {
                let entry = Arc::clone(self.append(Entry::seal(*record)));
                self.keep_profiles(&program, &request.command, &entry);
                Ok(self.slice.with_masks(entry.answer()))
            }
        }
    }

    /// The programme in force in a store at an instant of the host's clock.
    pub(crate) fn program_in(&self, store: Option<&String>, at: Timestamp) -> Option<&Program> {
        match version_in_store(&self.slice, store, at) {
            Some(version) => self.programs.get(version),
            None => self.given.as_ref(),
        }
    }

    /// The programme under which a request is decided.
    pub(crate) fn program_for(&self, request: &Request) -> Result<Program, Error> {
        let Some(version) = version_in_force(&self.slice, request) else {
            return match &self.given {
                Some(program) => Ok(program.clone()),
                None => first_program(&self.slice, request),
            };
        };
        self.programs.get(&version).cloned().ok_or_else(|| {
            let message = "the programme under which this is decided is not installed";
            let place = match pinned_version(&self.slice, &request.command) {
                Some(_) => format!("/command/{}/token", request.command.name()),
                None => String::new(),
            };
            Error::new(ErrorCode::ProgramVersionUnknown, place, message)
        })
    }

    /// Keeps what a call says of guests as persons beside the record that it made.
    fn keep_profiles(&mut self, program: &Program, command: &Command, entry: &Entry) {
        for (guest, profile) in profiles_of(program, &self.slice, command, &entry.record) {
            self.slice.keep_profile(&guest, profile);
        }
    }

    /// What is personal of guests, in the order of their ids: no record holds it, so that it is to
    /// be stored beside them.
    #[must_use]
    pub fn profiles(&self) -> Vec<(String, Personal)> {
        let profiles = self.slice.profiles().iter();
        profiles.map(|(guest, profile)| (guest.clone(), profile.clone())).collect()
    }

    /// Takes back what [`Book::profiles`] gave, after a book was rebuilt. What is said of guests who
    /// are not known, or were erased or merged since, is dropped.
    pub fn restore_profiles(&mut self, profiles: impl IntoIterator<Item = (String, Personal)>) {
        for (guest, profile) in profiles {
            self.slice.keep_profile(&guest, profile);
        }
    }

    fn append(&mut self, entry: Arc<Entry>) -> &Arc<Entry> {
        self.note_cards(&entry);
        self.note_programs(&entry);
        let place = self.entries.len();
        self.entries.push(Arc::clone(&entry));
        self.take_in(&entry);
        #[expect(clippy::indexing_slicing, reason = "the entry was pushed just above")]
        &self.entries[place]
    }

    /// Notes which cards a record touched.
    fn note_cards(&mut self, entry: &Arc<Entry>) {
        for card in touched_cards(entry) {
            let entries = self.by_card.entry(card.to_owned()).or_default();
            let position = entry.record.envelope.position();
            let place =
                entries.partition_point(|other| other.record.envelope.position() <= position);
            let before = place.checked_sub(1).and_then(|before| entries.get(before));
            if before.is_none_or(|before| before.hash != entry.hash) {
                entries.insert(place, Arc::clone(entry));
            }
        }
    }

    /// Compiles the programmes that a record installs. One that this version of the engine cannot
    /// read is told when something is to be decided under it.
    fn note_programs(&mut self, entry: &Entry) {
        for effect in &entry.record.effects {
            let Effect::ProgramInstalled(installed) = effect else { continue };
            let program = Program::from_node(&installed.document);
            if let Some(program) = program.ok().filter(|one| one.version() == installed.version) {
                self.programs.insert(installed.version.clone(), program);
            }
        }
    }

    fn history(&self, program: &Program, input: &History, at: Timestamp) -> Result<Answer, Error> {
        let mut statement = Statement::begin(program, &self.slice, input, at)?;
        let touched = self.by_card.get(statement.card()).map_or(&[][..], Vec::as_slice);
        touched.iter().for_each(|entry| statement.add(entry));
        Ok(statement.answer())
    }

    fn report(
        &self,
        program: &Program,
        input: &Report,
        request: &Request,
    ) -> Result<Answer, Error> {
        check(request)?;
        let mut tally = Tally::new(program, &input.kind, self.slice.logical(request.at));
        tally.add_states(&self.slice);
        self.entries.iter().for_each(|entry| tally.add_record(&self.slice, entry));
        Ok(tally.answer())
    }

    fn explain(&self, input: &Explain) -> Result<Answer, Error> {
        let id = explained_record(input)?;
        let head = self.slice.head();
        let found = match id.till == head.till && id.incarnation == head.incarnation {
            true => {
                let place = id.sequence.checked_sub(1).map(usize::try_from);
                place.and_then(Result::ok).and_then(|place| self.entries.get(place))
            }
            false => self.received.get(&id.to_string()),
        };
        explained(input, found.map(Arc::as_ref))
    }
}

fn touched_cards(entry: &Entry) -> impl Iterator<Item = &str> {
    entry.record.effects.iter().filter_map(card_of)
}
