//! A book in memory: records in order, and the states that they add up to.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use crate::amount::Amount;
use crate::answer::{Answer, Explanation, HistoryAnswer, HistoryEntry};
use crate::command::{Command, Explain, History, Personal, Report, Request};
use crate::document::{self, Reader};
use crate::error::{Error, ErrorCode};
use crate::json::Node;
use crate::program::Program;
use crate::record::{Effect, Entry, Record, RecordHash, RecordId, Token, is_till_name};
use crate::report::{Records, reads_records, report};
use crate::slice::{Slice, apply};
use crate::verbs::{Decision, Proof, asked_card, check, decide, pinned_version, profiles_of};

/// The most bytes that a request may have: 16 MiB.
pub const REQUEST_BYTES_MAX: usize = 1 << 24;

/// A ledger in memory for one programme and one till: it answers every verb and keeps every
/// record. Dropping it loses them; the ledger on disk does not.
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
    programs: BTreeMap<String, Program>,
    current: Program,
    slice: Slice,
    entries: Vec<Arc<Entry>>,
    /// The records of other tills, by their ids.
    received: BTreeMap<String, Arc<Entry>>,
    /// The records that touched a card, in the order of their time.
    by_card: HashMap<String, Vec<Arc<Entry>>>,
}

impl Book {
    /// An empty book kept by a till, whose name is 1 to 32 ASCII letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// `card.number` is never given here; a wrong name is `document.word` at `/till`.
    pub fn new(till: &str, program: Program) -> Result<Book, Error> {
        if !is_till_name(till) {
            let message = "name the till with 1 to 32 ASCII letters, digits, `-` and `_`";
            return Err(Error::new(ErrorCode::DocumentWord, "/till", message));
        }
        let programs = BTreeMap::from([(program.version().to_owned(), program.clone())]);
        Ok(Book {
            programs,
            current: program,
            slice: Slice::new(till, 1),
            entries: Vec::new(),
            received: BTreeMap::new(),
            by_card: HashMap::new(),
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
        for (hash, record) in records {
            let id = record.envelope.id().to_string();
            let sealed = Entry::seal(record);
            let envelope = &sealed.record.envelope;
            if envelope.program.id != book.current.id() {
                let message = format!("record {id} belongs to another programme");
                return Err(Error::new(ErrorCode::ProgramMismatch, "", message));
            }
            let head = book.slice.head();
            let next = envelope.id() == book.slice.next_id();
            if !next || envelope.previous != head.hash.to_string() || sealed.hash != hash {
                let message = format!("record {id} does not continue the chain");
                return Err(Error::new(ErrorCode::RecordChain, "", message));
            }
            book.append(sealed);
        }
        Ok(book)
    }

    /// Takes in a record of another till: its facts add up with those that are known here, in
    /// whatever order records come in, once the card that they are about is known. The book's own
    /// chain is untouched, and the same record a second time changes nothing.
    ///
    /// # Errors
    /// `program.mismatch` if it is of another programme; `record.chain` if it is a record of this
    /// book itself, if its hash is not that of its content, or if another record with its id was
    /// received before.
    pub fn receive(&mut self, entry: Arc<Entry>) -> Result<(), Error> {
        let envelope = &entry.record.envelope;
        let id = envelope.id().to_string();
        if envelope.program.id != self.current.id() {
            let message = format!("record {id} belongs to another programme");
            return Err(Error::new(ErrorCode::ProgramMismatch, "", message));
        }
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
            apply(&mut self.slice, &entry);
            self.note_cards(&entry);
            self.received.insert(id, entry);
        }
        Ok(())
    }

    /// Puts another version of the programme into force. Sales that are reserved are still
    /// confirmed under the version that they began with.
    ///
    /// # Errors
    /// `program.mismatch` if it is another programme.
    pub fn install(&mut self, program: Program) -> Result<(), Error> {
        if program.id() != self.current.id() {
            let message = format!("this book belongs to the programme `{}`", self.current.id());
            return Err(Error::new(ErrorCode::ProgramMismatch, "/id", message));
        }
        self.programs.insert(program.version().to_owned(), program.clone());
        self.current = program;
        Ok(())
    }

    /// The programme in force.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.current
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
        match &request.command {
            Command::Explain(input) => return self.explain(input),
            Command::History(input) => return self.history(input, request.at),
            Command::Report(input) if reads_records(&input.kind) => {
                return self.report(input, request);
            }
            _ => {}
        }
        let program = match pinned_version(&self.slice, &request.command) {
            None => &self.current,
            Some(version) => self.programs.get(version).ok_or_else(|| {
                let message = "the programme under which this sale began is not installed";
                Error::new(ErrorCode::ProgramVersionUnknown, "/command/confirm/token", message)
            })?,
        };
        match decide(program, &self.slice, request)? {
            Decision::Answer(answer) => Ok(*answer),
            Decision::Known(entry) => Ok(self.slice.with_masks(entry.answer())),
            Decision::Record(record) if request.preview => {
                Ok(self.preview(&request.command, &Entry::seal(*record)))
            }
            Decision::Record(record) => {
                let entry = Arc::clone(self.append(Entry::seal(*record)));
                self.keep_profiles(&request.command, &entry);
                Ok(self.slice.with_masks(entry.answer()))
            }
        }
    }

    /// Keeps what a call says of guests as persons beside the record that it made.
    fn keep_profiles(&mut self, command: &Command, entry: &Entry) {
        let program = &self.current;
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

    /// What would be answered; the token of a sale that was not made would mislead.
    fn preview(&self, command: &Command, entry: &Arc<Entry>) -> Answer {
        let mut answer = entry.answer();
        if let (Answer::Sale(sale), Answer::Sale(stored)) = (&mut answer, &entry.record.answer) {
            sale.token.clone_from(&stored.token);
        }
        if let (Answer::Bill(bill), Answer::Bill(stored)) = (&mut answer, &entry.record.answer) {
            for (view, stored) in bill.bills.iter_mut().zip(&stored.bills) {
                view.token.clone_from(&stored.token);
            }
        }
        if !matches!(answer, Answer::Guest(_)) {
            return answer;
        }
        let mut after = self.slice.guests_of(entry);
        for (guest, profile) in profiles_of(&self.current, &after, command, &entry.record) {
            after.keep_profile(&guest, profile);
        }
        after.with_masks(answer)
    }

    fn append(&mut self, entry: Arc<Entry>) -> &Arc<Entry> {
        apply(&mut self.slice, &entry);
        self.note_cards(&entry);
        let place = self.entries.len();
        self.entries.push(entry);
        #[expect(clippy::indexing_slicing, reason = "the entry was pushed just above")]
        &self.entries[place]
    }

    /// Notes which cards a record touched.
    fn note_cards(&mut self, entry: &Arc<Entry>) {
        for card in touched_cards(entry) {
            let entries = self.by_card.entry(card.to_owned()).or_default();
            let place = entries.partition_point(|other| in_time(other) <= in_time(entry));
            let before = place.checked_sub(1).and_then(|before| entries.get(before));
            if before.is_none_or(|before| before.hash != entry.hash) {
                entries.insert(place, Arc::clone(entry));
            }
        }
    }

    fn history(&self, input: &History, at: Timestamp) -> Result<Answer, Error> {
        let number = crate::number::normalise(&input.card);
        if crate::identify::is_bank_card(number) {
            let place = "/command/history/card";
            return Err(Error::new(ErrorCode::CardBankCard, place, crate::verbs::BANK_CARD));
        }
        let (office, presentation) = (input.office, input.presentation.as_deref());
        let proof = Proof { office, presentation };
        let at = self.slice.logical(at);
        let card = asked_card(self.current.rules(), &self.slice, number, proof, at)
            .map_err(|error| error.under("/command/history"))?;
        let touched = self.by_card.get(card).map_or(&[][..], Vec::as_slice);
        let mut posted: HashMap<&str, i64> = HashMap::new();
        let mut entries = Vec::new();
        for entry in touched {
            for (points, amount) in posted_to(entry, card) {
                let sum = posted.entry(points).or_default();
                *sum = sum.saturating_add(amount.units);
                let posted = Amount { units: *sum, digits: amount.digits };
                entries.push(history_entry(entry, points, amount, posted));
            }
        }
        entries.reverse();
        entries.truncate(usize::try_from(input.limit).unwrap_or(usize::MAX));
        Ok(Answer::History(HistoryAnswer { card: card.to_owned(), entries }))
    }

    fn report(&self, input: &Report, request: &Request) -> Result<Answer, Error> {
        check(request)?;
        let records = Records { entries: &self.entries, slice: &self.slice };
        let report = report(&self.current, &records, &input.kind, request.at);
        Ok(Answer::Report(Box::new(report)))
    }

    fn explain(&self, input: &Explain) -> Result<Answer, Error> {
        let token = Token::parse(&input.record).ok();
        let head = self.slice.head();
        let id = token.clone().map(|token| token.record);
        let id = id.or_else(|| RecordId::parse(&input.record));
        let is_own = |id: &RecordId| id.till == head.till && id.incarnation == head.incarnation;
        let found = id.and_then(|id| match is_own(&id) {
            true => self.entries.get(usize::try_from(id.sequence.checked_sub(1)?).ok()?),
            false => self.received.get(&id.to_string()),
        });
        let Some(entry) = found else {
            let message = "there is no record with this id or token";
            return Err(Error::new(ErrorCode::RecordUnknown, "/command/explain/record", message));
        };
        let mut explanation = explanation(entry);
        // One record may have opened several sales.
        if let Some(opened) = token.and_then(|token| entry.opening(&token.sale())) {
            explanation.quote = Some(opened.quote.clone());
        }
        Ok(Answer::Explanation(explanation))
    }
}

/// The place of a record among those of several tills.
fn in_time(entry: &Entry) -> (Timestamp, &str, u32, u64) {
    let envelope = &entry.record.envelope;
    (envelope.logical_at, &envelope.till, envelope.incarnation, envelope.sequence)
}

/// How the numbers of a record came about, from the record alone.
#[must_use]
pub fn explanation(entry: &Entry) -> Explanation {
    let envelope = &entry.record.envelope;
    Explanation {
        at: envelope.at,
        program: envelope.program.clone(),
        quote: entry.quote().cloned(),
        record: envelope.id().to_string(),
        steps: entry.record.trace.clone(),
        verb: envelope.verb.clone(),
    }
}

fn touched_cards(entry: &Entry) -> impl Iterator<Item = &str> {
    entry.record.effects.iter().filter_map(|effect| match effect {
        Effect::BatchIssued(batch) => batch.card.as_deref(),
        Effect::CardActivated(activated) => Some(activated.card.as_str()),
        Effect::CardBlocked(blocked) => Some(blocked.card.as_str()),
        Effect::CardBound(bound) => Some(bound.card.as_str()),
        Effect::CardClosed(closed) => Some(closed.card.as_str()),
        Effect::CardDemanded(demanded) => Some(demanded.card.as_str()),
        Effect::CardExtended(extended) => Some(extended.card.as_str()),
        Effect::CardIssued(issued) => Some(issued.card.as_str()),
        Effect::CardLinked(linked) => Some(linked.card.as_str()),
        Effect::CardPinSet(set) => Some(set.card.as_str()),
        Effect::CardShared(shared) => Some(shared.card.as_str()),
        Effect::CardUnblocked(unblocked) => Some(unblocked.card.as_str()),
        Effect::CardPresented(presented) => presented.card.as_deref(),
        Effect::CouponIssued(issued) => issued.card.as_deref(),
        Effect::DebtMoved(moved) => Some(moved.card.as_str()),
        Effect::HoldEnded(ended) => Some(ended.card.as_str()),
        Effect::HoldPlaced(placed) => Some(placed.card.as_str()),
        Effect::LotDated(dated) => Some(dated.card.as_str()),
        Effect::LotMoved(moved) => Some(moved.card.as_str()),
        Effect::LotOpened(opened) => Some(opened.card.as_str()),
        Effect::PeriodClosed(closed) => Some(closed.card.as_str()),
        Effect::Referred(referred) => Some(referred.card.as_str()),
        Effect::ReferralPaid(paid) => Some(paid.card.as_str()),
        Effect::SpendCounted(counted) => Some(counted.card.as_str()),
        Effect::TicketScanned(scan) => Some(scan.card.as_str()),
        Effect::TierHeld(held) => Some(held.card.as_str()),
        _ => None,
    })
}

fn posted_to<'a>(entry: &'a Entry, card: &'a str) -> impl Iterator<Item = (&'a str, Amount)> {
    let posted = entry.record.effects.iter().filter_map(|effect| match effect {
        Effect::Posted(posted) => Some(posted),
        _ => None,
    });
    posted.flat_map(move |posted| {
        let own = posted
            .postings
            .iter()
            .filter(move |posting| posting.account.strip_prefix("card:") == Some(card));
        own.map(|posting| (posted.points.as_str(), posting.amount))
    })
}

fn history_entry(entry: &Entry, points: &str, amount: Amount, posted: Amount) -> HistoryEntry {
    let envelope = &entry.record.envelope;
    let at: Timestamp = envelope.at;
    HistoryEntry {
        amount,
        at,
        points: points.to_owned(),
        posted,
        receipt: receipt_number(&entry.record.command).cloned(),
        record: envelope.id().to_string(),
        store: envelope.store.clone(),
        verb: envelope.verb.clone(),
    }
}

fn receipt_number(command: &Command) -> Option<&String> {
    match command {
        Command::Confirm(confirm) => confirm.receipt.as_ref(),
        Command::Refund(refund) => refund.receipt.as_ref(),
        Command::Reserve(reserve) => reserve.order.receipt.as_ref(),
        Command::Sell(sell) => sell.order.receipt.as_ref(),
        _ => None,
    }
}
