//! Properties of reading scans: misreads are found, bank cards are never repeated, and one number
//! written in several ways is one number.

use jiff::Timestamp;
use kopilka::document::canonical;
use kopilka::*;
use proptest::prelude::*;

const ALGORITHMS: [CheckDigit; 5] = [
    CheckDigit::Gs1,
    CheckDigit::Luhn,
    CheckDigit::Damm,
    CheckDigit::Verhoeff,
    CheckDigit::LuhnModN,
];
const LETTERS: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn book() -> Book {
    let program = Program::compile(
        r##"{
        "id": "t", "currency": "RUB", "zone": "Europe/Moscow",
        "points": [{ "id": "bonus" }],
        "cards": [
            { "id": "bonus", "kind": "bonus",
              "numbers": [{ "prefix": "29", "length_max": 13, "check": "gs1" }] },
            { "id": "letters", "kind": "discount",
              "numbers": [{ "prefix": "K", "length_max": 8, "check": "luhn_mod_n" }] },
            { "id": "any", "kind": "discount", "numbers": [{ "prefix": "AB", "length_max": 20 }] }
        ],
        "identify": {
            "customer_numbers": { "length_max": 9, "prefix": "ID:" },
            "json_keys": ["card"],
            "links": [{ "prefix": "https://shop.example/c/" }],
            "phones": "ru",
            "scans": [
                { "id": "weight", "mask": "21iiiiiwwwww#", "check": "gs1",
                  "means": { "scale_label": "weight" } },
                { "id": "group", "mask": "777-???", "means": { "card": "any" } },
                { "id": "long", "mask": "?###############", "means": { "goods": "whole" } }
            ],
            "tracks": [{ "track": "second", "between": { "before": "=" } }]
        }
    }"##,
    );
    Book::new("t", program.unwrap()).unwrap()
}

fn identify(scan: &str) -> Identified {
    let command = Command::Identify(Identify { scan: scan.into() });
    match book().call(&Request::new(Timestamp::UNIX_EPOCH, command)).unwrap() {
        Answer::Identified(found) => found,
        other => panic!("{other:?}"),
    }
}

/// A body that an algorithm knows.
fn body() -> impl Strategy<Value = (CheckDigit, String)> {
    prop::sample::select(ALGORITHMS.to_vec()).prop_flat_map(|check| {
        let size = if check == CheckDigit::LuhnModN { LETTERS.len() } else { 10 };
        prop::collection::vec(0..size, 1..30).prop_map(move |codes| {
            (check, codes.into_iter().map(|code| char::from(LETTERS[code])).collect())
        })
    })
}

fn is_right(check: CheckDigit, number: &str) -> bool {
    let (body, last) = number.split_at(number.len() - 1);
    check_character(check, body) == last.chars().next()
}

/// The number of a bank card: a known beginning, digits, and what makes Luhn right.
fn bank_card() -> impl Strategy<Value = String> {
    let begins =
        vec!["2200", "2204", "2221", "2720", "300", "34", "36", "3528", "4", "51", "62", "6011"];
    (prop::sample::select(begins), "[0-9]{14}", 14usize..=19).prop_map(|(begins, rest, length)| {
        let mut number = format!("{begins}{rest}0000");
        number.truncate(length - 1);
        let last = check_character(CheckDigit::Luhn, &number).unwrap();
        format!("{number}{last}")
    })
}

/// How a number is grouped and wrapped on its way.
fn wrapped(number: &str, way: u8) -> String {
    let groups = |with: &str| {
        let chunks: Vec<String> = number
            .as_bytes()
            .chunks(4)
            .map(|chunk| String::from_utf8(chunk.to_vec()).unwrap())
            .collect();
        chunks.join(with)
    };
    match way {
        0 => number.to_owned(),
        1 => groups(" "),
        2 => groups("-"),
        3 => groups("\u{a0}"),
        4 => groups("\u{200b}"),
        5 => format!("]C1{number}\r\n"),
        6 => format!("{{\"card\":\"{number}\"}}"),
        7 => format!("https://shop.example/c/{number}"),
        8 => format!(";{number}=2512101000?"),
        9 => format!("%B{number}^IVANOV/IVAN^2512101?"),
        10 => format!("kr.{number}.1.2"),
        _ => {
            number.chars().map(|c| char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap()).collect()
        }
    }
}

/// Scans that look like something.
fn scan() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ '\\]C1E0%;+?=^0-9A-ZА-Яа-я{}\":/.,ks-]{0,40}",
        "[+]?[78]?[ (]?[0-9]{3}[) ]?[0-9]{3}-[0-9]{2}-[0-9]{2}",
        "(https://shop[.]example/c/|\\{\"card\":\"|kr[.]|ks[.]|;|%B?|\\]Q3|ID: ?)[0-9A-Za-z.=^\"}?%-]{0,30}",
        "[0-9]{1,20}",
    ]
}

proptest! {
    #[test]
    fn every_single_wrong_character_is_found((check, body) in body(), place: usize, other: usize) {
        let number = format!("{body}{}", check_character(check, &body).unwrap());
        prop_assert!(is_right(check, &number));
        let size = if check == CheckDigit::LuhnModN { LETTERS.len() } else { 10 };
        let place = place % number.len();
        let mut wrong = number.clone().into_bytes();
        let code = LETTERS.iter().position(|letter| *letter == wrong[place]).unwrap();
        wrong[place] = LETTERS[(code + 1 + other % (size - 1)) % size];
        let wrong = String::from_utf8(wrong).unwrap();
        prop_assert!(!is_right(check, &wrong), "{number} {wrong}");
    }

    #[test]
    fn damm_and_verhoeff_find_every_swap_of_neighbours((_, body) in body(), place: usize) {
        let digits: String = body.chars().filter(char::is_ascii_digit).collect();
        for check in [CheckDigit::Damm, CheckDigit::Verhoeff] {
            let Some(last) = check_character(check, &digits) else { continue };
            let number = format!("{digits}{last}");
            let place = place % (number.len() - 1);
            let mut swapped = number.clone().into_bytes();
            swapped.swap(place, place + 1);
            let swapped = String::from_utf8(swapped).unwrap();
            prop_assert!(swapped == number || !is_right(check, &swapped), "{number}");
        }
    }

    #[test]
    fn a_bank_card_is_refused_and_never_repeated(number in bank_card(), way in 0u8..12) {
        let scan = wrapped(&number, way);
        prop_assert!(is_bank_card(&scan), "{scan}");
        let found = identify(&scan);
        prop_assert_eq!(found.what, ScanKind::BankCard);
        prop_assert_eq!(&found.number, "");
        let answer = canonical(&Answer::Identified(found));
        prop_assert!(!answer.contains(&number), "{answer}");
        prop_assert!(!answer.contains(&wrapped(&number, 1)), "{answer}");
    }

    #[test]
    fn a_bank_card_is_refused_by_every_door_without_being_repeated(number in bank_card(), way in 0u8..4) {
        let number = wrapped(&number, way);
        let query = || CardQuery { card: number.clone(), ..CardQuery::default() };
        let order = Order { cards: vec![number.as_str().into()], ..Order::default() };
        for command in [
            Command::Balance(query()),
            Command::History(History { card: number.clone(), ..History::default() }),
            Command::Issue(Issue { card: number.clone(), ..Issue::default() }),
            Command::Quote(QuoteOrder { order }),
            Command::Transfer(Transfer { from: number.clone(), to: number.clone(), ..Transfer::default() }),
        ] {
            let request = Request::new(Timestamp::UNIX_EPOCH, command).with_key("k");
            let error = book().call(&request).unwrap_err();
            prop_assert!(error.mistakes().iter().any(|m| m.code == ErrorCode::CardBankCard));
            prop_assert!(!error.to_string().contains(&number), "{error}");
        }
    }

    #[test]
    fn whatever_is_scanned_the_answer_is_the_same_twice_and_holds_no_bank_card(scan in scan()) {
        let found = identify(&scan);
        prop_assert_eq!(&found, &identify(&scan));
        prop_assert!(!is_bank_card(&found.number), "{}", found.number);
        for reason in &found.reasons {
            for value in reason.args.0.values() {
                prop_assert!(!is_bank_card(value), "{value}");
            }
        }
        prop_assert_eq!(found.what == ScanKind::BankCard, found.reasons.iter().any(|r| r.code == ReasonCode::ScanBankCard));
        prop_assert!(found.what != ScanKind::Unknown || !found.reasons.is_empty());
    }

    #[test]
    fn reading_a_number_that_was_read_changes_nothing_more(scan in scan()) {
        let found = identify(&scan);
        // What a form cut out of a scan, and a guest's id without its prefix, is no scan any more.
        let whole = !matches!(found.what, ScanKind::Guest | ScanKind::Goods | ScanKind::Coupon);
        if whole && !found.number.is_empty() && found.presented.is_none() {
            let again = identify(&found.number);
            prop_assert_eq!(&again.number, &found.number);
            prop_assert_eq!(again.what, found.what);
        }
    }

    #[test]
    fn a_phone_is_the_same_in_every_form(own in "9[0-9]{9}", lead in prop::sample::select(vec!["8", "+7", "7", ""]), form in 0u8..4) {
        let plain = identify(&format!("+7{own}"));
        prop_assume!(plain.what == ScanKind::Phone);
        let part = |from: usize, to: usize| own[from..to].to_owned();
        let (a, b, c, d) = (part(0, 3), part(3, 6), part(6, 8), part(8, 10));
        let written = match form {
            0 => format!("{lead}{own}"),
            1 => format!("{lead} ({a}) {b}-{c}-{d}"),
            2 => format!("'{lead}\u{a0}{a} {b} {c} {d}\r"),
            _ => format!("{lead}{a}-{b}-{c}{d}"),
        };
        let found = identify(&written);
        prop_assert_eq!(&found.phone, &plain.phone);
        prop_assert!(!canonical(&Answer::Identified(found)).contains(&own));
    }
}
