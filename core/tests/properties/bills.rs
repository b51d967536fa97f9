//! Properties of bills: however a reserved sale is divided, joined and moved, its parts add up to it.

use std::collections::BTreeMap;

use kopilka::document::canonical;
use kopilka::*;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rust_decimal::Decimal;

use crate::book::{cards, cases};
use crate::offer::{promoted, rewarded};
use crate::order::{Case, after, sold};

/// What happens to bills: each names some of those that are there.
#[derive(Clone, Debug)]
enum Step {
    /// By part, places of lines and how many thousandths of what is there.
    Split(usize, Vec<Vec<(usize, i64)>>),
    Join(usize, usize),
    Move(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let share = prop_oneof![1i64..1_000, Just(1_000)];
    let part = prop::collection::vec((0usize..6, share), 1..4);
    let parts = prop::collection::vec(part, 1..3);
    let step = prop_oneof![
        4 => (0usize..8, parts).prop_map(|(bill, parts)| Step::Split(bill, parts)),
        2 => (0usize..8, 0usize..8).prop_map(|(bill, other)| Step::Join(bill, other)),
        1 => (0usize..8).prop_map(Step::Move),
    ];
    prop::collection::vec(step, 1..7)
}

/// Limits that count everything but what is earned, and that nothing exhausts.
fn limited(mut case: Case) -> Case {
    let program = &mut case.program;
    let mut covers: Vec<String> = program.promotions.iter().map(|one| one.id.clone()).collect();
    covers.extend(program.rewards.iter().map(|one| one.id.clone()));
    covers.extend(program.redemption.iter().map(|_| "redemption".to_owned()));
    let limit = |id: String, covers: Vec<String>, per| Limit {
        id,
        covers,
        money: Some(Decimal::from(900_000_000)),
        per,
        ..Limit::default()
    };
    program.limits = vec![];
    if !covers.is_empty() {
        program.limits.push(limit("all".into(), covers.clone(), LimitPer::Programme));
        program.limits.push(limit("first".into(), vec![covers[0].clone()], LimitPer::Programme));
    }
    case
}

/// The sums of receipts, each under a name that tells what it is.
type Sums = BTreeMap<String, i128>;

fn sums_of<'a>(quotes: impl Iterator<Item = &'a Quote>) -> Sums {
    let mut sums = Sums::new();
    let mut add = |name: String, units: i64| {
        if units != 0 {
            *sums.entry(name).or_default() += i128::from(units);
        }
    };
    for quote in quotes {
        for line in &quote.lines {
            let id = &line.id;
            let quantity = i64::try_from(crate::oracle::thousandths(line.quantity)).unwrap();
            add(format!("{id} quantity"), quantity);
            let own = [
                ("amount", line.amount),
                ("counter_provision", line.counter_provision),
                ("discount", line.discount),
                ("due", line.due),
                ("gross", line.gross),
                ("net", line.net),
                ("tax", line.tax),
            ];
            own.iter().for_each(|(name, amount)| add(format!("{id} {name}"), amount.units));
            for discount in &line.discounts {
                add(
                    format!("{id} {:?} {}", discount.stage, discount.source),
                    discount.amount.units,
                );
            }
            for (place, tax) in line.taxes.iter().enumerate() {
                add(format!("{id} tax {place}"), tax.amount.units);
            }
            for (name, points) in [("spent", &line.spent), ("earned", &line.earned)] {
                for one in points {
                    add(format!("{id} {name} {}", one.points), one.amount.units);
                }
            }
        }
        for tax in &quote.taxes {
            add(format!("tax {} net", tax.name), tax.net.units);
            add(format!("tax {} tax", tax.name), tax.tax.units);
            add(format!("tax {} gross", tax.name), tax.gross.units);
        }
        for points in &quote.points {
            let name = format!("{} {}", points.card, points.points);
            add(format!("{name} spent"), points.spent.units);
            add(format!("{name} earned"), points.earned.units);
            add(format!("{name} money"), points.money.units);
            for lot in &points.lots {
                add(format!("{name} lot {}", lot.rule), lot.amount.units);
            }
        }
        for reward in &quote.rewards {
            add(format!("{} money", reward.reward), reward.money.units);
            add(format!("{} spent", reward.reward), reward.spent.units);
            add(format!("{} claimed", reward.reward), i64::from(reward.claimed));
        }
        for usage in &quote.limits {
            let name = format!("limit {} {} {}", usage.limit, usage.subject, usage.period);
            add(format!("{name} money"), usage.money.units);
            add(format!("{name} points"), usage.points.units);
            add(format!("{name} uses"), usage.uses);
        }
        quote.coupons.iter().for_each(|coupon| add(format!("coupon {}", coupon.rule), 1));
        let totals = &quote.totals;
        let own = [
            ("amount", totals.amount),
            ("counter_provision", totals.counter_provision),
            ("discount", totals.discount),
            ("due", totals.due),
            ("gross", totals.gross),
            ("net", totals.net),
            ("payable", totals.payable),
            ("rest", totals.rest),
            ("tax", totals.tax),
        ];
        own.iter().for_each(|(name, amount)| add(format!("total {name}"), amount.units));
    }
    sums.retain(|_, units| *units != 0);
    sums
}

/// The bills of one reserved sale.
struct Bills {
    book: Book,
    cards: Vec<Issue>,
    whole: Quote,
    /// The tokens and receipts of those that hold its lines now.
    live: Vec<(String, Quote)>,
    calls: usize,
    held: Vec<String>,
}

impl Bills {
    fn of(case: &Case) -> Bills {
        let mut book = case.book();
        let sale = sold(&mut book, &case.reserve());
        let whole = sale.quote.unwrap();
        let held = cards(&mut book, after(1), &case.cards);
        let live = vec![(sale.token.unwrap(), whole.clone())];
        Bills { book, cards: case.cards.clone(), whole, live, calls: 0, held }
    }

    fn call(&mut self, command: Command) -> Result<Answer, Error> {
        self.calls += 1;
        let key = format!("call-{}", self.calls);
        self.book.call(&Request::new(after(1), command).with_key(key))
    }

    fn change(&mut self, token: String, action: BillAction) -> Option<Vec<(String, Quote)>> {
        let change = ChangeBill { action, token, ..ChangeBill::default() };
        match self.call(Command::Bill(change)) {
            Ok(Answer::Bill(answer)) => {
                let bill = |bill: BillView| (bill.token.unwrap(), bill.quote.unwrap());
                Some(answer.bills.into_iter().map(bill).collect())
            }
            Ok(other) => panic!("a bill answers a bill, not {other:?}"),
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::BillContradiction, "{error}");
                None
            }
        }
    }

    fn take(&mut self, step: &Step, case: &Case) {
        match step {
            Step::Split(bill, parts) => {
                let bill = bill % self.live.len();
                let (token, quote) = self.live[bill].clone();
                let split = SplitBill { parts: parts_of(&quote, parts, case) };
                if let Some(parts) = self.change(token, BillAction::Split(split)) {
                    self.live.splice(bill..=bill, parts);
                }
            }
            Step::Join(bill, other) => {
                let (bill, other) = (bill % self.live.len(), other % self.live.len());
                let (token, tokens) = (self.live[bill].0.clone(), vec![self.live[other].0.clone()]);
                if let Some(joined) = self.change(token, BillAction::Join(JoinBills { tokens })) {
                    self.live[bill] = joined.into_iter().next().unwrap();
                    self.live.remove(other);
                }
            }
            Step::Move(bill) => {
                let bill = bill % self.live.len();
                let place = MoveBill { table: Some("7".into()), till: None };
                let token = self.live[bill].0.clone();
                let moved = self.change(token, BillAction::Move(place)).unwrap();
                assert_eq!(moved, vec![self.live[bill].clone()]);
            }
        }
    }

    /// Whether all that the bills say and hold is what the whole said and held.
    fn add_up(&mut self) -> TestCaseResult {
        let sums = sums_of(self.live.iter().map(|(_, quote)| quote));
        prop_assert_eq!(sums, sums_of([&self.whole].into_iter()));
        for (_, quote) in &self.live {
            for line in quote.lines.iter().filter(|line| line.amount.units >= 0) {
                prop_assert!(line.due.units >= 0 && line.net.units >= 0, "{line:?}");
                prop_assert!(line.discounts.iter().all(|one| one.amount.units > 0));
                prop_assert!(line.taxes.iter().all(|tax| tax.amount.units >= 0));
                let parts: i64 = line.sub_lines.iter().map(|part| part.sum.units).sum();
                prop_assert_eq!(parts, line.due.units);
            }
        }
        prop_assert_eq!(&cards(&mut self.book, after(1), &self.cards), &self.held);
        prop_assert_eq!(self.counted(), counted_by(&self.whole));
        Ok(())
    }

    /// What limits count and hold now.
    fn counted(&mut self) -> Sums {
        let report = Report { kind: ReportKind::Campaigns(NoDetails::default()) };
        let Ok(Answer::Report(report)) =
            self.book.call(&Request::new(after(1), Command::Report(report)))
        else {
            panic!("a report answers a report");
        };
        let mut sums = Sums::new();
        for left in report.campaigns.unwrap().limits {
            add_usage(&mut sums, &left.counted);
        }
        sums
    }
}

fn add_usage(sums: &mut Sums, usage: &LimitUse) {
    for (name, units) in [("money", usage.money.units), ("uses", usage.uses)] {
        if units != 0 {
            *sums.entry(format!("{} {name}", usage.limit)).or_default() += i128::from(units);
        }
    }
}

fn counted_by(quote: &Quote) -> Sums {
    let mut sums = Sums::new();
    quote.limits.iter().for_each(|usage| add_usage(&mut sums, usage));
    sums
}

/// Parts that name lines of a receipt, as far as there is anything left of them.
fn parts_of(quote: &Quote, parts: &[Vec<(usize, i64)>], case: &Case) -> Vec<BillPart> {
    let whole =
        |line: &LineQuote| i64::try_from(crate::oracle::thousandths(line.quantity)).unwrap();
    let mut left: Vec<i64> = quote.lines.iter().map(whole).collect();
    let mut named = Vec::new();
    for part in parts {
        let mut lines: Vec<BillLine> = Vec::new();
        for (place, share) in part {
            let place = place % quote.lines.len();
            let line = &quote.lines[place];
            let loads = |one: &&Line| one.id == line.id && one.kind == LineKind::StoredValue;
            let share = if case.order.lines.iter().any(|one| loads(&one)) { 1_000 } else { *share };
            let quantity = (left[place] * share + 999) / 1_000;
            if quantity > 0 && lines.iter().all(|one| one.line != line.id) {
                left[place] -= quantity;
                let quantity = Some(Decimal::new(quantity, 3));
                lines.push(BillLine { line: line.id.clone(), quantity });
            }
        }
        if !lines.is_empty() {
            named.push(BillPart { lines });
        }
    }
    named
}

fn divided(case: &Case, steps: &[Step]) -> Result<Bills, TestCaseError> {
    let mut bills = Bills::of(case);
    prop_assume!(!bills.whole.lines.is_empty());
    for step in steps {
        bills.take(step, case);
        bills.add_up()?;
    }
    Ok(bills)
}

/// What is spent with points by a book's records, by card and kind.
fn debited(book: &Book) -> Sums {
    let mut sums = Sums::new();
    for effect in book.entries().iter().flat_map(|entry| &entry.record.effects) {
        let Effect::Posted(posted) = effect else { continue };
        if posted.postings.iter().any(|posting| posting.account == "spent") {
            for posting in &posted.postings {
                let name = format!("{} {}", posting.account, posted.points);
                *sums.entry(name).or_default() += i128::from(posting.amount.units);
            }
        }
    }
    sums
}

fn confirm(token: &str) -> Command {
    Command::Confirm(Confirm { token: token.into(), ..Confirm::default() })
}

/// Confirms every bill and compares with what confirming the whole does.
fn confirmed(case: &Case, steps: &[Step]) -> TestCaseResult {
    let mut bills = divided(case, steps)?;
    let mut whole = Bills::of(case);
    let token = whole.live[0].0.clone();
    whole.call(confirm(&token)).unwrap();
    let mut spent = 0;
    let live = std::mem::take(&mut bills.live);
    for (token, quote) in &live {
        let Ok(Answer::Sale(sale)) = bills.call(confirm(token)) else {
            panic!("a confirm answers a sale");
        };
        let confirmed = sale.quote.unwrap();
        prop_assert_eq!(&confirmed.totals, &quote.totals);
        prop_assert_eq!(&confirmed.taxes, &quote.taxes);
        for (line, own) in confirmed.lines.iter().zip(&quote.lines) {
            let without = |line: &LineQuote| LineQuote { earned: Vec::new(), ..line.clone() };
            prop_assert_eq!(without(line), without(own));
        }
        spent += quote.totals.due.units - quote.totals.counter_provision.units;
    }
    prop_assert_eq!(debited(&bills.book), debited(&whole.book));
    prop_assert_eq!(bills.counted(), whole.counted());
    let totals = &whole.whole.totals;
    prop_assert_eq!(spent, totals.due.units - totals.counter_provision.units);
    for view in &bills.whole.cards {
        let card = crate::book::card(&mut bills.book, after(1), &view.card);
        let purchases = i64::try_from(live.len()).unwrap();
        prop_assert_eq!(card.purchases - view.purchases, purchases);
        if case.order.currency.is_none() {
            let own = crate::book::card(&mut whole.book, after(1), &view.card);
            prop_assert_eq!(card.spent, own.spent);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(250))]

    #[test]
    fn parts_add_up_to_the_whole_at_every_step(case in promoted(), steps in steps()) {
        divided(&limited(case), &steps)?;
    }

    #[test]
    fn parts_with_rewards_add_up_too(case in rewarded(), steps in steps()) {
        divided(&limited(case), &steps)?;
    }

    #[test]
    fn confirming_all_parts_moves_what_confirming_the_whole_does(case in promoted(), steps in steps()) {
        confirmed(&limited(case), &steps)?;
    }

    #[test]
    fn confirming_parts_with_rewards_moves_what_the_whole_does(case in rewarded(), steps in steps()) {
        confirmed(&limited(case), &steps)?;
    }

    #[test]
    fn cancelling_all_parts_puts_every_balance_back(case in rewarded(), steps in steps()) {
        let case = limited(case);
        let before = cards(&mut case.book(), after(1), &case.cards);
        let mut bills = divided(&case, &steps)?;
        for (token, _) in std::mem::take(&mut bills.live) {
            let cancel = Cancel { token, ..Cancel::default() };
            bills.call(Command::Cancel(cancel)).unwrap();
        }
        prop_assert_eq!(before, cards(&mut bills.book, after(1), &case.cards));
    }

    #[test]
    fn joining_all_parts_gives_the_receipt_again(case in rewarded(), steps in steps()) {
        let case = limited(case);
        let mut bills = divided(&case, &steps)?;
        while bills.live.len() > 1 {
            bills.take(&Step::Join(0, 1), &case);
        }
        bills.add_up()?;
        let own = |quote: &Quote| {
            let mut lines = quote.lines.clone();
            lines.sort_by(|one, other| one.id.cmp(&other.id));
            let sub_lines: Vec<String> =
                lines.iter().flat_map(|line| line.sub_lines.iter().map(canonical)).collect();
            (canonical(&quote.totals), sub_lines)
        };
        prop_assert_eq!(own(&bills.live[0].1), own(&bills.whole));
    }

    #[test]
    fn a_book_of_bills_is_rebuilt_from_its_records(case in promoted(), steps in steps()) {
        let case = limited(case);
        let mut bills = divided(&case, &steps)?;
        let first = bills.live[0].0.clone();
        bills.call(confirm(&first)).unwrap();
        let records: Vec<(RecordHash, Record)> =
            bills.book.entries().iter().map(|one| (one.hash, one.record.clone())).collect();
        for (_, record) in &records {
            let text = canonical(record);
            let node = kopilka::json::Node::parse(&text, REQUEST_BYTES_MAX).unwrap();
            let (read, mistakes) = kopilka::document::Reader::document::<Record>(&node);
            prop_assert!(mistakes.is_empty(), "{:?}", mistakes);
            prop_assert_eq!(canonical(&read), text);
        }
        let mut rebuilt = Book::rebuild("till-1", case.compiled(), records).unwrap();
        prop_assert_eq!(
            cards(&mut rebuilt, after(1), &case.cards),
            cards(&mut bills.book, after(1), &case.cards)
        );
        for (token, _) in bills.live.iter().skip(1) {
            let request = Request::new(after(1), confirm(token)).with_key(token);
            prop_assert_eq!(rebuilt.call(&request), bills.book.call(&request));
        }
    }
}
