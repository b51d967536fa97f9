//! The engine against a naive model of a programme with all six kinds at once, with bills that are
//! divided and joined, under random sequences of calls.

mod account;
mod engine;
mod naive;
mod receipt;
#[path = "../shares/mod.rs"]
mod shares;
mod step;

use engine::{instant, order, program, receipt_of};
use kopilka::document::{canonical, from_node};
use kopilka::*;
use naive::{CARDS, CODES, CardState, Given, Kind, Model, Outcome, Status};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseResult};
use receipt::Receipt;
use rust_decimal::Decimal;
use step::{CardDeed, CouponDeed, DisputeDeed, Step, steps};

fn cases() -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng_seed = RngSeed::Fixed(2026);
    if asked { config } else { Config { cases: 3_000, rng_seed, ..config } }
}

/// The engine and the model side by side.
struct Pair {
    book: Book,
    model: Model,
    /// The host's clock in minutes, which may go back.
    clock: i64,
    /// The time of the last record.
    recorded: i64,
    /// By the model's number of the sale.
    tokens: Vec<String>,
    /// What was asked so far under a key, and what was answered.
    asked: Vec<(Request, String)>,
}

impl Pair {
    fn new() -> Pair {
        let book = Book::new("till-1", program()).unwrap();
        let (tokens, asked) = (Vec::new(), Vec::new());
        let mut pair = Pair { book, model: Model::new(), clock: 0, recorded: 0, tokens, asked };
        let codes = CODES.map(str::to_owned).to_vec();
        let batch = MakeBatch { codes, coupon: "half".into(), ..MakeBatch::default() };
        pair.call(Command::Batch(batch), Ok(Given::default())).unwrap();
        pair
    }

    fn sale(&self, number: usize) -> Option<usize> {
        let count = self.tokens.len();
        // The largest numbers count from the last sale back.
        let place = |number: usize| match 1_000_000usize.checked_sub(number) {
            Some(back) if back < 100 => count - 1 - back % count,
            _ => number % count,
        };
        (count > 0).then(|| place(number))
    }

    fn take(&mut self, step: &Step) -> TestCaseResult {
        // The book's own time never goes back; only a record carries it on.
        self.model.now = self.recorded.max(self.clock);
        match step {
            Step::Jump { minutes } => self.clock += minutes,
            Step::Repeat { call } => self.repeat(*call)?,
            Step::Conflict { call } => self.conflict(*call)?,
            Step::Issue { card, units } => self.issue(*card, *units)?,
            Step::Sell { order: wished } => {
                let sell = SellOrder { order: order(wished), ..SellOrder::default() };
                let outcome = self.model.sell(wished);
                self.sold(Command::Sell(sell), outcome)?;
            }
            Step::Reserve { order: wished } => {
                let reserve = ReserveOrder { order: order(wished), ..ReserveOrder::default() };
                let outcome = self.model.reserve(wished);
                self.sold(Command::Reserve(reserve), outcome)?;
            }
            Step::Card { card, deed } => {
                let action = match deed {
                    CardDeed::Block => CardAction::Block(NoDetails::default()),
                    CardDeed::Unblock => CardAction::Unblock(NoDetails::default()),
                    CardDeed::Close { forfeit } => {
                        CardAction::Close(CloseCard { forfeit: *forfeit })
                    }
                };
                let card_number = CARDS[*card].0.to_owned();
                let outcome = self.model.change_card(*card, *deed);
                let change = ChangeCard {
                    action,
                    card: card_number,
                    cashier: None,
                    reason: None,
                    shift: None,
                    store: None,
                    till: None,
                };
                self.call(Command::Card(change), outcome)?;
            }
            Step::Coupon { coupon, deed } => {
                let action = match deed {
                    CouponDeed::Block => CouponAction::Block,
                    CouponDeed::Unblock => CouponAction::Unblock,
                    CouponDeed::Void => CouponAction::Void,
                };
                let change = ChangeCoupon {
                    action,
                    cashier: None,
                    code: CODES[*coupon].into(),
                    reason: None,
                    shift: None,
                    store: None,
                    till: None,
                };
                let outcome = self.model.change_coupon(*coupon, *deed);
                self.call(Command::Coupon(change), outcome)?;
            }
            Step::Transfer { from, to, units } => {
                let transfer = Transfer {
                    amount: Decimal::new(*units, 2),
                    from: CARDS[*from].0.into(),
                    points: Some("RUB".into()),
                    to: CARDS[*to].0.into(),
                    ..Transfer::default()
                };
                let outcome = self.model.transfer(*from, *to, *units);
                self.call(Command::Transfer(transfer), outcome)?;
            }
            Step::Admit { card, entries } => {
                let admit = Admit {
                    card: CARDS[*card].0.into(),
                    entries: u32::try_from(*entries).unwrap(),
                    ..Admit::default()
                };
                let outcome = self.model.admit(*card, *entries);
                self.call(Command::Admit(admit), outcome)?;
            }
            Step::Join { sales } => {
                let sales: Option<Vec<usize>> = sales.iter().map(|sale| self.sale(*sale)).collect();
                if let Some(sales) = sales {
                    self.join(&sales)?;
                }
            }
            Step::Confirm { sale, .. }
            | Step::Cancel { sale }
            | Step::Refund { sale, .. }
            | Step::Void { sale }
            | Step::Split { sale, .. }
            | Step::Move { sale }
            | Step::Dispute { sale, .. } => {
                if let Some(sale) = self.sale(*sale) {
                    self.take_sale(step, sale)?;
                }
            }
        }
        self.compare()
    }

    /// A step about a sale that is there.
    fn take_sale(&mut self, step: &Step, sale: usize) -> TestCaseResult {
        let token = self.tokens[sale].clone();
        let count = self.model.sales[sale].receipt.lines.len();
        let known = |lines: &[(usize, i64)]| -> Vec<(usize, i64)> {
            lines.iter().copied().filter(|(line, _)| *line < count).collect()
        };
        match step {
            Step::Confirm { points, gift, .. } => self.confirm(sale, token, *points, *gift),
            Step::Cancel { .. } => {
                let outcome = self.model.cancel(sale);
                self.call(Command::Cancel(Cancel { token, ..Cancel::default() }), outcome)
            }
            Step::Void { .. } => {
                let outcome = self.model.void(sale);
                self.call(Command::Void(Void { token, ..Void::default() }), outcome)
            }
            Step::Refund { lines, .. } => {
                let chosen = known(lines);
                if chosen.is_empty() && !lines.is_empty() {
                    return Ok(());
                }
                // What loaded a card is one piece, and its line comes back whole.
                let chosen = self.fitting(sale, chosen);
                let own = &self.model.sales[sale].receipt.lines;
                let line = |(line, pieces): &(usize, i64)| RefundLine {
                    line: own[*line].id.clone(),
                    quantity: Some(Decimal::from(*pieces)),
                };
                let refund = Refund {
                    lines: chosen.iter().map(line).collect(),
                    token: Some(token),
                    ..Refund::default()
                };
                let outcome = self.model.refund(sale, &chosen);
                self.call(Command::Refund(refund), outcome)
            }
            Step::Split { parts, .. } => {
                let parts: Vec<Vec<(usize, i64)>> = parts.iter().map(|part| known(part)).collect();
                self.split(sale, &parts)
            }
            Step::Move { .. } => {
                let place = MoveBill { table: Some("7".into()), till: None };
                let outcome = self.model.move_bill(sale);
                self.bill(sale, BillAction::Move(place), outcome).map(drop)
            }
            Step::Dispute { deed, .. } => {
                let action = match deed {
                    DisputeDeed::Open => DisputeAction::Open,
                    DisputeDeed::Release => DisputeAction::Release,
                    DisputeDeed::ClawBack => DisputeAction::ClawBack,
                };
                let outcome = self.model.dispute(sale, *deed);
                let dispute = Dispute {
                    action,
                    cashier: None,
                    reason: None,
                    shift: None,
                    store: None,
                    till: None,
                    token,
                };
                self.call(Command::Dispute(dispute), outcome)
            }
            _ => Ok(()),
        }
    }

    /// No more than one piece of what loads a card.
    fn fitting(&self, sale: usize, lines: Vec<(usize, i64)>) -> Vec<(usize, i64)> {
        let own = &self.model.sales[sale].receipt.lines;
        let fit =
            |(line, pieces): (usize, i64)| (line, if own[line].is_goods() { pieces } else { 1 });
        lines.into_iter().map(fit).collect()
    }

    fn confirm(
        &mut self,
        sale: usize,
        token: String,
        points: Option<i64>,
        gift: Option<i64>,
    ) -> TestCaseResult {
        let held = &self.model.sales[sale].receipt;
        let share = |units: i64, share: i64| (units * share + 999) / 1_000;
        let points = points.map(|points| share(held.spent(0), points));
        let first = held.gifts.first().copied();
        let gift = first.zip(gift).map(|((card, amount), part)| (card, share(amount, part)));
        let capture = |(card, units): (usize, i64)| GiftCapture {
            amount: Decimal::new(units, 2),
            card: CARDS[card].0.into(),
        };
        let confirm = Confirm {
            gift_cards: gift.map(|gift| vec![capture(gift)]),
            points: points.map(Decimal::from),
            token,
            ..Confirm::default()
        };
        let outcome = self.model.confirm(sale, points, gift.map(|(_, units)| units));
        self.call(Command::Confirm(confirm), outcome)?;
        self.check_receipt(sale)
    }

    fn issue(&mut self, card: usize, units: i64) -> TestCaseResult {
        let (number, kind) = CARDS[card];
        let amount = Decimal::new(units, if kind == Kind::Gift { 2 } else { 0 });
        let points = (kind == Kind::Gift).then(|| "RUB".to_owned());
        let lot = OpeningLot { amount, expires_at: None, opens_at: None, points };
        let opening = if kind == Kind::Discount { Vec::new() } else { vec![lot] };
        let issue = Issue { card: number.into(), opening, ..Issue::default() };
        let outcome = self.model.issue(card, units);
        self.call(Command::Issue(issue), outcome)
    }

    /// A call that opens a sale.
    fn sold(&mut self, command: Command, outcome: Outcome) -> TestCaseResult {
        let opened = outcome.is_ok();
        self.call(command, outcome)?;
        if opened {
            let Answer::Sale(sale) = self.book.entries().last().unwrap().answer() else {
                return Err(TestCaseError::fail("a sale answers a sale"));
            };
            self.tokens.push(sale.token.unwrap());
            self.check_receipt(self.tokens.len() - 1)?;
        }
        Ok(())
    }

    /// Compares the receipt of a sale that the last record is about.
    fn check_receipt(&self, sale: usize) -> TestCaseResult {
        let status = self.model.sales[sale].status;
        let Answer::Sale(answer) = self.book.entries().last().unwrap().answer() else {
            return Ok(());
        };
        if answer.token.as_deref() != Some(self.tokens[sale].as_str()) {
            return Ok(());
        }
        let Some(quote) = answer.quote else { return Ok(()) };
        prop_assert_eq!(&receipt_of(&quote)?, &self.model.sales[sale].receipt);
        let until = (status == Status::Reserved).then(|| instant(self.model.sales[sale].until));
        prop_assert_eq!(answer.hold_until, until);
        Ok(())
    }

    fn bill(
        &mut self,
        sale: usize,
        action: BillAction,
        outcome: Outcome,
    ) -> Result<Vec<BillView>, TestCaseError> {
        let change = ChangeBill {
            action,
            cashier: None,
            shift: None,
            store: None,
            till: None,
            token: self.tokens[sale].clone(),
        };
        let fits = outcome.is_ok();
        self.call(Command::Bill(change), outcome)?;
        match self.book.entries().last().unwrap().answer() {
            Answer::Bill(bill) if fits => Ok(bill.bills),
            _ => Ok(Vec::new()),
        }
    }

    fn split(&mut self, sale: usize, parts: &[Vec<(usize, i64)>]) -> TestCaseResult {
        let parts: Vec<_> = parts.iter().map(|part| self.fitting(sale, part.clone())).collect();
        let lines = &self.model.sales[sale].receipt.lines;
        let line = |(line, pieces): &(usize, i64)| BillLine {
            line: lines[*line].id.clone(),
            quantity: Some(Decimal::from(*pieces)),
        };
        let part = |part: &Vec<(usize, i64)>| BillPart { lines: part.iter().map(line).collect() };
        let split = SplitBill { parts: parts.iter().map(part).collect() };
        let divided = self.model.divide(sale, &parts);
        let outcome = divided.as_ref().map(|_| Given::default()).map_err(|code| *code);
        let bills = self.bill(sale, BillAction::Split(split), outcome)?;
        let Ok(taken) = divided else { return Ok(()) };
        prop_assert_eq!(bills.len(), taken.len());
        let mut receipts = Vec::new();
        for bill in &bills {
            self.tokens.push(bill.token.clone().unwrap());
            receipts.push(receipt_of(bill.quote.as_ref().unwrap())?);
            prop_assert_eq!(bill.hold_until, Some(instant(self.model.sales[sale].until)));
        }
        let whole = self.model.sales[sale].receipt.clone();
        check_parts(&whole, &taken, &receipts)?;
        self.model.regroup(&[sale], receipts);
        Ok(())
    }

    fn join(&mut self, sales: &[usize]) -> TestCaseResult {
        let tokens = sales[1..].iter().map(|sale| self.tokens[*sale].clone()).collect();
        let outcome = self.model.join(sales);
        let joined = outcome.is_ok();
        let action = BillAction::Join(JoinBills { tokens });
        let bills = self.bill(sales[0], action, outcome)?;
        if joined {
            prop_assert_eq!(bills.len(), 1);
            self.tokens.push(bills[0].token.clone().unwrap());
            let sale = self.model.sales.last().unwrap();
            prop_assert_eq!(&receipt_of(bills[0].quote.as_ref().unwrap())?, &sale.receipt);
            prop_assert_eq!(bills[0].hold_until, Some(instant(sale.until)));
        }
        Ok(())
    }

    /// Calls under a new key, and compares what comes of it with what the model says.
    fn call(&mut self, command: Command, expected: Outcome) -> TestCaseResult {
        let key = format!("key-{}", self.asked.len());
        let request = Request::new(instant(self.clock), command).with_key(key);
        let count = self.book.entries().len();
        match (self.book.call(&request), expected) {
            (Err(error), Err(code)) => {
                prop_assert_eq!(error.code().as_str(), code);
                prop_assert_eq!(self.book.entries().len(), count);
                Ok(())
            }
            (Err(error), Ok(_)) => Err(TestCaseError::fail(format!("refused: {error}"))),
            (Ok(_), Err(code)) => Err(TestCaseError::fail(format!("not refused: {code}"))),
            (Ok(answer), Ok(expected)) => {
                prop_assert_eq!(self.book.entries().len(), count + 1);
                self.recorded = self.model.now;
                self.asked.push((request, canonical(&answer)));
                check_sums(&self.book.entries().last().unwrap().record)?;
                check_given(&answer, &expected)
            }
        }
    }

    /// The same call again, later: the same answer and no new record.
    fn repeat(&mut self, call: usize) -> TestCaseResult {
        let (request, answer) = &self.asked[call % self.asked.len()];
        let count = self.book.entries().len();
        let again = Request { at: instant(self.clock), ..request.clone() };
        prop_assert_eq!(&canonical(&self.book.call(&again).unwrap()), answer);
        prop_assert_eq!(self.book.entries().len(), count);
        Ok(())
    }

    /// Another call under a key that was used.
    fn conflict(&mut self, call: usize) -> TestCaseResult {
        let (request, _) = &self.asked[call % self.asked.len()];
        let other = Command::Issue(Issue { card: "19".into(), ..Issue::default() });
        let other = Request { command: other, ..request.clone() };
        prop_assert_eq!(self.book.call(&other).unwrap_err().code(), ErrorCode::KeyConflict);
        Ok(())
    }

    fn compare(&mut self) -> TestCaseResult {
        let now = self.recorded.max(self.clock);
        for (place, (number, kind)) in CARDS.iter().enumerate() {
            let answer = balance(&mut self.book, number, self.clock);
            let Some(card) = &self.model.cards[place] else {
                prop_assert_eq!(answer.unwrap_err().code(), ErrorCode::CardUnknown);
                continue;
            };
            let view = answer.unwrap();
            let state = match view.status {
                CardStatus::Active => CardState::Active,
                CardStatus::Blocked => CardState::Blocked,
                CardStatus::Closed => CardState::Closed,
                other => return Err(TestCaseError::fail(format!("{number} is {other:?}"))),
            };
            prop_assert_eq!(state, card.state, "card {}", number);
            if *kind == Kind::Discount {
                continue;
            }
            let reading = engine::reading(&view)?;
            prop_assert_eq!(reading, card.account.read(now), "card {}", number);
        }
        for (coupon, code) in self.model.coupons.iter().zip(CODES) {
            let (status, used) = engine::coupon(&mut self.book, code, self.clock);
            let expected = match coupon.status(now) {
                "used" | "void" => ("ended", None),
                status => (status, Some(coupon.used)),
            };
            prop_assert_eq!((status, used), expected, "{}", code);
        }
        Ok(())
    }

    /// A book of the same records holds the same.
    fn rebuild(&mut self) -> TestCaseResult {
        let records = self.book.entries().iter().map(|entry| {
            let node = json::Node::parse(&canonical(&entry.record), usize::MAX).unwrap();
            (entry.hash, from_node::<Record>(&node).unwrap())
        });
        let mut again = Book::rebuild("till-1", program(), records).unwrap();
        for (number, _) in CARDS {
            let before = balance(&mut self.book, number, self.clock).ok();
            prop_assert_eq!(before, balance(&mut again, number, self.clock).ok());
        }
        Ok(())
    }
}

fn balance(book: &mut Book, number: &str, minutes: i64) -> Result<CardView, Error> {
    let query = CardQuery { card: number.into(), ..CardQuery::default() };
    match book.call(&Request::new(instant(minutes), Command::Balance(query)))? {
        Answer::Card(answer) => Ok(answer.card),
        other => panic!("a balance answers a card: {other:?}"),
    }
}

/// What a record posts comes to nothing in each fact.
fn check_sums(record: &Record) -> TestCaseResult {
    for effect in &record.effects {
        if let Effect::Posted(posted) = effect {
            let sum: i64 = posted.postings.iter().map(|one| one.amount.units).sum();
            prop_assert_eq!(sum, 0);
        }
    }
    Ok(())
}

fn check_given(answer: &Answer, expected: &Given) -> TestCaseResult {
    match answer {
        Answer::Refund(refund) => {
            let place = |number: &str| CARDS.iter().position(|card| card.0 == number).unwrap();
            let gifts: Vec<(usize, i64)> =
                refund.gift_cards.iter().map(|one| (place(&one.to), one.amount.units)).collect();
            prop_assert_eq!(refund.money.units, expected.money);
            prop_assert_eq!(&gifts, &expected.gifts);
            let gift: i64 = gifts.iter().map(|(_, units)| units).sum();
            prop_assert_eq!(refund.cash.units, expected.money - gift);
        }
        Answer::Admitted(admitted) => {
            let refused = admitted.reasons.first().map(|reason| reason.code.as_str());
            prop_assert_eq!(refused, expected.refused);
            prop_assert_eq!(admitted.admitted, expected.refused.is_none());
        }
        _ => {}
    }
    Ok(())
}

/// What the parts of a bill have is what the whole had, and each has its share.
fn check_parts(whole: &Receipt, taken: &[Vec<i64>], parts: &[Receipt]) -> TestCaseResult {
    for (place, line) in whole.lines.iter().enumerate() {
        let mut sums = [0; 10];
        for (part, taken) in parts.iter().zip(taken) {
            let own = part.lines.iter().find(|own| own.id == line.id);
            prop_assert_eq!(own.is_some(), taken[place] > 0);
            let Some(own) = own else { continue };
            if taken[place] == line.pieces {
                prop_assert_eq!(own, line);
            }
            for ((sum, own), whole) in sums.iter_mut().zip(own.figures()).zip(line.figures()) {
                *sum += own;
                is_a_share(own, whole, taken[place], line.pieces)?;
            }
        }
        prop_assert_eq!(sums, line.figures(), "{}", line.id);
    }
    let count: usize = parts.iter().map(|part| part.lines.len()).sum();
    let named = taken.iter().flatten().filter(|pieces| **pieces > 0).count();
    prop_assert_eq!(count, named);
    for (card, amount) in &whole.gifts {
        let mut sum = 0;
        for part in parts {
            let own = part.gifts.iter().find(|(own, _)| own == card).map_or(0, |(_, own)| *own);
            sum += own;
            is_a_share(own, *amount, part.goods_due(), whole.goods_due())?;
            prop_assert!(part.gift() <= part.goods_due());
        }
        prop_assert_eq!(sum, *amount);
    }
    let lowered = |part: &&Receipt| part.lines.iter().any(|line| line.promotion > 0);
    let first = parts.iter().position(|part| lowered(&part)).unwrap_or(0);
    for (place, part) in parts.iter().enumerate() {
        let own = if place == first { whole.codes.clone() } else { Vec::new() };
        prop_assert_eq!(&part.codes, &own);
    }
    Ok(())
}

/// Within one unit of the exact share.
fn is_a_share(own: i64, whole: i64, part: i64, of: i64) -> TestCaseResult {
    let far = (own * of - whole * part).abs();
    prop_assert!(far <= of, "{} is no share of {} by {} / {}", own, whole, part, of);
    Ok(())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn all_kinds_agree_with_the_model_after_every_step(steps in steps()) {
        let mut pair = Pair::new();
        for (number, step) in steps.iter().enumerate() {
            if let Err(TestCaseError::Fail(why)) = pair.take(step) {
                prop_assert!(false, "step {}, {:?}: {}", number, step, why);
            }
        }
        pair.rebuild()?;
    }
}
