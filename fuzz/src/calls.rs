//! Sequences of calls on one book, each followed by every check.

use std::collections::BTreeMap;

use arbitrary::{Result, Unstructured};
use jiff::{SignedDuration, Timestamp};
use kopilka::document::{Reader, canonical};
use kopilka::json::Node;
use kopilka::{
    Activate, Allocate, AllocateLine, Allocation, Answer, Attribute, Blocked, Book, Cancel,
    CardQuery, Claim, ClosePeriod, Command, Confirm, Cost, Explain, GrantPoints, GuestFacts,
    History, HostDiscount, Identify, Issue, Line, LineKind, Lint, OpeningLot, Order, Presented,
    PresentedCard, Program, Quote, QuoteOrder, Refund, RefundLine, Request, ReserveOrder, Residue,
    SaleStatus, SellOrder, Spend, SpendMode, Spread, Stage, TaxRule, TaxSize, Tender, Then,
    Transfer, Void, touches,
};

use crate::{checks, documents, wild};

/// The most calls of one sequence.
const CALLS_MAX: usize = 40;
/// What guests have that no record may hold.
const SECRET: &str = "no-record-holds-this";
const BIRTHDAYS: &[&str] = &["1961-02-28", "1996-02-29", "2011-10-25"];

/// A book under test, and what was seen of it.
pub struct Session {
    book: Book,
    program: Program,
    tokens: Vec<String>,
    /// Those of sales that were reserved and not ended.
    reserved: Vec<String>,
    records: Vec<String>,
    cards: Vec<String>,
    /// The codes of the coupons that were issued.
    coupons: Vec<String>,
    /// Numbers that the programme's cards may have.
    numbers: Vec<String>,
    /// Whether the requests are made here, so that only guests have what no record may hold.
    made_here: bool,
    /// What was answered under a key.
    done: Vec<(Request, String)>,
    /// What was given back of each sale, and the most that may be.
    sales: BTreeMap<String, (i128, i128)>,
    /// The number of the call, for keys.
    number: usize,
    latest: Timestamp,
}

/// Makes calls until the input ends.
pub fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let mut session = Session::new(documents::any_program(input)?);
    session.made_here = true;
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
            coupons: Vec::new(),
            made_here: false,
            done: Vec::new(),
            sales: BTreeMap::new(),
            number: 0,
            latest: "2025-10-24T14:30:00+03:00".parse().expect("an instant"),
        }
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
        assert_eq!(again.as_ref().ok(), Some(&answer), "another answer to {request:?}: {again:?}");
        let mut other = self.request(input)?;
        other.preview = false;
        other.key = request.key;
        if other.command != request.command && other.command.changes() {
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
        let (program, slice) = (self.book.program(), self.book.slice());
        let _ = touches(program, slice, &request.command, request.key.as_deref());
        let head = slice.head().hash;
        let quoted = self.quoted(request);
        let answer = match self.book.call(request) {
            Ok(answer) => answer,
            Err(error) => {
                assert_eq!(self.book.entries().len(), before, "an error was recorded");
                assert_eq!(self.book.slice().head().hash, head, "an error changed the book");
                return checks::error(&error, request);
            }
        };
        let text = checks::answer(&answer);
        checks::told(&answer, self.book.program());
        if !request.command.changes() {
            let again = self.book.call(request);
            assert_eq!(again.as_ref(), Ok(&answer), "another answer the second time");
            assert_eq!(self.book.slice().head().hash, head, "a question changed the book");
        }
        let recorded = self.book.entries().len() - before;
        assert!(recorded <= usize::from(request.command.changes() && !request.preview));
        if recorded == 1 {
            if let Some((quoted, sale)) = quoted.as_ref().zip(sale_quote(&answer)) {
                assert_eq!(quoted, sale, "a sale is not as it was quoted");
            }
            self.recorded(request, &answer, text);
        }
        self.latest = self.latest.max(request.at);
        for card in &self.cards {
            let query = Command::Balance(CardQuery { card: card.clone() });
            match self.book.call(&Request::new(request.at, query)) {
                Ok(Answer::Card(answer)) => checks::card(&answer.card),
                other => panic!("a card has a balance: {other:?}"),
            }
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
        asked.explain = true;
        let Ok(Answer::Quote(mut quote)) = self.book.clone().call(&asked) else { return None };
        checks::quote(&quote);
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
            let text = canonical(&entry.record);
            let told = text.contains(SECRET)
                || BIRTHDAYS.iter().any(|day| text.contains(&format!("\"{day}\"")));
            assert!(!told, "the guest is recorded: {text}");
        }
        let issued = match answer {
            Answer::Changed(changed) => &changed.coupons[..],
            Answer::Sale(sale) => &sale.coupons[..],
            _ => &[],
        };
        self.coupons.extend(issued.iter().map(|coupon| coupon.code.clone()));
        match answer {
            Answer::Card(answer) => self.cards.push(answer.card.card.clone()),
            Answer::Sale(sale) => {
                let token = sale.token.clone().expect("a sale has a token");
                if let Some(quote) = &sale.quote {
                    let gross = i128::from(quote.totals.gross.units);
                    self.sales.insert(token.clone(), (0, gross));
                }
                self.reserved.retain(|reserved| *reserved != token);
                if sale.status == SaleStatus::Reserved {
                    self.reserved.push(token.clone());
                }
                self.tokens.push(token);
            }
            Answer::Refund(refund) => {
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

    /// At the end the records alone give the same book.
    pub fn finish(&self) {
        let entries = self.book.entries().iter().map(|entry| (entry.hash, entry.record.clone()));
        let rebuilt =
            Book::rebuild("t", self.program.clone(), entries).expect("the chain is sound");
        assert_eq!(rebuilt.slice().head().hash, self.book.slice().head().hash);
        checks::limits(self.book.entries());
        self.replay();
        for card in &self.cards {
            let query = Command::Balance(CardQuery { card: card.clone() });
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
            let history = History { card: card.clone(), limit: 100 };
            let request = Request::new(self.latest, Command::History(history));
            checks::answer(&self.book.clone().call(&request).expect("a card has a history"));
        }
    }

    /// The commands of the records, decided again, give the same records.
    fn replay(&self) {
        let mut again = Book::new("t", self.program.clone()).expect("the till has a name");
        for entry in self.book.entries() {
            let envelope = &entry.record.envelope;
            let request = Request {
                at: envelope.at,
                command: entry.record.command.clone(),
                correlation: envelope.correlation.clone(),
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
        let command = self.command(input)?;
        let at = if wild::rarely(input, 6)? {
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
        let key = match input.int_in_range(0..=19u8)? {
            0 if input.arbitrary()? => None,
            1 if input.arbitrary()? => Some(wild::word(input, &["k1", "k2", "k3"])?),
            _ => Some(format!("k{}", self.number)),
        };
        Ok(Request {
            at,
            command,
            correlation: wild::maybe(input, 16, |input| wild::word(input, &["c-1"]))?,
            explain: input.arbitrary()?,
            judged: Vec::new(),
            key,
            preview: wild::rarely(input, 16)?,
        })
    }

    fn command(&self, input: &mut Unstructured<'_>) -> Result<Command> {
        let mut choice = match self.cards.len() {
            0 => 0,
            1 | 2 if input.arbitrary()? => 0,
            _ => input.int_in_range(0..=31u8)?,
        };
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
            4 => Command::Balance(CardQuery { card: self.card(input)? }),
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
            }),
            12 => Command::Identify(Identify { scan: self.card(input)? }),
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
                    Some(wild::word(input, &["bonus", "bonus", "star", "stamp"])?)
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
    fn card(&self, input: &mut Unstructured<'_>) -> Result<String> {
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
        Ok(Issue {
            card: if self.numbers.is_empty() || wild::rarely(input, 16)? {
                wild::word(input, &numbers)?
            } else {
                wild::pick(input, &self.numbers)?.clone()
            },
            guest: text(input, &["guest"])?,
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
        })
    }

    /// A token that was given, or a forged one.
    fn token(&self, input: &mut Unstructured<'_>) -> Result<String> {
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
    fn reserved(&self, input: &mut Unstructured<'_>) -> Result<String> {
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
        Ok(refund)
    }

    fn store(&self, input: &mut Unstructured<'_>) -> Result<Option<String>> {
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
    fn code(&self, input: &mut Unstructured<'_>) -> Result<String> {
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
        if wild::rarely(input, 6)? {
            let mut present = line(input, length)?;
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
                    Ok(PresentedCard { number: self.card(input)?, presented })
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
        })
    }
}

/// Two numbers for each range of the programme's cards.
fn numbers(book: &mut Book) -> Vec<String> {
    let document = book.program().document().clone();
    let ranges = document.cards.iter().flat_map(|kind| &kind.numbers).take(8);
    let mut numbers = Vec::new();
    for range in ranges {
        let length = usize::from(range.length_max).clamp(1, 64);
        for filler in ['1', '2'] {
            let digits = range.prefix.chars().chain(std::iter::repeat(filler));
            let body: String = digits.take(length - 1).collect();
            let fits = |scan: &String| {
                let identify = Command::Identify(Identify { scan: scan.clone() });
                let answer = book.call(&Request::new(Timestamp::UNIX_EPOCH, identify));
                matches!(answer, Ok(Answer::Identified(found)) if found.kind.is_some())
            };
            numbers.extend((0..10).map(|last| format!("{body}{last}")).find(fits));
        }
    }
    numbers
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

fn text(input: &mut Unstructured<'_>, known: &[&str]) -> Result<Option<String>> {
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

fn opening(input: &mut Unstructured<'_>) -> Result<OpeningLot> {
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

fn quantity(input: &mut Unstructured<'_>) -> Result<rust_decimal::Decimal> {
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
    attributes.push(Attribute { name: SECRET.into(), value: SECRET.into() });
    let birthday = wild::maybe(input, 2, |input| wild::pick(input, BIRTHDAYS).copied())?;
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
