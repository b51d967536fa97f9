//! The watch of ledgers on disk: what it knows is kept, comes of the records alone, and is the same in
//! whatever order those come.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use kopilka::document::canonical;
use kopilka::json::Node;
use kopilka::upload::Acknowledgement;
use kopilka::{Effect, Error, Key};
use kopilka_store::{ExportOptions, Ledger, ReplayOptions, SqliteStore, Store};

const PROGRAM: &str = r#"{
    "id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}],
    "cards": [
        {"id": "bonus", "kind": "bonus", "points": "bonus", "numbers": [{"prefix": "1", "length_max": 4}]},
        {"id": "gift", "kind": "gift", "numbers": [{"prefix": "3", "length_max": 4}]}
    ],
    "redemption": {"points": "bonus", "percent": "100"},
    "earning": {"rules": [{"id": "tenth", "points": "bonus", "give": {"percent": "10"}}]},
    "grants": [{"id": "start", "points": "bonus", "amount": "900"}, {"id": "forty", "points": "bonus", "amount": "40"}],
    "referral": {"newcomer": "forty", "referrer": "forty"}
}"#;

/// The whole catalogue with the limits that it cannot know, and an own counter.
fn policy() -> String {
    let check = |number: usize| match number {
        5 => r#"{"check":"F05","parameters":{"step":"300"}}"#.to_owned(),
        6 => r#"{"check":"F06","parameters":{"limit":"300"}}"#.to_owned(),
        _ => format!(r#"{{"check":"F{number:02}"}}"#),
    };
    let checks: Vec<String> = (1..=52).map(check).collect();
    format!(
        r#"{{"id":"all","checks":[{},{{"check":"own","points":5,
            "when":{{"counter":{{"counter":"own","at_least":"3"}}}}}}],
            "counters":[{{"id":"own","of":"card","counts":"tills","bucket_seconds":3600,"buckets":24}}]}}"#,
        checks.join(",")
    )
}

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

/// Puts a programme or a policy into force.
fn install(ledger: &Ledger, verb: &str, document: &str) {
    let command = format!(r#"{{"{verb}":{{"install":{{"document":{document}}}}}}}"#);
    let answer = call(ledger, 0, &format!("install {verb}"), &command);
    let version = text(&answer, "/program/version");
    let activate = format!(r#"{{"{verb}":{{"activate":{{"version":"{version}"}}}}}}"#);
    call(ledger, 0, &format!("activate {verb}"), &activate);
}

/// The programme, the policy, three cards with points and a gift card.
fn begin(ledger: &Ledger) {
    install(ledger, "program", PROGRAM);
    install(ledger, "watch", &policy());
    for (card, by) in [("1001", ""), ("1002", r#","referred_by":"1001""#), ("1003", "")] {
        let device = r#","device":"phone-1""#;
        let issue = format!(r#"{{"issue":{{"card":"{card}"{by}{device}}}}}"#);
        call(ledger, 1, &format!("issue {card}"), &issue);
        let grant = format!(r#"{{"grant":{{"card":"{card}","grant":"start"}}}}"#);
        call(ledger, 2, &format!("start {card}"), &grant);
    }
    let gift = r#"{"issue":{"card":"3001","opening":[{"amount":"900.00","points":"RUB"}]}}"#;
    call(ledger, 2, "gift", gift);
}

/// Numbers that look random and are the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        // Knuth's multiplier for 64 bits.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % most
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

/// So many calls of a till, with receipts, returns, grants and freezing; no sale is refused.
fn work(ledger: &Ledger, seed: u64, calls: u64, minute: &mut i64) {
    let mut chance = Chance(seed);
    let till = ledger.opening().till;
    let mut tokens: Vec<String> = Vec::new();
    for number in 0..calls {
        *minute += i64::try_from(chance.below(4)).unwrap();
        *minute += if chance.below(12) == 0 { 900 } else { 0 };
        let card = chance.pick(&["1001", "1002", "1003"]);
        let cashier = chance.pick(&["anna", "boris"]);
        let key = format!("{till} {seed} {number}");
        let done = match chance.below(12) {
            0 if !tokens.is_empty() => {
                let token = tokens.remove(0);
                format!(r#"{{"refund":{{"token":"{token}","cashier":"{cashier}"}}}}"#)
            }
            1 if !tokens.is_empty() => {
                let token = tokens.pop().unwrap();
                format!(r#"{{"void":{{"token":"{token}","cashier":"{cashier}"}}}}"#)
            }
            2 => {
                format!(r#"{{"grant":{{"card":"{card}","grant":"forty","cashier":"{cashier}"}}}}"#)
            }
            3 => {
                let verb = chance.pick(&["freeze", "thaw", "thaw"]);
                format!(r#"{{"watch":{{"{verb}":{{"subject":{{"of":"card","id":"{card}"}}}}}}}}"#)
            }
            4 => format!(r#"{{"present":{{"scan":"{card}","cashier":"{cashier}"}}}}"#),
            _ => {
                let points = chance.pick(&["0", "10", "60"]);
                let gift = chance.pick(&["", "", r#","gift_cards":[{"number":"3001"}]"#]);
                let code = chance.pick(&["", "", r#","codes":["ABCD77"]"#]);
                let receipt = chance.below(9);
                let sell = format!(
                    r#"{{"sell":{{"order":{{"cards":[{{"number":"{card}"}}],"cashier":"{cashier}",
                    "shift":"1","store":"pushkin","receipt":"{receipt}"{gift}{code},
                    "lines":[{{"id":"1","price":"{}.00"}}],
                    "spend":{{"mode":"exact","points":"{points}"}}}}}}}}"#,
                    100 + chance.below(400)
                );
                tokens.push(text(&call(ledger, *minute, &key, &sell), "/sale/token"));
                continue;
            }
        };
        // Grants may be refused, and sales cannot come back twice.
        let _ = try_call(ledger, *minute, &key, &done);
    }
}

fn is_sound(ledger: &Ledger) {
    assert_eq!(ledger.verify().unwrap().found, []);
}

/// What the watch of a file knows, once the ledger is closed.
fn watched(path: &Path) -> BTreeMap<Key, String> {
    let mut store = SqliteStore::open(path).unwrap();
    let mut states = BTreeMap::new();
    for kind in ["watch", "watch_policy", "watch_schedule"] {
        let mut keep = |(key, text): (Key, String)| {
            states.insert(key, text);
            Ok(())
        };
        store.each_state(kind, &mut keep).unwrap();
    }
    assert!(states.keys().any(|key| matches!(key, Key::Watch(..))));
    states
}

fn export(from: &Ledger, known: &Acknowledgement) -> Vec<u8> {
    let mut upload = Vec::new();
    from.export(&known.heads, &mut upload, &ExportOptions::default()).unwrap();
    upload
}

#[test]
fn what_a_watch_knows_is_there_after_opening_anew_and_is_what_the_records_add_up_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till");
    let ledger = Ledger::open(&path, "a").unwrap();
    begin(&ledger);
    let mut minute = 5;
    work(&ledger, 1, 60, &mut minute);
    is_sound(&ledger);
    drop(ledger);
    let known = watched(&path);
    let ledger = Ledger::open(&path, "a").unwrap();
    assert!(!ledger.opening().states_rebuilt);
    is_sound(&ledger);
    ledger.rebuild().unwrap();
    is_sound(&ledger);
    drop(ledger);
    assert_eq!(watched(&path), known);
    // It goes on from there as if it had never been closed.
    let other_path = folder.path().join("other");
    let other = Ledger::open(&other_path, "a").unwrap();
    begin(&other);
    let mut again = 5;
    work(&other, 1, 60, &mut again);
    work(&other, 2, 40, &mut again);
    drop(other);
    let ledger = Ledger::open(&path, "a").unwrap();
    work(&ledger, 2, 40, &mut minute);
    drop(ledger);
    assert_eq!(watched(&path), watched(&other_path));
}

#[test]
fn ledgers_that_take_in_the_same_uploads_in_other_orders_know_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let first = Ledger::open(&path("first"), "first").unwrap();
    begin(&first);
    let opening = export(&first, &Acknowledgement::default());
    let second = Ledger::open(&path("second"), "second").unwrap();
    second.import(&mut opening.as_slice(), at(3)).unwrap();
    // Three tills of two parts of a day each; nobody hears of another.
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for (till, name) in ["a", "b", "c"].into_iter().enumerate() {
        let ledger = Ledger::open(&path(name), name).unwrap();
        let heard = ledger.import(&mut opening.as_slice(), at(3)).unwrap();
        let mut minute = 5 + 7 * i64::try_from(till).unwrap();
        work(&ledger, 10 + till as u64, 30, &mut minute);
        parts.push(export(&ledger, &heard.acknowledgement));
        work(&ledger, 20 + till as u64, 30, &mut minute);
        parts.push(export(&ledger, &heard.acknowledgement));
        is_sound(&ledger);
    }
    for part in &parts {
        first.import(&mut part.as_slice(), at(9_000)).unwrap();
    }
    // The last ones first, so that all before them come late; and everything twice.
    for part in [5, 1, 3, 2, 0, 4, 5, 1] {
        second.import(&mut parts[part].as_slice(), at(9_000)).unwrap();
        is_sound(&second);
    }
    is_sound(&first);
    second.rebuild().unwrap();
    drop((first, second));
    assert_eq!(watched(&path("first")), watched(&path("second")));
}

#[test]
fn a_record_under_a_watch_is_explained_and_comes_out_the_same_when_it_is_decided_again() {
    let ledger = Ledger::in_memory("a").unwrap();
    begin(&ledger);
    let mut minute = 5;
    work(&ledger, 3, 60, &mut minute);
    let told = ledger.replay(&ReplayOptions::default()).unwrap();
    // What was presented is a secret, which no record keeps.
    assert_eq!(told.differing, 0, "{:?}", told.differences);
    assert!(told.same > 40 && told.same + told.not_decidable == told.records, "{told:?}");
    // The second redemption within 15 minutes is refused; the explanation says by which check, the
    // record by which reading.
    let sell = |minute: i64, key: &str| {
        let order = r#"{"cards":[{"number":"1003"}],"cashier":"vera","shift":"2","store":"pushkin",
            "receipt":"KEY","lines":[{"id":"1","price":"300.00"}],
            "spend":{"mode":"exact","points":"5"}}"#;
        let command = format!(r#"{{"sell":{{"order":{}}}}}"#, order.replace("KEY", key));
        call(&ledger, minute, key, &command)
    };
    let thaw = r#"{"watch":{"thaw":{"subject":{"of":"card","id":"1003"}}}}"#;
    call(&ledger, minute + 1_400, "thaw", thaw);
    let first = sell(minute + 1_401, "one");
    assert_eq!(text(&first, "/sale/quote/points/0/spent"), "5");
    let second = sell(minute + 1_402, "two");
    assert_eq!(text(&second, "/sale/quote/points/0/spent"), "0");
    let record = text(&second, "/sale/record");
    let explain = format!(r#"{{"explain":{{"record":"{record}"}}}}"#);
    let explained = call(&ledger, minute + 1_403, "", &explain).canonical();
    assert!(explained.contains(r#""shown":["F13"]"#), "{explained}");
    let entry = ledger.recorded("two").unwrap().unwrap();
    let seen = entry.record.effects.iter().find_map(|effect| match effect {
        Effect::Watched(seen) => seen.verdict.as_ref(),
        _ => None,
    });
    let fired = seen.unwrap().fired.iter().find(|fired| fired.check == "F13").unwrap();
    let read = fired.read.iter().find(|read| read.reading == "card_spends_15m").unwrap();
    assert_eq!(read.value.unwrap().to_string(), "2.00");
    // A replay file carries no policy: what it makes without one is told as another thing than what
    // happened.
    let bundle = ledger.diagnostics(at(minute + 1_404)).unwrap();
    let replay = bundle.replay.unwrap();
    assert!(!replay.faithful);
    assert!(Ledger::reproduce(canonical(&replay).as_bytes()).unwrap().same);
}

#[test]
fn a_bundle_under_a_watch_has_nothing_personal() {
    let ledger = Ledger::in_memory("a").unwrap();
    begin(&ledger);
    let order = r#"{"cards":[{"number":"1003"}],"cashier":"vera","shift":"2","store":"pushkin",
        "receipt":"7","lines":[{"id":"1","price":"300.00"}]}"#;
    let sold = call(&ledger, 5, "sale", &format!(r#"{{"sell":{{"order":{order}}}}}"#));
    let refund = format!(r#"{{"refund":{{"token":"{}"}}}}"#, text(&sold, "/sale/token"));
    for undone in [None, Some(refund)] {
        if let Some(refund) = undone {
            call(&ledger, 6, "refund", &refund);
        }
        let bundle = canonical(&ledger.diagnostics(at(7)).unwrap());
        let card = "\"1003\"";
        // The hash of so short a number is as good as the number.
        let number = "8c9a013ab70c0434313e3e881c310b9ff24aff1075255ceede3f2c239c231623";
        for personal in ["vera", "phone-1", card, number] {
            assert!(!bundle.contains(personal), "{personal} in {bundle}");
        }
    }
}
