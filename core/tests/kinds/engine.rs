//! The engine's side: the programme, orders, and what its answers come to in the model's terms.

use jiff::{SignedDuration, Timestamp};
use kopilka::*;
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::account::Reading;
use crate::naive::{CARDS, CODES, Kind};
use crate::receipt::{self, Receipt, TICKET_PRICE};
use crate::step;

const PROGRAM: &str = r#"{
    "id": "cafe", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}, {"id": "stamp"}, {"id": "entry"}],
    "cards": [
        {"id": "bonus", "kind": "bonus", "points": "bonus",
            "numbers": [{"prefix": "1", "length_max": 2}]},
        {"id": "discount", "kind": "discount",
            "numbers": [{"prefix": "2", "length_max": 2}],
            "discount": {"percent": {"fixed": "10"}, "method": "per_line"}},
        {"id": "gift", "kind": "gift", "numbers": [{"prefix": "3", "length_max": 2}],
            "stored_value": {"earns": true, "transfer": true}},
        {"id": "stamp", "kind": "stamp", "points": "stamp",
            "numbers": [{"prefix": "4", "length_max": 2}], "stamp": {"goal": 3}},
        {"id": "ticket", "kind": "ticket", "points": "entry",
            "numbers": [{"prefix": "5", "length_max": 2}], "ticket": {"units": 2}}
    ],
    "coupons": [{"id": "half", "uses": 2}],
    "promotions": [{"id": "half-a-cake", "when": {"coupon": ["half"]},
        "select": {"lines": {"category": ["cake"]}}, "then": {"percent": "50"},
        "method": "per_line"}],
    "rewards": [{"id": "free-coffee", "points": "stamp", "claim": "auto", "cost": {"flat": "3"},
        "select": {"lines": {"category": ["coffee"]}, "order": "cheapest", "per_receipt": 1},
        "then": {"percent": "100"}}],
    "redemption": {"points": "bonus"},
    "earning": {"rules": [
        {"id": "hundreds", "points": "bonus", "give": {"per": {"amount": "100.00", "points": "1"}}},
        {"id": "cups", "points": "stamp", "give": {"per_unit": "1"},
            "lines": {"category": ["coffee"]}}
    ]},
    "refund": {"tenders": "gift_first"}
}"#;

pub fn program() -> Program {
    Program::compile(PROGRAM).unwrap()
}

pub fn instant(minutes: i64) -> Timestamp {
    let start: Timestamp = "2025-10-24T12:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minutes)
}

pub fn order(wished: &step::Order) -> Order {
    let goods = wished.goods().into_iter().map(|((id, price, category), pieces)| Line {
        category: Some(category.to_owned()),
        quantity: Decimal::from(pieces),
        ..Line::new(id, Decimal::new(price, 2))
    });
    let loads = wished.loads().into_iter().map(|(card, (id, price))| {
        let is_ticket = CARDS[card].1 == Kind::Ticket;
        Line {
            card: Some(CARDS[card].0.to_owned()),
            kind: LineKind::StoredValue,
            ..Line::new(id, Decimal::new(if is_ticket { TICKET_PRICE } else { price }, 2))
        }
    });
    let gift = |card: usize| GiftTender { number: CARDS[card].0.into(), ..GiftTender::default() };
    let spend = match wished.spend {
        0 => Spend::default(),
        points => Spend { mode: SpendMode::Exact, points: Some(Decimal::from(points)) },
    };
    Order {
        cards: wished.cards().into_iter().map(|card| CARDS[card].0.into()).collect(),
        codes: wished.code.map(|code| CODES[code].to_owned()).into_iter().collect(),
        gift_cards: wished.gifts().into_iter().map(gift).collect(),
        lines: goods.chain(loads).collect(),
        spend,
        ..Order::default()
    }
}

/// A receipt in the model's terms; its sums must be those of its lines.
pub fn receipt_of(quote: &Quote) -> Result<Receipt, TestCaseError> {
    let gifts = quote.gift_cards.iter().filter(|paid| paid.amount.units > 0);
    let place = |number: &str| CARDS.iter().position(|card| card.0 == number).unwrap();
    let receipt = Receipt {
        lines: quote.lines.iter().map(line_of).collect(),
        gifts: gifts.map(|paid| (place(&paid.card), paid.amount.units)).collect(),
        codes: quote.codes.iter().map(|code| code.code.clone()).collect(),
    };
    for (line, own) in quote.lines.iter().zip(&receipt.lines) {
        prop_assert_eq!(line.due.units, own.due());
        let sum: i64 = line.sub_lines.iter().map(|part| part.sum.units).sum();
        prop_assert_eq!(sum, own.due());
    }
    let (payable, gift) = (receipt.payable(), receipt.gift());
    let totals = &quote.totals;
    let told = [totals.payable, totals.due, totals.gross, totals.gift, totals.rest];
    let expected = [payable, payable, payable, gift, payable - gift];
    prop_assert_eq!(told.map(|amount| amount.units), expected);
    for (points, what) in [("bonus", 0), ("stamp", 1)] {
        let own = quote.points.iter().filter(|entry| entry.points == points);
        let sums = own.fold((0, 0), |(spent, earned), entry| {
            (spent + entry.spent.units, earned + entry.earned.units)
        });
        prop_assert_eq!(sums, (receipt.spent(what), receipt.earned(what)), "{}", points);
    }
    Ok(receipt)
}

fn line_of(line: &LineQuote) -> receipt::Line {
    let stage = |stage: Stage| -> i64 {
        let own = line.discounts.iter().filter(|one| one.stage == stage);
        own.map(|one| one.amount.units).sum()
    };
    let points = |list: &[PointsAmount]| {
        ["bonus", "stamp"].map(|points| {
            let own = list.iter().filter(|one| one.points == points);
            own.map(|one| one.amount.units).sum()
        })
    };
    receipt::Line {
        id: line.id.clone(),
        pieces: line.quantity.to_i64().unwrap(),
        amount: line.amount.units,
        promotion: stage(Stage::Promotion),
        card: stage(Stage::Card),
        reward: stage(Stage::Reward),
        points: stage(Stage::Points),
        spent: points(&line.spent),
        earned: points(&line.earned),
    }
}

pub fn reading(view: &CardView) -> Result<Reading, TestCaseError> {
    let balance = &view.balances[0];
    prop_assert_eq!((balance.pending.units, balance.expired.units), (0, 0));
    Ok(Reading {
        spendable: balance.spendable.units,
        held: balance.held.units,
        debt: balance.debt.units,
        posted: balance.posted.units,
    })
}

/// Where a coupon is, and how often it was used, as previews of what can be done with it tell.
pub fn coupon(book: &mut Book, code: &str, minutes: i64) -> (&'static str, Option<i64>) {
    let mut preview = |action: CouponAction| {
        let change = ChangeCoupon {
            action,
            cashier: None,
            code: code.to_owned(),
            reason: None,
            shift: None,
            store: None,
            till: None,
        };
        let request = Request::new(instant(minutes), Command::Coupon(change)).with_key("preview");
        match book.call(&Request { preview: true, ..request }) {
            Ok(Answer::Coupon(answer)) => Some(i64::from(answer.coupon.used)),
            _ => None,
        }
    };
    let block = preview(CouponAction::Block);
    let unblock = preview(CouponAction::Unblock);
    match (block, unblock, preview(CouponAction::Void)) {
        (Some(used), _, None) => ("held", Some(used)),
        (Some(used), _, _) => ("active", Some(used)),
        (_, Some(used), _) => ("blocked", Some(used)),
        _ => ("ended", None),
    }
}
