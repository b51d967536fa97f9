//! Erasure, the end of a shift, planned times without a network, new versions of the programme.

use std::fs;
use std::sync::{Arc, Mutex};

use kopilka::{LedgerEvent, Maintenance};
use kopilka_store::{ExportOptions, Listener, Options};

use super::*;

fn register(ledger: &Ledger, minute: i64, guest: &str, name: &str, phone: &str) {
    let command = format!(
        r#"{{"guest":{{"guest":"{guest}","action":{{"register":{{"details":{{"personal":{{
            "name":"{name}","phone":"{phone}"}}}}}}}}}}}}"#
    );
    call(ledger, minute, &format!("register {guest}"), &command);
}

/// The files of a folder in which some bytes stand.
fn files_with(folder: &std::path::Path, bytes: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let content = fs::read(&path).unwrap();
        if content.windows(bytes.len()).any(|window| window == bytes.as_bytes()) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

#[test]
fn nothing_personal_of_an_erased_guest_is_left_in_any_file_and_sums_stay() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("till"), "a").unwrap();
    begin(&ledger);
    // Enough others that pages are divided and filled anew.
    for number in 0..60 {
        let phone = format!("+79160000{number:03}");
        register(&ledger, 3, &format!("g{number}"), &format!("Гость {number}"), &phone);
    }
    register(&ledger, 3, "anna", "Анна Ахматова", "+79161234567");
    let bind = format!(r#"{{"card":{{"card":"{CARD}","action":{{"bind":{{"guest":"anna"}}}}}}}}"#);
    call(&ledger, 4, "bind", &bind);
    for personal in ["Анна Ахматова", "+79161234567"] {
        assert!(!files_with(folder.path(), personal).is_empty());
    }
    for kept in ["till.damaged-1", "till.restoring", "other.damaged-1"] {
        fs::write(folder.path().join(kept), "an old one").unwrap();
    }
    let told = ledger.erase_guest("anna", "erase", at(5)).unwrap();
    assert_eq!(told.kept, ["till.damaged-1", "till.restoring"]);
    for personal in ["Анна Ахматова", "+79161234567", "9161234567"] {
        assert_eq!(files_with(folder.path(), personal), Vec::<String>::new());
    }
    assert!(!files_with(folder.path(), "+79160000059").is_empty());
    assert_eq!(balance(&ledger, 6), "300");
    assert!(ledger.verify().unwrap().found.is_empty());
    // The same call again has the same record.
    assert_eq!(ledger.erase_guest("anna", "erase", at(7)).unwrap().record, told.record);
}

#[test]
fn a_shift_report_names_its_records_and_what_moved() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("till"), "a").unwrap();
    begin(&ledger);
    sell(&ledger, 3, "one", "100.00", "40");
    let other = order("50.00", "0").replace("s1", "s2");
    call(&ledger, 4, "other", &format!(r#"{{"sell":{{"order":{other}}}}}"#));
    sell(&ledger, 5, "two", "30.00", "0");
    let closing = ledger.shift_report(None, "s1", at(6)).unwrap();
    let named = (closing.first.as_deref(), closing.last.as_deref(), closing.records);
    // The programme, its activation, the card and its grant are 1 to 4.
    assert_eq!(named, (Some("a.1.5"), Some("a.1.7"), 2));
    assert_eq!(closing.head.sequence, 7);
    let head = kopilka::RecordId { till: "a".into(), incarnation: 1, sequence: 7 };
    assert_eq!(closing.check_code, Some(ledger.check_code(&head).unwrap()));
    // 40 of 100.00 were paid with points; what money was paid is 60.00 and 30.00.
    assert_eq!(closing.summary.sales.to_string(), "90.00");
    let none = ledger.shift_report(None, "s9", at(6)).unwrap();
    assert_eq!((none.first, none.records), (None, 0));
}

#[derive(Debug, Default)]
struct Told(Mutex<Vec<String>>);

impl Listener for Told {
    fn event(&self, event: &LedgerEvent) {
        if let LedgerEvent::WentOffline(event) = event {
            self.0.lock().unwrap().push(canonical(event));
        }
    }
}

#[test]
fn a_planned_time_without_a_network_alarms_nobody_and_drains_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let told = Arc::new(Told::default());
    let options = Options { listener: Some(told.clone()), ..Options::default() };
    let ledger = Ledger::open_with(&folder.path().join("till"), "a", options).unwrap();
    begin(&ledger);
    let server = Ledger::in_memory("server").unwrap();
    let upload = |minute: i64| {
        let mut upload = Vec::new();
        let known = server.import(&mut &*export(&ledger), at(minute)).unwrap().acknowledgement;
        ledger.export(&known.heads, &mut upload, &ExportOptions::default()).unwrap();
        let merge = server.import(&mut upload.as_slice(), at(minute)).unwrap();
        ledger.acknowledge(&merge.acknowledgement, at(minute)).unwrap();
    };
    upload(3);
    assert_eq!(ledger.health(at(3)).unwrap().unsynced, 0);
    ledger.plan_maintenance(Some(Maintenance { from: at(10), until: at(20) })).unwrap();
    sell(&ledger, 9, "before", "10.00", "0");
    let before = ledger.health(at(9)).unwrap();
    assert_eq!((before.offline_since, before.offline_planned), (None, false));
    sell(&ledger, 11, "within", "10.00", "0");
    sell(&ledger, 12, "within too", "10.00", "0");
    let within = ledger.health(at(12)).unwrap();
    assert!(within.offline_planned && within.maintenance.is_some());
    assert_eq!((within.offline_since, within.unsynced), (Some(at(3)), 3));
    let events = told.0.lock().unwrap().clone();
    assert_eq!(events.len(), 1);
    assert!(events[0].contains(r#""planned":true"#), "{events:?}");
    // After it the ledger is offline until it is heard, and that is no longer planned.
    let after = ledger.health(at(21)).unwrap();
    assert_eq!((after.offline_since, after.offline_planned), (Some(at(3)), false));
    upload(22);
    let drained = ledger.health(at(22)).unwrap();
    assert_eq!((drained.offline_since, drained.unsynced), (None, 0));
}

fn export(ledger: &Ledger) -> Vec<u8> {
    let mut journal = Vec::new();
    ledger.export_journal(&mut journal, &ExportOptions::default()).unwrap();
    journal
}

#[test]
fn a_new_programme_is_in_force_with_the_next_receipt_and_a_hold_keeps_its_own() {
    let ledger = Ledger::in_memory("a").unwrap();
    begin(&ledger);
    let reserve = format!(r#"{{"reserve":{{"order":{}}}}}"#, order("200.00", "0"));
    let held = call(&ledger, 3, "held", &reserve);
    let twenty = PROGRAM.replace(r#""percent": "10""#, r#""percent": "20""#);
    let command = format!(r#"{{"program":{{"install":{{"document":{twenty}}}}}}}"#);
    let version = text(&call(&ledger, 4, "install 2", &command), "/program/version");
    let activate = format!(r#"{{"program":{{"activate":{{"version":"{version}"}}}}}}"#);
    call(&ledger, 5, "activate 2", &activate);
    // 20 % of 100.00 at once; 10 % of 200.00 for what was held before.
    sell(&ledger, 6, "sale", "100.00", "0");
    assert_eq!(balance(&ledger, 7), "320");
    let token = text(&held, "/sale/token");
    call(&ledger, 8, "confirm", &format!(r#"{{"confirm":{{"token":"{token}"}}}}"#));
    assert_eq!(balance(&ledger, 9), "340");
    let programs = ledger.health(at(9)).unwrap().programs;
    assert_eq!(programs.len(), 1);
    let rules = &programs[0];
    assert_eq!((rules.version.as_str(), rules.from, rules.recorded_at), (&*version, at(5), at(5)));
    assert_eq!(rules.until, None);
}

#[test]
fn neither_earlier_words_nor_an_upload_leave_anything_of_an_erased_guest() {
    let folder = tempfile::tempdir().unwrap();
    let server = Ledger::in_memory("server").unwrap();
    begin(&server);
    register(&server, 3, "anna", "Анна Ахматова", "+79161234567");
    register(&server, 3, "boris", "Борис Пастернак", "+79167654321");
    let mut upload = Vec::new();
    server.export(&[], &mut upload, &ExportOptions { with_personal: true }).unwrap();
    let ledger = Ledger::open(&folder.path().join("till"), "a").unwrap();
    assert_eq!(ledger.import(&mut upload.as_slice(), at(4)).unwrap().profiles, 2);
    let update = r#"{"guest":{"guest":"anna","action":{"update":{"personal":{
        "name":"Анна Горенко","phone":"+79160000001"}}}}}"#;
    call(&ledger, 5, "renamed", update);
    // By the verb alone what was said of the other stays in free pages.
    call(&ledger, 6, "boris", r#"{"guest":{"guest":"boris","action":{"erase":{}}}}"#);
    let erased = ledger.erase_guest("anna", "anna", at(7)).unwrap();
    assert_eq!(erased.record, "a.1.3");
    let words = ["Ахматова", "Горенко", "9161234567", "9160000001", "Пастернак", "9167654321"];
    for personal in words {
        assert_eq!(files_with(folder.path(), personal), Vec::<String>::new(), "{personal}");
    }
    // What comes once more with the same upload does not bring it back.
    let again = ledger.import(&mut upload.as_slice(), at(8)).unwrap();
    assert_eq!((again.accepted, again.profiles), (0, 0));
    ledger.backup(&folder.path().join("copy")).unwrap();
    ledger.checkpoint().unwrap();
    for personal in words {
        assert_eq!(files_with(folder.path(), personal), Vec::<String>::new(), "{personal}");
    }
    assert_eq!(balance(&ledger, 9), "300");
    assert_eq!(ledger.erase_guest("anna", "anna", at(10)).unwrap(), erased);
    assert_eq!(code(ledger.erase_guest("clara", "clara", at(11))), "guest.unknown");
    assert_eq!(code(ledger.erase_guest("boris", "anna", at(11))), "key.conflict");
    assert!(ledger.verify().unwrap().found.is_empty());
}

#[test]
fn a_programme_is_in_force_by_store_and_date_and_is_rolled_back_by_record() {
    let ledger = Ledger::in_memory("a").unwrap();
    begin(&ledger);
    let version_of = |minute: i64, percent: &str| {
        let program = PROGRAM.replace(r#""percent": "10""#, &format!(r#""percent": "{percent}""#));
        let command = format!(r#"{{"program":{{"install":{{"document":{program}}}}}}}"#);
        text(
            &call(&ledger, minute, &format!("install {percent} {minute}"), &command),
            "/program/version",
        )
    };
    let activate = |minute: i64, version: &str, more: &str| {
        let command = format!(r#"{{"program":{{"activate":{{"version":"{version}"{more}}}}}}}"#);
        call(&ledger, minute, &format!("activate {minute}"), &command);
    };
    let twenty = version_of(3, "20");
    let ten = version_of(3, "10");
    activate(4, &twenty, &format!(r#","stores":["east"],"from":"{}""#, at(20)));
    let earned = |minute: i64, store: &str| {
        let order = order("100.00", "0")
            .replace(r#""cashier""#, &format!(r#""store":"{store}","cashier""#));
        let key = format!("sale {minute}");
        let sale = call(&ledger, minute, &key, &format!(r#"{{"sell":{{"order":{order}}}}}"#));
        text(&sale, "/sale/quote/points/0/earned")
    };
    assert_eq!([earned(10, "east"), earned(11, "west")], ["10", "10"]);
    let before = ledger.health(at(12)).unwrap().programs;
    let places: Vec<_> =
        before.iter().map(|one| (one.store.as_deref(), one.from, one.until)).collect();
    // The store that is named later has the common version until then.
    assert_eq!(places, [(None, at(0), None), (Some("east"), at(0), Some(at(20)))]);
    assert_eq!([earned(20, "east"), earned(21, "west")], ["20", "10"]);
    let then = ledger.health(at(22)).unwrap().programs;
    let east = &then[1];
    assert_eq!((east.version.as_str(), east.from, east.recorded_at), (&*twenty, at(20), at(4)));
    activate(30, &ten, r#","stores":["east"]"#);
    assert_eq!([earned(31, "east"), earned(32, "west")], ["10", "10"]);
    let rolled_back = &ledger.health(at(33)).unwrap().programs[1];
    assert_eq!((rolled_back.version.as_str(), rolled_back.from), (&*ten, at(30)));
}

#[test]
fn a_hold_that_was_open_while_the_programme_changed_twice_is_refunded_by_its_own_record() {
    let ledger = Ledger::in_memory("a").unwrap();
    begin(&ledger);
    let reserve = format!(r#"{{"reserve":{{"order":{}}}}}"#, order("200.00", "50"));
    let token = text(&call(&ledger, 3, "held", &reserve), "/sale/token");
    for (minute, percent) in [(4, "20"), (5, "30")] {
        let program = PROGRAM.replace(r#""percent": "10""#, &format!(r#""percent": "{percent}""#));
        let install = format!(r#"{{"program":{{"install":{{"document":{program}}}}}}}"#);
        let version = text(&call(&ledger, minute, percent, &install), "/program/version");
        let activate = format!(r#"{{"program":{{"activate":{{"version":"{version}"}}}}}}"#);
        call(&ledger, minute, &format!("activate {percent}"), &activate);
    }
    call(&ledger, 6, "confirm", &format!(r#"{{"confirm":{{"token":"{token}"}}}}"#));
    // 300 - 50, and 10 % of the 150.00 that were paid.
    assert_eq!(balance(&ledger, 7), "265");
    let refund = format!(r#"{{"refund":{{"token":"{token}","lines":[{{"line":"1"}}]}}}}"#);
    call(&ledger, 8, "refund", &refund);
    assert_eq!(balance(&ledger, 9), "300");
    let told = ledger.replay(&kopilka_store::ReplayOptions::default()).unwrap();
    assert_eq!((told.records, told.same), (11, 11), "{:?}", told.differences);
}
