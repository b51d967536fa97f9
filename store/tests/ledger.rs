//! A ledger in a file: what it keeps, what it says when it opens, and what it does about damage.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use kopilka::json::Node;
use kopilka::upload::Acknowledgement;
use kopilka::{
    ChainEnd, Error, FindingKind, JournalState, LedgerEvent, Maintenance, MissingRecords, RecordId,
};
use kopilka_store::{Ledger, Listener, Options};
use rusqlite::Connection;
use tempfile::TempDir;

const PROGRAM: &str = r#"{
    "id": "corner-shop", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}],
    "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 4}]}],
    "earning": {"rules": [{"id": "five", "give": {"percent": "5"}}]}
}"#;

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("касса [1] #?%.ledger")
}

fn open(path: &Path) -> Ledger {
    Ledger::open(path, "till-1").unwrap()
}

/// Calls a verb at a minute of one hour.
fn call(ledger: &Ledger, minute: u32, key: &str, command: &str) -> Result<Node, Error> {
    let request = format!(
        r#"{{"at": "2026-11-21T10:{minute:02}:00Z", "key": "{key}", "command": {command}}}"#
    );
    let answer = ledger.call_json(&request)?;
    Ok(Node::parse(&answer, usize::MAX).unwrap())
}

fn install(ledger: &Ledger) {
    let install = format!(r#"{{"program": {{"install": {{"document": {PROGRAM}}}}}}}"#);
    let answer = call(ledger, 0, "install", &install).unwrap();
    let version = answer.at("/program/version").and_then(Node::text).unwrap();
    let activate = format!(r#"{{"program": {{"activate": {{"version": "{version}"}}}}}}"#);
    call(ledger, 0, "activate", &activate).unwrap();
}

fn issue(ledger: &Ledger, card: &str) {
    call(ledger, 1, &format!("card-{card}"), &format!(r#"{{"issue": {{"card": "{card}"}}}}"#))
        .unwrap();
}

/// Sells for 200.00, which earns 10.
fn sell(ledger: &Ledger, minute: u32, card: &str) -> Result<Node, Error> {
    let order = format!(
        r#"{{"sell": {{"order": {{"cards": [{{"number": "{card}"}}],
            "lines": [{{"id": "1", "price": "200.00"}}]}}}}}}"#
    );
    call(ledger, minute, &format!("sale-{minute}"), &order)
}

fn balance(ledger: &Ledger, card: &str) -> String {
    let asked = format!(r#"{{"balance": {{"card": "{card}"}}}}"#);
    let answer = call(ledger, 50, "", &asked).unwrap();
    let spendable = answer.at("/card/card/balances/0/spendable");
    spendable.and_then(Node::text).unwrap_or("0").to_owned()
}

/// A ledger with a programme, a card and some sales, closed: records 1 and 2 are the programme's, 3
/// is the card, then the sales.
fn with_sales(path: &Path, sales: u32) {
    let ledger = open(path);
    install(&ledger);
    issue(&ledger, "1001");
    (0..sales).for_each(|sale| drop(sell(&ledger, 2 + sale, "1001").unwrap()));
}

fn kinds(ledger: &Ledger) -> Vec<FindingKind> {
    ledger.opening().found.iter().map(|finding| finding.kind).collect()
}

fn is_sound(ledger: &Ledger) {
    assert_eq!(ledger.verify().unwrap().found, []);
}

/// Changes a closed file behind the ledger's back.
fn tamper(path: &Path, statement: &str) -> usize {
    let connection = Connection::open(path).unwrap();
    connection.execute(statement, []).unwrap()
}

#[test]
fn what_was_answered_is_there_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let ledger = open(&path);
    assert!(ledger.opening().created);
    install(&ledger);
    issue(&ledger, "1001");
    let first = sell(&ledger, 2, "1001").unwrap();
    drop(ledger);
    let ledger = open(&path);
    let opening = ledger.opening();
    assert_eq!((opening.created, opening.incarnation, opening.records), (false, 1, 4));
    assert_eq!((opening.found, opening.missing), (vec![], vec![]));
    assert_eq!(balance(&ledger, "1001"), "10");
    // The same key again is the same sale, not another one.
    assert_eq!(sell(&ledger, 2, "1001").unwrap(), first);
    assert_eq!(balance(&ledger, "1001"), "10");
    is_sound(&ledger);
}

#[test]
fn without_a_programme_every_verb_but_program_is_refused() {
    let ledger = Ledger::in_memory("till-1").unwrap();
    let error = sell(&ledger, 2, "1001").unwrap_err();
    assert_eq!(error.code().as_str(), "program.missing");
    install(&ledger);
    issue(&ledger, "1001");
    assert!(sell(&ledger, 3, "1001").is_ok());
}

#[test]
fn opening_looks_only_at_what_came_after_the_last_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_sales(&path, 3);
    let ledger = open(&path);
    ledger.checkpoint().unwrap();
    sell(&ledger, 9, "1001").unwrap();
    drop(ledger);
    let ledger = open(&path);
    assert_eq!(ledger.opening().records, 1);
    assert_eq!(balance(&ledger, "1001"), "40");
    assert_eq!(ledger.verify().unwrap().records, 7);
}

#[test]
fn a_second_opening_is_refused_at_once_and_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let _first = open(&path);
    let error = Ledger::open(&path, "till-1").err().unwrap();
    assert_eq!(error.code().as_str(), "store.locked");
    assert!(error.to_string().contains("касса"), "{error}");
}

#[test]
fn the_ledger_of_another_till_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_sales(&path, 1);
    let error = Ledger::open(&path, "till-2").err().unwrap();
    assert_eq!(error.code().as_str(), "store.other_till");
    is_sound(&open(&path));
}

#[test]
fn states_that_are_not_as_they_were_written_are_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_sales(&path, 3);
    assert!(tamper(&path, "DELETE FROM states WHERE kind = 'card'") > 0);
    let ledger = open(&path);
    assert_eq!(kinds(&ledger), [FindingKind::StateWrong]);
    assert!(ledger.opening().states_rebuilt);
    assert_eq!(balance(&ledger, "1001"), "30");
    is_sound(&ledger);
}

#[test]
fn states_of_a_journal_that_is_too_long_for_the_opening_are_compared_by_verify() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_sales(&path, 3);
    assert!(tamper(&path, "DELETE FROM states WHERE kind = 'card'") > 0);
    // Six records: the programme twice, the card, three sales.
    let options = Options { compare_states_up_to: 5, ..Options::default() };
    let ledger = Ledger::open_with(&path, "till-1", options).unwrap();
    assert_eq!(kinds(&ledger), []);
    let found = ledger.verify().unwrap().found;
    assert!(found.iter().any(|finding| finding.kind == FindingKind::StateWrong), "{found:?}");
    assert_eq!(ledger.rebuild().unwrap(), 6);
    assert_eq!(balance(&ledger, "1001"), "30");
    is_sound(&ledger);
}

#[test]
fn an_old_copy_begins_a_new_incarnation_and_names_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_sales(&path, 1);
    open(&path).checkpoint().unwrap();
    let copy = fs::read(&path).unwrap();
    let ledger = open(&path);
    sell(&ledger, 10, "1001").unwrap();
    sell(&ledger, 11, "1001").unwrap();
    ledger.checkpoint().unwrap();
    drop(ledger);
    fs::write(&path, copy).unwrap();
    let ledger = open(&path);
    let opening = ledger.opening();
    assert_eq!(kinds(&ledger), [FindingKind::TailLost]);
    assert_eq!(opening.incarnation, 2);
    let missing = MissingRecords { from: 5, incarnation: 1, till: "till-1".into(), until: 6 };
    assert_eq!(opening.missing, [missing]);
    assert_eq!(balance(&ledger, "1001"), "10");
    // What is sold now can never be taken for what was lost.
    let sold = sell(&ledger, 12, "1001").unwrap();
    let token = sold.at("/sale/token").and_then(Node::text).unwrap();
    assert!(token.starts_with("k1.till-1.2.1."), "{token}");
    is_sound(&ledger);
    drop(ledger);
    let again = open(&path);
    assert_eq!((again.opening().incarnation, kinds(&again)), (2, vec![]));
}

#[test]
fn a_lost_file_begins_a_new_incarnation_where_the_file_beside_it_knows_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_sales(&path, 1);
    fs::remove_file(&path).unwrap();
    let mut log = path.clone().into_os_string();
    log.push("-wal");
    drop(fs::remove_file(log));
    let ledger = open(&path);
    assert_eq!(ledger.opening().incarnation, 2);
    let missing = MissingRecords { from: 1, incarnation: 1, till: "till-1".into(), until: 4 };
    assert_eq!(ledger.opening().missing, [missing]);
}

#[test]
fn a_damaged_record_is_kept_aside_and_all_before_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_sales(&path, 3);
    // Record 5, the second sale, of 200.00, was of 900.00 all of a sudden.
    let statement = "UPDATE records SET text = replace(text, '200.00', '900.00') \
                     WHERE id & 1099511627775 = 5";
    assert_eq!(tamper(&path, statement), 1);
    let ledger = open(&path);
    let opening = ledger.opening();
    assert_eq!(kinds(&ledger)[0], FindingKind::RecordDamaged);
    assert_eq!(opening.incarnation, 2);
    assert_eq!(opening.kept.as_deref(), Some("касса [1] #?%.ledger.damaged-1"));
    assert!(folder.path().join(opening.kept.unwrap()).exists());
    let missing = MissingRecords { from: 5, incarnation: 1, till: "till-1".into(), until: 6 };
    assert_eq!(opening.missing, [missing]);
    assert_eq!(balance(&ledger, "1001"), "10");
    sell(&ledger, 20, "1001").unwrap();
    is_sound(&ledger);
    drop(ledger);
    let again = open(&path);
    assert_eq!((again.opening().incarnation, kinds(&again)), (2, vec![]));
    assert_eq!(balance(&again, "1001"), "20");
}

#[test]
fn a_file_that_is_no_database_any_more_is_kept_aside_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_sales(&path, 2);
    open(&path).checkpoint().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[..512].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let ledger = open(&path);
    assert_eq!(kinds(&ledger)[0], FindingKind::FileDamaged);
    assert_eq!(ledger.opening().incarnation, 2);
    let missing = MissingRecords { from: 1, incarnation: 1, till: "till-1".into(), until: 5 };
    assert_eq!(ledger.opening().missing, [missing]);
    install(&ledger);
    is_sound(&ledger);
}

#[test]
fn a_head_file_that_is_gone_is_told_and_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_sales(&path, 1);
    let mut head = path.clone().into_os_string();
    head.push(".head");
    fs::remove_file(&head).unwrap();
    let ledger = open(&path);
    assert_eq!(kinds(&ledger), [FindingKind::HeadFile]);
    assert_eq!(ledger.opening().incarnation, 1);
    drop(ledger);
    assert_eq!(kinds(&open(&path)), []);
}

#[test]
fn calls_that_are_kept_together_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_sales(&path, 0);
    let ledger = open(&path);
    let request = |text: &str| {
        let node = Node::parse(text, usize::MAX).unwrap();
        kopilka::document::from_node(&node).unwrap()
    };
    let at = r#""at": "2026-11-21T10:30:00Z""#;
    let order = r#"{"cards": [{"number": "1001"}], "lines": [{"id": "1", "price": "200.00"}]}"#;
    let sale = |key: &str| {
        request(&format!(
            r#"{{{at}, "key": "{key}", "command": {{"sell": {{"order": {order}}}}}}}"#
        ))
    };
    let asked =
        |verb: &str| request(&format!(r#"{{{at}, "command": {{"{verb}": {{"card": "1001"}}}}}}"#));
    let shift =
        request(&format!(r#"{{{at}, "command": {{"report": {{"kind": {{"shift": {{}}}}}}}}}}"#));
    let calls = [sale("a"), sale("b"), sale("a"), asked("balance"), asked("history"), shift];
    let answers: Vec<Node> = ledger
        .call_all(&calls)
        .into_iter()
        .map(|answer| kopilka::document::to_node(&answer.unwrap()))
        .collect();
    assert_eq!(answers[0], answers[2]);
    let text = |answer: &Node, path| answer.at(path).and_then(Node::text).map(str::to_owned);
    let spendable = text(&answers[3], "/card/card/balances/0/spendable");
    assert_eq!(spendable.as_deref(), Some("20"));
    let Some(Node::List(history)) = answers[4].at("/history/entries") else { panic!("no list") };
    assert_eq!(history.len(), 2);
    assert_eq!(text(&answers[5], "/report/shift/sales").as_deref(), Some("400.00"));
    drop(ledger);
    let ledger = open(&path);
    assert_eq!(ledger.opening().records, 5);
    is_sound(&ledger);
}

#[test]
fn the_check_code_of_a_record_is_that_of_its_hash() {
    let ledger = Ledger::in_memory("till-1").unwrap();
    install(&ledger);
    issue(&ledger, "1001");
    let sold = sell(&ledger, 2, "1001").unwrap();
    let id = RecordId { till: "till-1".into(), incarnation: 1, sequence: 4 };
    let code = ledger.check_code(&id).unwrap();
    // The token ends with 32 digits of the same hash, and the slip shows the first six of them.
    let token = sold.at("/sale/token").and_then(Node::text).unwrap();
    let hash = token.rsplit('.').next().unwrap();
    assert_eq!(code, hash[..6].to_uppercase());
    let unknown = RecordId { sequence: 9, ..id };
    assert_eq!(ledger.check_code(&unknown).unwrap_err().code().as_str(), "record.unknown");
}

fn told(heads: &[ChainEnd]) -> Acknowledgement {
    Acknowledgement { forks: Vec::new(), heads: heads.to_vec() }
}

#[test]
fn a_ledger_is_offline_since_the_backend_was_heard_of_last() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_sales(&path, 1);
    let ledger = open(&path);
    let at = instant("2026-11-21T10:30:00Z");
    let health = ledger.health(at).unwrap();
    assert_eq!((health.unsynced, health.offline_since), (4, None));
    // The first word, from before the last two records.
    let id = RecordId { till: "till-1".into(), incarnation: 1, sequence: 2 };
    let hash = ledger.record_hash(&id).unwrap().to_string();
    let end = ChainEnd { hash, incarnation: 1, sequence: 2, till: "till-1".into() };
    ledger.acknowledge(&told(std::slice::from_ref(&end)), instant("2026-11-21T10:20:00Z")).unwrap();
    ledger.set_offline(at).unwrap();
    drop(ledger);
    let ledger = open(&path);
    let health = ledger.health(at).unwrap();
    assert_eq!(health.unsynced, 2);
    assert_eq!(health.offline_since, Some(instant("2026-11-21T10:20:00Z")));
    ledger.acknowledge(&told(std::slice::from_ref(&end)), at).unwrap();
    assert_eq!(ledger.health(at).unwrap().offline_since, None);
    // The backend has more than this ledger: it is an old copy.
    ledger.acknowledge(&told(&[ChainEnd { sequence: 9, ..end }]), at).unwrap();
    let opening = ledger.opening();
    let till = "till-1".into();
    let missing = MissingRecords { from: 5, incarnation: 1, till, until: 9 };
    assert_eq!((opening.incarnation, opening.missing), (2, vec![missing]));
}

#[test]
fn planned_maintenance_is_offline_until_its_end_and_the_next_word() {
    let ledger = Ledger::in_memory("till-1").unwrap();
    let (from, until) = (instant("2026-11-21T22:00:00Z"), instant("2026-11-22T02:00:00Z"));
    ledger.plan_maintenance(Some(Maintenance { from, until })).unwrap();
    let since = |at: &str| ledger.health(instant(at)).unwrap().offline_since;
    assert_eq!(since("2026-11-21T21:59:59Z"), None);
    assert_eq!(since("2026-11-21T22:00:00Z"), Some(from));
    assert_eq!(since("2026-11-22T03:00:00Z"), Some(from));
    ledger.acknowledge(&told(&[]), instant("2026-11-22T03:05:00Z")).unwrap();
    assert_eq!(since("2026-11-22T03:06:00Z"), None);
    let error = ledger.plan_maintenance(Some(Maintenance { from, until: from })).unwrap_err();
    assert_eq!((error.code().as_str(), error.path()), ("time.range", "/until"));
}

#[test]
fn health_tells_of_programmes_holds_and_a_clock_that_is_far_ahead() {
    let ledger = Ledger::in_memory("till-1").unwrap();
    install(&ledger);
    issue(&ledger, "1001");
    let order = r#"{"cards": [{"number": "1001"}], "lines": [{"id": "1", "price": "200.00"}]}"#;
    let reserve = format!(r#"{{"reserve": {{"order": {order}}}}}"#);
    let reserved = call(&ledger, 5, "hold", &reserve).unwrap();
    let health = ledger.health(instant("2026-11-21T10:06:00Z")).unwrap();
    assert_eq!((health.open_holds, health.sequence, health.unsynced), (1, 4, 4));
    assert_eq!(health.journal, JournalState::Open);
    assert_eq!(health.programs.len(), 1);
    assert_eq!(health.programs[0].from, instant("2026-11-21T10:00:00Z"));
    assert_eq!(health.calls.calls, 4);
    let token = reserved.at("/sale/token").and_then(Node::text).unwrap();
    let confirm = format!(r#"{{"confirm": {{"token": "{token}"}}}}"#);
    call(&ledger, 6, "paid", &confirm).unwrap();
    let health = ledger.health(instant("2026-12-21T10:06:00Z")).unwrap();
    assert_eq!(health.open_holds, 0);
    assert_eq!(health.clock.name(), "suspect");
}

/// Keeps what it is told.
#[derive(Debug, Default)]
struct Log(Mutex<Vec<LedgerEvent>>);

impl Listener for Log {
    fn event(&self, event: &LedgerEvent) {
        self.0.lock().unwrap().push(event.clone());
    }
}

#[test]
fn a_listener_is_told_what_happens_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let log = Arc::new(Log::default());
    let options = Options { listener: Some(log.clone()), ..Options::default() };
    let ledger = Ledger::open_with(&file(&folder), "till-1", options).unwrap();
    assert!(sell(&ledger, 2, "1001").is_err());
    ledger.checkpoint().unwrap();
    ledger.set_offline(instant("2026-11-21T10:00:00Z")).unwrap();
    let events = log.0.lock().unwrap();
    let names: Vec<&str> = events.iter().map(LedgerEvent::name).collect();
    assert_eq!(names, ["opened", "called", "checkpointed", "went_offline"]);
    let LedgerEvent::Called(call) = &events[1] else { panic!("not a call") };
    assert_eq!((call.verb.as_str(), call.error.as_deref()), ("sell", Some("program.missing")));
}
