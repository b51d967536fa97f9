//! All records decided anew, under their own programme and under another.

use kopilka::{Amount, WhatIfRow, WhatIfSums};
use kopilka_store::{ExportOptions, ReplayOptions};

use super::*;

const SIX_STORES: &str = include_str!("../../../presets/six-stores.json");

fn replay(ledger: &Ledger) -> kopilka::Replayed {
    ledger.replay(&ReplayOptions::default()).unwrap()
}

/// A day with a sale, a hold that is confirmed, one that is cancelled, a refund and a void.
fn day(ledger: &Ledger) {
    begin(ledger);
    sell(ledger, 3, "one", "100.00", "40");
    let reserve = format!(r#"{{"reserve":{{"order":{}}}}}"#, order("200.00", "50"));
    let token = text(&call(ledger, 4, "hold", &reserve), "/sale/token");
    call(ledger, 5, "confirm", &format!(r#"{{"confirm":{{"token":"{token}"}}}}"#));
    let refund = format!(r#"{{"refund":{{"token":"{token}","lines":[{{"line":"1"}}]}}}}"#);
    call(ledger, 6, "refund", &refund);
    let token = text(&call(ledger, 7, "hold 2", &reserve), "/sale/token");
    call(ledger, 8, "cancel", &format!(r#"{{"cancel":{{"token":"{token}"}}}}"#));
    let sold = text(&sell(ledger, 9, "two", "70.00", "0"), "/sale/token");
    call(ledger, 10, "void", &format!(r#"{{"void":{{"token":"{sold}"}}}}"#));
}

#[test]
fn every_record_comes_out_byte_for_byte_when_it_is_decided_again() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("till"), "a").unwrap();
    day(&ledger);
    let told = replay(&ledger);
    assert_eq!((told.records, told.same), (12, 12), "{:?}", told.differences);
    assert_eq!((told.differing, told.not_decidable), (0, 0));
    // Nothing is left beside the ledger, and nothing was written to it.
    assert_eq!(ledger.health(at(11)).unwrap().sequence, 12);
    let names = std::fs::read_dir(folder.path()).unwrap();
    let left = names.filter(|entry| {
        entry.as_ref().unwrap().file_name().to_string_lossy().contains("replaying")
    });
    assert_eq!(left.count(), 0);
    // With next to nothing in memory it comes out the same.
    let few = ReplayOptions { states_in_memory: 2, ..ReplayOptions::default() };
    assert_eq!(ledger.replay(&few).unwrap(), told);
}

#[test]
fn what_tills_decided_apart_comes_out_as_each_knew_it() {
    let server = Ledger::in_memory("server").unwrap();
    begin(&server);
    let mut known = Vec::new();
    server.export(&[], &mut known, &ExportOptions::default()).unwrap();
    let tills = ["a", "b"].map(|name| {
        let till = Ledger::in_memory(name).unwrap();
        till.import(&mut known.as_slice(), at(3)).unwrap();
        till
    });
    // Both spend the same 300 points within a minute.
    sell(&tills[0], 4, "a", "300.00", "300");
    sell(&tills[1], 5, "b", "300.00", "300");
    for till in &tills {
        let mut upload = Vec::new();
        till.export(&[], &mut upload, &ExportOptions::default()).unwrap();
        server.import(&mut upload.as_slice(), at(6)).unwrap();
    }
    let told = replay(&server);
    assert_eq!(told.records, 6);
    // That of the till b knew of the card and its 300 points, and not of the till a.
    assert_eq!((told.same, told.differing), (6, 0), "{:?}", told.differences);
}

fn sums(row: &WhatIfRow) -> [(String, String, String); 2] {
    let one = |sums: &WhatIfSums| {
        let earned = sums.points.first().map_or(Amount::default(), |points| points.earned);
        (sums.due.to_string(), sums.discounts.to_string(), earned.to_string())
    };
    [one(&row.then), one(&row.now)]
}

fn expected(then: [&str; 3], now: [&str; 3]) -> [(String, String, String); 2] {
    [then, now].map(|[due, discounts, earned]| (due.into(), discounts.into(), earned.into()))
}

/// Two bonus cards of base tier earn 5 % at six stores; a gold discount card takes 10 % off.
fn six_stores() -> Ledger {
    let ledger = Ledger::in_memory("a").unwrap();
    let program = SIX_STORES.replace("\"$schema\": \"../core/schema/program.json\",", "");
    install(&ledger, &program);
    for card in ["1001", "1002"] {
        let issue = format!(r#"{{"issue":{{"card":"{card}","kind":"bonus"}}}}"#);
        call(&ledger, 1, card, &issue);
    }
    let sale = |minute: i64, key: &str, card: &str, price: &str| {
        let order = format!(
            r#"{{"store":"almaz","cards":[{{"number":"{card}"}}],
                "lines":[{{"id":"1","price":"{price}"}}]}}"#
        );
        call(&ledger, minute, key, &format!(r#"{{"sell":{{"order":{order}}}}}"#))
    };
    sale(10, "first", "1001", "1000.00");
    sale(20, "second", "1002", "500.00");
    // A day later.
    sale(24 * 60, "third", "1001", "200.00");
    let undone = text(&sale(24 * 60 + 1, "fourth", "1001", "900.00"), "/sale/token");
    let void = format!(r#"{{"void":{{"token":"{undone}"}}}}"#);
    call(&ledger, 24 * 60 + 2, "void", &void);
    ledger
}

#[test]
fn another_percentage_is_told_by_guest_rule_and_day_and_changes_nothing() {
    let ledger = six_stores();
    let base = r#"{ "tier": "base", "percent": "5" }"#;
    let program = SIX_STORES.replace(base, r#"{ "tier": "base", "percent": "8" }"#);
    assert_ne!(program, SIX_STORES);
    let before = ledger.health(at(3_000)).unwrap().sequence;
    let options = ReplayOptions { program: Some(program), ..ReplayOptions::default() };
    let told = ledger.replay(&options).unwrap();
    let what_if = told.what_if.unwrap();
    // 5 % of 1000, 500 and 200: 50, 25, 10. 8 %: 80, 40, 16. What was undone counts no longer.
    assert_eq!(
        sums(&what_if.total),
        expected(["1700.00", "0.00", "85"], ["1700.00", "0.00", "136"])
    );
    assert_eq!((what_if.total.then.sales, what_if.total.now.sales), (3, 3));
    let names = |rows: &[WhatIfRow]| rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&what_if.guests), ["1001", "1002"]);
    let guest = sums(&what_if.guests[0]);
    assert_eq!(guest, expected(["1200.00", "0.00", "60"], ["1200.00", "0.00", "96"]));
    assert_eq!(names(&what_if.days), ["2026-11-21", "2026-11-22"]);
    let day = sums(&what_if.days[1]);
    assert_eq!(day, expected(["200.00", "0.00", "10"], ["200.00", "0.00", "16"]));
    assert_eq!(names(&what_if.rules), ["purchase"]);
    assert_eq!(sums(&what_if.rules[0])[1].2, "136");
    assert_eq!(told.refused, 0, "{:?}", told.differences);
    assert_eq!(ledger.health(at(3_000)).unwrap().sequence, before);
}

#[test]
fn only_what_is_between_two_instants_is_decided_under_another_programme() {
    let ledger = six_stores();
    let base = r#"{ "tier": "base", "percent": "5" }"#;
    let program = SIX_STORES.replace(base, r#"{ "tier": "base", "percent": "8" }"#);
    let (from, until) = (Some(at(15)), Some(at(30)));
    let options = ReplayOptions { from, program: Some(program), until, ..ReplayOptions::default() };
    let what_if = ledger.replay(&options).unwrap().what_if.unwrap();
    assert_eq!(sums(&what_if.total), expected(["500.00", "0.00", "25"], ["500.00", "0.00", "40"]));
}

#[test]
fn a_programme_that_does_not_compile_is_refused() {
    let ledger = Ledger::in_memory("a").unwrap();
    let program = Some(r#"{"id": "shop"}"#.to_owned());
    let options = ReplayOptions { program, ..ReplayOptions::default() };
    assert!(ledger.replay(&options).is_err());
}

#[test]
fn another_discount_is_told_by_its_card_and_changes_what_is_due() {
    let ledger = Ledger::in_memory("a").unwrap();
    install(&ledger, &SIX_STORES.replace("\"$schema\": \"../core/schema/program.json\",", ""));
    // 1 * 3 + 8 * 3 + 2 = 29: the check digit of GS1 is 1.
    let card = "2800000000011";
    call(&ledger, 1, "issue", &format!(r#"{{"issue":{{"card":"{card}","kind":"gold"}}}}"#));
    for (minute, price) in [(2, "1000.00"), (3, "60.00")] {
        let order = format!(
            r#"{{"store":"topaz","cards":[{{"number":"{card}"}}],
                "lines":[{{"id":"1","price":"{price}"}}]}}"#
        );
        call(&ledger, minute, price, &format!(r#"{{"sell":{{"order":{order}}}}}"#));
    }
    let ten = r#"{ "fixed": "10" }"#;
    let program = SIX_STORES.replace(ten, r#"{ "fixed": "15" }"#);
    assert_ne!(program, SIX_STORES);
    let options = ReplayOptions { program: Some(program), ..ReplayOptions::default() };
    let told = ledger.replay(&options).unwrap();
    let what_if = told.what_if.unwrap();
    // 10 % of 1000.00 and 60.00 are 100.00 and 6.00; 15 % are 150.00 and 9.00.
    let sums_of = expected(["954.00", "106.00", "0"], ["901.00", "159.00", "0"]);
    assert_eq!(sums(&what_if.total), sums_of);
    assert_eq!(what_if.guests.len(), 1);
    assert_eq!(what_if.guests[0].name, card);
    assert_eq!(sums(&what_if.guests[0]), sums_of);
    assert_eq!(what_if.rules.len(), 1, "{:?}", what_if.rules);
    // What is due belongs to no rule.
    let rule = &what_if.rules[0];
    let discounts = (rule.then.discounts.to_string(), rule.now.discounts.to_string());
    assert_eq!(discounts, ("106.00".into(), "159.00".into()));
    assert_eq!(told.differing, 2);
}

/// Two tills that hear of a server now and then, with everything that may happen between.
#[test]
fn a_long_day_of_two_tills_apart_comes_out_without_a_difference() {
    let program = PROGRAM.replacen(
        '{',
        r#"{"offline": {"spending": "sum", "card_maximum": "120.00", "hours": 72},
            "coupons": [{"id": "ten", "uses": 1}],
            "promotions": [{"id": "off", "when": {"coupon": ["ten"]}, "then": {"percent": "10"}}],"#,
        1,
    );
    let server = Ledger::in_memory("server").unwrap();
    install(&server, &program);
    call(&server, 1, "issue", &format!(r#"{{"issue":{{"card":"{CARD}"}}}}"#));
    call(&server, 2, "start", &format!(r#"{{"grant":{{"card":"{CARD}","grant":"start"}}}}"#));
    call(&server, 2, "batch", r#"{"batch":{"coupon":"ten","codes":["A1","A2"]}}"#);
    let [a, b] = ["a", "b"].map(|name| Ledger::in_memory(name).unwrap());
    exchange(&server, &a, 3);
    exchange(&server, &b, 3);
    for (till, code) in [(&a, "A1"), (&b, "A1")] {
        till.set_offline(at(4)).unwrap();
        let coupon = order("200.00", "0")
            .replace(r#""cashier""#, &format!(r#""codes":["{code}"],"cashier""#));
        call(
            till,
            5,
            &format!("coupon {}", till.opening().till),
            &format!(r#"{{"sell":{{"order":{coupon}}}}}"#),
        );
    }
    let sold = text(&sell(&a, 6, "a1", "150.00", "120"), "/sale/token");
    sell(&b, 7, "b1", "150.00", "120");
    let reserve = format!(r#"{{"reserve":{{"order":{}}}}}"#, order("80.00", "0"));
    let held = text(&call(&b, 8, "b hold", &reserve), "/sale/token");
    let paper = format!(r#""paper":{{"at":"{}","by":"Анна","number":"17"}},"cashier""#, at(-90));
    let paper = order("40.00", "0").replace(r#""cashier""#, &paper);
    call(&b, 9, "paper", &format!(r#"{{"sell":{{"order":{paper}}}}}"#));
    // The till a comes back and goes on; the till b is still apart.
    exchange(&a, &server, 20);
    exchange(&server, &a, 21);
    let refund = format!(r#"{{"refund":{{"token":"{sold}","lines":[{{"line":"1"}}]}}}}"#);
    call(&a, 22, "refund", &refund);
    sell(&a, 23, "a2", "70.00", "10");
    // It confirms what the till b holds, of which it has not heard; so does that one.
    call(&a, 24, "confirm a", &format!(r#"{{"confirm":{{"token":"{held}"}}}}"#));
    call(&b, 25, "confirm b", &format!(r#"{{"confirm":{{"token":"{held}"}}}}"#));
    let sold = text(&sell(&b, 26, "b2", "30.00", "0"), "/sale/token");
    call(&b, 27, "void", &format!(r#"{{"void":{{"token":"{sold}"}}}}"#));
    for till in [&b, &a] {
        exchange(till, &server, 30);
    }
    call(&server, 40, "settle", r#"{"settle":{}}"#);
    sell(&server, 41, "s1", "90.00", "5");
    for till in [&a, &b] {
        exchange(&server, till, 42);
        sell(till, 43, &format!("late {}", till.opening().till), "20.00", "2");
        exchange(till, &server, 44);
    }
    // Of the server 7, of the till a 6, of the till b 8.
    for (ledger, records) in [(&server, 21), (&b, 21)] {
        exchange(&server, ledger, 45);
        let told = replay(ledger);
        assert_eq!((told.records, told.same), (records, records), "{:?}", told.differences);
        assert!(ledger.verify().unwrap().found.is_empty());
    }
}

#[test]
fn a_till_that_heard_of_one_and_not_of_another_is_decided_again_as_it_knew_them() {
    let server = Ledger::in_memory("server").unwrap();
    begin(&server);
    let [a, b, c] = ["a", "b", "c"].map(|name| {
        let till = Ledger::in_memory(name).unwrap();
        exchange(&server, &till, 3);
        till
    });
    sell(&b, 4, "b", "50.00", "50");
    sell(&a, 5, "a", "100.00", "100");
    exchange(&a, &c, 6);
    let most =
        order("400.00", "0").replace(r#"{"mode":"exact","points":"0"}"#, r#"{"mode":"max"}"#);
    // 300 less the 100 of the till a; of the till b's 50, which are earlier, it knows nothing.
    let sold = call(&c, 7, "c", &format!(r#"{{"sell":{{"order":{most}}}}}"#));
    assert_eq!(text(&sold, "/sale/quote/points/0/spent"), "200");
    [&c, &b].into_iter().for_each(|till| exchange(till, &server, 8));
    let told = replay(&server);
    assert_eq!((told.records, told.same), (7, 7), "{:?}", told.differences);
    let program = PROGRAM.replace(r#""percent": "10""#, r#""percent": "20""#);
    let options = ReplayOptions { program: Some(program), ..ReplayOptions::default() };
    // 10 % of the 200.00 that were paid in money. What would have been is decided on all that stands
    // before: 300 - 50 - 100 are spent then, and 20 % are given of the other 250.00.
    let what_if = server.replay(&options).unwrap().what_if.unwrap();
    assert_eq!(sums(&what_if.total)[0].2, "20");
    assert_eq!(sums(&what_if.total)[1].2, "50");
}

/// Everything that one ledger has goes to another.
fn exchange(from: &Ledger, to: &Ledger, minute: i64) {
    let mut upload = Vec::new();
    from.export(&[], &mut upload, &ExportOptions::default()).unwrap();
    let merge = to.import(&mut upload.as_slice(), at(minute)).unwrap();
    assert_eq!((merge.cut, merge.quarantined), (None, 0));
}

#[test]
fn a_record_that_was_changed_in_the_file_ends_a_replay_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till");
    let ledger = Ledger::open(&path, "a").unwrap();
    day(&ledger);
    ledger.checkpoint().unwrap();
    drop(ledger);
    let file = rusqlite::Connection::open(&path).unwrap();
    let changed =
        "UPDATE records SET text = replace(text, '\"100.00\"', '\"900.00\"') WHERE id & 1023 = 5";
    assert_eq!(file.execute(changed, []).unwrap(), 1);
    drop(file);
    // It stands before the last checkpoint, where an opening does not look.
    let ledger = Ledger::open(&path, "a").unwrap();
    assert!(ledger.opening().found.is_empty());
    let error = ledger.replay(&ReplayOptions::default()).unwrap_err();
    assert_eq!(error.code().as_str(), "store.damaged");
    assert!(error.to_string().contains("a.1.5"), "{error}");
    let left = std::fs::read_dir(folder.path()).unwrap().filter(|entry| {
        entry.as_ref().unwrap().file_name().to_string_lossy().contains("replaying")
    });
    assert_eq!(left.count(), 0);
}
