//! Uploads between whole ledgers: programmes by record, tills in files, forks, lost tails.

use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use kopilka::document::{canonical, from_node};
use kopilka::json::Node;
use kopilka::upload::{Acknowledgement, Merge};
use kopilka_store::{ExportOptions, Ledger};

const PROGRAM: &str = r#"{
    "id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}],
    "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 4}]}],
    "redemption": {"percent": "100"},
    "earning": {"rules": [{"id": "tenth", "give": {"percent": "10"}}]},
    "grants": [{"id": "start", "amount": "300"}, {"id": "forty", "amount": "40"}]
}"#;

fn at(minutes: i64) -> Timestamp {
    let opening: Timestamp = "2026-11-21T09:00:00+03:00".parse().unwrap();
    opening + SignedDuration::from_mins(minutes)
}

fn call(ledger: &Ledger, minute: i64, key: &str, command: &str) -> String {
    let text = format!(r#"{{"at":"{}","key":"{key}","command":{command}}}"#, at(minute));
    ledger.call_json(&text).unwrap_or_else(|error| panic!("{command}: {error}"))
}

fn install(ledger: &Ledger, program: &str) {
    let command = format!(r#"{{"program":{{"install":{{"document":{program}}}}}}}"#);
    let answer = call(ledger, 0, "install", &command);
    let node = Node::parse(&answer, 1 << 20).unwrap();
    let version = node.at("/program/version").and_then(Node::text).unwrap();
    let activate = format!(r#"{{"activate":{{"version":"{version}"}}}}"#);
    call(ledger, 0, "activate", &format!(r#"{{"program":{activate}}}"#));
}

fn sell(ledger: &Ledger, minute: i64, key: &str, price: &str, points: &str) -> String {
    let command = format!(
        r#"{{"sell":{{"order":{{"cards":[{{"number":"1001"}}],
            "lines":[{{"id":"1","price":"{price}"}}],
            "spend":{{"mode":"exact","points":"{points}"}}}}}}}}"#
    );
    call(ledger, minute, key, &command)
}

/// Sells for as many points as may be spent; the key is the till's own.
fn sell_for_most(ledger: &Ledger, minute: i64, key: &str, price: &str) -> String {
    let key = format!("{}-{key}", ledger.opening().till);
    let command = format!(
        r#"{{"sell":{{"order":{{"cards":[{{"number":"1001"}}],
            "lines":[{{"id":"1","price":"{price}"}}],"spend":{{"mode":"max"}}}}}}}}"#
    );
    call(ledger, minute, &key, &command)
}

/// What a card has and owes.
fn points(ledger: &Ledger, minute: i64) -> (String, String) {
    let text = format!(r#"{{"at":"{}","command":{{"balance":{{"card":"1001"}}}}}}"#, at(minute));
    let answer = ledger.call_json(&text).unwrap();
    let node = Node::parse(&answer, 1 << 20).unwrap();
    let text = |name: &str| {
        let place = format!("/card/card/balances/0/{name}");
        node.at(&place).and_then(Node::text).unwrap_or_else(|| panic!("{answer}")).to_owned()
    };
    (text("spendable"), text("debt"))
}

fn has(points: (String, String), spendable: &str, debt: &str) {
    assert_eq!((&*points.0, &*points.1), (spendable, debt));
}

/// A server with a programme and a card that has 300 points: four records.
fn server() -> Ledger {
    server_with(PROGRAM)
}

fn server_with(program: &str) -> Ledger {
    let server = Ledger::in_memory("server").unwrap();
    install(&server, program);
    call(&server, 1, "issue", r#"{"issue":{"card":"1001"}}"#);
    call(&server, 2, "start", r#"{"grant":{"card":"1001","grant":"start"}}"#);
    server
}

fn export(from: &Ledger, known: &Acknowledgement, with_personal: bool) -> Vec<u8> {
    let mut upload = Vec::new();
    from.export(&known.heads, &mut upload, &ExportOptions { with_personal }).unwrap();
    upload
}

/// What one ledger has and the other lacks goes to the other.
fn upload(from: &Ledger, to: &Ledger, known: &Acknowledgement) -> Merge {
    to.import(&mut export(from, known, true).as_slice(), at(1_000)).unwrap()
}

fn nothing() -> Acknowledgement {
    Acknowledgement::default()
}

/// A till that has all that the server has.
fn till_of(server: &Ledger, name: &str) -> Ledger {
    let till = Ledger::in_memory(name).unwrap();
    upload(server, &till, &nothing());
    till
}

fn acknowledged(by: &Ledger, till: &Ledger) -> Merge {
    let merge = upload(till, by, &nothing());
    till.acknowledge(&merge.acknowledgement, at(1_000)).unwrap();
    merge
}

fn is_sound(ledger: &Ledger) {
    assert_eq!(ledger.verify().unwrap().found, []);
}

#[test]
fn a_new_till_gets_programme_cards_and_guests_from_the_server_and_sells() {
    let server = server();
    let register = r#"{"guest":{"guest":"anna","action":{"register":{"details":{
        "personal":{"name":"Анна Каренина","phone":"+7 993 697-10-05"}},"cards":["1001"]}}}}"#;
    call(&server, 3, "anna", register);
    let till = Ledger::in_memory("a").unwrap();
    let merge = upload(&server, &till, &nothing());
    assert_eq!((merge.accepted, merge.profiles, merge.cut), (5, 1, None));
    assert_eq!(merge.programs, Vec::<String>::new());
    has(points(&till, 5), "300", "0");
    let search =
        format!(r#"{{"at":"{}","command":{{"search":{{"text":"+79936971005"}}}}}}"#, at(5));
    let found = till.call_json(&search).unwrap();
    assert!(found.contains("anna") && found.contains("Анна К."), "{found}");
    sell(&till, 6, "sale", "100.00", "30");
    let merge = upload(&till, &server, &merge.acknowledgement);
    assert_eq!((merge.accepted, merge.known), (1, 0));
    // 300 - 30, and a tenth of the 70.00 that were paid.
    has(points(&server, 7), "277", "0");
    is_sound(&till);
    is_sound(&server);
}

#[test]
fn what_is_personal_goes_only_where_it_is_asked_for() {
    let server = server();
    let register = r#"{"guest":{"guest":"anna","action":{"register":{"details":{
        "personal":{"name":"Каренина"}}}}}}"#;
    call(&server, 3, "anna", register);
    let text = |with| String::from_utf8(export(&server, &nothing(), with)).unwrap();
    assert!(text(true).contains("Каренина"));
    assert!(!text(false).contains("Каренина"));
}

#[test]
fn a_till_that_comes_back_decides_after_all_that_it_takes_in() {
    let server = server();
    let (a, b) = (till_of(&server, "a"), till_of(&server, "b"));
    sell(&a, 30, "a-1", "250.00", "250");
    sell(&b, 10, "b-1", "100.00", "100");
    let seen = upload(&a, &server, &nothing()).acknowledgement;
    let merge = upload(&b, &server, &seen);
    // 300 - 250 - 100: 50 are owed, though the sale that came late was the earlier one.
    assert_eq!((&*merge.debts[0].card, &*merge.debts[0].debt.to_string()), ("1001", "50"));
    has(points(&server, 40), "0", "50");
    upload(&server, &b, &nothing());
    has(points(&b, 40), "0", "50");
    // By its slow clock this is before the sale at the other till; it still stands after it.
    call(&b, 11, "present", r#"{"grant":{"card":"1001","grant":"forty"}}"#);
    call(&b, 12, "present-2", r#"{"grant":{"card":"1001","grant":"forty"}}"#);
    let newest = b.health(at(12)).unwrap().newest.unwrap();
    assert!(newest > at(30), "{newest}");
    upload(&b, &server, &merge.acknowledgement);
    has(points(&server, 41), "30", "0");
    is_sound(&server);
    is_sound(&b);
}

#[test]
fn an_acknowledgement_survives_being_written_and_read_and_is_word_from_the_backend() {
    let server = server();
    let till = till_of(&server, "a");
    sell(&till, 10, "sale", "10.00", "0");
    till.set_offline(at(11)).unwrap();
    let health = till.health(at(12)).unwrap();
    assert_eq!((health.unsynced, health.offline_since), (1, Some(at(11))));
    let merge = upload(&till, &server, &nothing());
    let text = canonical(&merge.acknowledgement);
    let read: Acknowledgement = from_node(&Node::parse(&text, 1 << 20).unwrap()).unwrap();
    till.acknowledge(&read, at(13)).unwrap();
    let health = till.health(at(14)).unwrap();
    assert_eq!((health.unsynced, health.offline_since, health.incarnation), (0, None, 1));
}

fn copy(from: &Path, to: &Path) {
    for ending in ["", "-wal"] {
        let with = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            std::path::PathBuf::from(name)
        };
        if with(from).exists() {
            std::fs::copy(with(from), with(to)).unwrap();
        }
    }
}

#[test]
fn two_tills_from_one_copied_file_are_found_and_part_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let (one_path, other_path) = (folder.path().join("касса 1"), folder.path().join("касса 2"));
    let server = server();
    let one = Ledger::open(&one_path, "a").unwrap();
    upload(&server, &one, &nothing());
    sell(&one, 10, "a-1", "10.00", "0");
    drop(one);
    copy(&one_path, &other_path);
    let one = Ledger::open(&one_path, "a").unwrap();
    let other = Ledger::open(&other_path, "a").unwrap();
    sell(&one, 11, "a-2", "20.00", "0");
    sell(&other, 12, "a-3", "40.00", "0");
    assert_eq!(acknowledged(&server, &one).acknowledgement.forks, []);
    let merge = acknowledged(&server, &other);
    assert_eq!((merge.quarantined, merge.acknowledgement.forks.len()), (1, 1));
    assert_eq!(server.health(at(20)).unwrap().forks, 1);
    // The copy begins anew; so does the other one, once it is told.
    acknowledged(&server, &one);
    let incarnations = [&one, &other].map(|till| till.health(at(20)).unwrap().incarnation);
    assert_eq!(incarnations, [3, 2]);
    sell(&one, 21, "a-4", "80.00", "0");
    sell(&other, 22, "a-5", "160.00", "0");
    assert_eq!(acknowledged(&server, &one).accepted, 1);
    assert_eq!(acknowledged(&server, &other).accepted, 1);
    // 300 and a tenth of 10 + 20 + 80 + 160: the 40.00 are kept aside.
    has(points(&server, 30), "327", "0");
    is_sound(&server);
    is_sound(&one);
}

#[test]
fn an_old_copy_is_found_by_what_the_backend_has_and_fetches_what_it_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (path, old) = (folder.path().join("a.ledger"), folder.path().join("old"));
    let server = server();
    let till = Ledger::open(&path, "a").unwrap();
    upload(&server, &till, &nothing());
    sell(&till, 10, "a-1", "10.00", "0");
    drop(till);
    copy(&path, &old);
    let till = Ledger::open(&path, "a").unwrap();
    sell(&till, 11, "a-2", "20.00", "0");
    let answered = sell(&till, 12, "a-3", "30.00", "0");
    acknowledged(&server, &till);
    drop(till);
    // The copy alone, without the file beside it.
    let till = Ledger::open(&old, "a").unwrap();
    acknowledged(&server, &till);
    let opening = till.opening();
    assert_eq!(opening.incarnation, 2);
    let missing = &opening.missing[0];
    assert_eq!((missing.from, missing.until, missing.incarnation), (2, 3, 1));
    assert_eq!(upload(&server, &till, &nothing()).accepted, 2);
    has(points(&till, 20), "306", "0");
    // What was answered before is answered so again.
    assert_eq!(sell(&till, 21, "a-3", "30.00", "0"), answered);
    is_sound(&till);
}

#[test]
fn a_download_that_shows_a_lost_tail_begins_anew_by_itself() {
    let server = server();
    let till = till_of(&server, "a");
    sell(&till, 10, "a-1", "10.00", "0");
    upload(&till, &server, &nothing());
    let old = till_of(&server, "a");
    assert_eq!(old.health(at(20)).unwrap().incarnation, 2);
    has(points(&old, 20), "301", "0");
    is_sound(&old);
}

#[test]
fn a_till_downloads_by_its_heads_only_what_it_lacks() {
    let server = server();
    let till = till_of(&server, "a");
    sell(&server, 10, "s-1", "10.00", "0");
    let known = Acknowledgement { heads: till.heads().unwrap(), ..nothing() };
    let merge = upload(&server, &till, &known);
    assert_eq!((merge.accepted, merge.known), (1, 0));
    assert_eq!(till.heads(), server.heads());
}

/// Every order of three.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

#[test]
fn three_tills_apart_spend_no_more_than_their_sums_and_owe_the_same_in_all_six_orders() {
    let offline = r#""offline": {"spending": "sum", "card_maximum": "120.00", "hours": 72},"#;
    let program = PROGRAM.replacen('{', &format!("{{{offline}"), 1);
    for order in ORDERS {
        let server = server_with(&program);
        let tills = ["a", "b", "c"].map(|name| till_of(&server, name));
        for (minute, till) in (10..).zip(&tills) {
            till.set_offline(at(5)).unwrap();
            let first = sell_for_most(till, minute, "first", "130.00");
            // 120 of 130.00 is all that one till may give of a card: 10.00 are paid, 1 is earned.
            assert!(first.contains(r#""payable":"10.00""#), "{first}");
            assert!(first.contains("offline.card_maximum"), "{first}");
            let second = sell_for_most(till, minute + 1, "second", "5.00");
            assert!(second.contains(r#""payable":"5.00""#), "{second}");
        }
        for (place, till) in order.into_iter().enumerate() {
            let debts = upload(&tills[till], &server, &nothing()).debts;
            // 300 - 2 * 120 is no debt yet. 300 - 3 * 120 = -60, of which three points pay 3.
            let expected: &[&str] = if place < 2 { &[] } else { &["57"] };
            let debts: Vec<String> = debts.iter().map(|owed| owed.debt.to_string()).collect();
            assert_eq!(debts, expected, "{order:?}");
        }
        has(points(&server, 30), "0", "57");
        call(&server, 40, "earned", r#"{"grant":{"card":"1001","grant":"forty"}}"#);
        has(points(&server, 41), "0", "17");
        call(&server, 42, "earned-2", r#"{"grant":{"card":"1001","grant":"forty"}}"#);
        has(points(&server, 43), "23", "0");
        is_sound(&server);
    }
}

/// A place that fails after some bytes.
struct Full(usize);

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        let written = bytes.len().min(self.0);
        self.0 -= written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_upload_that_finds_no_room_says_so_and_the_ledger_goes_on() {
    let server = server();
    for room in [0, 1, 300] {
        let error = server.export(&[], &mut Full(room), &ExportOptions::default()).unwrap_err();
        assert_eq!(error.code().as_str(), "upload.not_written");
    }
    has(points(&server, 5), "300", "0");
}

#[test]
fn a_thousand_late_sales_are_taken_in_part_by_part_and_stay_one_state() {
    let server = server();
    let till = Ledger::in_memory("a").unwrap();
    let known = upload(&server, &till, &nothing()).acknowledgement;
    for sale in 0..1_000 {
        sell(&till, 10 + sale / 10, &format!("a-{sale}"), "10.00", "0");
    }
    sell(&server, 500, "late", "10.00", "0");
    let merge = upload(&till, &server, &known);
    assert_eq!((merge.accepted, merge.cut), (1_000, None));
    // 300 and 1 for each of 1,001 sales.
    has(points(&server, 600), "1301", "0");
    is_sound(&server);
}

/// Closes a ledger and opens it again.
fn again(ledger: Ledger, path: &Path, till: &str) -> Ledger {
    drop(ledger);
    Ledger::open(path, till).unwrap()
}

#[test]
fn two_tills_on_files_overspend_within_their_bound_and_the_backend_tells_the_debt() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(format!("касса [{name}].ledger"));
    let offline = r#""offline": {"spending": "sum", "card_maximum": "200.00", "till_maximum": "250.00", "hours": 2},"#;
    let program = PROGRAM.replacen('{', &format!("{{{offline}"), 1);
    let server = Ledger::open(&path("server"), "server").unwrap();
    install(&server, &program);
    call(&server, 1, "issue", r#"{"issue":{"card":"1001"}}"#);
    call(&server, 2, "start", r#"{"grant":{"card":"1001","grant":"start"}}"#);
    let [a, b] = ["a", "b"].map(|name| {
        let till = Ledger::open(&path(name), name).unwrap();
        upload(&server, &till, &nothing());
        till.set_offline(at(5)).unwrap();
        again(till, &path(name), name)
    });
    // That they are offline was kept in the file. 200 of each card at each till.
    for (minute, till) in [(10, &a), (11, &b)] {
        let sold = sell_for_most(till, minute, "most", "500.00");
        assert!(sold.contains(r#""payable":"300.00""#), "{sold}");
        assert!(sold.contains("offline.card_maximum"), "{sold}");
        // 300.00 in money earn 30: what is left of 300 and 30 is spent no more.
        has(points(till, minute), "130", "0");
    }
    // Two hours and the rest of the last hour after 9:05 end at noon.
    let late = sell_for_most(&a, 181, "late", "20.00");
    assert!(late.contains(r#""payable":"20.00""#) && late.contains("offline.hours"), "{late}");
    let [a, b] = [again(a, &path("a"), "a"), again(b, &path("b"), "b")];
    assert_eq!(acknowledged(&server, &a).debts, []);
    let merge = acknowledged(&server, &b);
    // 300 - 200 - 200 and 30, 30 and 2 earned: 38 are owed.
    let debts: Vec<_> =
        merge.debts.iter().map(|owed| (&*owed.card, owed.debt.to_string())).collect();
    assert_eq!(debts, [("1001", "38".to_owned())]);
    has(points(&server, 1_001), "0", "38");
    // What came twice changes nothing, and what was owed is told once.
    assert_eq!(upload(&b, &server, &nothing()).debts, []);
    let server = again(server, &path("server"), "server");
    has(points(&server, 1_002), "0", "38");
    let health = a.health(at(1_003)).unwrap();
    assert_eq!((health.unsynced, health.offline_since), (0, None));
    for ledger in [&server, &a, &b] {
        is_sound(ledger);
    }
    let told = server.replay(&kopilka_store::ReplayOptions::default()).unwrap();
    assert_eq!((told.records, told.same), (7, 7), "{:?}", told.differences);
}

#[test]
fn a_gap_is_asked_for_and_filled_and_known_records_are_acknowledged_again() {
    let server = server();
    let till = till_of(&server, "a");
    for sale in 0..6 {
        sell(&till, 10 + sale, &format!("a-{sale}"), "10.00", "0");
    }
    let known = |sequence: u64| {
        let mut heads = till.heads().unwrap();
        heads.retain_mut(|head| {
            let own = head.till == "a";
            head.sequence = if own { sequence } else { head.sequence };
            true
        });
        Acknowledgement { heads, ..nothing() }
    };
    let merge = upload(&till, &server, &known(4));
    assert_eq!((merge.accepted, merge.skipped, merge.gaps.len()), (0, 2, 1));
    let gap = &merge.gaps[0];
    assert_eq!((&*gap.till, gap.incarnation, gap.from), ("a", 1, 1));
    // The acknowledgement has nothing of that chain: the next upload begins with its first record.
    let merge = upload(&till, &server, &merge.acknowledgement);
    assert_eq!((merge.accepted, merge.known, merge.gaps.len()), (6, 0, 0));
    let merge = upload(&till, &server, &known(3));
    assert_eq!((merge.accepted, merge.known, merge.gaps.len()), (0, 3, 0));
    till.acknowledge(&merge.acknowledgement, at(20)).unwrap();
    assert_eq!(till.health(at(20)).unwrap().unsynced, 0);
    has(points(&server, 30), "306", "0");
}

#[derive(Debug, Default)]
struct Alarms(std::sync::Mutex<Vec<String>>);

impl kopilka_store::Listener for Alarms {
    fn event(&self, event: &kopilka::LedgerEvent) {
        if let kopilka::LedgerEvent::Forked(fork) = event {
            self.0.lock().unwrap().push(format!("{} {}", fork.till, fork.sequence));
        }
    }
}

#[test]
fn a_fork_alarms_the_host_and_is_kept_aside_once_however_often_it_comes() {
    let alarms = std::sync::Arc::new(Alarms::default());
    let options = kopilka_store::Options { listener: Some(alarms.clone()), ..Default::default() };
    let store = Box::new(kopilka_store::MemoryStore::new());
    let server = Ledger::on(store, "server", options).unwrap();
    install(&server, PROGRAM);
    call(&server, 1, "issue", r#"{"issue":{"card":"1001"}}"#);
    let [one, other] = ["one", "other"].map(|_| till_of(&server, "a"));
    sell(&one, 10, "one", "10.00", "0");
    sell(&other, 11, "other", "20.00", "0");
    sell(&other, 12, "other-2", "30.00", "0");
    upload(&one, &server, &nothing());
    assert_eq!(*alarms.0.lock().unwrap(), Vec::<String>::new());
    let first = upload(&other, &server, &nothing());
    assert_eq!((first.accepted, first.quarantined), (0, 2));
    assert_eq!(*alarms.0.lock().unwrap(), ["a 1"]);
    upload(&other, &server, &nothing());
    upload(&one, &server, &nothing());
    let health = server.health(at(20)).unwrap();
    assert_eq!((health.forks, health.quarantined), (1, 2));
    let aside = server.diagnostics(at(20)).unwrap().quarantined;
    let records: Vec<&str> = aside.iter().map(|row| row.record.as_str()).collect();
    assert_eq!(records, ["a.1.1", "a.1.2"]);
    // The one that came first goes on: 1 of its 10.00; nothing of what is kept aside.
    has(points(&server, 21), "1", "0");
    is_sound(&server);
}
