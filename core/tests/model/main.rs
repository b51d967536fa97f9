//! The engine against a naive model, under random sequences of calls.

mod card;
mod naive;
mod sale;
#[path = "../shares/mod.rs"]
mod shares;
mod step;

use card::{Lot, NEVER, Reading};
use jiff::{SignedDuration, Timestamp};
use kopilka::document::canonical;
use kopilka::*;
use naive::{Model, Outcome, Wish};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseResult};
use rust_decimal::Decimal;
use sale::{Line as SoldLine, Status};
use step::{Step, steps};

const CARDS: [&str; 3] = ["1001", "1002", "1003"];

fn cases() -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng_seed = RngSeed::Fixed(2026);
    if asked { config } else { Config { cases: 5_000, rng_seed, ..config } }
}

fn instant(minutes: i64) -> Timestamp {
    let start: Timestamp = "2025-10-24T12:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minutes)
}

fn program(delay: Option<u32>, life: Option<u32>) -> Program {
    let hours = |name: &str, hours: Option<u32>| {
        hours.map_or_else(String::new, |hours| format!(r#""{name}": {{"hours": {hours}}},"#))
    };
    let (delay, life) = (hours("delay", delay), hours("life", life));
    let text = format!(
        r#"{{
        "id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
        "points": [{{"id": "bonus"}}],
        "cards": [{{"id": "bonus", "kind": "bonus", "numbers": [{{"length_max": 4}}]}}],
        "earning": {{"rules": [{{"id": "five", {delay} {life} "give": {{"percent": "5"}}}}]}},
        "redemption": {{"percent": "20"}}
    }}"#
    );
    Program::compile(&text).unwrap()
}

/// The engine and the model side by side.
struct Pair {
    book: Book,
    model: Model,
    /// The host's clock in minutes, which may go back.
    clock: i64,
    /// The time of the last record.
    recorded: i64,
    tokens: Vec<String>,
    /// What was asked so far under a key, and what was answered.
    asked: Vec<(Request, String)>,
}

impl Pair {
    fn new(delay: Option<u32>, life: Option<u32>) -> Pair {
        let minutes = |hours: u32| i64::from(hours) * 60;
        let model = Model {
            delay: delay.map_or(0, minutes),
            life: life.map(minutes),
            cards: vec![None; CARDS.len()],
            ..Model::default()
        };
        let book = Book::new("till-1", program(delay, life)).unwrap();
        Pair { book, model, clock: 0, recorded: 0, tokens: Vec::new(), asked: Vec::new() }
    }

    fn take(&mut self, step: &Step) -> TestCaseResult {
        // The book's own time never goes back; only a record carries it on.
        self.model.now = self.recorded.max(self.clock);
        let sale = |sale: usize| (!self.tokens.is_empty()).then(|| sale % self.tokens.len());
        match step {
            Step::Jump { minutes } => self.clock += minutes,
            Step::Repeat { call } => self.repeat(*call)?,
            Step::Conflict { call } => self.conflict(*call)?,
            Step::Issue { card, lots } => self.issue(*card, lots)?,
            Step::Sell { card, lines, wish } => {
                let sell = SellOrder { order: order(*card, lines, *wish), ..SellOrder::default() };
                let outcome = self.model.sell(*card, lines, *wish);
                self.call(Command::Sell(sell), outcome, true)?;
            }
            Step::Reserve { card, lines, wish } => {
                let order = order(*card, lines, *wish);
                let reserve = ReserveOrder { order, ..ReserveOrder::default() };
                let outcome = self.model.reserve(*card, lines, *wish);
                self.call(Command::Reserve(reserve), outcome, true)?;
            }
            Step::Confirm { sale: number, points } => {
                let Some(sale) = sale(*number) else { return Ok(()) };
                let held = self.model.sales[sale].spent;
                let points = points.map(|share| (held * share + 999) / 1_000);
                let token = self.tokens[sale].clone();
                let confirm =
                    Confirm { token, points: points.map(Decimal::from), ..Confirm::default() };
                let outcome = self.model.confirm(sale, points);
                self.call(Command::Confirm(confirm), outcome, false)?;
            }
            Step::Cancel { sale: number } => {
                let Some(sale) = sale(*number) else { return Ok(()) };
                let cancel = Cancel { token: self.tokens[sale].clone(), ..Cancel::default() };
                let outcome = self.model.cancel(sale);
                self.call(Command::Cancel(cancel), outcome, false)?;
            }
            Step::Void { sale: number } => {
                let Some(sale) = sale(*number) else { return Ok(()) };
                let void = Void { token: self.tokens[sale].clone(), ..Void::default() };
                let outcome = self.model.void(sale);
                self.call(Command::Void(void), outcome, false)?;
            }
            Step::Refund { sale: number, lines } => {
                let Some(sale) = sale(*number) else { return Ok(()) };
                let count = self.model.sales[sale].lines.len();
                let lines: Vec<(usize, i64)> =
                    lines.iter().copied().filter(|(line, _)| *line < count).collect();
                if lines.is_empty() {
                    return Ok(());
                }
                let line = |(line, pieces): &(usize, i64)| RefundLine {
                    line: line.to_string(),
                    quantity: Some(Decimal::from(*pieces)),
                };
                let lines_back = lines.iter().map(line).collect();
                let outcome = self.model.refund(sale, &lines);
                self.refund(sale, Refund { lines: lines_back, ..Refund::default() }, outcome)?;
            }
            Step::RefundAmount { sale: number, share } => {
                let Some(sale) = sale(*number) else { return Ok(()) };
                let money = (self.model.left(sale) * share + 999) / 1_000;
                let amount = Some(Decimal::new(money, 2));
                let outcome = self.model.refund_amount(sale, money);
                self.refund(sale, Refund { amount, ..Refund::default() }, outcome)?;
            }
            Step::Rest { sale: number } => {
                let Some(sale) = sale(*number) else { return Ok(()) };
                let outcome = self.model.refund(sale, &[]);
                self.refund(sale, Refund::default(), outcome)?;
            }
        }
        self.compare()
    }

    fn refund(&mut self, sale: usize, refund: Refund, outcome: Outcome) -> TestCaseResult {
        let refund = Refund { token: Some(self.tokens[sale].clone()), ..refund };
        self.call(Command::Refund(refund), outcome, false)
    }

    fn issue(&mut self, card: usize, lots: &[(i64, Option<i64>, Option<i64>)]) -> TestCaseResult {
        let now = self.model.now;
        let opens = |opens: Option<i64>| opens.map_or(now, |opens| now + opens);
        let model: Vec<Lot> = lots
            .iter()
            .map(|&(left, after, lives)| Lot {
                earned: now,
                opens: opens(after),
                ends: lives.map_or(NEVER, |lives| opens(after) + lives),
                left,
            })
            .collect();
        let lot = |(lot, (_, after, lives)): (&Lot, &(i64, Option<i64>, Option<i64>))| OpeningLot {
            amount: Decimal::from(lot.left),
            opens_at: after.map(|_| instant(lot.opens)),
            expires_at: lives.map(|_| instant(lot.ends)),
            points: None,
        };
        let opening = model.iter().zip(lots).map(lot).collect();
        let issue = Issue { card: CARDS[card].into(), opening, ..Issue::default() };
        let outcome = self.model.issue(card, &model);
        self.call(Command::Issue(issue), outcome, false)
    }

    /// Calls under a new key, and compares what comes of it with what the model says.
    fn call(&mut self, command: Command, expected: Outcome, opens: bool) -> TestCaseResult {
        let key = format!("key-{}", self.asked.len());
        let request = Request::new(instant(self.clock), command).with_key(key);
        let count = self.book.entries().len();
        let answer = self.book.call(&request);
        let (reasons, money) = match (answer, expected) {
            (Err(error), Err(code)) => {
                prop_assert_eq!(error.code().as_str(), code);
                prop_assert_eq!(self.book.entries().len(), count);
                return Ok(());
            }
            (Err(error), Ok(_)) => return Err(TestCaseError::fail(format!("refused: {error}"))),
            (Ok(_), Err(code)) => return Err(TestCaseError::fail(format!("not refused: {code}"))),
            (Ok(answer), Ok(expected)) => {
                self.recorded = self.model.now;
                self.asked.push((request, canonical(&answer)));
                self.check(answer, opens)?;
                expected
            }
        };
        let record = &self.book.entries().last().unwrap().record;
        let told: &[Reason] = match &record.answer {
            Answer::Sale(sale) => &sale.reasons,
            Answer::Refund(refund) => {
                prop_assert_eq!(refund.money.units, money);
                &refund.reasons
            }
            _ => &[],
        };
        let mut told: Vec<&str> = told.iter().map(|reason| reason.code.as_str()).collect();
        told.dedup();
        let mut reasons = reasons;
        reasons.dedup();
        prop_assert_eq!(told, reasons);
        Ok(())
    }

    /// Compares the receipt of a sale.
    fn check(&mut self, answer: Answer, opens: bool) -> TestCaseResult {
        let Answer::Sale(answer) = answer else { return Ok(()) };
        let token = answer.token.clone().unwrap();
        if opens {
            self.tokens.push(token.clone());
        }
        let place = self.tokens.iter().position(|known| *known == token).unwrap();
        let sale = &self.model.sales[place];
        let status = match sale.status {
            Status::Reserved => SaleStatus::Reserved,
            Status::Confirmed => SaleStatus::Confirmed,
            Status::Cancelled => SaleStatus::Cancelled,
            Status::Voided => SaleStatus::Voided,
        };
        prop_assert_eq!(answer.status, status);
        let until = (status == SaleStatus::Reserved).then(|| instant(sale.until));
        prop_assert_eq!(answer.hold_until, until);
        let Some(quote) = answer.quote else { return Ok(()) };
        let lines: Vec<(i64, i64)> =
            quote.lines.iter().map(|line| (line.amount.units, line.due.units)).collect();
        let expected: Vec<(i64, i64)> =
            sale.lines.iter().map(|line| (line.amount, line.due())).collect();
        prop_assert_eq!(lines, expected);
        let due: i64 = sale.lines.iter().map(SoldLine::due).sum();
        prop_assert_eq!(quote.totals.payable.units, due);
        let points = quote.points.first().map_or((0, 0), |p| (p.spent.units, p.earned.units));
        prop_assert_eq!(points, (sale.spent, sale.earned));
        Ok(())
    }

    /// The same call again, later: the same answer and no new record.
    fn repeat(&mut self, call: usize) -> TestCaseResult {
        if self.asked.is_empty() {
            return Ok(());
        }
        let (request, answer) = &self.asked[call % self.asked.len()];
        let count = self.book.entries().len();
        let again = Request { at: instant(self.clock), ..request.clone() };
        prop_assert_eq!(&canonical(&self.book.call(&again).unwrap()), answer);
        prop_assert_eq!(self.book.entries().len(), count);
        Ok(())
    }

    /// Another call under a key that was used.
    fn conflict(&mut self, call: usize) -> TestCaseResult {
        if self.asked.is_empty() {
            return Ok(());
        }
        let (request, _) = &self.asked[call % self.asked.len()];
        let other = Command::Issue(Issue { card: "1999".into(), ..Issue::default() });
        let other = Request { command: other, ..request.clone() };
        prop_assert_eq!(self.book.call(&other).unwrap_err().code(), ErrorCode::KeyConflict);
        Ok(())
    }

    fn compare(&mut self) -> TestCaseResult {
        let now = self.recorded.max(self.clock);
        for (place, number) in CARDS.iter().enumerate() {
            let query = CardQuery { card: (*number).into(), ..CardQuery::default() };
            let answer =
                self.book.call(&Request::new(instant(self.clock), Command::Balance(query)));
            let Some(card) = &self.model.cards[place] else {
                prop_assert_eq!(answer.unwrap_err().code(), ErrorCode::CardUnknown);
                continue;
            };
            let Ok(Answer::Card(answer)) = answer else {
                return Err(TestCaseError::fail("a balance answers a card"));
            };
            let balance = &answer.card.balances[0];
            let reading = Reading {
                spendable: balance.spendable.units,
                held: balance.held.units,
                pending: balance.pending.units,
                expired: balance.expired.units,
                debt: balance.debt.units,
                posted: balance.posted.units,
            };
            prop_assert_eq!(reading, card.read(now), "card {}", number);
            let left = reading.spendable + reading.held + reading.pending;
            let listed: i64 = balance.expiring.iter().map(|one| one.amount.units).sum();
            prop_assert_eq!(listed, left);
        }
        self.control()
    }

    /// Issued + restored + debt = spent + expired + clawed back + held + left.
    fn control(&self) -> TestCaseResult {
        for (place, number) in CARDS.iter().enumerate() {
            let Some(card) = &self.model.cards[place] else { continue };
            let (mut issued, mut restored, mut spent, mut clawed) = (0, 0, 0, 0);
            let account = format!("card:{number}");
            let effects = self.book.entries().iter().flat_map(|entry| &entry.record.effects);
            for effect in effects {
                let Effect::Posted(posted) = effect else { continue };
                let Some(own) = posted.postings.iter().find(|one| one.account == account) else {
                    continue;
                };
                let other = posted.postings.iter().find(|one| one.account != account).unwrap();
                match (other.account.as_str(), own.amount.units) {
                    ("issued", units) => issued += units,
                    ("spent", units) if units > 0 => restored += units,
                    ("spent", units) => spent -= units,
                    ("clawed_back", units) => clawed -= units,
                    (other, _) => panic!("no account {other} moves here"),
                }
            }
            let totals = (card.issued, card.restored, card.spent, card.clawed);
            prop_assert_eq!((issued, restored, spent, clawed), totals);
            let now = card.read(self.recorded.max(self.clock));
            let left = now.spendable + now.pending;
            let gone = spent + now.expired + clawed + now.held;
            prop_assert_eq!(issued + restored + now.debt, gone + left);
        }
        Ok(())
    }
}

fn order(card: usize, lines: &[(i64, i64)], wish: Wish) -> Order {
    let line = |(id, &(price, pieces)): (usize, &(i64, i64))| Line {
        quantity: Decimal::from(pieces),
        ..Line::new(id.to_string(), Decimal::new(price, 2))
    };
    let spend = match wish {
        Wish::Nothing => Spend::default(),
        Wish::Most => Spend { mode: SpendMode::Max, points: None },
        Wish::Exactly(points) => {
            Spend { mode: SpendMode::Exact, points: Some(Decimal::from(points)) }
        }
    };
    Order {
        cards: vec![CARDS[card].into()],
        lines: lines.iter().enumerate().map(line).collect(),
        spend,
        ..Order::default()
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_engine_agrees_with_the_model_after_every_step(
        delay in prop::option::of(1u32..5),
        life in prop::option::of(1u32..20),
        steps in steps(),
    ) {
        let mut pair = Pair::new(delay, life);
        for (number, step) in steps.iter().enumerate() {
            if let Err(TestCaseError::Fail(why)) = pair.take(step) {
                prop_assert!(false, "step {}, {:?}: {}", number, step, why);
            }
        }
    }
}
