//! Scans: whatever comes through the door, no number of a bank card leaves it.

use std::cell::RefCell;

use arbitrary::{Result, Unstructured};
use jiff::Timestamp;
use kopilka::document::canonical;
use kopilka::{
    Answer, Book, CheckDigit, Command, Identified, Identify, Issue, Program, Request, ScanKind,
    check_character,
};
use serde_json::{Value, json};

use crate::{checks, wild};

/// Programmes that read scans: with every kind of key, with none at all, with tracks in every step
/// and forms that cut a number out of a longer one, with letters, with phones of each region.
const PROGRAMS: &str = include_str!("scans.json");

/// Numbers under which cards are issued where the programme allows.
const KNOWN: &[&str] = &[
    "2990000000019",
    "777-???",
    "AB345678901234567890",
    "4222222222222",
    "42222222222228",
    "123",
    "77011234567",
    "КАРТА-####",
    "TEAM-??",
    "7992739871",
    "20000004",
    "4a",
    " 5 ",
    "ID:7",
];

thread_local! {
    static BOOKS: RefCell<Vec<Book>> = RefCell::new(
        serde_json::from_str::<Vec<Value>>(PROGRAMS)
            .expect("it is JSON")
            .into_iter()
            .map(|document| book(Program::compile(&document.to_string()).expect("it is sound")))
            .collect(),
    );
}

/// A book with the cards that its programme lets be issued.
fn book(program: Program) -> Book {
    let kinds: Vec<String> = program.document().cards.iter().map(|kind| kind.id.clone()).collect();
    let mut book = Book::new("t", program).expect("the till has a name");
    for number in KNOWN {
        for kind in [None].into_iter().chain(kinds.iter().map(Some)) {
            let issue = Issue { card: (*number).into(), kind: kind.cloned(), ..Issue::default() };
            let request = Request::new(Timestamp::UNIX_EPOCH, Command::Issue(issue));
            let _ = book.call(&request.with_key(format!("{number} {kind:?}")));
        }
    }
    book
}

/// The first byte chooses the programme, and whether the rest is a scan or says how to make one.
pub fn run(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let mut input = Unstructured::new(rest);
    if first & 0x70 == 0x70 {
        let Ok(text) = program(&mut input) else { return };
        match Program::compile(&text) {
            Ok(program) => scan_in(&mut book(program), *first, &mut input),
            Err(error) => checks::error(&error, &text),
        }
    } else {
        BOOKS.with_borrow_mut(|books| {
            let place = usize::from(*first) % books.len();
            scan_in(&mut books[place], *first, &mut input);
        });
    }
}

fn scan_in(book: &mut Book, first: u8, input: &mut Unstructured<'_>) {
    let scan = if first & 0x80 == 0 {
        let length = input.len();
        String::from_utf8_lossy(input.bytes(length).unwrap_or_default()).into_owned()
    } else {
        scan(input).unwrap_or_default()
    };
    check(book, &scan);
}

/// Identifies a scan and looks at the answer.
fn check(book: &mut Book, scan: &str) {
    let Some(found) = identify(book, scan) else { return };
    let answer = canonical(&Answer::Identified(found.clone()));
    no_account(&answer, scan);
    if is_certain(scan) {
        assert_eq!(found.what, ScanKind::BankCard, "a bank card was taken: {answer}");
        assert!(found.number.is_empty() && found.card.is_none(), "it is repeated: {answer}");
    }
    assert!(found.what != ScanKind::Unknown || !found.reasons.is_empty(), "no reason: {answer}");
    if found.what == ScanKind::Phone {
        assert!(found.number.is_empty(), "a phone is repeated: {answer}");
        let digits: String = scan.chars().filter(char::is_ascii_digit).collect();
        assert!(digits.len() < 7 || !answer.contains(&digits), "a phone is repeated: {answer}");
    }
    assert_eq!(found.verified, found.presented.map(|_| false));
    if found.what == ScanKind::Card && !found.number.is_empty() && found.presented.is_none() {
        same_again(book, &found);
    }
}

fn identify(book: &mut Book, scan: &str) -> Option<Identified> {
    let (records, head) = (book.entries().len(), book.slice().head().hash);
    let identify = Command::Identify(Identify { scan: scan.into() });
    let request = Request::new("2025-10-24T14:30:00+03:00".parse().expect("an instant"), identify);
    let _ = kopilka::touches(
        book.program().expect("a programme"),
        book.slice(),
        &request.command,
        None,
    );
    let answer = book.call(&request);
    let untouched = book.entries().len() == records && book.slice().head().hash == head;
    assert!(untouched, "a question was recorded");
    match answer {
        Ok(answer) => {
            checks::answer(&answer);
            checks::told(&answer, book.program().expect("a programme"));
            assert_eq!(book.call(&request).as_ref(), Ok(&answer), "another answer");
            match answer {
                Answer::Identified(found) => Some(found),
                other => panic!("identify answered {other:?}"),
            }
        }
        Err(error) => {
            checks::error(&error, &scan.len());
            assert!(scan.len() > kopilka::SCAN_BYTES_MAX, "a scan was refused: {error}");
            no_account(&error.to_string(), scan);
            None
        }
    }
}

/// A card's own number is that card's.
fn same_again(book: &mut Book, found: &Identified) {
    let again = identify(book, &found.number).expect("it is short");
    // Where the scanner did not say that it read an EAN, thirteen digits may be an old bank card.
    let is_ean = found.symbology.as_ref().is_some_and(|id| id.starts_with("]E"));
    if is_ean && again.what == ScanKind::BankCard {
        return;
    }
    assert_eq!(again.what, ScanKind::Card, "{found:?} {again:?}");
    assert_eq!(again.number, found.number, "{found:?} {again:?}");
    assert_eq!(again.kind, found.kind, "{found:?} {again:?}");
    assert_eq!(again.card, found.card, "{found:?} {again:?}");
}

/// The beginnings of bank cards, as ranges of their first four digits.
const BANKS: [(u32, u32); 16] = [
    (2200, 2204), // Mir
    (4000, 4999), // Visa
    (5100, 5599), // Mastercard
    (2221, 2720), // Mastercard
    (3400, 3499), // American Express
    (3700, 3799), // American Express
    (6200, 6299), // UnionPay
    (6011, 6011), // Discover
    (6400, 6599), // Discover
    (3528, 3589), // JCB
    (5000, 5099), // Maestro
    (5600, 5899), // Maestro
    (6000, 6999), // Maestro
    (3600, 3699), // Diners Club
    (3800, 3899), // Diners Club
    (3000, 3059), // Diners Club
];

/// Whether digits are the number of a bank card, by a test of this crate's own.
fn is_account(digits: &str) -> bool {
    if !(14..=19).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let first: u32 = digits[..4].parse().expect("digits");
    let known = BANKS.iter().any(|(from, to)| (*from..=*to).contains(&first));
    known && luhn(digits) == 0
}

/// The sum of Luhn modulo 10: zero for a whole number, and for a body with a zero behind it what
/// the check digit lacks of ten.
fn luhn(digits: &str) -> u32 {
    let mut sum = 0;
    for (place, byte) in digits.bytes().rev().enumerate() {
        let digit = u32::from(byte - b'0');
        sum += match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        };
    }
    sum % 10
}

/// Whether a scan is certainly a bank card: its number alone or in a track.
fn is_certain(scan: &str) -> bool {
    let plain = scan.trim_matches([' ', '\r', '\n', '\t']);
    let second = plain.strip_prefix(';').and_then(|rest| rest.split(['=', '?']).next());
    let first = plain.strip_prefix("%B").and_then(|rest| rest.split('^').next());
    is_account(plain)
        || second.is_some_and(|number| plain.ends_with('?') && is_account(number))
        || first.is_some_and(|number| plain.ends_with('?') && is_account(number))
}

/// No text of an answer holds the number of a bank card, alone or in groups.
fn no_account(answer: &str, scan: &str) {
    match serde_json::from_str::<Value>(answer) {
        Ok(value) => no_account_in(&value, scan),
        Err(_) => no_account_in(&Value::from(answer), scan),
    }
}

fn no_account_in(value: &Value, scan: &str) {
    match value {
        Value::Object(map) => {
            map.keys().for_each(|key| no_account_in(&Value::from(key.as_str()), scan));
            map.values().for_each(|value| no_account_in(value, scan));
        }
        Value::Array(items) => items.iter().for_each(|value| no_account_in(value, scan)),
        Value::String(text) => {
            assert!(!holds_account(text), "a bank card is repeated: {text:?} of {scan:?}");
        }
        Value::Number(number) => {
            let text = number.to_string();
            assert!(!holds_account(&text), "a bank card is repeated: {text} of {scan:?}");
        }
        _ => {}
    }
}

/// Whether a whole run of digits, or neighbouring ones with single spaces or hyphens between, is
/// the number of a bank card.
fn holds_account(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |place: usize| bytes.get(place).is_some_and(u8::is_ascii_digit);
    for start in 0..bytes.len() {
        if !is_digit(start) || (start > 0 && is_digit(start - 1)) {
            continue;
        }
        let mut digits = String::new();
        let mut place = start;
        while digits.len() <= 19 && is_digit(place) {
            digits.push(char::from(bytes[place]));
            place += 1;
            if !is_digit(place) {
                if is_account(&digits) {
                    return true;
                }
                if matches!(bytes.get(place), Some(b' ' | b'-')) {
                    place += 1;
                }
            }
        }
    }
    false
}

/// A scan as scanners give them: numbers, wrapped and spoilt.
fn scan(input: &mut Unstructured<'_>) -> Result<String> {
    let mut text = if wild::rarely(input, 8)? {
        let parts = wild::list(input, 3, number)?;
        let between = *wild::pick(input, &["", " ", "-", "?", ";", "/", ".", "\u{1d}"])?;
        parts.join(between)
    } else {
        number(input)?
    };
    for _ in 0..input.int_in_range(0..=3u8)? {
        text = wrapped(input, &text)?;
    }
    Ok(text)
}

/// Something that a number may be.
fn number(input: &mut Unstructured<'_>) -> Result<String> {
    Ok(match input.int_in_range(0..=9u8)? {
        0 | 1 => bank_card(input)?,
        2 | 3 => checked(input)?,
        4 => phone(input)?,
        5 => (*wild::pick(input, KNOWN)?).to_owned(),
        6 => {
            let length = input.int_in_range(1..=22usize)?;
            digits(input, length)?
        }
        7 => {
            let letters =
                ["777-", "TEAM-", "C", "K", "AB", "ID: ", "№ ", "КАРТА-", "О", "Х", "I", "l"];
            let begins = *wild::pick(input, &letters)?;
            let length = input.int_in_range(1..=19usize)?;
            format!("{begins}{}", digits(input, length)?)
        }
        8 => {
            let length = input.int_in_range(1..=16usize)?;
            let alphabet: Vec<char> = "0123456789ABCDEFGHJKMNPQRSTVWXYZiloАВЕКх".chars().collect();
            (0..length).map(|_| wild::pick(input, &alphabet).copied()).collect::<Result<_>>()?
        }
        _ => input.arbitrary::<&str>()?.to_owned(),
    })
}

fn digits(input: &mut Unstructured<'_>, length: usize) -> Result<String> {
    let digit = |input: &mut Unstructured<'_>| Ok(char::from(b'0' + input.arbitrary::<u8>()? % 10));
    (0..length).map(|_| digit(input)).collect()
}

fn bank_card(input: &mut Unstructured<'_>) -> Result<String> {
    let begins = [
        "2200", "2204", "4", "51", "55", "2221", "2720", "34", "37", "62", "6011", "64", "65",
        "3528", "3589", "50", "56", "58", "6", "36", "38", "300", "305", "2205", "2220", "59",
        "3527", "3590", "306",
    ];
    let begins = *wild::pick(input, &begins)?;
    let length = input.int_in_range(13..=20usize)?;
    let mut body = format!("{begins}{}", digits(input, length - 1 - begins.len())?);
    let last = (10 - luhn(&format!("{body}0"))) % 10;
    body.push_str(&last.to_string());
    Ok(body)
}

fn checked(input: &mut Unstructured<'_>) -> Result<String> {
    let check = *wild::pick(input, CheckDigit::ALL)?;
    let begins = *wild::pick(input, &["29", "20", "21", "22", "K", "3", "4", "9", "C", "2", ""])?;
    let length = *wild::pick(input, &[3usize, 6, 7, 11, 12, 13, 14, 15, 17, 18])?;
    let body = format!("{begins}{}", digits(input, length.saturating_sub(begins.len()))?);
    let last = check_character(check, &body).map(String::from).unwrap_or_default();
    Ok(format!("{body}{last}"))
}

fn phone(input: &mut Unstructured<'_>) -> Result<String> {
    let lead =
        *wild::pick(input, &["+7", "8", "7", "", "+375", "375", "80", "+8", "+86", "tel:+"])?;
    let code = *wild::pick(input, &["993", "701", "29", "800", "804", "495", "25", "138", "600"])?;
    let (open, close) = *wild::pick(input, &[("", ""), (" (", ") "), ("-", "-"), (" ", " ")])?;
    let (a, b, c) = (digits(input, 3)?, digits(input, 2)?, digits(input, 2)?);
    let between = *wild::pick(input, &["", "-", " ", ".", "\u{a0}", "–"])?;
    Ok(format!("{lead}{open}{code}{close}{a}{between}{b}{between}{c}"))
}

/// A text with what its way adds to it.
fn wrapped(input: &mut Unstructured<'_>, text: &str) -> Result<String> {
    let each = |change: fn(char) -> char| text.chars().map(change).collect::<String>();
    Ok(match input.int_in_range(0..=19u8)? {
        0 => {
            let ids =
                ["]C1", "]E0", "]E4", "]I1", "]Q3", "]d2\u{1d}", "]e0", "]", "]]C1", "]C1]E0"];
            format!("{}{text}", wild::pick(input, &ids)?)
        }
        1 => format!(";{text}?"),
        2 => format!(";{text}=2512101000?"),
        3 => format!("%B{text}^IVANOV/IVAN^2512101?"),
        4 => format!("%X^{text}^Y?;{text}=1=0{text}?+99{text}?"),
        5 => {
            let begins = [
                "https://shop.example/c/",
                "https://shop.example/q?card=",
                "https://k.example/?n=",
                "kopilka://c/",
                "http://x/",
                "https://evil.example/",
            ];
            let ends = *wild::pick(input, &["", "/", "?a=b", "#c", "&n=2", "%20"])?;
            format!("{}{text}{ends}", wild::pick(input, &begins)?)
        }
        6 => json!({ (*wild::pick(input, &["card", "id", "n", "a", "z"])?): text }).to_string(),
        7 => match text.parse::<i64>() {
            Ok(number) => json!({ "card": number, "n": number }).to_string(),
            Err(_) => json!([text]).to_string(),
        },
        8 => format!("kr.{text}.58812345.94287082"),
        9 => format!("ks.s1.{text}.1761301800.60.n0nce.QUJD_-8"),
        10 => each(|c| match c {
            '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
            other => other,
        }),
        11 => each(|c| match c {
            'A' => 'А',
            'B' => 'В',
            'C' => 'С',
            'E' => 'Е',
            'H' => 'Н',
            'K' => 'К',
            'M' => 'М',
            'O' | '0' => 'О',
            'P' => 'Р',
            'T' => 'Т',
            'X' => 'Х',
            other => other,
        }),
        12 => {
            let spots = [
                "\u{200b}", " ", "-", "\u{a0}", "\u{ad}", "\u{1d}", "\u{2011}", "\u{2060}", "/",
                ".",
            ];
            let spot = *wild::pick(input, &spots)?;
            let every = input.int_in_range(1..=6usize)?;
            let mut spaced = String::new();
            for (place, character) in text.chars().enumerate() {
                if place > 0 && place % every == 0 {
                    spaced.push_str(spot);
                }
                spaced.push(character);
            }
            spaced
        }
        13 => {
            let around = [
                ("'", ""),
                ("  ", "\r\n"),
                ("\u{2}", "\u{3}"),
                ("\u{feff}", "\t"),
                ("x", ""),
                ("", "x"),
            ];
            let (before, after) = *wild::pick(input, &around)?;
            format!("{before}{text}{after}")
        }
        14 => {
            let mut characters: Vec<char> = text.chars().collect();
            if characters.len() > 1 {
                let place = input.choose_index(characters.len() - 1)?;
                characters.swap(place, place + 1);
            }
            characters.into_iter().collect()
        }
        15 => {
            let percent = |byte: u8| format!("%{byte:02X}");
            format!("http://x/{}", text.bytes().map(percent).collect::<String>())
        }
        // Somewhat longer than a scan may be.
        16 if text.len() <= 20 => text.repeat(input.int_in_range(1..=250usize)?),
        16 => text.repeat(2),
        17 => text.to_lowercase(),
        18 => format!("{text}{}", input.arbitrary::<char>()?),
        _ => {
            let mut characters: Vec<char> = text.chars().collect();
            if !characters.is_empty() {
                let place = input.choose_index(characters.len())?;
                characters[place] = input.arbitrary()?;
            }
            characters.into_iter().collect()
        }
    })
}

/// A programme with rules of any form.
fn program(input: &mut Unstructured<'_>) -> Result<String> {
    let mask = |input: &mut Unstructured<'_>| -> Result<String> {
        let letters: Vec<char> = "##########???iw42/- .AКx".chars().collect();
        let length = input.int_in_range(1..=20usize)?;
        (0..length).map(|_| wild::pick(input, &letters).copied()).collect()
    };
    let check = |input: &mut Unstructured<'_>| -> Result<&str> {
        wild::pick(input, &["none", "none", "gs1", "luhn", "damm", "verhoeff", "luhn_mod_n"])
            .copied()
    };
    let mut scans = Vec::new();
    for place in 0..input.int_in_range(0..=4u8)? {
        let mask = mask(input)?;
        let part = *wild::pick(input, &["whole", "places"])?;
        let means = match input.int_in_range(0..=4u8)? {
            _ if mask.contains('w') => {
                json!({ "scale_label": wild::pick(input, &["weight", "price"])? })
            }
            0 => json!({ "card": "c" }),
            1 => json!({ "coupon": part }),
            2 => json!({ "goods": part }),
            _ => json!({ "guest": part }),
        };
        scans.push(json!({ "id": format!("s{place}"), "mask": mask, "means": means, "check": check(input)? }));
    }
    let mut tracks = Vec::new();
    for _ in 0..input.int_in_range(0..=2u8)? {
        let mut rule = json!({ "track": wild::pick(input, &["first", "second", "third"])? });
        if input.arbitrary()? {
            let ends = ["", "=", "^", "1", "?"];
            rule["between"] =
                json!({ "after": wild::pick(input, &ends)?, "before": wild::pick(input, &ends)? });
        }
        if input.arbitrary()? {
            rule["last"] = input.int_in_range(0..=20u8)?.into();
        }
        if input.arbitrary()? {
            rule["prefix"] = (*wild::pick(input, &["9", "4", "99", "B"])?).into();
        }
        if wild::rarely(input, 3)? {
            rule["mask"] = mask(input)?.into();
        }
        tracks.push(rule);
    }
    let mut identify = json!({
        "scans": scans, "tracks": tracks, "json_keys": ["card"],
        "links": [{ "prefix": "https://shop.example/c/" }, { "prefix": "http://x/" }],
        "phones": wild::pick(input, &["ru", "kz", "by", "none"])?,
    });
    if input.arbitrary()? {
        let prefix = *wild::pick(input, &["", "ID:", "4", "№ "])?;
        let length = input.int_in_range(1..=19u8)?;
        identify["customer_numbers"] = json!({ "length_max": length, "prefix": prefix });
    }
    let prefix = *wild::pick(input, &["", "4", "2", "29", "К", "5-", "3"])?;
    let length = input.int_in_range(1..=30u8)?;
    let numbers = json!([{ "prefix": prefix, "length_min": 1, "length_max": length, "check": check(input)? }]);
    Ok(json!({
        "id": "t", "currency": "RUB", "zone": "Europe/Moscow", "points": [{ "id": "bonus" }],
        "cards": [{ "id": "c", "kind": "bonus", "numbers": numbers }],
        "identify": identify,
    })
    .to_string())
}
