//! Sequences of calls on one book, each followed by every check.

use std::collections::BTreeMap;
use std::sync::Arc;

use arbitrary::{Result, Unstructured};
use jiff::{SignedDuration, Timestamp};
use kopilka::document::{Reader, canonical};
use kopilka::json::Node;
use kopilka::{
    Activate, Allocate, AllocateLine, Allocation, Answer, Attribute, Blocked, Book, Cancel,
    CardQuery, CardUse, Challenge, Claim, ClosePeriod, Command, Confirm, Cost, Effect, Entry,
    Explain, GrantPoints, GuestFacts, History, HostDiscount, Identify, Issue, Line, LineKind, Lint,
    OpeningLot, Order, PaperReceipt, Presented, PresentedCard, Program, Quote, QuoteOrder, Refund,
    RefundLine, Request, ReserveOrder, Residue, SaleStatus, SellOrder, Spend, SpendMode, Spread,
    Stage, TaxRule, TaxSize, Tender, Then, Transfer, Void, touches,
};

use crate::{answers, checks, documents, secrets, wild};

/// The most calls of one sequence.
const CALLS_MAX: usize = 40;

/// A book under test, and what was seen of it.
pub struct Session {
    pub(crate) book: Book,
    pub(crate) program: Program,
    pub(crate) tokens: Vec<String>,
    /// Those of sales that were reserved and not ended.
    pub(crate) reserved: Vec<String>,
    records: Vec<String>,
    pub(crate) cards: Vec<String>,
    /// What each card is for.
    pub(crate) uses: BTreeMap<String, CardUse>,
    /// The codes of the coupons that were issued.
    coupons: Vec<String>,
    /// The ids of the guests who were registered.
    pub(crate) guests: Vec<String>,
    /// Numbers that the programme's cards may have.
    pub(crate) numbers: Vec<Fresh>,
    /// The cards that were proved, and the records that say so.
    pub(crate) presentations: Vec<(String, String)>,
    /// Whether the requests are made here, so that only guests have what no record may hold.
    made_here: bool,
    /// What was answered under a key.
    done: Vec<(Request, String)>,
    /// What was given back of each sale, and the most that may be.
    pub(crate) sales: BTreeMap<String, (i128, i128)>,
    /// The receipts of reserved sales.
    pub(crate) quotes: BTreeMap<String, Quote>,
    /// The number of the call, for keys.
    number: usize,
    latest: Timestamp,
}

/// A number that a card may have.
#[derive(Clone)]
pub(crate) struct Fresh {
    pub number: String,
    pub kind: String,
    pub usage: CardUse,
    /// Whether such a card may have a PIN.
    pub pin: bool,
}

/// Makes calls until the input ends.
pub fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let mut session = Session::new(documents::any_program(input)?);
    session.made_here = true;
    session.focus(input)?;
    let mut outcome = Ok(());
    for _ in 0..CALLS_MAX {
        if input.is_empty() {
            break;
        }
        outcome = session.step(input);
        if outcome.is_err() {
            break;
        }
    }
    session.finish();
    outcome
}

impl Session {
    /// A fresh book of a programme.
    pub fn new(program: Program) -> Session {
        let mut book = Book::new("t", program.clone()).expect("the till has a name");
        Session {
            numbers: numbers(&mut book),
            book,
            program,
            tokens: Vec::new(),
            reserved: Vec::new(),
            records: Vec::new(),
            cards: Vec::new(),
            uses: BTreeMap::new(),
            coupons: Vec::new(),
            guests: Vec::new(),
            presentations: Vec::new(),
            made_here: false,
            done: Vec::new(),
            sales: BTreeMap::new(),
            quotes: BTreeMap::new(),
            number: 0,
            latest: "2025-10-24T14:30:00+03:00".parse().expect("an instant"),
        }
    }

    /// Every second session has cards of few kinds, so that they meet.
    fn focus(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        if input.arbitrary()? && self.numbers.len() > 8 {
            let mut kinds = vec![self.numbers[0].kind.clone()];
            for _ in 0..3 {
                kinds.push(wild::pick(input, &self.numbers)?.kind.clone());
            }
            self.numbers.retain(|fresh| kinds.contains(&fresh.kind));
        }
        Ok(())
    }

    fn step(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        self.number += 1;
        if !self.done.is_empty() && wild::rarely(input, 16)? {
            return self.repeat(input);
        }
        let request = self.request(input)?;
        if wild::rarely(input, 4)? {
            // The same by way of text, unless the numbers cannot be written.
            self.call_text(&canonical(&request));
        } else {
            self.call(&request);
        }
        Ok(())
    }

    /// The same key again gives the same bytes, with another command a conflict.
    fn repeat(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let place = input.choose_index(self.done.len())?;
        let (mut request, answer) = self.done[place].clone();
        let at = request.at;
        request.at = wild::instant(input)?;
        if !is_expressible(&request) {
            request.at = at;
        }
        let before = self.book.entries().len();
        let again = self.book.call(&request).map(|answer| canonical(&answer));
        // What is shown of a guest is read anew.
        if !matches!(request.command, Command::Guest(_)) {
            assert_eq!(again.as_ref().ok(), Some(&answer), "another answer to {request:?}");
        }
        let mut other = self.request(input)?;
        other.preview = false;
        other.key = request.key;
        let same = other.command.recorded() == request.command.recorded();
        if !same && other.command.changes() {
            assert!(self.book.call(&other).is_err(), "a key was used twice: {other:?}");
        }
        assert_eq!(self.book.entries().len(), before, "a repeated call was recorded");
        Ok(())
    }

    /// One call by way of text. What stands for an earlier token, as in the vectors of conformance,
    /// becomes the latest one.
    pub fn call_text(&mut self, text: &str) {
        let parts = text.split_once("${").and_then(|(before, rest)| {
            let (_, after) = rest.split_once('}')?;
            Some(format!("{before}{}{after}", self.tokens.last()?))
        });
        let text = parts.as_deref().unwrap_or(text);
        let node = match Node::parse(text, 1 << 20) {
            Ok(node) => node,
            Err(error) => return checks::error(&error, &text),
        };
        let (request, mistakes) = Reader::document::<Request>(&node);
        if mistakes.is_empty() {
            if !matches!(request.command, Command::Lint(_)) {
                checks::reads_back(&request);
            }
            let mut copy = self.book.clone();
            let typed = copy.call(&request).map(|answer| canonical(&answer));
            let written = self.book.clone().call_json(text);
            assert_eq!(typed, written, "text and value differ: {text}");
            self.call(&request);
        } else {
            let error = self.book.call_json(text).expect_err("mistakes were answered");
            checks::error(&error, &text);
        }
    }

    fn call(&mut self, request: &Request) {
        if !is_expressible(request) {
            // Built in code, and no text says it: control characters, texts that are too long,
            // numbers of too many digits. What is recorded of it must be fit to be read again.
            let mut copy = self.book.clone();
            let before = copy.entries().len();
            if copy.call(request).is_ok()
                && let Some(entry) = copy.entries().get(before)
            {
                checks::reads_back(&entry.record);
                checks::answer(&entry.answer());
            }
            return;
        }
        let before = self.book.entries().len();
        let (program, slice) = (self.book.program().expect("a programme"), self.book.slice());
        let _ = touches(program, slice, &request.command, request.key.as_deref());
        let head = slice.head().hash;
        let quoted = self.quoted(request);
        let answer = match self.book.call(request) {
            Ok(answer) => answer,
            Err(error) => {
                assert_eq!(self.book.entries().len(), before, "an error was recorded");
                assert_eq!(self.book.slice().head().hash, head, "an error changed the book");
                if self.made_here {
                    secrets::check_answer(&error.to_string());
                }
                return checks::error(&error, request);
            }
        };
        let text = checks::answer(&answer);
        checks::told(&answer, self.book.program().expect("a programme"));
        if self.made_here && !matches!(answer, Answer::Linted(_)) {
            secrets::check_answer(&text);
        }
        if !request.command.changes() {
            let again = self.book.call(request);
            assert_eq!(again.as_ref(), Ok(&answer), "another answer the second time");
            assert_eq!(self.book.slice().head().hash, head, "a question changed the book");
        }
        let recorded = self.book.entries().len() - before;
        assert!(recorded <= usize::from(request.command.changes() && !request.preview));
        if recorded == 1 {
            if let Some((quoted, sale)) = quoted.as_ref().zip(sale_quote(&answer)) {
                let mut sale = sale.clone();
                // Under which record a hand-written receipt is noted, no quote knows.
                sale.limits.retain(|usage| !usage.limit.starts_with("paper:"));
                assert_eq!(*quoted, sale, "a sale is not as it was quoted");
            }
            self.recorded(request, &answer, text);
        }
        self.latest = self.latest.max(request.at);
        let mut views = Vec::new();
        for card in &self.cards {
            match self.book.call(&Request::new(request.at, balance_of(card))) {
                Ok(Answer::Card(answer)) => {
                    checks::card(&answer.card);
                    views.push(answer.card);
                }
                other => panic!("a card has a balance: {other:?}"),
            }
        }
        if recorded == 1 {
            answers::postings(&self.book, &views);
        }
    }

    /// What a sale is quoted at just before it is made.
    fn quoted(&self, request: &Request) -> Option<Quote> {
        let order = match &request.command {
            Command::Sell(sell) => &sell.order,
            Command::Reserve(reserve) => &reserve.order,
            _ => return None,
        };
        let quote = Command::Quote(QuoteOrder { order: order.clone() });
        let mut asked = Request::new(request.at, quote);
        asked.judged.clone_from(&request.judged);
        asked.entropy.clone_from(&request.entropy);
        asked.offline_since = request.offline_since;
        asked.explain = true;
        let Ok(Answer::Quote(mut quote)) = self.book.clone().call(&asked) else { return None };
        checks::quote(&quote);
        checks::undivided(&quote);
        quote.explanation = None;
        Some(*quote)
    }

    fn recorded(&mut self, request: &Request, answer: &Answer, text: String) {
        let entries = self.book.entries();
        let (entry, earlier) = entries.split_last().expect("it was recorded");
        let zeros = "0".repeat(64);
        checks::entry(entry, &earlier.last().map_or(zeros, |entry| entry.hash.to_string()));
        self.records.push(entry.record.envelope.id().to_string());
        if self.made_here {
            secrets::check_record(&canonical(&entry.record));
        }
        let entry: Arc<Entry> = entry.clone();
        self.seen(&entry.record.effects);
        match (&request.command, answer) {
            (Command::Bill(change), Answer::Bill(answer)) => self.regrouped(change, answer),
            (_, Answer::Guest(answer)) => self.guests.push(answer.guest.guest.clone()),
            (_, Answer::Presented(answer)) => {
                let card = answer.card.iter().map(|card| card.card.clone());
                self.presentations.extend(card.map(|card| (card, answer.record.clone())));
            }
            (_, Answer::Sale(sale)) => {
                let token = sale.token.clone().expect("a sale has a token");
                if let Some(quote) = &sale.quote {
                    let gross = i128::from(quote.totals.gross.units);
                    self.sales.insert(token.clone(), (0, gross));
                    self.quotes.insert(token.clone(), quote.clone());
                }
                self.reserved.retain(|reserved| *reserved != token);
                if sale.status == SaleStatus::Reserved {
                    self.reserved.push(token.clone());
                }
                self.tokens.push(token);
            }
            (_, Answer::Refund(refund)) => {
                let sale = refund.token.as_ref().and_then(|token| self.sales.get_mut(token));
                if let Some((returned, gross)) = sale {
                    *returned += i128::from(refund.money.units);
                    assert!(*returned <= *gross, "more came back than was paid: {refund:?}");
                }
            }
            _ => {}
        }
        self.done.push((request.clone(), text));
    }

    /// The cards and coupons that a record made.
    fn seen(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::CardIssued(issued) => {
                    let kinds = &self.program.document().cards;
                    let kind = kinds.iter().find(|kind| kind.id == issued.kind);
                    self.uses.extend(kind.map(|kind| (issued.card.clone(), kind.kind)));
                    self.cards.push(issued.card.clone());
                }
                Effect::CouponIssued(issued) => self.coupons.push(issued.code.clone()),
                Effect::BatchIssued(batch) => {
                    self.coupons.extend(batch.codes.iter().take(3).cloned());
                }
                _ => {}
            }
        }
    }

    /// At the end the records alone give the same book.
    pub fn finish(&self) {
        let entries = self.book.entries().iter().map(|entry| (entry.hash, entry.record.clone()));
        let mut rebuilt =
            Book::rebuild("t", self.program.clone(), entries).expect("the chain is sound");
        rebuilt.restore_profiles(self.book.profiles());
        assert_eq!(rebuilt.slice().head().hash, self.book.slice().head().hash);
        checks::limits(self.book.entries());
        self.replay();
        for card in &self.cards {
            let query = balance_of(card);
            let balance = |mut book: Book| book.call(&Request::new(self.latest, query.clone()));
            assert_eq!(balance(rebuilt.clone()), balance(self.book.clone()));
            let last: Timestamp = "2199-12-31T23:59:59Z".parse().expect("an instant");
            for at in [self.latest, last] {
                let answer = self.book.clone().call(&Request::new(at, query.clone()));
                checks::answer(&answer.expect("a card has a balance"));
            }
        }
        for record in &self.records {
            let explain = Command::Explain(Explain { record: record.clone() });
            let explained = self.book.clone().call(&Request::new(self.latest, explain));
            checks::answer(&explained.expect("a record explains itself"));
        }
        for card in &self.cards {
            let history = History { card: card.clone(), office: true, ..History::default() };
            let request = Request::new(self.latest, Command::History(history));
            checks::answer(&self.book.clone().call(&request).expect("a card has a history"));
        }
    }

    /// The commands of the records, decided again, give the same records.
    fn replay(&self) {
        let mut again = Book::new("t", self.program.clone()).expect("the till has a name");
        for (entry, (given, _)) in self.book.entries().iter().zip(&self.done) {
            let envelope = &entry.record.envelope;
            // What no record holds cannot be decided from the record.
            let whole = given.command.has_secrets() && given.command.order().is_none();
            let command = if whole { &given.command } else { &entry.record.command };
            let request = Request {
                at: envelope.at,
                command: command.clone(),
                entropy: envelope.entropy.clone(),
                correlation: envelope.correlation.clone(),
                offline_since: envelope.offline_since,
                judged: entry.quote().map(|quote| quote.judged.clone()).unwrap_or_default(),
                key: Some(envelope.key.clone()),
                ..Request::default()
            };
            let outcome = again.call(&request);
            let now = again.entries().last();
            let same = outcome.is_ok() && now.is_some_and(|now| now.hash == entry.hash);
            assert!(same, "decided otherwise: {outcome:?}\n{entry:?}\n{now:?}");
        }
    }

    fn request(&self, input: &mut Unstructured<'_>) -> Result<Request> {
        let at = if wild::rarely(input, 40)? {
            wild::instant(input)?
        } else {
            let minutes: i64 = match input.int_in_range(0..=5u8)? {
                0..=2 => i64::from(input.arbitrary::<u8>()?),
                3 | 4 => i64::from(input.arbitrary::<u8>()?) * 60,
                _ => i64::from(input.arbitrary::<u16>()?) * 3,
            };
            let later = SignedDuration::from_mins(minutes);
            self.latest.checked_add(later).unwrap_or(Timestamp::MAX)
        };
        let command = self.command(input, at)?;
        let key = match input.int_in_range(0..=19u8)? {
            0 if input.arbitrary()? => None,
            1 if input.arbitrary()? => Some(wild::word(input, &["k1", "k2", "k3"])?),
            _ => Some(format!("k{}", self.number)),
        };
        Ok(Request {
            at,
            entropy: entropy(input, &command)?,
            command,
            correlation: wild::maybe(input, 16, |input| wild::word(input, &["c-1"]))?,
            explain: input.arbitrary()?,
            judged: Vec::new(),
            key,
            preview: wild::rarely(input, 16)?,
            offline_since: wild::maybe(input, 8, wild::instant)?,
        })
    }

    fn command(&self, input: &mut Unstructured<'_>, at: Timestamp) -> Result<Command> {
        if !self.cards.is_empty() {
            match input.int_in_range(0..=15u8)? {
                0..=3 => return self.about_cards(input, at),
                4 => return self.about_guests(input),
                5 | 6 => return self.about_bills(input),
                7 | 8 if !self.reserved.is_empty() => return self.about_bills(input),
                _ => {}
            }
        }
        let mut choice = match self.cards.len() {
            0 => 0,
            1 | 2 if input.arbitrary()? => 0,
            _ => input.int_in_range(0..=31u8)?,
        };
        if !self.reserved.is_empty() && wild::rarely(input, 5)? {
            choice = 8;
        }
        let asks_sale = matches!(choice, 5..=9 | 14..=17 | 21);
        if matches!(choice, 5..=9) && self.reserved.is_empty() && !wild::rarely(input, 6)? {
            choice = 18;
        }
        if asks_sale && self.tokens.is_empty() && !wild::rarely(input, 16)? {
            choice = 31;
        }
        Ok(match choice {
            0..=2 => Command::Issue(self.issue(input)?),
            3 => Command::Allocate(allocate(input)?),
            4 => {
                let card = self.card(input)?;
                let presentation = self.presentation(input, &card)?;
                let office = input.arbitrary()?;
                Command::Balance(CardQuery { card, office, presentation })
            }
            5 | 6 => {
                let place = place(input)?;
                Command::Cancel(Cancel {
                    cashier: place.clone(),
                    reason: text(input, &["timeout"])?,
                    store: self.store(input)?,
                    till: place,
                    token: self.reserved(input)?,
                    ..Cancel::default()
                })
            }
            7..=9 => Command::Confirm(Confirm {
                gift_cards: self.captures(input)?,
                paid_at: wild::maybe(input, 6, wild::instant)?,
                points: wild::maybe(input, 3, wild::sound)?,
                receipt: text(input, &["r1"])?,
                store: self.store(input)?,
                tenders: wild::maybe(input, 4, |input| wild::list(input, 3, tender))?,
                token: self.reserved(input)?,
                ..Confirm::default()
            }),
            10 => {
                let record = if input.arbitrary()? || self.records.is_empty() {
                    self.token(input)?
                } else {
                    wild::pick(input, &self.records)?.clone()
                };
                Command::Explain(Explain { record })
            }
            11 => Command::History(History {
                card: self.card(input)?,
                limit: if input.arbitrary()? { 100 } else { input.arbitrary()? },
                office: input.arbitrary()?,
                ..History::default()
            }),
            12 => Command::Identify(Identify { scan: self.card(input)?.into() }),
            13 => Command::Quote(QuoteOrder { order: self.order(input)? }),
            14..=17 => Command::Refund(self.refund(input)?),
            18..=20 => Command::Reserve(ReserveOrder {
                order: self.order(input)?,
                hold_minutes: wild::maybe(input, 6, |input| {
                    Ok(if wild::rarely(input, 8)? {
                        input.arbitrary()?
                    } else {
                        u32::from(input.arbitrary::<u8>()?) + 1
                    })
                })?,
                expect: text(input, &[""])?,
            }),
            24 => Command::Activate(Activate {
                card: self.card(input)?,
                event: wild::word(input, &["visit"])?,
                sale: wild::maybe(input, 3, |input| self.token(input))?,
                store: self.store(input)?,
                ..Activate::default()
            }),
            25 | 26 => Command::ClosePeriod(ClosePeriod {
                cards: if input.arbitrary()? {
                    Vec::new()
                } else {
                    wild::list(input, 3, |input| self.card(input))?
                },
                store: self.store(input)?,
                till: place(input)?,
                ..ClosePeriod::default()
            }),
            27 => Command::Grant(GrantPoints {
                card: self.card(input)?,
                grant: match &self.program.document().grants[..] {
                    [] => "welcome".into(),
                    grants if wild::rarely(input, 16)? => format!("{}-", grants[0].id),
                    grants => wild::pick(input, grants)?.id.clone(),
                },
                reason: text(input, &["sorry"])?,
                store: self.store(input)?,
                till: place(input)?,
                ..GrantPoints::default()
            }),
            28 => Command::Transfer(Transfer {
                amount: if input.arbitrary()? {
                    u16::arbitrary_whole(input)?
                } else {
                    wild::sound(input)?
                },
                from: self.card(input)?,
                points: if wild::rarely(input, 8)? {
                    None
                } else {
                    Some(wild::word(input, &["bonus", "bonus", "star", "stamp", "RUB", "entry"])?)
                },
                store: self.store(input)?,
                to: self.card(input)?,
                ..Transfer::default()
            }),
            29 if wild::rarely(input, 4)? => {
                let document = wild::maybe(input, 2, documents::mutated_program)?;
                // In the order of its keys, in which it is written.
                let parse = |text: &str| Node::parse(text, 1 << 20).ok();
                let document = document.and_then(|text| parse(&parse(&text)?.canonical()));
                Command::Lint(Lint { document })
            }
            21 => Command::Void(Void { token: self.token(input)?, ..Void::default() }),
            _ => Command::Sell(SellOrder {
                order: self.order(input)?,
                expect: wild::maybe(input, 16, |input| wild::word(input, &["0"]))?,
            }),
        })
    }

    /// A card that exists, or a number that may.
    pub(crate) fn card(&self, input: &mut Unstructured<'_>) -> Result<String> {
        if self.cards.is_empty() || wild::rarely(input, 24)? {
            // Of all shipped programmes; some with check digits, some of them wrong.
            let numbers = [
                "1",
                "11",
                "1111",
                "5001",
                "6001",
                "2006",
                "2014",
                "3007",
                "3001",
                "17850",
                "2990000000019",
                "2890000000010",
                "2890000000011",
                "79990000001",
                "99999999",
                "10000001",
                "20000001",
                "30000001",
            ];
            return wild::word(input, &numbers);
        }
        wild::pick(input, &self.cards).cloned()
    }

    fn issue(&self, input: &mut Unstructured<'_>) -> Result<Issue> {
        let numbers = [
            "1",
            "11",
            "1111",
            "5001",
            "6001",
            "2006",
            "2014",
            "3007",
            "17850",
            "12345",
            "2990000000019",
            "2890000000010",
            "79990000001",
            "10000001",
            "20000001",
            "30000001",
        ];
        let issue = Issue {
            card: if self.numbers.is_empty() || wild::rarely(input, 16)? {
                wild::word(input, &numbers)?
            } else {
                wild::pick(input, &self.numbers)?.number.clone()
            },
            kind: wild::maybe(input, 32, |input| wild::word(input, &["bonus", "gold", "off"]))?,
            opening: if input.arbitrary()? { wild::list(input, 3, opening)? } else { Vec::new() },
            referred_by: if self.cards.is_empty() {
                None
            } else {
                wild::maybe(input, 3, |input| self.card(input))?
            },
            spent: wild::maybe(input, 3, wild::sound)?,
            store: self.store(input)?,
            ..Issue::default()
        };
        self.issue_further(input, issue)
    }

    /// A token that was given, or a forged one.
    pub(crate) fn token(&self, input: &mut Unstructured<'_>) -> Result<String> {
        let Some(token) = self.tokens.last().filter(|_| !wild::rarely(input, 12).unwrap_or(true))
        else {
            let check = "0123456789abcdef0123456789abcdef";
            let forged = [
                format!("k1.t.1.1.{check}"),
                format!("k1.t.1.0.{check}"),
                format!("k1.t.1.18446744073709551615.{check}"),
                format!("k1.t.2.1.{check}"),
                format!("k1.other.1.7.{check}"),
                format!("k1.t.1.1.{}", check.to_uppercase()),
                "k1.t.1.1.".into(),
                "k1".into(),
                format!("k2.t.1.1.{check}"),
            ];
            let forged: Vec<&str> = forged.iter().map(String::as_str).collect();
            return wild::word(input, &forged);
        };
        if input.arbitrary()? {
            Ok(token.clone())
        } else {
            wild::pick(input, &self.tokens).cloned()
        }
    }

    /// A token of a reserved sale, or now and then of any other.
    pub(crate) fn reserved(&self, input: &mut Unstructured<'_>) -> Result<String> {
        if self.reserved.is_empty() || wild::rarely(input, 8)? {
            return self.token(input);
        }
        wild::pick(input, &self.reserved).cloned()
    }

    fn refund(&self, input: &mut Unstructured<'_>) -> Result<Refund> {
        let mut refund = Refund {
            reason: text(input, &["broken"])?,
            receipt: text(input, &["r2"])?,
            ..Refund::default()
        };
        match input.int_in_range(0..=15u8)? {
            0..=5 => {
                let line = |input: &mut Unstructured<'_>| {
                    let quantity = wild::maybe(input, 2, quantity)?;
                    Ok(RefundLine { line: wild::word(input, &["1", "2", "3"])?, quantity })
                };
                refund.token = Some(self.token(input)?);
                refund.lines = wild::list(input, 3, line)?;
            }
            6..=9 => {
                refund.token = Some(self.token(input)?);
                refund.amount = Some(wild::sound(input)?);
            }
            10..=12 => refund.token = Some(self.token(input)?),
            13 | 14 => refund.order = Some(self.order(input)?),
            _ => {
                refund.token = wild::maybe(input, 2, |input| self.token(input))?;
                refund.order = wild::maybe(input, 2, |input| self.order(input))?;
                refund.amount = wild::maybe(input, 2, wild::decimal)?;
            }
        }
        refund.to_card = wild::maybe(input, 6, |input| self.card_for(input, CardUse::Gift))?;
        Ok(refund)
    }

    pub(crate) fn store(&self, input: &mut Unstructured<'_>) -> Result<Option<String>> {
        match &self.program.document().stores[..] {
            stores if stores.is_empty() || wild::rarely(input, 24)? => store(input),
            stores => Ok(Some(wild::pick(input, stores)?.id.clone())),
        }
    }

    /// A present that a promotion or a reward may give.
    fn gift(&self, input: &mut Unstructured<'_>) -> Result<Option<(String, String)>> {
        let document = self.program.document();
        let promotions = document.promotions.iter().map(|one| (&one.id, &one.then));
        let rewards = document.rewards.iter().map(|one| (&one.id, &one.then));
        let gifts = promotions.chain(rewards).filter_map(|(id, then)| match then {
            Then::Gift(gift) => Some((id.clone(), gift.items.first()?.sku.clone())),
            _ => None,
        });
        let gifts: Vec<_> = gifts.collect();
        if gifts.is_empty() { Ok(None) } else { wild::pick(input, &gifts).cloned().map(Some) }
    }

    /// A code of the programme, or a coupon's.
    pub(crate) fn code(&self, input: &mut Unstructured<'_>) -> Result<String> {
        if self.coupons.is_empty() || wild::rarely(input, 3)? {
            return wild::word(input, &["X", " x ", "GROUP", "gr2", "ALONE", "nothing"]);
        }
        let code = wild::pick(input, &self.coupons)?;
        Ok(if input.arbitrary()? { code.clone() } else { code.to_lowercase() })
    }

    fn claim(&self, input: &mut Unstructured<'_>) -> Result<Claim> {
        let rewards = &self.program.document().rewards;
        if rewards.is_empty() || wild::rarely(input, 24)? {
            return Ok(Claim { reward: wild::word(input, &["flat", "tenth"])?, times: 1 });
        }
        let reward = wild::pick(input, rewards)?;
        let flat = matches!(reward.cost, Cost::Flat(_));
        let times = match input.int_in_range(0..=23u8)? {
            0 => input.arbitrary()?,
            _ if flat => 1,
            1..=4 => u32::from(input.arbitrary::<u8>()?) + 1,
            few => u32::from(few) % 4 + 1,
        };
        Ok(Claim { reward: reward.id.clone(), times })
    }

    fn order(&self, input: &mut Unstructured<'_>) -> Result<Order> {
        let currency = wild::maybe(input, 16, |i| wild::word(i, &["RUB", "JPY", "USD", "KWD"]))?;
        let length = if wild::rarely(input, 60)? { 0 } else { input.int_in_range(1..=4usize)? };
        let mut lines: Vec<Line> =
            (0..length).map(|place| line(input, place)).collect::<Result<_>>()?;
        if wild::rarely(input, 4)? {
            let sold = Line { kind: LineKind::StoredValue, ..line(input, length)? };
            lines.push(sold);
        }
        for line in &mut lines {
            self.load(input, line)?;
        }
        if wild::rarely(input, 6)? {
            let mut present = line(input, lines.len())?;
            let gift = if wild::rarely(input, 16)? {
                Some((wild::word(input, &["ten", "gift-added"])?, "s1".to_owned()))
            } else {
                self.gift(input)?
            };
            if let Some((gift, sku)) = gift {
                (present.gift, present.sku) = (Some(gift), Some(sku));
                lines.push(present);
            }
        }
        Ok(Order {
            attributes: if wild::rarely(input, 5)? {
                wild::list(input, 2, |input| attribute(input, &["hall"], &["1", "2"]))?
            } else {
                Vec::new()
            },
            guest: wild::maybe(input, 3, guest)?,
            rewards: if wild::rarely(input, 3)? {
                let mut claims = wild::list(input, 3, |input| self.claim(input))?;
                if !wild::rarely(input, 16)? {
                    claims.sort_by(|one, other| other.reward.cmp(&one.reward));
                    claims.dedup_by(|one, other| one.reward == other.reward);
                }
                claims
            } else {
                Vec::new()
            },
            cards: {
                let count =
                    if wild::rarely(input, 10)? { 0 } else { input.int_in_range(1..=3u8)? };
                let card = |input: &mut Unstructured<'_>| {
                    let presented = *wild::pick(input, Presented::ALL)?;
                    let number = self.card(input)?;
                    let confirmed = match wild::rarely(input, 3)? {
                        true => *wild::pick(input, Challenge::ALL)?,
                        false => Challenge::None,
                    };
                    let presentation = self.presentation(input, &number)?;
                    Ok(PresentedCard { confirmed, number, presentation, presented })
                };
                let mut cards = (0..count).map(|_| card(input)).collect::<Result<Vec<_>>>()?;
                if !wild::rarely(input, 24)? {
                    cards.sort_by(|one, other| one.number.cmp(&other.number));
                    cards.dedup_by(|one, other| one.number == other.number);
                    if input.arbitrary()? {
                        cards.reverse();
                    }
                }
                cards
            },
            cashier: place(input)?,
            channel: wild::maybe(input, 4, |input| {
                wild::word(input, &["app", "phone", "pickup", "delivery"])
            })?,
            codes: if wild::rarely(input, 3)? {
                wild::list(input, 3, |input| self.code(input))?
            } else {
                Vec::new()
            },
            rate: if currency.is_some() {
                if wild::rarely(input, 6)? { None } else { Some(wild::sound(input)?) }
            } else {
                wild::maybe(input, 64, wild::decimal)?
            },
            currency,
            discounts: if wild::rarely(input, 3)? {
                wild::list(input, 2, host_discount)?
            } else {
                Vec::new()
            },
            lines,
            opened_at: wild::maybe(input, 8, wild::instant)?,
            paid_at: wild::maybe(input, 6, wild::instant)?,
            receipt: text(input, &["r3"])?,
            shift: place(input)?,
            spend: spend(input)?,
            store: self.store(input)?,
            tenders: if wild::rarely(input, 3)? {
                wild::list(input, 2, tender)?
            } else {
                Vec::new()
            },
            till: place(input)?,
            gift_cards: self.gift_cards(input)?,
            offline: wild::rarely(input, 6)?,
            paper: wild::maybe(input, 16, paper)?,
        })
    }
}

fn paper(input: &mut Unstructured<'_>) -> Result<PaperReceipt> {
    Ok(PaperReceipt {
        at: wild::instant(input)?,
        by: wild::word(input, &["Anna"])?,
        distinct: input.arbitrary()?,
        number: wild::word(input, &["17", "18"])?,
    })
}

/// Two numbers for each range of the programme's cards.
fn numbers(book: &mut Book) -> Vec<Fresh> {
    let document = book.program().expect("a programme").document().clone();
    let kinds = document.cards.iter();
    let ranges = kinds.flat_map(|kind| kind.numbers.iter().map(move |range| (kind, range)));
    let mut numbers = Vec::new();
    for (kind, range) in ranges.take(24) {
        let length = usize::from(range.length_max).clamp(1, 64);
        for filler in ['1', '2'] {
            let digits = range.prefix.chars().chain(std::iter::repeat(filler));
            let body: String = digits.take(length - 1).collect();
            let fits = |scan: &String| {
                let identify = Command::Identify(Identify { scan: scan.as_str().into() });
                let answer = book.call(&Request::new(Timestamp::UNIX_EPOCH, identify));
                matches!(answer, Ok(Answer::Identified(found)) if found.kind.is_some())
            };
            let number = (0..10).map(|last| format!("{body}{last}")).find(fits);
            numbers.extend(number.map(|number| Fresh {
                number,
                kind: kind.id.clone(),
                usage: kind.kind,
                pin: kind.pin.is_some(),
            }));
        }
    }
    numbers
}

/// The back office asks what a card holds.
fn balance_of(card: &str) -> Command {
    Command::Balance(CardQuery { card: card.to_owned(), office: true, ..CardQuery::default() })
}

/// Chance for what is made of it, and now and then for what is not.
fn entropy(input: &mut Unstructured<'_>, command: &Command) -> Result<Option<String>> {
    let made = matches!(command, Command::Issue(_) | Command::Batch(_) | Command::Card(_));
    let given = if made { !wild::rarely(input, 12)? } else { wild::rarely(input, 8)? };
    if !given {
        return Ok(None);
    }
    Ok(Some(match wild::rarely(input, 16)? {
        true => wild::word(input, &["00", "0g", "00112233445566778899aabbccddeeff", "ABCDEF"])?,
        false => format!("{:0>64x}", input.arbitrary::<u16>()?),
    }))
}

fn sale_quote(answer: &Answer) -> Option<&Quote> {
    match answer {
        Answer::Sale(sale) => sale.quote.as_ref(),
        _ => None,
    }
}

fn is_expressible(request: &Request) -> bool {
    let node = Node::parse(&canonical(request), 1 << 30);
    let read = node.map(|node| Reader::document::<Request>(&node));
    read.is_ok_and(|(read, mistakes)| mistakes.is_empty() && read == *request)
}

pub(crate) fn text(input: &mut Unstructured<'_>, known: &[&str]) -> Result<Option<String>> {
    wild::maybe(input, 8, |input| wild::word(input, known))
}

fn place(input: &mut Unstructured<'_>) -> Result<Option<String>> {
    text(input, &["t1", "t9"])
}

/// Programmes with stores need one, the others do not mind.
fn store(input: &mut Unstructured<'_>) -> Result<Option<String>> {
    let known = ["msk", "msk", "nyc", "almaz", "topaz"];
    if wild::rarely(input, 16)? { Ok(None) } else { wild::word(input, &known).map(Some) }
}

pub(crate) fn opening(input: &mut Unstructured<'_>) -> Result<OpeningLot> {
    Ok(OpeningLot {
        amount: if wild::rarely(input, 10)? {
            wild::sound(input)?
        } else {
            u16::arbitrary_whole(input)?
        },
        expires_at: wild::maybe(input, 2, wild::instant)?,
        opens_at: wild::maybe(input, 4, wild::instant)?,
        points: wild::maybe(input, 12, |input| {
            wild::word(input, &["bonus", "star", "stamp", "bean", "point"])
        })?,
    })
}

trait Whole {
    fn arbitrary_whole(input: &mut Unstructured<'_>) -> Result<rust_decimal::Decimal>;
}

impl Whole for u16 {
    fn arbitrary_whole(input: &mut Unstructured<'_>) -> Result<rust_decimal::Decimal> {
        Ok(input.arbitrary::<u16>()?.into())
    }
}

pub(crate) fn quantity(input: &mut Unstructured<'_>) -> Result<rust_decimal::Decimal> {
    Ok(match input.int_in_range(0..=9u8)? {
        0..=5 => rust_decimal::Decimal::from(input.int_in_range(1..=5u8)?),
        9 if wild::rarely(input, 5)? => wild::decimal(input)?,
        _ => rust_decimal::Decimal::new(i64::from(input.arbitrary::<u16>()?) + 1, 3),
    })
}

fn attribute(input: &mut Unstructured<'_>, names: &[&str], values: &[&str]) -> Result<Attribute> {
    Ok(Attribute { name: wild::word(input, names)?, value: wild::word(input, values)? })
}

/// What only the host knows: marked, so that it is seen where it does not belong.
fn guest(input: &mut Unstructured<'_>) -> Result<GuestFacts> {
    let mut attributes = wild::list(input, 2, |input| attribute(input, &["sex"], &["f", "m"]))?;
    attributes.push(Attribute { name: secrets::MARK.into(), value: secrets::MARK.into() });
    let birthday = wild::maybe(input, 2, |input| wild::pick(input, secrets::BIRTHDAYS).copied())?;
    Ok(GuestFacts { attributes, birthday: birthday.map(str::to_owned) })
}

fn line(input: &mut Unstructured<'_>, place: usize) -> Result<Line> {
    let id = if wild::rarely(input, 120)? {
        wild::word(input, &["1", "2"])?
    } else {
        (place + 1).to_string()
    };
    let kind =
        if wild::rarely(input, 5)? { *wild::pick(input, LineKind::ALL)? } else { LineKind::Goods };
    let mut price = wild::sound(input)?;
    if kind == LineKind::Adjustment && input.arbitrary()? {
        price = -price;
    }
    let stages = |input: &mut Unstructured<'_>| wild::pick(input, Stage::ALL).copied();
    Ok(Line {
        card: None,
        attributes: if wild::rarely(input, 16)? {
            wild::list(input, 2, |i| attribute(i, &["gtin", "strange"], &["0", "1", "yes"]))?
        } else {
            Vec::new()
        },
        category: wild::maybe(input, 3, |input| {
            wild::word(input, &["vodka", "tobacco", "tea", "tea", "drink", "business-lunch"])
        })?,
        excluded_from: if wild::rarely(input, 8)? {
            wild::list(input, 2, stages)?
        } else {
            Vec::new()
        },
        floor: wild::maybe(input, 8, wild::sound)?,
        gift: None,
        id,
        kind,
        name: text(input, &["Tea"])?,
        parent: wild::maybe(input, 16, |input| wild::word(input, &["1"]))?,
        price,
        quantity: if input.arbitrary()? { quantity(input)? } else { rust_decimal::Decimal::ONE },
        sku: wild::maybe(input, 4, |input| wild::word(input, &["s1", "s2"]))?,
        tags: if wild::rarely(input, 6)? {
            wild::list(input, 2, |i| wild::word(i, &["promo", "gold"]))?
        } else {
            Vec::new()
        },
        taxes: if wild::rarely(input, 4)? { wild::list(input, 3, tax)? } else { Vec::new() },
    })
}

fn tax(input: &mut Unstructured<'_>) -> Result<TaxRule> {
    let size = match input.int_in_range(0..=5u8)? {
        0..=2 => TaxSize::Percent((*wild::pick(input, &[20u16, 10, 0, 7, 1000])?).into()),
        3 if wild::rarely(input, 6)? => TaxSize::Percent(wild::decimal(input)?),
        3 | 4 => TaxSize::PerUnit(wild::sound(input)?),
        _ if wild::rarely(input, 6)? => TaxSize::PerUnit(wild::decimal(input)?),
        _ => TaxSize::Percent(5u8.into()),
    };
    Ok(TaxRule { inside: input.arbitrary()?, name: wild::word(input, &["VAT", "sales"])?, size })
}

fn host_discount(input: &mut Unstructured<'_>) -> Result<HostDiscount> {
    Ok(HostDiscount {
        amount: wild::sound(input)?,
        line: wild::maybe(input, 2, |input| wild::word(input, &["1"]))?,
        name: wild::word(input, &["host"])?,
    })
}

fn tender(input: &mut Unstructured<'_>) -> Result<Tender> {
    Ok(Tender { amount: wild::sound(input)?, kind: wild::word(input, &["gift", "cash"])? })
}

fn spend(input: &mut Unstructured<'_>) -> Result<Spend> {
    Ok(match input.int_in_range(0..=9u8)? {
        0..=3 => Spend { mode: SpendMode::Max, points: None },
        4 | 5 => Spend::default(),
        6..=8 => {
            let points =
                if input.arbitrary()? { u16::arbitrary_whole(input)? } else { wild::sound(input)? };
            Spend { mode: SpendMode::Exact, points: Some(points) }
        }
        _ => Spend {
            mode: *wild::pick(input, SpendMode::ALL)?,
            points: wild::maybe(input, 2, wild::decimal)?,
        },
    })
}

fn allocate(input: &mut Unstructured<'_>) -> Result<Allocate> {
    let line = |input: &mut Unstructured<'_>| {
        Ok(AllocateLine {
            amount: wild::sound(input)?,
            excluded: wild::rarely(input, 6)?,
            floor: wild::maybe(input, 4, wild::sound)?,
            quantity: quantity(input)?,
        })
    };
    Ok(Allocate {
        amount: wild::sound(input)?,
        currency: wild::maybe(input, 4, |input| wild::word(input, &["RUB", "JPY", "KWD"]))?,
        lines: wild::list(input, 6, line)?,
        policy: Allocation {
            blocked: *wild::pick(input, Blocked::ALL)?,
            residue: *wild::pick(input, Residue::ALL)?,
            spread: *wild::pick(input, Spread::ALL)?,
            units: *wild::pick(input, kopilka::UnitOrder::ALL)?,
            zero_price: input.arbitrary()?,
        },
    })
}
