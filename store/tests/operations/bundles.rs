//! Bundles for support, and decisions made again from them.

use super::*;

const PHONE: &str = "+79161234567";

/// A ledger with a guest whose card has a PIN, and two sales.
fn ledger() -> Ledger {
    let ledger = Ledger::in_memory("a").unwrap();
    begin(&ledger);
    let details = format!(r#"{{"personal":{{"name":"Анна Ахматова","phone":"{PHONE}"}}}}"#);
    let register = format!(
        r#"{{"guest":{{"guest":"anna","action":{{"register":{{"details":{details}}}}}}}}}"#
    );
    call(&ledger, 3, "register", &register);
    let bind = format!(r#"{{"card":{{"card":"{CARD}","action":{{"bind":{{"guest":"anna"}}}}}}}}"#);
    call(&ledger, 4, "bind", &bind);
    sell(&ledger, 5, "payment of Anna", "100.00", "40");
    ledger
}

#[test]
fn a_bundle_has_nothing_personal_and_reproduces_the_last_decision() {
    let ledger = ledger();
    let bundle = ledger.diagnostics(at(6)).unwrap();
    let text = canonical(&bundle);
    for personal in [PHONE, "9161234567", "Анна", "Ахматова", "Мария", CARD, "\"anna\"", "of Anna"]
    {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
    let replay = bundle.replay.as_ref().unwrap();
    assert!(replay.faithful);
    // The sale spent 40 points and so cost 60.00: that stands in the file as it happened.
    assert!(replay.record.contains(r#""verb":"sell""#));
    let told = Ledger::reproduce(text.as_bytes()).unwrap();
    assert!(told.same, "{told:?}");
    assert_eq!(told.record.as_deref(), Some(replay.record.as_str()));
    let alone = Ledger::reproduce(canonical(replay).as_bytes()).unwrap();
    assert_eq!(alone, told);
}

#[test]
fn a_confirmed_hold_is_reproduced_with_the_record_that_opened_it() {
    let ledger = ledger();
    let reserve = format!(r#"{{"reserve":{{"order":{}}}}}"#, order("200.00", "50"));
    let token = super::text(&call(&ledger, 6, "hold", &reserve), "/sale/token");
    let holds = ledger.diagnostics(at(7)).unwrap().holds;
    assert_eq!(holds.len(), 1);
    assert_eq!((holds[0].sale.as_str(), holds[0].until), ("a.1.8", Some(at(36))));
    call(&ledger, 8, "confirm", &format!(r#"{{"confirm":{{"token":"{token}"}}}}"#));
    let bundle = ledger.diagnostics(at(9)).unwrap();
    let replay = bundle.replay.unwrap();
    assert!(replay.record.contains(r#""verb":"confirm""#));
    assert!(replay.faithful);
    assert!(Ledger::reproduce(canonical(&replay).as_bytes()).unwrap().same);
    assert!(bundle.holds.is_empty());
}

#[test]
fn a_changed_file_is_told_where_it_differs_and_another_one_is_refused() {
    let ledger = ledger();
    let mut replay = ledger.diagnostics(at(6)).unwrap().replay.unwrap();
    replay.program = replay.program.replace(r#""percent":"10""#, r#""percent":"20""#);
    let told = Ledger::reproduce(canonical(&replay).as_bytes()).unwrap();
    assert!(!told.same);
    assert!(told.differences.iter().any(|one| one.path.ends_with("/earned")), "{told:?}");
    assert_eq!(code(Ledger::reproduce(b"{}")), "replay.format");
    assert_eq!(code(Ledger::reproduce(&[0xff])), "replay.format");
}

#[test]
fn a_bundle_tells_versions_decisions_and_whether_errors_come_always() {
    let ledger = ledger();
    let unknown = r#"{"grant":{"card":"4006381333932","grant":"start"}}"#;
    for key in ["x", "y"] {
        try_call(&ledger, 6, key, unknown).unwrap_err();
    }
    let nobody = r#"{"void":{"token":"k1.a.1.99.00000000000000000000000000000000"}}"#;
    for key in ["v", "w"] {
        try_call(&ledger, 6, key, nobody).unwrap_err();
    }
    let bundle = ledger.diagnostics(at(7)).unwrap();
    let errors: Vec<_> = bundle
        .errors
        .iter()
        .map(|one| (one.verb.as_str(), one.calls, one.failed, one.always))
        .collect();
    // One grant went well before.
    assert_eq!(errors, [("grant", 3, 2, false), ("void", 2, 2, true)]);
    let decision = &bundle.decisions[4];
    assert_eq!((decision.verb.as_str(), decision.record.as_deref()), ("sell", Some("a.1.7")));
    assert_eq!(bundle.decisions[0].error.as_deref(), Some("token.unknown"));
    assert_eq!((bundle.till.as_str(), bundle.chains.len(), bundle.programs.len()), ("a", 1, 1));
    assert_eq!(bundle.versions.rules, kopilka::RULES_VERSION);
    assert!(bundle.versions.sqlite.starts_with("3."));
}

#[test]
fn words_with_colons_and_numbers_in_keys_leave_no_bundle() {
    let ledger = ledger();
    let order = order("10.00", "0").replace("Мария Ким", "Смена 1: Мария Ким");
    let sale = format!(
        r#"{{"at":"{}","key":"sale:{PHONE}","correlation":"чек: Ахматова","command":{{"sell":{{"order":{order}}}}}}}"#,
        at(6)
    );
    let sold = Node::parse(&ledger.call_json(&sale).unwrap(), 1 << 24).unwrap();
    for (minute, key, action) in [(7, "open", "open"), (8, "lost:1", "release")] {
        let token = super::text(&sold, "/sale/token");
        let dispute = format!(
            r#"{{"dispute":{{"token":"{token}","action":"{action}","reason":"Анна: {PHONE}","cashier":"Ким: Мария"}}}}"#
        );
        call(&ledger, minute, key, &dispute);
        let bundle = ledger.diagnostics(at(9)).unwrap();
        let text = canonical(&bundle);
        for personal in [PHONE, "9161234567", "Анна", "Ахматова", "Мария", "Ким", CARD, "lost:1"]
        {
            assert!(!text.contains(personal), "{personal} in {text}");
        }
        let replay = bundle.replay.unwrap();
        assert!(replay.faithful && replay.record.contains(r#""verb":"dispute""#));
        assert!(Ledger::reproduce(canonical(&replay).as_bytes()).unwrap().same);
    }
}

#[test]
fn a_bundle_names_no_card_or_guest_whose_row_was_found_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till");
    let ledger = Ledger::open(&path, "a").unwrap();
    begin(&ledger);
    let register = format!(
        r#"{{"guest":{{"guest":"akhmatova-1","action":{{"register":{{"details":{{"personal":{{
            "name":"Анна Ахматова","phone":"{PHONE}"}}}}}}}}}}}}"#
    );
    call(&ledger, 3, "register", &register);
    ledger.checkpoint().unwrap();
    drop(ledger);
    let file = rusqlite::Connection::open(&path).unwrap();
    for changed in [
        format!("UPDATE states SET text = '{{}}' WHERE kind = 'card' AND id = '{CARD}'"),
        "UPDATE profiles SET personal = 'Ахматова' WHERE guest = 'akhmatova-1'".to_owned(),
    ] {
        assert_eq!(file.execute(&changed, []).unwrap(), 1, "{changed}");
    }
    drop(file);
    let ledger = Ledger::open(&path, "a").unwrap();
    assert!(ledger.opening().states_rebuilt);
    assert!(!ledger.opening().found.is_empty());
    let search = format!(r#"{{"search":{{"text":"{PHONE}"}}}}"#);
    let _ = try_call(&ledger, 4, "", &search);
    sell(&ledger, 5, "sale", "10.00", "0");
    let bundle = ledger.diagnostics(at(6)).unwrap();
    assert_eq!(bundle.opening.found.len(), ledger.opening().found.len());
    let text = canonical(&bundle);
    for personal in [PHONE, "Ахматова", "akhmatova", CARD] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
    assert_eq!(balance(&ledger, 7), "301");
}

#[test]
fn calls_that_were_kept_together_are_among_the_decisions_with_their_records() {
    let ledger = Ledger::in_memory("a").unwrap();
    begin(&ledger);
    let request = |key: &str, command: &str| {
        let text = format!(r#"{{"at":"{}","key":"{key}","command":{command}}}"#, at(3));
        kopilka::document::from_node(&Node::parse(&text, 1 << 20).unwrap()).unwrap()
    };
    let give =
        |key: &str| request(key, &format!(r#"{{"grant":{{"card":"{CARD}","grant":"start"}}}}"#));
    let wrong = request("w", &format!(r#"{{"grant":{{"card":"{CARD}","grant":"none"}}}}"#));
    ledger
        .together(|calls| {
            calls.call(&give("one")).unwrap();
            calls.call(&wrong).unwrap_err();
            calls.call(&give("two")).unwrap();
        })
        .unwrap();
    let bundle = ledger.diagnostics(at(4)).unwrap();
    let records: Vec<_> = bundle.decisions.iter().map(|one| one.record.as_deref()).collect();
    assert_eq!(records[..4], [Some("a.1.6"), None, Some("a.1.5"), Some("a.1.4")]);
    assert!(bundle.replay.unwrap().record.contains(r#""sequence":6"#));
}
