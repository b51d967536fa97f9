//! Sequences of calls on one book, each followed by every check.

use std::collections::BTreeMap;

use arbitrary::{Result, Unstructured};
use jiff::{SignedDuration, Timestamp};
use kopilka::document::{Reader, canonical};
use kopilka::json::Node;
use kopilka::{
    Allocate, AllocateLine, Allocation, Answer, Attribute, Blocked, Book, Cancel, CardQuery,
    Command, Confirm, Explain, History, HostDiscount, Identify, Issue, Line, LineKind, OpeningLot,
    Order, Presented, PresentedCard, Program, QuoteOrder, Refund, RefundLine, Request,
    ReserveOrder, Residue, SellOrder, Spend, SpendMode, Spread, Stage, TaxRule, TaxSize, Tender,
    Void, touches,
};

use crate::{checks, documents, wild};

/// The most calls of one sequence.
const CALLS_MAX: usize = 40;

/// A book under test, and what was seen of it.
pub struct Session {
    book: Book,
    program: Program,
    tokens: Vec<String>,
    records: Vec<String>,
    cards: Vec<String>,
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
        Session {
            book: Book::new("t", program.clone()).expect("the till has a name"),
            program,
            tokens: Vec::new(),
            records: Vec::new(),
            cards: Vec::new(),
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
            checks::reads_back(&request);
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
        let answer = match self.book.call(request) {
            Ok(answer) => answer,
            Err(error) => {
                assert_eq!(self.book.entries().len(), before, "an error was recorded");
                return checks::error(&error, request);
            }
        };
        let text = checks::answer(&answer);
        let recorded = self.book.entries().len() - before;
        assert!(recorded <= usize::from(request.command.changes() && !request.preview));
        if recorded == 1 {
            self.recorded(request, &answer, text);
        }
        self.latest = self.latest.max(request.at);
        let last: Timestamp = "2199-12-31T23:59:59Z".parse().expect("an instant");
        for card in &self.cards {
            for at in [request.at, self.latest, last] {
                let query = Command::Balance(CardQuery { card: card.clone() });
                let answer = self.book.call(&Request::new(at, query));
                checks::answer(&answer.expect("a card has a balance"));
            }
        }
    }

    fn recorded(&mut self, request: &Request, answer: &Answer, text: String) {
        let entries = self.book.entries();
        let (entry, earlier) = entries.split_last().expect("it was recorded");
        let zeros = "0".repeat(64);
        checks::entry(entry, &earlier.last().map_or(zeros, |entry| entry.hash.to_string()));
        self.records.push(entry.record.envelope.id().to_string());
        match answer {
            Answer::Card(answer) => self.cards.push(answer.card.card.clone()),
            Answer::Sale(sale) => {
                let token = sale.token.clone().expect("a sale has a token");
                if let Some(quote) = &sale.quote {
                    let gross = i128::from(quote.totals.gross.units);
                    self.sales.insert(token.clone(), (0, gross));
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
        for card in &self.cards {
            let query = Command::Balance(CardQuery { card: card.clone() });
            let balance = |mut book: Book| book.call(&Request::new(self.latest, query.clone()));
            assert_eq!(balance(rebuilt.clone()), balance(self.book.clone()));
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

    fn request(&self, input: &mut Unstructured<'_>) -> Result<Request> {
        let command = self.command(input)?;
        let at = if wild::rarely(input, 6)? {
            wild::instant(input)?
        } else {
            let later = SignedDuration::from_mins(i64::from(input.arbitrary::<u16>()?) * 3);
            self.latest.checked_add(later).unwrap_or(Timestamp::MAX)
        };
        let key = match input.int_in_range(0..=19u8)? {
            0 => None,
            1 => Some(wild::word(input, &["k1", "k2", "k3"])?),
            _ => Some(format!("k{}", self.number)),
        };
        Ok(Request {
            at,
            command,
            correlation: wild::maybe(input, 16, |input| wild::word(input, &["c-1"]))?,
            explain: input.arbitrary()?,
            key,
            preview: wild::rarely(input, 16)?,
        })
    }

    fn command(&self, input: &mut Unstructured<'_>) -> Result<Command> {
        let choice = if self.cards.is_empty() { 0 } else { input.int_in_range(0..=24u8)? };
        Ok(match choice {
            0..=2 => Command::Issue(self.issue(input)?),
            3 => Command::Allocate(allocate(input)?),
            4 => Command::Balance(CardQuery { card: self.card(input)? }),
            5 | 6 => {
                let place = place(input)?;
                Command::Cancel(Cancel {
                    cashier: place.clone(),
                    reason: text(input, &["timeout"])?,
                    store: store(input)?,
                    till: place,
                    token: self.token(input)?,
                    ..Cancel::default()
                })
            }
            7..=9 => Command::Confirm(Confirm {
                paid_at: wild::maybe(input, 6, wild::instant)?,
                points: wild::maybe(input, 3, wild::sound)?,
                receipt: text(input, &["r1"])?,
                store: store(input)?,
                tenders: wild::maybe(input, 4, |input| wild::list(input, 3, tender))?,
                token: self.token(input)?,
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
                hold_minutes: wild::maybe(input, 6, |input| input.arbitrary())?,
                expect: text(input, &[""])?,
            }),
            21 => Command::Void(Void { token: self.token(input)?, ..Void::default() }),
            _ => Command::Sell(SellOrder {
                order: self.order(input)?,
                expect: wild::maybe(input, 16, |input| wild::word(input, &["0"]))?,
            }),
        })
    }

    /// A card that exists, or a number that may.
    fn card(&self, input: &mut Unstructured<'_>) -> Result<String> {
        if self.cards.is_empty() || wild::rarely(input, 8)? {
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
        ];
        Ok(Issue {
            card: wild::word(input, &numbers)?,
            guest: text(input, &["guest"])?,
            kind: wild::maybe(input, 8, |input| wild::word(input, &["bonus", "gold", "off"]))?,
            opening: wild::list(input, 4, opening)?,
            spent: wild::maybe(input, 3, wild::sound)?,
            store: store(input)?,
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

    fn order(&self, input: &mut Unstructured<'_>) -> Result<Order> {
        let currency = wild::maybe(input, 10, |i| wild::word(i, &["RUB", "JPY", "USD", "KWD"]))?;
        let length = if wild::rarely(input, 24)? { 0 } else { input.int_in_range(1..=4usize)? };
        let lines: Result<Vec<Line>> = (0..length).map(|place| line(input, place)).collect();
        Ok(Order {
            cards: wild::list(input, 3, |input| {
                let presented = *wild::pick(input, Presented::ALL)?;
                Ok(PresentedCard { number: self.card(input)?, presented })
            })?,
            cashier: place(input)?,
            channel: text(input, &["app", "phone"])?,
            codes: if wild::rarely(input, 8)? {
                wild::list(input, 2, |i| wild::word(i, &["X"]))?
            } else {
                Vec::new()
            },
            rate: if currency.is_some() {
                wild::maybe(input, 2, wild::decimal)?
            } else {
                wild::maybe(input, 32, wild::decimal)?
            },
            currency,
            discounts: if wild::rarely(input, 3)? {
                wild::list(input, 2, host_discount)?
            } else {
                Vec::new()
            },
            lines: lines?,
            opened_at: wild::maybe(input, 8, wild::instant)?,
            paid_at: wild::maybe(input, 6, wild::instant)?,
            receipt: text(input, &["r3"])?,
            shift: place(input)?,
            spend: spend(input)?,
            store: store(input)?,
            tenders: if wild::rarely(input, 3)? {
                wild::list(input, 2, tender)?
            } else {
                Vec::new()
            },
            till: place(input)?,
        })
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
        amount: if wild::rarely(input, 3)? {
            wild::sound(input)?
        } else {
            u16::arbitrary_whole(input)?
        },
        expires_at: wild::maybe(input, 2, wild::instant)?,
        opens_at: wild::maybe(input, 4, wild::instant)?,
        points: wild::maybe(input, 12, |input| {
            wild::word(input, &["bonus", "star", "bean", "point"])
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
        6..=8 => rust_decimal::Decimal::new(i64::from(input.arbitrary::<u16>()?) + 1, 3),
        _ => wild::decimal(input)?,
    })
}

fn line(input: &mut Unstructured<'_>, place: usize) -> Result<Line> {
    let id = if wild::rarely(input, 24)? {
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
    let attribute = |input: &mut Unstructured<'_>| {
        Ok(Attribute { name: wild::word(input, &["gtin"])?, value: wild::word(input, &["0"])? })
    };
    let stages = |input: &mut Unstructured<'_>| wild::pick(input, Stage::ALL).copied();
    Ok(Line {
        attributes: if wild::rarely(input, 16)? {
            wild::list(input, 2, attribute)?
        } else {
            Vec::new()
        },
        category: wild::maybe(input, 4, |input| wild::word(input, &["vodka", "tobacco", "tea"]))?,
        excluded_from: if wild::rarely(input, 8)? {
            wild::list(input, 2, stages)?
        } else {
            Vec::new()
        },
        floor: wild::maybe(input, 8, wild::sound)?,
        id,
        kind,
        name: text(input, &["Tea"])?,
        parent: wild::maybe(input, 12, |input| wild::word(input, &["1", "2"]))?,
        price,
        quantity: if input.arbitrary()? { quantity(input)? } else { rust_decimal::Decimal::ONE },
        sku: wild::maybe(input, 8, |input| wild::word(input, &["s1", "s2"]))?,
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
        3 => TaxSize::Percent(wild::decimal(input)?),
        4 => TaxSize::PerUnit(wild::sound(input)?),
        _ => TaxSize::PerUnit(wild::decimal(input)?),
    };
    Ok(TaxRule { inside: input.arbitrary()?, name: wild::word(input, &["VAT", "sales"])?, size })
}

fn host_discount(input: &mut Unstructured<'_>) -> Result<HostDiscount> {
    Ok(HostDiscount {
        amount: wild::sound(input)?,
        line: wild::maybe(input, 2, |input| wild::word(input, &["1", "2"]))?,
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
