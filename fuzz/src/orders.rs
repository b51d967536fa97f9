//! A few fixed orders, priced under any programme.

use jiff::{SignedDuration, Timestamp};
use kopilka::document::Reader;
use kopilka::json::Node;
use kopilka::{
    Activate, Answer, Book, Claim, ClosePeriod, Command, GrantPoints, Issue, Lint, OpeningLot,
    Order, PreparedOrder, Program, Refund, Request, SellOrder, Then, Transfer,
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
    r#"{"lines": [{"id": "1", "price": "12.34", "quantity": "5", "sku": "s1", "category": "tea"},
                  {"id": "2", "price": "7.50", "quantity": "3", "sku": "s2", "tags": ["promo"]},
                  {"id": "3", "price": "90", "category": "tea", "attributes": [{"name": "gtin", "value": "0"}],
                   "taxes": [{"name": "VAT", "size": {"percent": "20"}},
                             {"name": "deposit", "size": {"per_unit": "2"}}]},
                  {"id": "4", "price": "0.07", "quantity": "11", "tags": ["gold", "promo"]},
                  {"id": "5", "price": "45.05", "quantity": "0.717", "category": "drink"}],
        "codes": ["X", "GROUP"], "till": "t1", "channel": "delivery", "spend": {"mode": "max"},
        "attributes": [{"name": "hall", "value": "1"}],
        "guest": {"birthday": "1961-10-25", "attributes": [{"name": "sex", "value": "f"}]}}"#,
];

/// Issues a card of each kind that can be issued, and quotes and sells with all of them.
pub fn price(program: &Program) {
    checks::reads_back(program.document());
    let at: Timestamp = "2025-10-24T14:30:00+03:00".parse().expect("an instant");
    let mut book = Book::new("till", program.clone()).expect("the till has a name");
    ask(&mut book, Command::Lint(Lint::default()), at, None);
    let mut cards: Vec<String> = Vec::new();
    for kind in &program.document().cards {
        if cards.len() < 8 {
            cards.extend(issue(&mut book, kind, at));
        }
    }
    give(&mut book, &cards, at);
    let mut coupons = Vec::new();
    for (number, text) in ORDERS.iter().enumerate() {
        let at = at + SignedDuration::from_hours(30 * number as i64);
        let node = Node::parse(text, 1 << 20).expect("it is JSON");
        let (mut order, mistakes) = Reader::document::<Order>(&node);
        assert!(mistakes.is_empty(), "{mistakes:?}");
        order.cards = cards.iter().map(|card| card.as_str().into()).collect();
        order.store = program.document().stores.first().map(|store| store.id.clone());
        fill(&mut order, program, number, &coupons);
        match PreparedOrder::new(program, order.clone()) {
            Err(error) => checks::error(&error, &program.document()),
            Ok(prepared) => {
                let plain = prepared.quote(book.slice(), at, false).expect("it loads no cards");
                checks::quote(&plain);
                let mut explained =
                    prepared.quote(book.slice(), at, true).expect("it loads no cards");
                checks::reads_back(&explained);
                checks::quote(&explained);
                explained.explanation = None;
                assert_eq!(explained, plain, "explaining changes the quote");
            }
        }
        let sell = Command::Sell(SellOrder { order, expect: None });
        let answer = ask(&mut book, sell, at, Some(format!("sale-{number}")));
        let Some(Answer::Sale(sale)) = answer else { continue };
        coupons.extend(sale.coupons.iter().map(|coupon| coupon.code.clone()));
        let close = Command::ClosePeriod(ClosePeriod::default());
        if let Some(Answer::Changed(changed)) = ask(
            &mut book,
            close,
            at + SignedDuration::from_hours(26),
            Some(format!("close-{number}")),
        ) {
            coupons.extend(changed.coupons.iter().map(|coupon| coupon.code.clone()));
        }
        if number % 2 == 1 {
            let part = Refund {
                amount: Some(Decimal::ONE),
                token: sale.token.clone(),
                ..Refund::default()
            };
            let all = Refund { token: sale.token.clone(), ..Refund::default() };
            for (part, refund) in [part, all].into_iter().enumerate() {
                let key = format!("refund-{number}-{part}");
                ask(
                    &mut book,
                    Command::Refund(refund),
                    at + SignedDuration::from_hours(27),
                    Some(key),
                );
            }
        }
    }
    checks::limits(book.entries());
    let mut previous = "0".repeat(64);
    for entry in book.entries() {
        checks::entry(entry, &previous);
        previous = entry.hash.to_string();
    }
}

fn ask(book: &mut Book, command: Command, at: Timestamp, key: Option<String>) -> Option<Answer> {
    let request = Request { key, ..Request::new(at, command) };
    match book.call(&request) {
        Ok(answer) => {
            checks::answer(&answer);
            checks::told(&answer, book.program().expect("a programme"));
            Some(answer)
        }
        Err(error) => {
            checks::error(&error, &request);
            None
        }
    }
}

/// Every grant, an event and a transfer for every card.
fn give(book: &mut Book, cards: &[String], at: Timestamp) {
    let document = book.program().expect("a programme").document().clone();
    for (number, card) in cards.iter().enumerate() {
        for grant in document.grants.iter().take(16) {
            let key = format!("grant-{card}-{}", grant.id);
            let grant = GrantPoints {
                card: card.clone(),
                grant: grant.id.clone(),
                ..GrantPoints::default()
            };
            ask(book, Command::Grant(grant), at, Some(key));
        }
        let event = Activate { card: card.clone(), event: "visit".into(), ..Activate::default() };
        ask(book, Command::Activate(event), at, Some(format!("activate-{card}")));
        for points in document.points.iter().take(4) {
            let to = &cards[(number + 1) % cards.len()];
            let transfer = Transfer {
                amount: Decimal::from(7),
                from: card.clone(),
                points: Some(points.id.clone()),
                to: to.clone(),
                ..Transfer::default()
            };
            let key = format!("transfer-{card}-{}", points.id);
            ask(book, Command::Transfer(transfer), at, Some(key));
        }
    }
}

/// The order claims what the programme has: rewards, presents, coupons.
fn fill(order: &mut Order, program: &Program, number: usize, coupons: &[String]) {
    let document = program.document();
    order.codes.extend(coupons.iter().rev().take(20).cloned());
    for (place, reward) in document.rewards.iter().take(20).enumerate() {
        let times = [1, 3, 10_000][(place + number) % 3];
        order.rewards.push(Claim { reward: reward.id.clone(), times });
    }
    let gifts = document.promotions.iter().filter_map(|promotion| match &promotion.then {
        Then::Gift(gift) => Some((promotion.id.clone(), gift.items.first()?.sku.clone())),
        _ => None,
    });
    let gifts: Vec<_> = gifts.take(number * 2).collect();
    for (place, (gift, sku)) in gifts.into_iter().enumerate() {
        let line = kopilka::Line {
            gift: Some(gift),
            quantity: Decimal::from(place + 1),
            sku: Some(sku),
            ..kopilka::Line::new(format!("gift-{place}"), Decimal::new(1999, 2))
        };
        order.lines.push(line);
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
                referred_by: (last == 1).then(|| card.clone()),
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
