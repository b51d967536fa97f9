//! What goes wrong at counters and on the way there, at the level of whole calls. The scenarios of
//! files, processes, crashes and uploads stand in their own files: `docs/how-it-is-tested.md` lists all.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use jiff::{SignedDuration, Timestamp};
use kopilka::json::Node;
use kopilka::upload::Merge;
use kopilka::{Clock, Error};
use kopilka_store::{ExportOptions, Ledger};
use tempfile::TempDir;

/// A tenth comes back as points of which each pays 1.00, for 30 days; a receipt can be paid whole.
const PROGRAM: &str = r#"{
    "id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}],
    "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 4}]}],
    "earning": {"rules": [{"id": "tenth", "give": {"percent": "10"}, "life": {"days": 30}}]},
    "redemption": {"percent": "100"}
}"#;

fn opening_hour() -> Timestamp {
    "2026-03-02T09:00:00+03:00".parse().unwrap()
}

fn minute(minutes: i64) -> Timestamp {
    opening_hour() + SignedDuration::from_mins(minutes)
}

fn request(at: Timestamp, key: &str, command: &str) -> String {
    let key = if key.is_empty() { String::new() } else { format!(r#""key":"{key}","#) };
    format!(r#"{{"at":"{at}",{key}"command":{command}}}"#)
}

fn call(ledger: &Ledger, at: Timestamp, key: &str, command: &str) -> Result<String, Error> {
    ledger.call_json(&request(at, key, command))
}

fn must(ledger: &Ledger, at: Timestamp, key: &str, command: &str) -> String {
    call(ledger, at, key, command).unwrap_or_else(|error| panic!("{key}: {error}"))
}

fn install(ledger: &Ledger, key: &str, at: Timestamp, program: &str) {
    let command = format!(r#"{{"program":{{"install":{{"document":{program}}}}}}}"#);
    let answer = must(ledger, at, &format!("{key}-install"), &command);
    let version = text(&answer, "/program/version");
    let command = format!(r#"{{"program":{{"activate":{{"version":"{version}"}}}}}}"#);
    must(ledger, at, &format!("{key}-activate"), &command);
}

/// A ledger in a file with a programme and the card 1001.
fn begun(path: &Path) -> Ledger {
    let ledger = Ledger::open(path, "till-1").unwrap();
    install(&ledger, "first", minute(0), PROGRAM);
    must(&ledger, minute(1), "card", r#"{"issue":{"card":"1001"}}"#);
    ledger
}

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("касса.ledger");
    (folder, path)
}

fn order(price: &str, spend: &str) -> String {
    format!(
        r#"{{"cards":[{{"number":"1001"}}],"lines":[{{"id":"1","price":"{price}"}}],
            "spend":{{"mode":"exact","points":"{spend}"}}}}"#
    )
}

fn sell(price: &str, spend: &str) -> String {
    format!(r#"{{"sell":{{"order":{}}}}}"#, order(price, spend))
}

fn reserve(price: &str, spend: &str) -> String {
    format!(r#"{{"reserve":{{"order":{},"hold_minutes":15}}}}"#, order(price, spend))
}

fn with_token(verb: &str, token: &str) -> String {
    format!(r#"{{"{verb}":{{"token":"{token}"}}}}"#)
}

fn text(answer: &str, place: &str) -> String {
    let node = Node::parse(answer, usize::MAX).unwrap();
    node.at(place).and_then(Node::text).unwrap_or_else(|| panic!("{place} in {answer}")).to_owned()
}

fn token(answer: &str) -> String {
    text(answer, "/sale/token")
}

/// What the card can spend and owes.
fn points(ledger: &Ledger, at: Timestamp) -> (String, String) {
    let answer = must(ledger, at, "", r#"{"balance":{"card":"1001"}}"#);
    let balance = |name: &str| text(&answer, &format!("/card/card/balances/0/{name}"));
    (balance("spendable"), balance("debt"))
}

fn has(ledger: &Ledger, at: Timestamp, spendable: &str, debt: &str) {
    let points = points(ledger, at);
    assert_eq!((&*points.0, &*points.1), (spendable, debt));
}

fn code(answer: Result<String, Error>) -> &'static str {
    answer.expect_err("this should have been refused").code().as_str()
}

fn records(ledger: &Ledger) -> u64 {
    ledger.heads().unwrap().iter().map(|head| head.sequence).sum()
}

fn is_sound(ledger: &Ledger) {
    assert_eq!(ledger.verify().unwrap().found, []);
}

fn upload(from: &Ledger, to: &Ledger) -> Merge {
    let mut lines = Vec::new();
    from.export(&[], &mut lines, &ExportOptions { with_personal: true }).unwrap();
    to.import(&mut lines.as_slice(), minute(100_000)).unwrap()
}

#[test]
fn s01_a_double_click_sells_once_and_both_clicks_get_the_same_answer() {
    let (_folder, path) = place();
    let ledger = Arc::new(begun(&path));
    let before = records(&ledger);
    let clicks: Vec<_> = (0..4)
        .map(|_| {
            let ledger = Arc::clone(&ledger);
            thread::spawn(move || must(&ledger, minute(5), "payment-1", &sell("200.00", "0")))
        })
        .collect();
    let answers: Vec<String> = clicks.into_iter().map(|click| click.join().unwrap()).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(records(&ledger), before + 1);
    has(&ledger, minute(6), "20", "0");
}

#[test]
fn s02_s05_an_answer_that_was_lost_is_given_again_also_after_the_till_was_restarted() {
    let (_folder, path) = place();
    let ledger = begun(&path);
    let lost = must(&ledger, minute(5), "payment-1", &sell("200.00", "0"));
    assert_eq!(must(&ledger, minute(6), "payment-1", &sell("200.00", "0")), lost);
    let before = records(&ledger);
    drop(ledger);
    let ledger = Ledger::open(&path, "till-1").unwrap();
    assert_eq!(must(&ledger, minute(7), "payment-1", &sell("200.00", "0")), lost);
    assert_eq!(records(&ledger), before);
}

#[test]
fn s03_a_retry_with_another_amount_is_refused_and_changes_nothing() {
    let (_folder, path) = place();
    let ledger = begun(&path);
    must(&ledger, minute(5), "payment-1", &sell("200.00", "0"));
    let before = records(&ledger);
    let again = call(&ledger, minute(6), "payment-1", &sell("300.00", "0"));
    assert_eq!(code(again), "key.conflict");
    assert_eq!(records(&ledger), before);
    has(&ledger, minute(6), "20", "0");
}

#[test]
fn s04_a_key_is_known_a_year_later() {
    let (_folder, path) = place();
    let ledger = begun(&path);
    let first = must(&ledger, minute(5), "payment-1", &sell("200.00", "0"));
    drop(ledger);
    let ledger = Ledger::open(&path, "till-1").unwrap();
    let year = minute(5) + SignedDuration::from_hours(24 * 365);
    must(&ledger, year, "clock", r#"{"clock":{"action":{"accept":{}}}}"#);
    assert_eq!(must(&ledger, year, "payment-1", &sell("200.00", "0")), first);
    assert_eq!(code(call(&ledger, year, "payment-1", &sell("1.00", "0"))), "key.conflict");
}

#[test]
fn s07_a_confirm_after_the_hold_ran_out_succeeds_and_what_lacks_is_owed() {
    // 20 points, held for 15 minutes, spent elsewhere after that: 20 − 20 − 20 = −20, and the second
    // sale earns 10 % of the 180.00 that were paid, 18, while the first of 20.00 paid nothing.
    let (_folder, path) = place();
    let ledger = begun(&path);
    must(&ledger, minute(5), "payment-1", &sell("200.00", "0"));
    let held = must(&ledger, minute(10), "hold", &reserve("20.00", "20"));
    must(&ledger, minute(30), "payment-2", &sell("20.00", "20"));
    has(&ledger, minute(31), "0", "0");
    let late = must(&ledger, minute(40), "confirm", &with_token("confirm", &token(&held)));
    assert!(late.contains(r#""late":true"#) || late.contains("late"), "{late}");
    has(&ledger, minute(41), "0", "20");
    must(&ledger, minute(42), "payment-3", &sell("180.00", "0"));
    has(&ledger, minute(43), "0", "2");
    is_sound(&ledger);
}

#[test]
fn s08_of_a_confirm_and_a_cancel_at_the_same_moment_one_is_done() {
    for round in 0..20 {
        let (_folder, path) = place();
        let ledger = Arc::new(begun(&path));
        must(&ledger, minute(5), "payment-1", &sell("200.00", "0"));
        let held = token(&must(&ledger, minute(10), "hold", &reserve("20.00", "20")));
        let verbs = if round % 2 == 0 { ["confirm", "cancel"] } else { ["cancel", "confirm"] };
        let calls = verbs.map(|verb| {
            let (ledger, held) = (Arc::clone(&ledger), held.clone());
            thread::spawn(move || {
                call(&ledger, minute(11), verb, &with_token(verb, &held)).is_ok().then_some(verb)
            })
        });
        let done: Vec<&str> = calls.into_iter().filter_map(|one| one.join().unwrap()).collect();
        assert_eq!(done.len(), 1, "{done:?}");
        let left = if done == ["confirm"] { "0" } else { "20" };
        has(&ledger, minute(12), left, "0");
    }
}

#[test]
fn s09_a_refund_cannot_be_refunded() {
    let (_folder, path) = place();
    let ledger = begun(&path);
    let sold = token(&must(&ledger, minute(5), "payment-1", &sell("200.00", "0")));
    let refund = must(&ledger, minute(6), "refund", &with_token("refund", &sold));
    let record = text(&refund, "/refund/record");
    let before = records(&ledger);
    // The id of a refund is no token, and a token made of it is that of no sale.
    let made = format!("k1.{record}.{}", "0".repeat(32));
    for (attempt, token) in [record, made].iter().enumerate() {
        let again =
            call(&ledger, minute(7), &format!("again-{attempt}"), &with_token("refund", token));
        assert!(["token.syntax", "token.unknown"].contains(&code(again)));
    }
    assert_eq!(records(&ledger), before);
}

#[test]
fn s10_a_second_refund_of_everything_is_refused_at_the_same_ledger() {
    let (_folder, path) = place();
    let ledger = begun(&path);
    let sold = token(&must(&ledger, minute(5), "payment-1", &sell("200.00", "0")));
    must(&ledger, minute(6), "refund-1", &with_token("refund", &sold));
    has(&ledger, minute(7), "0", "0");
    let again = call(&ledger, minute(8), "refund-2", &with_token("refund", &sold));
    assert!(again.is_err());
    has(&ledger, minute(9), "0", "0");
}

#[test]
fn s11_partial_refunds_add_up_to_what_was_paid_and_no_further() {
    // 100.00 less 1 point for three of 33.33 and … three units of one line at 33.33: 99.99 in all.
    let (_folder, path) = place();
    let ledger = begun(&path);
    let order =
        r#"{"cards":[{"number":"1001"}],"lines":[{"id":"1","price":"33.33","quantity":"3"}]}"#;
    let sold = token(&must(
        &ledger,
        minute(5),
        "payment-1",
        &format!(r#"{{"sell":{{"order":{order}}}}}"#),
    ));
    has(&ledger, minute(6), "9", "0");
    let back = |key: &str, quantity: &str| {
        let lines = format!(r#"[{{"line":"1","quantity":"{quantity}"}}]"#);
        let command = format!(r#"{{"refund":{{"token":"{sold}","lines":{lines}}}}}"#);
        call(&ledger, minute(7), key, &command)
    };
    let kopeks = |answer: String| text(&answer, "/refund/money").replace('.', "").parse().unwrap();
    let sum: i64 = ["a", "b", "c"].map(|key| kopeks(back(key, "1").unwrap())).iter().sum();
    assert_eq!(sum, 99_99);
    assert!(back("d", "1").is_err());
    has(&ledger, minute(8), "0", "0");
}

#[test]
fn s12_a_return_of_what_earned_points_that_were_spent_leaves_a_debt() {
    // 200.00 earn 20; 15 are spent; the return takes back 20 of 5.
    let (_folder, path) = place();
    let ledger = begun(&path);
    let sold = token(&must(&ledger, minute(5), "payment-1", &sell("200.00", "0")));
    must(&ledger, minute(6), "payment-2", &sell("15.00", "15"));
    must(&ledger, minute(7), "refund", &with_token("refund", &sold));
    has(&ledger, minute(8), "0", "15");
}

#[test]
fn s13_points_of_a_sale_that_is_undone_come_back_with_their_own_end() {
    let (_folder, path) = place();
    let ledger = begun(&path);
    must(&ledger, minute(5), "payment-1", &sell("200.00", "0"));
    let ends = |at| {
        text(
            &must(&ledger, at, "", r#"{"balance":{"card":"1001"}}"#),
            "/card/card/balances/0/expiring/0/at",
        )
    };
    let before = ends(minute(6));
    let spent = token(&must(&ledger, minute(7), "payment-2", &sell("20.00", "20")));
    has(&ledger, minute(8), "0", "0");
    must(&ledger, minute(9), "void", &with_token("void", &spent));
    has(&ledger, minute(10), "20", "0");
    assert_eq!(ends(minute(10)), before);
}

#[test]
fn s14_a_rule_that_changes_between_quote_and_sale_is_noticed() {
    let (_folder, path) = place();
    let ledger = begun(&path);
    let quoted = must(
        &ledger,
        minute(5),
        "",
        &format!(r#"{{"quote":{{"order":{}}}}}"#, order("200.00", "0")),
    );
    let expect = text(&quoted, "/quote/quote_id");
    let held = token(&must(&ledger, minute(6), "hold", &reserve("200.00", "0")));
    install(&ledger, "second", minute(7), &PROGRAM.replace(r#""10""#, r#""20""#));
    let command = format!(r#"{{"sell":{{"expect":"{expect}","order":{}}}}}"#, order("200.00", "0"));
    assert_eq!(code(call(&ledger, minute(8), "payment-1", &command)), "order.changed");
    // What was begun under the old rules ends under them: 10 % of 200.00; then 20 %.
    must(&ledger, minute(9), "confirm", &with_token("confirm", &held));
    has(&ledger, minute(10), "20", "0");
    must(&ledger, minute(11), "payment-2", &sell("200.00", "0"));
    has(&ledger, minute(12), "60", "0");
}

#[test]
fn s37_a_clock_that_goes_back_a_year_extends_nothing() {
    let (_folder, path) = place();
    let ledger = begun(&path);
    must(&ledger, minute(5), "payment-1", &sell("200.00", "0"));
    // Day after day until the 31st day, when the points have ended.
    for day in 1..=31 {
        let at = minute(5) + SignedDuration::from_hours(24 * day);
        must(&ledger, at, &format!("day-{day}"), r#"{"close_period":{"cards":["1001"]}}"#);
    }
    let year_before = minute(5) - SignedDuration::from_hours(24 * 365);
    has(&ledger, year_before, "0", "0");
    assert!(matches!(ledger.health(year_before).unwrap().clock, Clock::Behind(_)));
}

#[test]
fn s38_ten_years_forward_and_back_again_end_nothing() {
    let (_folder, path) = place();
    let ledger = begun(&path);
    must(&ledger, minute(5), "payment-1", &sell("200.00", "0"));
    let far = minute(6) + SignedDuration::from_hours(24 * 3_652);
    has(&ledger, far, "20", "0");
    must(&ledger, far, "payment-2", &sell("100.00", "0"));
    drop(ledger);
    let ledger = Ledger::open(&path, "till-1").unwrap();
    has(&ledger, minute(7), "30", "0");
    must(&ledger, minute(8), "payment-3", &sell("30.00", "30"));
    has(&ledger, minute(9), "0", "0");
    is_sound(&ledger);
}

#[test]
fn s46_a_till_that_was_destroyed_begins_anew_with_all_that_it_had_uploaded() {
    let server = Ledger::in_memory("server").unwrap();
    let (folder, path) = place();
    let ledger = begun(&path);
    must(&ledger, minute(5), "payment-1", &sell("200.00", "0"));
    upload(&ledger, &server);
    must(&ledger, minute(6), "payment-2", &sell("100.00", "0"));
    drop(ledger);
    for file in fs::read_dir(folder.path()).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    let ledger = Ledger::open(&path, "till-1").unwrap();
    upload(&server, &ledger);
    assert_eq!(ledger.opening().incarnation, 2);
    // The sale that was not uploaded is lost, and no other; it is entered from its paper slip.
    has(&ledger, minute(10), "20", "0");
    let paper = order("100.00", "0").replacen(
        '{',
        r#"{"paper":{"at":"2026-03-02T09:06:00+03:00","by":"Смирнова","number":"2"},"store":"s","#,
        1,
    );
    must(&ledger, minute(11), "paper-2", &format!(r#"{{"sell":{{"order":{paper}}}}}"#));
    has(&ledger, minute(12), "30", "0");
    let merge = upload(&ledger, &server);
    assert_eq!((merge.acknowledgement.forks.len(), merge.accepted), (0, 1));
    has(&server, minute(13), "30", "0");
}

#[test]
fn s47_a_store_that_was_offline_for_thirty_days_loses_nothing() {
    let server = Ledger::in_memory("server").unwrap();
    let (_folder, path) = place();
    let ledger = begun(&path);
    upload(&ledger, &server);
    ledger.set_offline(minute(2)).unwrap();
    for day in 0..30 {
        let at = minute(10) + SignedDuration::from_hours(24 * day);
        must(&ledger, at, &format!("day-{day}"), &sell("100.00", "0"));
    }
    let health = ledger.health(minute(20) + SignedDuration::from_hours(24 * 29)).unwrap();
    assert_eq!(health.unsynced, 33);
    let merge = upload(&ledger, &server);
    assert_eq!(merge.accepted, 30);
    // Of thirty times 10 points with a life of 30 days all are there on the last day.
    let last = minute(20) + SignedDuration::from_hours(24 * 29);
    assert_eq!(points(&server, last), points(&ledger, last));
    has(&server, last, "300", "0");
    is_sound(&server);
}

#[test]
fn s48_a_centre_that_was_restored_from_a_backup_gets_again_what_it_lost() {
    let (folder, path) = place();
    let till = begun(&path);
    let (centre, backup) = (folder.path().join("centre"), folder.path().join("backup"));
    let server = Ledger::open(&centre, "server").unwrap();
    upload(&till, &server);
    assert!(server.backup(&backup).unwrap().found.is_empty());
    drop(server);
    must(&till, minute(5), "payment-1", &sell("200.00", "0"));
    let server = Ledger::open(&centre, "server").unwrap();
    let merge = upload(&till, &server);
    till.acknowledge(&merge.acknowledgement, minute(6)).unwrap();
    drop(server);
    // The centre goes back behind what it had acknowledged.
    let server = Ledger::restore(&backup, &centre, "server").unwrap();
    let merge = upload(&till, &server);
    assert_eq!((merge.accepted, merge.acknowledgement.forks.len(), merge.gaps.len()), (1, 0, 0));
    has(&server, minute(7), "20", "0");
    is_sound(&server);
}

#[test]
fn s49_numbers_that_are_none_and_cards_that_look_alike_are_refused_and_change_nothing() {
    let (_folder, path) = place();
    let ledger = begun(&path);
    let before = records(&ledger);
    let amounts = [
        "-1",
        "1e30",
        "NaN",
        "Infinity",
        "1,00",
        "١٢",
        "9223372036854775807",
        "",
        " 1",
        "1 ",
        "+1",
        "0x10",
        "1.0.0",
        "1\u{200f}",
    ];
    for (index, amount) in amounts.iter().enumerate() {
        for order in [order(amount, "0"), order("10.00", amount)] {
            let sell = format!(r#"{{"sell":{{"order":{order}}}}}"#);
            let answer = call(&ledger, minute(5), &format!("amount-{index}"), &sell);
            assert!(answer.is_err(), "{amount} was taken");
        }
    }
    let cards = ["10\u{301}01", "\u{200f}1001", "1001\\u0000", "1001\u{a0}2"];
    for (index, card) in cards.iter().enumerate() {
        let issue = format!(r#"{{"issue":{{"card":"{card}"}}}}"#);
        let answer = call(&ledger, minute(5), &format!("card-{index}"), &issue);
        assert!(answer.is_err(), "{card:?} was issued");
    }
    let long = format!(r#"{{"issue":{{"card":"{}"}}}}"#, "1".repeat(1 << 20));
    assert!(call(&ledger, minute(5), "long", &long).is_err());
    let lines = vec![r#"{"id":"1","price":"1.00"}"#; 10_001].join(",");
    let sell = format!(r#"{{"sell":{{"order":{{"lines":[{lines}]}}}}}}"#);
    assert!(call(&ledger, minute(5), "lines", &sell).is_err());
    for text in ["", "{", "null", "[]", "\u{feff}{}", r#"{"at":1}"#, &"[".repeat(100_000)] {
        assert!(ledger.call_json(text).is_err());
    }
    assert_eq!(records(&ledger), before);
    is_sound(&ledger);
}

/// Where a programme says nothing of check digits, a number is any text of the right length.
#[test]
fn s49_numbers_that_look_alike_are_cards_of_their_own() {
    let (_folder, path) = place();
    let ledger = begun(&path);
    must(&ledger, minute(2), "payment", &sell("200.00", "0"));
    for (index, card) in ["１００１", "l001", "1OO1"].iter().enumerate() {
        let issue = format!(r#"{{"issue":{{"card":"{card}"}}}}"#);
        must(&ledger, minute(3), &format!("card-{index}"), &issue);
        let balance = format!(r#"{{"balance":{{"card":"{card}"}}}}"#);
        let answer = must(&ledger, minute(4), "", &balance);
        assert!(answer.contains(r#""posted":"0""#), "{card}: {answer}");
    }
    has(&ledger, minute(4), "20", "0");
    is_sound(&ledger);
}
