//! What is done with a ledger besides calls: copies, journals, erasure, shifts, replays, bundles.

#[path = "operations/bundles.rs"]
mod bundles;
#[path = "operations/copies.rs"]
mod copies;
#[path = "operations/office.rs"]
mod office;
#[path = "operations/refusals.rs"]
mod refusals;
#[path = "operations/replays.rs"]
mod replays;

use jiff::{SignedDuration, Timestamp};
use kopilka::Error;
use kopilka::document::canonical;
use kopilka::json::Node;
use kopilka_store::Ledger;

const PROGRAM: &str = r#"{
    "id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}],
    "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 13}]}],
    "redemption": {"percent": "100"},
    "hold": {"minutes": 30},
    "earning": {"rules": [{"id": "tenth", "give": {"percent": "10"}}]},
    "grants": [{"id": "start", "amount": "300"}]
}"#;

/// A card's number with the check digit of GS1.
const CARD: &str = "4006381333931";

fn at(minutes: i64) -> Timestamp {
    let opening: Timestamp = "2026-11-21T09:00:00+03:00".parse().unwrap();
    opening + SignedDuration::from_mins(minutes)
}

fn try_call(ledger: &Ledger, minute: i64, key: &str, command: &str) -> Result<Node, Error> {
    let text = format!(r#"{{"at":"{}","key":"{key}","command":{command}}}"#, at(minute));
    ledger.call_json(&text).map(|answer| Node::parse(&answer, 1 << 24).unwrap())
}

fn call(ledger: &Ledger, minute: i64, key: &str, command: &str) -> Node {
    try_call(ledger, minute, key, command).unwrap_or_else(|error| panic!("{command}: {error}"))
}

fn text(node: &Node, place: &str) -> String {
    let found = node.at(place).and_then(Node::text);
    found.unwrap_or_else(|| panic!("{place} of {}", node.canonical())).to_owned()
}

fn install(ledger: &Ledger, program: &str) {
    let command = format!(r#"{{"program":{{"install":{{"document":{program}}}}}}}"#);
    let version = text(&call(ledger, 0, "install", &command), "/program/version");
    let activate = format!(r#"{{"program":{{"activate":{{"version":"{version}"}}}}}}"#);
    call(ledger, 0, "activate", &activate);
}

/// Four records: the programme, and a card with 300 points.
fn begin(ledger: &Ledger) {
    install(ledger, PROGRAM);
    call(ledger, 1, "issue", &format!(r#"{{"issue":{{"card":"{CARD}"}}}}"#));
    call(ledger, 2, "start", &format!(r#"{{"grant":{{"card":"{CARD}","grant":"start"}}}}"#));
}

fn order(price: &str, spend: &str) -> String {
    format!(
        r#"{{"cards":[{{"number":"{CARD}"}}],"cashier":"Мария Ким","shift":"s1",
            "lines":[{{"id":"1","price":"{price}"}}],
            "spend":{{"mode":"exact","points":"{spend}"}}}}"#
    )
}

fn sell(ledger: &Ledger, minute: i64, key: &str, price: &str, spend: &str) -> Node {
    call(ledger, minute, key, &format!(r#"{{"sell":{{"order":{}}}}}"#, order(price, spend)))
}

fn balance(ledger: &Ledger, minute: i64) -> String {
    let answer = call(ledger, minute, "", &format!(r#"{{"balance":{{"card":"{CARD}"}}}}"#));
    text(&answer, "/card/card/balances/0/spendable")
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    outcome.unwrap_err().code().as_str().to_owned()
}
