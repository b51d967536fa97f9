//! A few fixed orders, priced under any programme.

use jiff::{SignedDuration, Timestamp};
use kopilka::document::Reader;
use kopilka::json::Node;
use kopilka::{
    Book, Command, Issue, OpeningLot, Order, PreparedOrder, Program, Request, SellOrder,
};
use rust_decimal::Decimal;

use crate::checks;

const ORDERS: &[&str] = &[
    r#"{"lines": [{"id": "1", "price": "100.00", "category": "vodka"},
                  {"id": "2", "price": "33.33", "quantity": "3", "sku": "s1"},
                  {"id": "3", "price": "0.01", "quantity": "7", "tags": ["promo", "gold"]}],
        "spend": {"mode": "max"}}"#,
    r#"{"lines": [{"id": "a", "price": "1999.99", "quantity": "0.333",
                   "taxes": [{"name": "VAT", "size": {"percent": "20"}},
                             {"name": "bottle", "size": {"per_unit": "1.5"}}]},
                  {"id": "b", "price": "50", "quantity": "2", "kind": "child", "parent": "a",
                   "taxes": [{"name": "sales", "inside": false, "size": {"percent": "7.25"}}]},
                  {"id": "c", "price": "-20", "kind": "adjustment"},
                  {"id": "d", "price": "300", "kind": "delivery"},
                  {"id": "e", "price": "10", "kind": "void"},
                  {"id": "f", "price": "0"}],
        "channel": "app", "till": "t1",
        "discounts": [{"name": "ten", "amount": "10"}, {"name": "of a", "line": "a", "amount": "700"}],
        "tenders": [{"kind": "gift", "amount": "100"}, {"kind": "cash", "amount": "100000"}],
        "spend": {"mode": "exact", "points": "17"}}"#,
    r#"{"lines": [{"id": "1", "price": "900000000"}, {"id": "2", "price": "0.000001", "quantity": "0.001"},
                  {"id": "3", "price": "1", "floor": "1", "excluded_from": ["points", "earning"]},
                  {"id": "4", "price": "5000", "category": "tobacco"}],
        "codes": ["X"], "spend": {"mode": "max"}}"#,
];

/// Issues a card of each kind that can be issued, and quotes and sells with all of them.
pub fn price(program: &Program) {
    checks::reads_back(program.document());
    let at: Timestamp = "2025-10-24T14:30:00+03:00".parse().expect("an instant");
    let mut book = Book::new("till", program.clone()).expect("the till has a name");
    let mut cards = Vec::new();
    for kind in &program.document().cards {
        if cards.len() < 8 {
            cards.extend(issue(&mut book, kind, at));
        }
    }
    for (number, text) in ORDERS.iter().enumerate() {
        let node = Node::parse(text, 1 << 20).expect("it is JSON");
        let (mut order, mistakes) = Reader::document::<Order>(&node);
        assert!(mistakes.is_empty(), "{mistakes:?}");
        order.cards = cards.iter().map(|card| card.as_str().into()).collect();
        order.store = program.document().stores.first().map(|store| store.id.clone());
        match PreparedOrder::new(program, order.clone()) {
            Err(error) => checks::error(&error, &program.document()),
            Ok(prepared) => {
                let plain = prepared.quote(book.slice(), at, false);
                checks::quote(&plain);
                let mut explained = prepared.quote(book.slice(), at, true);
                checks::reads_back(&explained);
                explained.explanation = None;
                assert_eq!(explained, plain, "explaining changes the quote");
            }
        }
        let sell = Command::Sell(SellOrder { order, expect: None });
        let request = Request::new(at, sell).with_key(format!("sale-{number}"));
        match book.call(&request) {
            Ok(answer) => drop(checks::answer(&answer)),
            Err(error) => checks::error(&error, &request),
        }
    }
    let mut previous = "0".repeat(64);
    for entry in book.entries() {
        checks::entry(entry, &previous);
        previous = entry.hash.to_string();
    }
}

fn issue(book: &mut Book, kind: &kopilka::CardKind, at: Timestamp) -> Option<String> {
    let range = kind.numbers.first()?;
    let length = usize::from(range.length_max).max(1);
    let body: String =
        range.prefix.chars().chain(std::iter::repeat('1')).take(length - 1).collect();
    for last in 0..10 {
        let card = format!("{body}{last}");
        let lot = |amount: i64, days: Option<i64>| OpeningLot {
            amount: Decimal::from(amount),
            expires_at: days.map(|days| at + SignedDuration::from_hours(24 * days)),
            ..OpeningLot::default()
        };
        let opening = vec![lot(1, Some(1)), lot(1_000_000, Some(9)), lot(50, None)];
        for opening in [opening, Vec::new()] {
            let issue = Issue {
                card: card.clone(),
                kind: Some(kind.id.clone()),
                opening,
                spent: Some(Decimal::from(5_000)),
                ..Issue::default()
            };
            let key = format!("issue-{}-{last}", kind.id);
            match book.call(&Request::new(at, Command::Issue(issue)).with_key(key)) {
                Ok(answer) => {
                    checks::answer(&answer);
                    return Some(card);
                }
                Err(error) => checks::error(&error, &kind),
            }
        }
    }
    None
}
