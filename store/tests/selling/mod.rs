//! Receipts for the tests of files and processes: what is sold depends on its number alone.
#![allow(dead_code, reason = "each test uses its own part")]

use std::collections::BTreeMap;

use kopilka::Program;
use kopilka::json::Node;
use kopilka_store::Ledger;

/// A tenth of what was paid comes back as points, and a fifth can be paid with them.
pub const DOCUMENT: &str = r#"{
    "id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus", "digits": 0, "value": "1.00"}],
    "cards": [{"id": "card", "kind": "bonus", "numbers": [{"length_min": 1, "length_max": 5}], "points": "bonus"}],
    "earning": {"rules": [{"id": "tenth", "give": {"percent": "10"}}]},
    "redemption": {"percent": "20", "percent_of": "receipt"}
}"#;
pub const TILL: &str = "till-1";
/// How many cards there are.
pub const CARDS: u64 = 20;

/// A call and its answer: under the key, the request and the answer as JSON.
pub type Told<'t> = &'t mut dyn FnMut(&str, &str, &str);

/// Sells the receipts with these numbers. It can be begun again at any of them.
pub fn sell(ledger: &Ledger, numbers: impl IntoIterator<Item = u64>, told: Told<'_>) {
    for number in numbers {
        sell_one(ledger, number, told);
    }
}

/// Sells receipts that nobody needs the answers of.
pub fn sell_quietly(ledger: &Ledger, numbers: impl IntoIterator<Item = u64>) {
    sell(ledger, numbers, &mut |_, _, _| {});
}

fn sell_one(ledger: &Ledger, number: u64, told: Told<'_>) {
    let mut call = |verb: &str, command: &str| -> Node {
        let key = format!("{number}-{verb}");
        let request = request(number, &key, command);
        let answer = ledger.call_json(&request).unwrap_or_else(|error| panic!("{key}: {error}"));
        told(&key, &request, &answer);
        Node::parse(&answer, usize::MAX).unwrap()
    };
    if number == 0 {
        call("install", &format!(r#"{{"program":{{"install":{{"document":{DOCUMENT}}}}}}}"#));
        let version = Program::compile(DOCUMENT).unwrap().version().to_owned();
        let activate = format!(r#"{{"program":{{"activate":{{"version":"{version}"}}}}}}"#);
        call("activate", &activate);
    }
    if number < CARDS {
        call("issue", &format!(r#"{{"issue":{{"card":"{}"}}}}"#, card(number)));
    }
    let order = order(number);
    let token = if number.is_multiple_of(3) {
        let reserved = call("reserve", &format!(r#"{{"reserve":{{"order":{order}}}}}"#));
        let token = token_of(&reserved);
        call("confirm", &format!(r#"{{"confirm":{{"token":"{token}"}}}}"#));
        token
    } else {
        token_of(&call("sell", &format!(r#"{{"sell":{{"order":{order}}}}}"#)))
    };
    if number.is_multiple_of(5) {
        let line = r#"[{"line":"1","quantity":"1"}]"#;
        call("refund", &format!(r#"{{"refund":{{"lines":{line},"token":"{token}"}}}}"#));
    }
}

/// A request a minute after that of the receipt before.
pub fn request(number: u64, key: &str, command: &str) -> String {
    let (day, minute) = (1 + number / 1_440, number % 1_440);
    let (hour, minute) = (minute / 60, minute % 60);
    let at = format!("2026-03-{day:02}T{hour:02}:{minute:02}:00Z");
    // In one line, so that a till can tell it in one.
    format!(r#"{{"at":"{at}","command":{command},"key":"{key}"}}"#).replace('\n', "")
}

/// Two of something, spending all that is allowed where it is reserved.
fn order(number: u64) -> String {
    let (card, price) = (card(number), 100 + number % 7 * 10);
    let spend = if number.is_multiple_of(3) { "max" } else { "none" };
    format!(
        r#"{{"cards":[{{"number":"{card}"}}],"lines":[{{"id":"1","price":"{price}.00","quantity":"2"}}],"receipt":"{number}","spend":{{"mode":"{spend}"}}}}"#
    )
}

pub fn card(number: u64) -> String {
    (1_000 + number % CARDS).to_string()
}

fn token_of(answer: &Node) -> String {
    let token = answer.get("sale").and_then(|sale| sale.get("token")).and_then(Node::text);
    token.expect("a sale has a token").to_owned()
}

/// What the cards have, as the ledger answers it.
pub fn balances(ledger: &Ledger, number: u64) -> BTreeMap<String, String> {
    let cards = (0..CARDS.min(number + 1)).map(card);
    let balance = |card: String| {
        let request = request(number, "", &format!(r#"{{"balance":{{"card":"{card}"}}}}"#));
        let request = request.replace(r#","key":"""#, "");
        (card, ledger.call_json(&request).unwrap())
    };
    cards.map(balance).collect()
}

/// The hashes of a ledger's records in order. They must be one chain from its beginning without a gap.
pub fn chain(ledger: &Ledger) -> Vec<String> {
    let mut hashes = Vec::new();
    let mut after = None;
    let mut previous = "0".repeat(64);
    loop {
        let entries = ledger.records_after(after.as_ref(), 500).unwrap();
        let Some(last) = entries.last() else { return hashes };
        after = Some(last.record.envelope.position());
        for entry in &entries {
            let envelope = &entry.record.envelope;
            assert_eq!(envelope.sequence, hashes.len() as u64 + 1, "a gap");
            assert_eq!(envelope.previous, previous);
            previous = entry.hash.to_string();
            hashes.push(previous.clone());
        }
    }
}

/// What `verify` finds.
pub fn found(ledger: &Ledger) -> Vec<String> {
    let found = ledger.verify().unwrap().found;
    found.iter().map(|finding| format!("{}: {}", finding.place, finding.text)).collect()
}

/// Chance that is the same every time.
pub struct Chance(pub u64);

impl Chance {
    /// A number from 0 up to but without `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        // Steele's SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }
}

/// How many, as the environment says, or as many as there are in CI.
pub fn how_many(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`, no number")),
        Err(_) => otherwise,
    }
}
