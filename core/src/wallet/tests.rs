use super::*;
use crate::answer::{Balance, CardStatus, CardView};
use crate::program::{CardUse, Program};
use crate::slice::CouponState;

fn program() -> Program {
    Program::compile(
        r#"{"id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
            "merchant": {"name": {"en": "Shop", "ru": "Лавка"}}, "points": [{"id": "bonus"}],
            "cards": [{"id": "card", "kind": "bonus", "numbers": [{"length_max": 4}]}],
            "coupons": [{"id": "cup"}]}"#,
    )
    .unwrap()
}

fn at() -> Timestamp {
    "2025-10-24T12:00:00Z".parse().unwrap()
}

fn view(usage: CardUse, status: CardStatus) -> CardView {
    let asset = if usage == CardUse::Gift { "RUB" } else { "bonus" };
    let digits = if usage == CardUse::Gift { 2 } else { 0 };
    let spendable = Amount { units: 123_450, digits };
    let balance = Balance { points: asset.to_owned(), spendable, ..Balance::default() };
    CardView {
        balances: vec![balance],
        card: "1001".to_owned(),
        kind: "card".to_owned(),
        status,
        usage,
        ..CardView::default()
    }
}

/// A pass of each style in both languages.
fn passes() -> Vec<Pass> {
    let program = program();
    let rules = program.rules();
    let mut passes = Vec::new();
    for language in [PassLanguage::Ru, PassLanguage::En] {
        for usage in CardUse::ALL {
            let view = view(*usage, CardStatus::Active);
            passes.push(card_pass(rules, "1001", &view, at(), language));
        }
        let coupon = CouponState { coupon: "cup".to_owned(), uses: 3, ..CouponState::default() };
        passes.push(coupon_pass(rules, "CUP-1", &coupon, at(), language));
    }
    passes
}

fn keys_of(node: &Node, found: &mut Vec<String>) {
    match node {
        Node::Map(entries) => entries.iter().for_each(|(key, value)| {
            found.push(key.clone());
            keys_of(value, found);
        }),
        Node::List(items) => items.iter().for_each(|item| keys_of(item, found)),
        _ => {}
    }
}

#[test]
fn a_pass_that_was_written_reads_back_as_the_same() {
    for pass in passes() {
        for form in PassForm::ALL {
            let node = written(&pass, *form).pass;
            assert_eq!(Node::parse(&node.canonical(), 1 << 16).unwrap(), node);
        }
    }
}

#[test]
fn every_apple_pass_has_the_keys_that_its_style_requires() {
    for pass in passes() {
        let node = written(&pass, PassForm::Apple).pass;
        // What the documentation requires, but for what the merchant's certificate says.
        for key in ["description", "formatVersion", "organizationName", "serialNumber", "barcodes"]
        {
            assert!(node.get(key).is_some(), "{key}: {}", node.canonical());
        }
        let styles = ["storeCard", "eventTicket", "coupon"];
        let found: Vec<&Node> = styles.iter().filter_map(|style| node.get(style)).collect();
        let [style] = found.as_slice() else { panic!("one style: {}", node.canonical()) };
        let Some(Node::List(primary)) = style.get("primaryFields") else { panic!("no primary") };
        assert_eq!(primary.len(), 1, "these styles show one primary field");
        let mut keys = Vec::new();
        for rows in ["headerFields", "primaryFields", "secondaryFields", "backFields"] {
            let Some(Node::List(rows)) = style.get(rows) else { continue };
            for row in rows {
                assert!(row.get("label").is_some() && row.get("value").is_some());
                keys.push(row.get("key").and_then(Node::text).unwrap().to_owned());
                let change = row.get("changeMessage").and_then(Node::text);
                assert!(change.is_none_or(|change| change.contains("%@")));
            }
        }
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count, "the key of a field stands once in a pass");
    }
}

#[test]
fn every_google_pass_has_the_keys_that_its_class_and_object_require() {
    for pass in passes() {
        let node = written(&pass, PassForm::Google).pass;
        let (class, object) = (node.get("class").unwrap(), node.get("object").unwrap());
        let (of_class, of_object): (&[&str], &[&str]) = match pass.style {
            PassStyle::Loyalty => (&["programName"], &["accountId"]),
            PassStyle::Gift => (&["merchantName"], &["cardNumber", "balance", "balanceUpdateTime"]),
            PassStyle::Ticket => (&["eventName"], &["ticketNumber"]),
            PassStyle::Coupon => (&["title", "redemptionChannel", "provider"], &[]),
        };
        for key in ["id", "issuerName", "reviewStatus"].iter().chain(of_class) {
            assert!(class.get(key).is_some(), "{key}: {}", node.canonical());
        }
        for key in ["id", "classId", "state", "barcode"].iter().chain(of_object) {
            assert!(object.get(key).is_some(), "{key}: {}", node.canonical());
        }
        assert_eq!(class.get("id"), object.get("classId"));
    }
}

#[test]
fn no_pass_has_a_pin() {
    for pass in passes() {
        for form in [PassForm::Apple, PassForm::Google] {
            let mut keys = Vec::new();
            keys_of(&written(&pass, form).pass, &mut keys);
            assert!(!keys.iter().any(|key| key.to_ascii_lowercase().starts_with("pin")));
        }
    }
}

#[test]
fn money_of_a_gift_card_is_a_text_for_people_and_millionths_for_google() {
    let program = program();
    let view = view(CardUse::Gift, CardStatus::Active);
    let pass = card_pass(program.rules(), "1001", &view, at(), PassLanguage::Ru);
    assert_eq!(pass.primary[0].value, "1\u{202f}234,50\u{202f}₽");
    let google = written(&pass, PassForm::Google).pass;
    let micros = google.at("/object/balance/micros").and_then(Node::text);
    assert_eq!(micros, Some("1234500000"));
}

#[test]
fn the_state_follows_the_life_of_the_card() {
    let program = program();
    for (status, expected, void) in [
        (CardStatus::Active, "ACTIVE", None),
        (CardStatus::Issued, "INACTIVE", None),
        (CardStatus::Blocked, "INACTIVE", None),
        (CardStatus::Closed, "INACTIVE", None),
        (CardStatus::Expired, "EXPIRED", Some(&Node::Boolean(true))),
    ] {
        let view = view(CardUse::Bonus, status);
        let pass = card_pass(program.rules(), "1001", &view, at(), PassLanguage::Ru);
        let google = written(&pass, PassForm::Google).pass;
        assert_eq!(google.at("/object/state").and_then(Node::text), Some(expected));
        assert_eq!(written(&pass, PassForm::Apple).pass.get("voided"), void, "{status:?}");
    }
}
