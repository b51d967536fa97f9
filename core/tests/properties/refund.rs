//! Properties of what comes back: refunds in any order, voids, and the rules changed meanwhile.

use kopilka::*;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rust_decimal::Decimal;

use crate::book::{cards, cases, refund_with};
use crate::order::{Case, after, case, sold};

/// One refund: some lines by a part of what is left of them, or a part of the money.
#[derive(Clone, Debug)]
pub enum Step {
    Lines(Vec<(usize, i64)>),
    Amount(i64),
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let lines = prop::collection::vec((0usize..6, 1i64..=1_000), 1..4).prop_map(Step::Lines);
    let amount = prop_oneof![1i64..=1_000, Just(1_000)].prop_map(Step::Amount);
    prop::collection::vec(prop_oneof![3 => lines, 2 => amount], 0..7)
}

/// A sale and what came back of it so far.
pub struct Return<'a> {
    book: &'a mut Book,
    sale: SaleAnswer,
    left: Vec<(String, i64)>,
    money: i64,
    points: Vec<(i64, i64)>,
    calls: i64,
}

impl<'a> Return<'a> {
    pub fn of(book: &'a mut Book, sale: SaleAnswer) -> Return<'a> {
        let quote = sale.quote.as_ref().unwrap();
        let quantity = |line: &LineQuote| i64::try_from(crate::oracle::thousandths(line.quantity));
        let left = quote.lines.iter().map(|line| (line.id.clone(), quantity(line).unwrap()));
        let (left, points) = (left.collect(), vec![(0, 0); quote.points.len()]);
        Return { book, sale, left, money: 0, points, calls: 0 }
    }

    fn quote(&self) -> &Quote {
        self.sale.quote.as_ref().unwrap()
    }

    fn paid(&self) -> i64 {
        self.quote().totals.payable.units
    }

    fn call(&mut self, refund: Refund) -> Result<RefundAnswer, Error> {
        self.calls += 1;
        let refund = Refund { token: self.sale.token.clone(), ..refund };
        let key = format!("refund-{}", self.calls);
        let request = Request::new(after(1), Command::Refund(refund)).with_key(key);
        let Answer::Refund(answer) = self.book.call(&request)? else { panic!("not a refund") };
        self.note(&answer);
        Ok(*answer)
    }

    fn note(&mut self, answer: &RefundAnswer) {
        self.money += answer.money.units;
        for line in &answer.lines {
            let left = self.left.iter_mut().find(|(id, _)| *id == line.line).unwrap();
            left.1 -= i64::try_from(crate::oracle::thousandths(line.quantity)).unwrap();
        }
        // What was due to be taken back, whether it was there or not, stands in the record.
        let entry = self.book.entries().last().unwrap();
        let made = entry.record.effects.iter().find_map(|effect| match effect {
            Effect::RefundMade(made) => Some(made),
            _ => None,
        });
        let quote = self.sale.quote.as_ref().unwrap();
        for returned in &made.unwrap().points {
            let same =
                |one: &PointsQuote| one.card == returned.card && one.points == returned.points;
            let place = quote.points.iter().position(same).unwrap();
            self.points[place].0 += returned.restored.units;
            self.points[place].1 += returned.clawed_back.units;
        }
    }

    fn take(&mut self, step: &Step) -> TestCaseResult {
        let before = self.money;
        match step {
            Step::Lines(lines) => {
                let mut chosen: Vec<RefundLine> = Vec::new();
                for (line, share) in lines {
                    let (id, left) = &self.left[line % self.left.len()];
                    let quantity = (left * share + 999) / 1_000;
                    if quantity > 0 && chosen.iter().all(|one| one.line != *id) {
                        let quantity = Some(Decimal::new(quantity, 3));
                        chosen.push(RefundLine { line: id.clone(), quantity });
                    }
                }
                if chosen.is_empty() {
                    return Ok(());
                }
                let answer = self.call(Refund { lines: chosen, ..Refund::default() }).unwrap();
                let sum: i64 = answer.lines.iter().map(|line| line.money.units).sum();
                prop_assert_eq!(sum, answer.money.units);
            }
            Step::Amount(share) => {
                let units = (self.paid() - self.money) * share / 1_000;
                if units == 0 {
                    return Ok(());
                }
                let digits = u32::from(self.quote().totals.payable.digits);
                let amount = Some(Decimal::new(units, digits));
                let answer = self.call(Refund { amount, ..Refund::default() }).unwrap();
                prop_assert_eq!(answer.money.units, units);
            }
        }
        prop_assert!(self.money >= before, "a refund took money");
        self.is_within()
    }

    fn is_within(&self) -> TestCaseResult {
        prop_assert!(self.money <= self.paid(), "{} of {}", self.money, self.paid());
        for ((restored, taken), points) in self.points.iter().zip(&self.quote().points) {
            prop_assert!((0..=points.spent.units).contains(restored));
            prop_assert!((0..=points.earned.units).contains(taken));
        }
        Ok(())
    }

    /// As `finish`, but of a receipt without lines nothing can come back.
    pub fn finish_if_any(&mut self) -> TestCaseResult {
        if self.quote().lines.is_empty() { Ok(()) } else { self.finish() }
    }

    pub fn finish(&mut self) -> TestCaseResult {
        match self.call(Refund::default()) {
            Ok(_) => {}
            Err(error) => {
                prop_assert_eq!(error.code(), ErrorCode::RefundExceeds);
                prop_assert!(self.left.iter().all(|(_, left)| *left == 0));
            }
        }
        prop_assert_eq!(self.money, self.paid(), "money given back and paid");
        for ((restored, taken), points) in self.points.iter().zip(&self.quote().points) {
            prop_assert_eq!(*restored, points.spent.units);
            prop_assert_eq!(*taken, points.earned.units);
        }
        prop_assert!(self.call(Refund::default()).is_err());
        let one = Some(Decimal::new(1, u32::from(self.quote().totals.payable.digits)));
        let more = self.call(Refund { amount: one, ..Refund::default() });
        prop_assert_eq!(more.unwrap_err().code(), ErrorCode::RefundExceeds);
        Ok(())
    }
}

pub fn close(case: &Case, steps: &[Step]) -> TestCaseResult {
    prop_assume!(!case.live_lines().is_empty());
    let mut book = case.book();
    let sale = sold(&mut book, &case.sell());
    let mut back = Return::of(&mut book, sale);
    for step in steps {
        back.take(step)?;
    }
    back.finish()
}

fn void(book: &mut Book, token: &Option<String>) -> Answer {
    let void = Void { token: token.clone().unwrap(), ..Void::default() };
    book.call(&Request::new(after(1), Command::Void(void)).with_key("void")).unwrap()
}

proptest! {
    #![proptest_config(cases(300))]

    // 12
    #[test]
    fn any_refunds_up_to_the_whole_give_back_exactly_what_was_taken(case in case(), steps in steps()) {
        close(&case, &steps)?;
    }

    // 12
    #[test]
    fn refunds_close_where_each_line_rounds_its_own_tax(case in case(), steps in steps()) {
        let mut case = case;
        case.program.tax.per = TaxScope::PerLine;
        close(&case, &steps)?;
    }

    // 12
    #[test]
    fn one_refund_of_the_rest_gives_back_everything(case in case()) {
        let mut case = case;
        prop_assume!(!case.live_lines().is_empty());
        case.program.tax.per = TaxScope::PerLine;
        case.program.refund.clawback = Clawback::Debt;
        case.program.refund.purchase = PurchaseBack::Uncounted;
        let mut book = case.book();
        let before = cards(&mut book, after(1), &case.cards);
        let sale = sold(&mut book, &case.sell());
        Return::of(&mut book, sale).finish()?;
        prop_assert_eq!(before, cards(&mut book, after(1), &case.cards));
    }

    // 13
    #[test]
    fn a_void_puts_every_balance_and_lot_back(case in case(), reserved in any::<bool>()) {
        let mut book = case.book();
        let before = cards(&mut book, after(1), &case.cards);
        let sale = if reserved {
            let held = sold(&mut book, &case.reserve());
            let confirm = Confirm { token: held.token.unwrap(), ..Confirm::default() };
            sold(&mut book, &Request::new(after(1), Command::Confirm(confirm)).with_key("confirm"))
        } else {
            sold(&mut book, &case.sell())
        };
        void(&mut book, &sale.token);
        let mut policy = case.program.refund.clone();
        policy.expired = Expired::Lost;
        // Only where all earned points are taken back does nothing remain of the sale.
        let all_come_back = match policy.clawback {
            Clawback::Debt | Clawback::Balance => true,
            Clawback::Pending => {
                let lots = sale.quote.iter().flat_map(|quote| &quote.points).flat_map(|p| &p.lots);
                lots.clone().all(|lot| lot.opens_at.is_some_and(|opens| opens > after(1))
                    && lot.expires_at.is_none_or(|ends| ends > after(1)))
            }
        };
        if all_come_back {
            prop_assert_eq!(before, cards(&mut book, after(1), &case.cards));
        }
    }

    // 13
    #[test]
    fn a_cancel_puts_every_balance_and_lot_back(case in case()) {
        let mut book = case.book();
        let before = cards(&mut book, after(1), &case.cards);
        let sale = sold(&mut book, &case.reserve());
        let cancel = Cancel { token: sale.token.unwrap(), ..Cancel::default() };
        book.call(&Request::new(after(1), Command::Cancel(cancel)).with_key("cancel")).unwrap();
        prop_assert_eq!(before, cards(&mut book, after(1), &case.cards));
    }

    // 7
    #[test]
    fn a_refund_reads_the_record_and_not_the_rules(case in case(), other in crate::program::program()) {
        prop_assume!(!case.live_lines().is_empty());
        let mut book = case.book();
        let sale = sold(&mut book, &case.sell());
        let mut changed = book.clone();
        let program = ProgramDocument { currency: case.program.currency.clone(), ..other };
        let points = case.program.points.clone();
        let program = ProgramDocument { points, ..program };
        let program = Program::compile(&kopilka::document::canonical(&program)).unwrap();
        changed.install(program).unwrap();
        let refund = |book: &mut Book| {
            let line = sale.quote.as_ref().unwrap().lines.first().unwrap().id.clone();
            let lines = vec![RefundLine { line, quantity: None }];
            let refund = Refund { lines, ..refund_with(sale.token.as_ref().unwrap()) };
            let request = Request::new(after(1), Command::Refund(refund)).with_key("refund");
            match book.call(&request).unwrap() {
                Answer::Refund(answer) => *answer,
                other => panic!("not a refund: {other:?}"),
            }
        };
        prop_assert_eq!(refund(&mut book), refund(&mut changed));
    }
}
