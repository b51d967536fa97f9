//! What keeps a gift card from paying, in every state of its life, and what is paid for lines.

use jiff::Timestamp;

use super::*;
use crate::order::{Line, LineKind, Order};
use crate::record::PinHash;
use crate::slice::{Presentation, Slice};
use crate::{Book, Command, PreparedOrder, Program, Request, SellOrder};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + minute * 60).unwrap()
}

fn program(kind: &str) -> Program {
    let text = format!(
        r#"{{"id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
            "cards": [{{"id": "gift", "kind": "gift", {kind}
                "numbers": [{{"prefix": "G", "length_max": 2}}]}}]}}"#
    );
    Program::compile(&text).unwrap()
}

/// A book in which G1 holds 100 and was changed in a way.
fn changed(program: &Program, change: impl FnOnce(&mut CardState)) -> Slice {
    let mut book = Book::new("till-1", program.clone()).unwrap();
    let (card, kind) = (Some("G1".to_owned()), LineKind::StoredValue);
    let lines = vec![Line { card, kind, ..Line::new("1", 100.into()) }];
    let order = Order { lines, ..Order::default() };
    let sell = Command::Sell(SellOrder { order, expect: None });
    book.call(&Request::new(at(0), sell).with_key("load")).unwrap();
    let mut slice = book.slice().clone();
    let mut card = slice.card("G1").unwrap().clone();
    change(&mut card);
    slice.insert_card("G1", card);
    slice
}

/// What G1 pays of 60, and the codes of the reasons.
fn paid(program: &Program, slice: &Slice, tender: GiftTender) -> (i64, Vec<ReasonCode>) {
    let gift_cards = vec![GiftTender { number: "G1".into(), ..tender }];
    let lines = vec![Line::new("1", 60.into())];
    let order = Order { gift_cards, lines, ..Order::default() };
    let quote = PreparedOrder::new(program, order).unwrap().quote(slice, at(20), false).unwrap();
    (quote.totals.gift.units, quote.reasons.iter().map(|reason| reason.code).collect())
}

#[test]
fn only_an_active_gift_card_pays() {
    let program = program("");
    let told = |change: fn(&mut CardState)| {
        paid(&program, &changed(&program, change), GiftTender::default())
    };
    assert_eq!(told(|_| {}), (6000, vec![]));
    assert_eq!(told(|card| card.life.inactive = true), (0, vec![ReasonCode::CardInactive]));
    assert_eq!(told(|card| card.life.blocked = true), (0, vec![ReasonCode::CardBlocked]));
    assert_eq!(
        told(|card| card.life.expires_at = Some(at(20))),
        (0, vec![ReasonCode::CardExpired])
    );
    assert_eq!(told(|card| card.life.expires_at = Some(at(21))), (6000, vec![]));
    assert_eq!(told(|card| card.life.closed = true), (0, vec![ReasonCode::CardClosed]));
}

#[test]
fn a_blocked_card_says_why() {
    let program = program("");
    let slice = changed(&program, |card| {
        card.life.blocked = true;
        card.life.reason = Some("lost".into());
    });
    let reason = slice.card("G1").unwrap().life.refusal("G1", at(0)).unwrap();
    assert_eq!(reason.args.0.get("reason").map(String::as_str), Some("lost"));
}

/// A card with a PIN that was proved at a minute.
fn proved(card: &mut CardState, minute: i64, strength: Presented) {
    card.pin = Some(PinHash::default());
    let record = "till-1.1.9".to_owned();
    let at = at(minute);
    card.presentations.push(Presentation { record, at, strength, step: None, nonce: None });
}

#[test]
fn a_card_with_a_pin_pays_only_a_short_while_after_it_was_proved() {
    let program = program(r#""pin": {},"#);
    let told = |minute, strength, record: &str| {
        let slice = changed(&program, |card| proved(card, minute, strength));
        let presentation = Some(record.to_owned());
        paid(&program, &slice, GiftTender { presentation, ..GiftTender::default() })
    };
    let refused = (0, vec![ReasonCode::GiftRefused]);
    assert_eq!(told(5, Presented::Pin, "till-1.1.9"), (6000, vec![]));
    assert_eq!(told(4, Presented::Pin, "till-1.1.9"), refused);
    assert_eq!(told(5, Presented::Static, "till-1.1.9"), refused);
    assert_eq!(told(5, Presented::Pin, "till-1.1.8"), refused);
    let blocked = changed(&program, |card| {
        proved(card, 5, Presented::Pin);
        card.life.blocked = true;
    });
    assert_eq!(paid(&program, &blocked, GiftTender::default()), refused);
}

#[test]
fn a_challenge_that_is_not_met_is_named() {
    let program = program(r#""challenge": "code","#);
    let slice = changed(&program, |_| {});
    let with =
        |confirmed| paid(&program, &slice, GiftTender { confirmed, ..GiftTender::default() });
    assert_eq!(with(Challenge::None), (0, vec![ReasonCode::CardChallenge]));
    assert_eq!(with(Challenge::Code), (6000, vec![]));
    assert_eq!(with(Challenge::Manager), (6000, vec![]));
}

#[test]
fn a_number_that_stands_for_a_gift_card_pays_with_its_money_and_only_once() {
    let program = program("");
    let mut slice = changed(&program, |_| {});
    let mut link = CardState::default();
    link.kind = "gift".into();
    link.linked = Some("G1".into());
    slice.insert_card("G2", link);
    let quote = |numbers: &[&str]| {
        let gift = |number: &&str| GiftTender { number: (*number).into(), ..GiftTender::default() };
        let gift_cards = numbers.iter().map(gift).collect();
        let order =
            Order { gift_cards, lines: vec![Line::new("1", 60.into())], ..Order::default() };
        PreparedOrder::new(&program, order).unwrap().quote(&slice, at(20), false)
    };
    let one = quote(&["G2"]).unwrap();
    assert_eq!((one.gift_cards[0].card.as_str(), one.totals.gift.units), ("G1", 6000));
    assert_eq!(one.reasons[0].code, ReasonCode::CardLinked);
    let error = quote(&["G1", "G2"]).unwrap_err();
    let found = (error.code(), error.mistakes()[0].path.as_str());
    assert_eq!(found, (crate::ErrorCode::OrderGiftCard, "/gift_cards/1/number"));
}

#[test]
fn an_adjustment_below_zero_lowers_what_is_paid_for_the_others() {
    assert_eq!(paid_of_lines(&[100, 50, -30], 120), [80, 40, 0]);
}

#[test]
fn a_tax_that_is_rounded_once_is_divided_over_the_lines() {
    assert_eq!(paid_of_lines(&[100, 100], 201).iter().sum::<i64>(), 201);
    assert_eq!(paid_of_lines(&[100, 0], 99), [99, 0]);
}

#[test]
fn a_manager_also_meets_a_code_and_nothing_but_a_pin_meets_a_pin() {
    use Challenge::*;
    assert!(is_met(Code, Manager, false) && is_met(Manager, Manager, false));
    assert!(!is_met(Manager, Code, false) && !is_met(Pin, Manager, false));
    assert!(is_met(Pin, None, true) && !is_met(Online, None, true));
}
