//! What is refused says where and in one sentence what to do, and the ledger goes on.

use kopilka::{Maintenance, RecordId};
use kopilka_store::{ExportOptions, ReplayOptions};

use super::*;

/// The code and the place of a refusal, whose message is one plain sentence with nothing personal.
#[track_caller]
fn refused<T>(outcome: Result<T, Error>) -> (String, String) {
    let Err(error) = outcome else { panic!("it was not refused") };
    for mistake in error.mistakes() {
        let message = &mistake.message;
        assert!(!message.is_empty() && !message.contains('\n'), "{message}");
        assert!(message.chars().count() <= 300, "{message}");
        let first = message.chars().next().unwrap();
        assert!(!first.is_uppercase() && !message.ends_with(['.', '!']), "{message}");
        for personal in [PHONE, "9161234567", "Ахматова", "4711"] {
            assert!(!message.contains(personal), "{message}");
            assert!(!mistake.path.contains(personal), "{}", mistake.path);
        }
    }
    (error.code().as_str().to_owned(), error.path().to_owned())
}

const PHONE: &str = "+79161234567";

fn is(actual: (String, String), code: &str, path: &str) {
    assert_eq!((&*actual.0, &*actual.1), (code, path));
}

#[test]
fn wrong_files_and_names_are_refused_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let ledger = Ledger::open(&place("till"), "a").unwrap();
    begin(&ledger);
    for till in ["", "a b", "касса", &"a".repeat(33)] {
        is(refused(Ledger::open(&place("other"), till)), "document.word", "/till");
        is(refused(Ledger::in_memory(till)), "document.word", "/till");
    }
    is(refused(Ledger::open(&place("till"), "a")), "store.locked", "");
    is(refused(Ledger::open(&place("none/till"), "a")), "store.folder", "");
    is(refused(Ledger::open(folder.path(), "a")), "store.not_a_ledger", "");
    std::fs::write(place("text"), "no ledger").unwrap();
    is(refused(Ledger::open(&place("text"), "a")), "store.not_a_ledger", "");
    is(refused(ledger.backup(&place("none/copy"))), "store.folder", "");
    is(refused(ledger.backup(&place("till"))), "store.exists", "/to");
    is(refused(ledger.backup(folder.path())), "store.not_a_ledger", "");
    is(refused(Ledger::restore(&place("none"), &place("x"), "a")), "store.not_a_ledger", "");
    is(refused(Ledger::restore(folder.path(), &place("x"), "a")), "store.not_a_ledger", "");
    // A ledger that is open is no copy.
    is(refused(Ledger::restore(&place("till"), &place("x"), "a")), "store.locked", "");
    is(refused(Ledger::restore(&place("till"), &place("till"), "a")), "store.exists", "/to");
    ledger.backup(&place("copy")).unwrap();
    is(refused(Ledger::restore(&place("copy"), &place("x"), "b")), "store.other_till", "/till");
    assert!(!place("x").exists() && !place("other").exists());
    assert_eq!(balance(&ledger, 5), "300");
    drop(ledger);
    is(refused(Ledger::open(&place("till"), "b")), "store.other_till", "");
    // A copy in its own place would be gone if anything failed.
    is(refused(Ledger::restore(&place("copy"), &place("copy"), "a")), "store.exists", "/to");
    assert_eq!(balance(&Ledger::open(&place("till"), "a").unwrap(), 5), "300");
}

#[test]
fn wrong_arguments_are_refused_at_their_place_and_the_ledger_goes_on() {
    let ledger = Ledger::in_memory("a").unwrap();
    is(refused(ledger.shift_report(None, "s1", at(0))), "program.missing", "");
    begin(&ledger);
    let import = |bytes: &[u8]| ledger.import(&mut &*bytes, at(3));
    for bytes in [&b""[..], b"\n", b"{}", &[0xff, 0x0a]] {
        is(refused(import(bytes)), "upload.format", "");
    }
    let other = Ledger::in_memory("b").unwrap();
    install(&other, &PROGRAM.replace(r#""id": "shop""#, r#""id": "bank""#));
    let mut upload = Vec::new();
    other.export(&[], &mut upload, &ExportOptions::default()).unwrap();
    is(refused(import(&upload)), "program.mismatch", "/upload/program");
    let wrong = Some(Maintenance { from: at(20), until: at(20) });
    is(refused(ledger.plan_maintenance(wrong)), "time.range", "/until");
    let id = RecordId { till: "a".into(), incarnation: 1, sequence: 99 };
    is(refused(ledger.check_code(&id)), "record.unknown", "/record");
    is(refused(ledger.erase_guest("anna", "k", at(4))), "guest.unknown", "/command/guest/guest");
    is(refused(ledger.erase_guest("anna", "", at(4))), "key.missing", "/key");
    for bytes in [&b""[..], b"[]", b"{}", b"{\"replay\":1}", &[0xff]] {
        is(refused(Ledger::reproduce(bytes)), "replay.format", "");
    }
    let replay = |program: &str| {
        let program = Some(program.to_owned());
        ledger.replay(&ReplayOptions { program, ..ReplayOptions::default() })
    };
    is(refused(replay("")), "document.syntax", "");
    assert!(refused(replay("{}")).0.starts_with("document."));
    is(refused(ledger.call_json("")), "document.syntax", "");
    assert_eq!(balance(&ledger, 5), "300");
    assert!(ledger.verify().unwrap().found.is_empty());
}

#[test]
fn no_refusal_repeats_what_is_personal() {
    let ledger = Ledger::in_memory("a").unwrap();
    begin(&ledger);
    let register = |guest: &str, key: &str, personal: &str| {
        let command = format!(
            r#"{{"guest":{{"guest":"{guest}","action":{{"register":{{"details":{{"personal":{personal}}}}}}}}}}}"#
        );
        try_call(&ledger, 3, key, &command)
    };
    let anna = format!(r#"{{"name":"Анна Ахматова","phone":"{PHONE}"}}"#);
    register("anna", "anna", &anna).unwrap();
    refused(register("anna", "again", &anna));
    refused(register("boris", "bad", &format!(r#"{{"phone":"{PHONE}{PHONE}"}}"#)));
    refused(register("boris", "long", &format!(r#"{{"name":"{}"}}"#, "Ахматова".repeat(1_000))));
    refused(register("boris", "more", r#"{"Ахматова":1}"#.replace("Ахматова", "x").as_str()));
    let pin = format!(r#"{{"card":{{"card":"{CARD}","action":{{"pin":{{"pin":"4711"}}}}}}}}"#);
    let present = format!(r#"{{"present":{{"card":"{CARD}","pin":"47110"}}}}"#);
    for (key, command) in [("pin", pin), ("present", present)] {
        if let Err(error) = try_call(&ledger, 4, key, &command) {
            refused::<()>(Err(error));
        }
    }
    let order = order("10.00", "0").replace(
        r#""cashier""#,
        &format!(r#""guest":{{"phone":"{PHONE}x","name":"Ахматова"}},"cashier""#),
    );
    refused(try_call(&ledger, 5, "sell", &format!(r#"{{"sell":{{"order":{order}}}}}"#)));
}
