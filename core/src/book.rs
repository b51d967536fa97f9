//! A book in memory: records in order, and the states that they add up to.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use crate::amount::Amount;
use crate::answer::{Answer, Explanation, HistoryAnswer, HistoryEntry};
use crate::command::{Command, Explain, History, Request};
use crate::document::{self, Reader};
use crate::error::{Error, ErrorCode};
use crate::json::Node;
use crate::program::Program;
use crate::record::{Effect, Entry, Record, RecordHash, RecordId, Token, is_till_name};
use crate::slice::{Slice, apply};
use crate::verbs::{Decision, decide, pinned_version};

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
    /// The places of the records that touched a card.
    by_card: HashMap<String, Vec<usize>>,
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
            Command::History(input) => return self.history(input),
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
            Decision::Known(entry) => Ok(entry.answer()),
            Decision::Record(record) if request.preview => Ok(preview(&Entry::seal(*record))),
            Decision::Record(record) => Ok(self.append(Entry::seal(*record)).answer()),
        }
    }

    fn append(&mut self, entry: Arc<Entry>) -> &Arc<Entry> {
        apply(&mut self.slice, &entry);
        let place = self.entries.len();
        for card in touched_cards(&entry) {
            let places = self.by_card.entry(card.to_owned()).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
        self.entries.push(entry);
        #[expect(clippy::indexing_slicing, reason = "the entry was pushed just above")]
        &self.entries[place]
    }

    fn history(&self, input: &History) -> Result<Answer, Error> {
        let card = crate::number::normalise(&input.card);
        if self.slice.card(card).is_none() {
            let message = format!("there is no card `{card}`");
            return Err(Error::new(ErrorCode::CardUnknown, "/command/history/card", message));
        }
        let places = self.by_card.get(card).map_or(&[][..], Vec::as_slice);
        let mut posted: HashMap<&str, i64> = HashMap::new();
        let mut entries = Vec::new();
        for entry in places.iter().filter_map(|place| self.entries.get(*place)) {
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

    fn explain(&self, input: &Explain) -> Result<Answer, Error> {
        let token = Token::parse(&input.record).ok().map(|token| token.record);
        let head = self.slice.head();
        let id = token.or_else(|| RecordId::parse(&input.record));
        let own = id.filter(|id| id.till == head.till && id.incarnation == head.incarnation);
        let place = own.and_then(|id| usize::try_from(id.sequence.checked_sub(1)?).ok());
        let Some(entry) = place.and_then(|place| self.entries.get(place)) else {
            let message = "there is no record with this id or token";
            return Err(Error::new(ErrorCode::RecordUnknown, "/command/explain/record", message));
        };
        Ok(Answer::Explanation(explanation(entry)))
    }
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

/// What would be answered; the token of a sale that was not made would mislead.
fn preview(entry: &Entry) -> Answer {
    let mut answer = entry.answer();
    if let (Answer::Sale(sale), Answer::Sale(stored)) = (&mut answer, &entry.record.answer) {
        sale.token.clone_from(&stored.token);
    }
    answer
}

fn touched_cards(entry: &Entry) -> impl Iterator<Item = &str> {
    entry.record.effects.iter().filter_map(|effect| match effect {
        Effect::CardIssued(issued) => Some(issued.card.as_str()),
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
