use super::*;
use crate::program::Program;

/// A programme with every rule for scans.
fn program() -> Program {
    Program::compile(
        r##"{
        "id": "t", "currency": "RUB", "zone": "Europe/Moscow",
        "points": [{ "id": "bonus" }],
        "cards": [
            { "id": "bonus", "kind": "bonus",
              "numbers": [{ "prefix": "29", "length_max": 13, "check": "gs1" }] },
            { "id": "letters", "kind": "discount",
              "numbers": [{ "prefix": "K", "length_max": 6, "check": "luhn_mod_n" }] },
            { "id": "latin", "kind": "discount",
              "numbers": [{ "prefix": "AB", "length_max": 6 }] },
            { "id": "group", "kind": "discount" }
        ],
        "identify": {
            "customer_numbers": { "length_max": 9, "prefix": "ID:" },
            "json_keys": ["card"],
            "links": [{ "prefix": "https://shop.example/c/" }],
            "phones": "ru",
            "scans": [
                { "id": "weight", "mask": "21iiiiiwwwww#", "check": "gs1",
                  "means": { "scale_label": "weight" } },
                { "id": "group", "mask": "777-???", "means": { "card": "group" } },
                { "id": "store", "mask": "2############", "check": "gs1",
                  "means": { "goods": "whole" } },
                { "id": "staff", "mask": "S####", "means": { "guest": "places" } }
            ],
            "tracks": [{ "track": "second", "between": { "before": "=" } }]
        }
    }"##,
    )
    .unwrap()
}

fn reading(scan: &str) -> Reading {
    read(program().rules(), scan)
}

fn codes(scan: &str) -> Vec<ReasonCode> {
    reading(scan).reasons.iter().map(|reason| reason.code).collect()
}

#[test]
fn the_first_form_is_taken_and_later_ones_are_told() {
    // 2·1+1·3+1+2·3+3+4·3+5+0+0+6·3+7+8·3 = 2+3+1+6+3+12+5+0+0+18+7+24 = 81, so 9.
    let label = reading("2112345006789");
    assert_eq!(label.what, ScanKind::ScaleLabel);
    assert_eq!(label.pattern.as_deref(), Some("weight"));
    assert_eq!(label.shadowed, ["store"]);
    let expected = ScaleLabel { grams: Some(678), item: "12345".into(), price: None };
    assert_eq!(label.label, Some(expected));
    let goods = reading("2990000000019");
    assert_eq!((goods.what, goods.shadowed), (ScanKind::Goods, vec!["bonus".to_owned()]));
}

#[test]
fn a_group_card_is_looked_for_under_its_number_and_under_its_mask() {
    let group = reading("777-1A2");
    assert_eq!((group.what, group.kind.as_deref()), (ScanKind::Card, Some("group")));
    assert_eq!(&group.cards[..2], ["777-1A2", "777-???"]);
}

#[test]
fn cyrillic_letters_count_as_latin_only_where_a_number_comes_of_it() {
    assert_eq!(reading("АВ1234").number, "AB1234");
    assert_eq!(reading("АВ12345").number, "АВ12345");
    assert_eq!(reading("ab1234").what, ScanKind::Unknown);
}

#[test]
fn letters_that_people_confuse_are_read_as_the_alphabet_has_them() {
    // K is 19, 0 is 0, 1 is 1: from the right doubled 1·2, 0, 0·2, 1, 19·2 = 38 → 1 + 6 = 7;
    // 2 + 0 + 0 + 1 + 7 = 10, 32 − 10 = 22, which is P.
    assert_eq!(check_character(CheckDigit::LuhnModN, "K1001"), Some('P'));
    for scan in ["K1001P", "ki00lp", "K-IOO-LP", "К1001Р"] {
        let letters = reading(scan);
        assert_eq!((letters.kind.as_deref(), letters.number.as_str()), (Some("letters"), "K1001P"));
    }
    assert!(codes("K1001Q").contains(&ReasonCode::ScanCheckDigit));
}

#[test]
fn a_bank_card_is_never_repeated() {
    for scan in [
        "4111111111111111",
        "4111 1111 1111 1111",
        "]C14111111111111111",
        "{\"card\":\"4111111111111111\"}",
        "{\"card\":\"4222222222222\"}",
        "https://shop.example/c/%34111111111111111",
        ";4111111111111111=2512101?",
        "4222222222222",
    ] {
        let bank = reading(scan);
        assert_eq!(bank.what, ScanKind::BankCard, "{scan}");
        let (symbology, cards) = (bank.symbology.clone(), bank.cards.clone());
        let bare = Reading { symbology, cards, ..bank_card() };
        assert_eq!(bank, bare, "{scan}");
        assert!(bank.cards.iter().all(|number| !is_bank_card(number)), "{scan}");
    }
}

#[test]
fn thirteen_digits_of_goods_are_no_bank_card_where_a_scanner_read_an_ean() {
    assert_eq!(reading("]E04222222222222").what, ScanKind::Unknown);
}

#[test]
fn payloads_hold_numbers_that_are_read_as_if_they_were_typed() {
    for scan in [
        "https://shop.example/c/S0042",
        "{\"card\":\"S0042\"}",
        ";S0042=99?",
        "]Q3{\"card\":\" S0042\"}",
    ] {
        let guest = reading(scan);
        assert_eq!((guest.what, guest.number.as_str()), (ScanKind::Guest, "0042"), "{scan}");
    }
    assert_eq!(codes("{\"card\":\"{}\"}"), [ReasonCode::ScanNested]);
    assert_eq!(codes(";?"), [ReasonCode::ScanTrack]);
}

#[test]
fn phones_come_before_numbers_of_customers() {
    assert_eq!(reading("8 993 697-10-05").phone, reading("9936971005").phone);
    assert_eq!(reading("8 993 697-10-05").number, "");
    assert_eq!(reading("ID: 123").number, "123");
    assert_eq!(reading("123").what, ScanKind::Customer);
    assert!(codes("1234567890").contains(&ReasonCode::ScanCustomerNumber));
}

#[test]
fn a_refused_phone_with_its_country_is_not_repeated() {
    let refused = reading("+8 993 697-10-05");
    assert_eq!((refused.what, refused.number.as_str()), (ScanKind::Unknown, ""));
    assert_eq!(codes("+8 993 697-10-05"), [ReasonCode::ScanPhonePlusEight]);
}

#[test]
fn a_miss_tells_what_it_nearly_was() {
    let near = reading("2990000000018").reasons;
    let told: Vec<(ReasonCode, Option<&String>)> =
        near.iter().map(|reason| (reason.code, reason.args.0.get("rule"))).collect();
    let (store, bonus) = ("store".to_owned(), "bonus".to_owned());
    assert_eq!(
        told,
        [
            (ReasonCode::CardCheckDigit, None),
            (ReasonCode::ScanCheckDigit, Some(&store)),
            (ReasonCode::ScanCheckDigit, Some(&bonus)),
        ]
    );
    assert!(codes("29900000000").contains(&ReasonCode::ScanLength));
    assert_eq!(codes(" \r\n"), [ReasonCode::ScanEmpty]);
    assert_eq!(codes(&"x".repeat(513)), [ReasonCode::ScanTooLong]);
}
