//! Properties of stored value: what is captured, held and credited, and that nothing is lost.

use kopilka::document::canonical;
use kopilka::*;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;
use rust_decimal::Decimal;

use crate::book::{card, cases, refund_with};
use crate::order::after;
use crate::record::check_postings;

/// A price in kopeks, a quantity in thousandths, and a tax: whether it is inside, and its percent.
type Priced = (i64, i64, Option<(bool, i64)>);

/// Gift cards that hold something, and a receipt that they pay.
#[derive(Clone, Debug)]
struct Paid {
    order: TenderOrder,
    /// What each card holds and what is wished of it, in kopeks.
    cards: Vec<(i64, Option<i64>)>,
    lines: Vec<Priced>,
    /// How much is loaded onto another card beside it, in kopeks.
    load: Option<i64>,
    /// How much of each hold is taken, in thousandths of it; all at once if left out.
    captured: Option<Vec<i64>>,
    /// What comes back: a part in thousandths of what is left of a line, or of the money.
    refunds: Vec<(Option<usize>, i64)>,
}

fn paid() -> impl Strategy<Value = Paid> {
    let orders = [TenderOrder::ProRata, TenderOrder::GiftFirst, TenderOrder::CashFirst];
    let cards = prop::collection::vec((1i64..20_000, prop::option::of(1i64..20_000)), 1..4);
    let tax = prop::option::of((any::<bool>(), select(vec![5i64, 10, 20])));
    let line = (0i64..10_000, select(vec![1_000i64, 2_000, 3_000, 1_333, 250]), tax);
    let lines = prop::collection::vec(line, 1..5);
    let captured = prop::option::of(prop::collection::vec(0i64..=1_000, 4));
    let refunds = prop::collection::vec((prop::option::of(0usize..4), 1i64..=1_000), 0..5);
    let load = prop::option::of(1i64..50_000);
    (select(orders.to_vec()), cards, lines, load, captured, refunds).prop_map(
        |(order, cards, lines, load, captured, refunds)| Paid {
            order,
            cards,
            lines,
            load,
            captured,
            refunds,
        },
    )
}

fn money(units: i64) -> Decimal {
    Decimal::new(units, 2)
}

fn number(place: usize) -> String {
    format!("G{place}")
}

impl Paid {
    fn program(&self) -> Program {
        let text = r#"{"id": "t", "currency": "RUB", "zone": "Europe/Moscow",
            "cards": [{"id": "gift", "kind": "gift", "life": {"months": 12},
                "numbers": [{"prefix": "G", "length_max": 3, "length_min": 2}],
                "stored_value": {"bonus": [{"from": "100", "amount": "7.77"}]}}],
            "refund": {"tenders": "ORDER"}}"#;
        Program::compile(&text.replace("ORDER", self.order.as_str())).unwrap()
    }

    fn order(&self) -> Order {
        let line = |(place, (price, quantity, tax)): (usize, &Priced)| {
            let tax = tax.map(|(inside, percent)| TaxRule {
                inside,
                name: format!("VAT {percent}% {inside}"),
                size: TaxSize::Percent(Decimal::from(percent)),
            });
            Line {
                quantity: Decimal::new(*quantity, 3),
                taxes: tax.into_iter().collect(),
                ..Line::new(place.to_string(), money(*price))
            }
        };
        let mut lines: Vec<Line> = self.lines.iter().enumerate().map(line).collect();
        lines.extend(self.load.map(|units| sold(99, units)));
        let gift = |(place, (_, wish)): (usize, &(i64, Option<i64>))| GiftTender {
            amount: wish.map(money),
            number: number(place),
            ..GiftTender::default()
        };
        let gift_cards = self.cards.iter().enumerate().map(gift).collect();
        Order { gift_cards, lines, ..Order::default() }
    }
}

/// A line that loads a card.
fn sold(card: usize, units: i64) -> Line {
    let (kind, card) = (LineKind::StoredValue, Some(number(card)));
    Line { card, kind, ..Line::new("load", money(units)) }
}

/// A book, its calls, and what the gift cards were before the receipt.
struct Life {
    book: Book,
    calls: i64,
}

impl Life {
    fn new(case: &Paid) -> Life {
        let mut life = Life { book: Book::new("till-1", case.program()).unwrap(), calls: 0 };
        let held = case.cards.iter().map(|(units, _)| *units).enumerate();
        for (card, units) in held.chain([(99, 100)]) {
            let order = Order { lines: vec![sold(card, units)], ..Order::default() };
            life.call(Command::Sell(SellOrder { order, expect: None })).unwrap();
        }
        life
    }

    fn call(&mut self, command: Command) -> Result<Answer, Error> {
        self.calls += 1;
        let request = Request::new(after(1), command);
        self.book.call(&request.with_key(format!("call-{}", self.calls)))
    }

    fn sale(&mut self, command: Command) -> SaleAnswer {
        match self.call(command).unwrap() {
            Answer::Sale(sale) => *sale,
            other => panic!("not a sale: {other:?}"),
        }
    }

    fn balance(&mut self, place: usize) -> Balance {
        card(&mut self.book, after(1), &number(place)).balances[0].clone()
    }

    fn views(&mut self, case: &Paid) -> Vec<String> {
        let places = (0..case.cards.len()).chain([99]);
        places.map(|place| canonical(&card(&mut self.book, after(1), &number(place)))).collect()
    }

    /// Completes the receipt: at once, or by a hold of which a part is taken.
    fn complete(&mut self, case: &Paid) -> Result<SaleAnswer, TestCaseError> {
        let order = case.order();
        let Some(shares) = &case.captured else {
            return Ok(self.sale(Command::Sell(SellOrder { order, expect: None })));
        };
        let before: Vec<Balance> = (0..case.cards.len()).map(|place| self.balance(place)).collect();
        let reserve = ReserveOrder { order, ..ReserveOrder::default() };
        let sale = self.sale(Command::Reserve(reserve));
        let held = sale.quote.unwrap().gift_cards;
        for (place, before) in before.iter().enumerate() {
            let now = self.balance(place);
            let own = held.iter().find(|paid| paid.card == number(place));
            prop_assert_eq!(now.held.units, own.map_or(0, |paid| paid.amount.units));
            prop_assert_eq!(now.held.units + now.spendable.units, before.spendable.units);
            prop_assert!(now.spendable.units >= 0);
        }
        let taken = held.iter().zip(shares).map(|(paid, share)| GiftCapture {
            amount: money(paid.amount.units * share / 1_000),
            card: paid.card.clone(),
        });
        let gift_cards = Some(taken.collect());
        let token = sale.token.unwrap();
        let confirm = Confirm { gift_cards, token, ..Confirm::default() };
        let sale = self.sale(Command::Confirm(confirm));
        for paid in &sale.quote.as_ref().unwrap().gift_cards {
            let held = held.iter().find(|one| one.card == paid.card).unwrap();
            prop_assert!(paid.amount.units <= held.amount.units, "captured more than held");
        }
        Ok(sale)
    }

    fn refund(
        &mut self,
        case: &Paid,
        sale: &SaleAnswer,
        step: (Option<usize>, i64),
    ) -> RefundAnswer {
        let token = sale.token.as_ref().unwrap();
        let refund = match step {
            (Some(line), share) => {
                let place = line % case.lines.len();
                let quantity = Decimal::new((case.lines[place].1 * share / 10_000).max(1), 3);
                let line = RefundLine { line: place.to_string(), quantity: Some(quantity) };
                Refund { lines: vec![line], ..refund_with(token) }
            }
            (None, units) => Refund { amount: Some(money(units)), ..refund_with(token) },
        };
        match self.call(Command::Refund(refund)) {
            Ok(Answer::Refund(answer)) => *answer,
            // There may be less left than was asked for.
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::RefundExceeds, "{error}");
                RefundAnswer::default()
            }
            Ok(other) => panic!("not a refund: {other:?}"),
        }
    }
}

fn check_tenders(quote: &Quote, case: &Paid) -> TestCaseResult {
    let totals = &quote.totals;
    let paid: i64 = quote.gift_cards.iter().map(|paid| paid.amount.units).sum();
    prop_assert_eq!(totals.gift.units, paid);
    prop_assert_eq!(totals.gift.units + totals.rest.units, totals.payable.units);
    prop_assert!(totals.rest.units >= 0);
    for paid in &quote.gift_cards {
        let place = (0..case.cards.len()).find(|place| number(*place) == paid.card).unwrap();
        let (_, wish) = case.cards[place];
        prop_assert!(wish.is_none_or(|wish| paid.amount.units <= wish));
        prop_assert!(paid.amount.units > 0 && paid.left.units >= 0);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn tenders_add_up_and_what_comes_back_is_what_was_paid(case in paid()) {
        let mut life = Life::new(&case);
        let before = life.views(&case);
        let sale = life.complete(&case)?;
        let quote = sale.quote.clone().unwrap();
        check_tenders(&quote, &case)?;
        let captured = |card: &str| -> i64 {
            let paid = quote.gift_cards.iter().find(|paid| paid.card == card);
            paid.map_or(0, |paid| paid.amount.units)
        };
        let mut credited = vec![0; case.cards.len()];
        let mut back = 0;
        let mut note = |answer: &RefundAnswer| -> TestCaseResult {
            let gift: i64 = answer.gift_cards.iter().map(|one| one.amount.units).sum();
            prop_assert_eq!(answer.cash.units + gift, answer.money.units);
            prop_assert!(answer.cash.units >= 0);
            back += answer.money.units;
            for (place, credited) in credited.iter_mut().enumerate() {
                let own = answer.gift_cards.iter().find(|one| one.card == number(place));
                *credited += own.map_or(0, |one| one.amount.units);
                prop_assert!(*credited <= captured(&number(place)), "credited more than captured");
            }
            Ok(())
        };
        for step in &case.refunds {
            note(&life.refund(&case, &sale, *step))?;
        }
        match life.call(Command::Refund(refund_with(sale.token.as_ref().unwrap()))) {
            Ok(Answer::Refund(answer)) => note(&answer)?,
            Err(error) => prop_assert_eq!(error.code(), ErrorCode::RefundExceeds),
            Ok(other) => panic!("not a refund: {other:?}"),
        }
        prop_assert_eq!(back, quote.totals.payable.units);
        prop_assert_eq!(life.views(&case), before, "a sale and its refund are no identity");
        for entry in life.book.entries() {
            check_postings(&entry.record)?;
        }
    }

    #[test]
    fn a_void_undoes_what_gift_cards_paid_and_what_was_loaded(case in paid()) {
        let mut life = Life::new(&case);
        let before = life.views(&case);
        let sale = life.complete(&case)?;
        let token = sale.token.unwrap();
        life.call(Command::Void(Void { token, ..Void::default() })).unwrap();
        prop_assert_eq!(life.views(&case), before);
    }

    #[test]
    fn a_cancelled_hold_leaves_every_gift_card_as_it_was(case in paid()) {
        let mut life = Life::new(&case);
        let before = life.views(&case);
        let reserve = ReserveOrder { order: case.order(), ..ReserveOrder::default() };
        let token = life.sale(Command::Reserve(reserve)).token.unwrap();
        life.call(Command::Cancel(Cancel { token, ..Cancel::default() })).unwrap();
        prop_assert_eq!(life.views(&case), before);
    }
}
