//! The examples of the cashiers.

use super::*;

/// When tier 1 must reply to what it got.
#[track_caller]
fn tier(registered: Value, local: &str) -> Timestamp {
    let ticket = [(local, json!({"registered": registered}))];
    let view = view(&desk(CASHIER), &ticket, local);
    timer(&view, Metric::QueueReply, Promise::Tier).due.unwrap()
}

#[track_caller]
fn tier1(local: &str) -> Timestamp {
    tier(json!({"queue": "tier1"}), local)
}

#[test]
fn c1_to_c6_tier_1_has_30_minutes_if_it_is_open_and_else_whichever_is_over_first() {
    for (start, expected) in [
        ("2026-02-10T14:00:00", "2026-02-10T14:30:00"),
        ("2026-02-10T19:50:00", "2026-02-10T20:20:00"),
        ("2026-02-10T21:00:00", "2026-02-10T23:00:00"),
        ("2026-02-11T07:00:00", "2026-02-11T08:30:00"),
        ("2026-02-14T09:00:00", "2026-02-14T10:30:00"),
        ("2026-02-15T17:59:00", "2026-02-15T18:29:00"),
    ] {
        assert_eq!(tier1(start), at(expected), "{start}");
    }
}

#[test]
fn c7_the_window_of_maintenance_does_not_stop_p0_unless_it_is_cut_out() {
    let start = "2026-02-15T02:30:00";
    let registered = json!({"priority": "p0"});
    let due = first_reply(&desk(CASHIER), start, registered.clone());
    assert_eq!(due, at("2026-02-15T02:45:00"));
    let cut = json!("24x7-minus-sunday-02-04");
    let cut = desk_with(CASHIER, "/targets/0/target/after/calendar", cut);
    assert_eq!(first_reply(&cut, start, registered), at("2026-02-15T04:15:00"));
}

#[test]
fn c8_to_c10_the_next_business_day_is_its_end() {
    let p3 = json!({"priority": "p3"});
    for (start, expected) in [
        ("2026-02-20T15:00:00", "2026-02-24T18:00:00"),
        ("2025-10-31T16:00:00", "2025-11-05T18:00:00"),
        ("2026-01-05T11:00:00", "2026-01-12T18:00:00"),
    ] {
        assert_eq!(first_reply(&desk(CASHIER), start, p3.clone()), at(expected), "{start}");
    }
    let followed = desk_with(CASHIER, "/calendars/1/days/transfers", json!(true));
    let saturday = first_reply(&followed, "2025-10-31T16:00:00", p3);
    assert_eq!(saturday, at("2025-11-01T18:00:00"));
}

#[test]
fn c11_an_incident_of_a_store_goes_up_by_the_clock_on_the_wall() {
    let ticket = [("2026-02-10T10:00:00", json!({"registered": {"store": "sapfir"}}))];
    let level = |now: &str| view(&desk(CASHIER), &ticket, now).ladder.unwrap();
    let levels = ["10:29:59", "10:30:00", "11:59:59", "12:00:00"]
        .map(|time| level(&format!("2026-02-10T{time}")).level.unwrap());
    assert_eq!(levels, ["store", "support", "support", "development"]);
    // The people of that store alone.
    let first = level("2026-02-10T10:00:00");
    assert_eq!(first.contacts, ["sapfir-manager", "sapfir-technical"]);
    assert_eq!(first.next_at, Some(at("2026-02-10T10:30:00")));
}

#[test]
fn p0_begins_with_the_developers_and_p1_with_the_support() {
    let standing = |priority: &str| {
        let registered = json!({"registered": {"priority": priority}});
        view(&desk(CASHIER), &[("2026-02-10T10:00:00", registered)], "2026-02-10T10:00:00")
    };
    let level = |priority| standing(priority).ladder.unwrap().level.unwrap();
    assert_eq!([level("p0"), level("p1"), level("p2")], ["development", "support", "store"]);
    assert_eq!(standing("p0").contacts, ["hotline", "tier2", "tier3"]);
    assert_eq!(standing("p1").contacts, ["tier1", "tier2"]);
}

#[test]
fn c12_the_window_of_maintenance_does_not_count_where_it_is_cut_out() {
    let between = json!({"between": {"calendar": "24x7-minus-sunday-02-04",
        "from": "2026-02-15T01:30:00+03:00", "to": "2026-02-15T04:30:00+03:00"}});
    assert_eq!(ask(&desk(CASHIER), between), json!({"seconds": 3_600}));
}

#[test]
fn c13_a_replacement_has_24_hours_of_the_supplier_or_of_the_clock_on_the_wall() {
    let ticket = [("2026-02-12T15:00:00", json!({"registered": {"queue": "hardware"}}))];
    let due = |desk: &Desk| {
        let view = view(desk, &ticket, "2026-02-12T15:00:00");
        timer(&view, Metric::Resolution, Promise::Tier).due
    };
    assert_eq!(due(&desk(CASHIER)), Some(at("2026-02-17T12:00:00")));
    let wall = desk_with(CASHIER, "/targets/16/target/after", json!({"hours": 24}));
    assert_eq!(due(&wall), Some(at("2026-02-13T15:00:00")));
}

#[test]
fn c14_p2_on_friday_evening_goes_on_on_saturday() {
    let due = first_reply(&desk(CASHIER), "2026-02-13T19:00:00", json!({"priority": "p2"}));
    assert_eq!(due, at("2026-02-14T11:00:00"));
}

#[test]
fn c15_1c_on_friday_afternoon_goes_on_on_monday() {
    let registered = json!({"subject": "1C OData API not responding"});
    assert_eq!(tier(registered, "2026-02-13T17:30:00"), at("2026-02-16T10:30:00"));
}

#[test]
fn c17_feedback_has_a_week_and_a_month_that_ends_on_its_last_day() {
    let start = "2026-01-31T12:00:00";
    let ticket = [(start, json!({"registered": {"channel": "feedback"}}))];
    let view = view(&desk(CASHIER), &ticket, start);
    assert_eq!(due(&view, Metric::FirstReply), at("2026-02-07T12:00:00"));
    assert_eq!(due(&view, Metric::Resolution), at("2026-02-28T12:00:00"));
    assert_eq!(view.ladder, None);
}

/// What the decision tree says.
fn tree(answers: &[(&str, &str)], text: &str) -> (String, String) {
    let answer = |(question, value): &(&str, &str)| json!({"question": question, "value": value});
    let answers: Vec<Value> = answers.iter().map(answer).collect();
    let registered = json!({"registered": {"answers": answers, "text": text}});
    let ticket = [("2026-02-10T10:00:00", registered)];
    let view = view(&desk(CASHIER), &ticket, "2026-02-10T10:00:00");
    (view.priority.unwrap(), view.queue.unwrap())
}

fn pair(priority: &str, queue: &str) -> (String, String) {
    (priority.to_owned(), queue.to_owned())
}

#[test]
fn c18_the_decision_tree_has_four_leaves() {
    let (down, workaround, mine) = ("system_down", "workaround", "only_my_store");
    assert_eq!(tree(&[(down, "yes")], ""), pair("p0", "hotline"));
    assert_eq!(tree(&[(down, "no"), (workaround, "yes")], ""), pair("p2", "tier1"));
    let alone = [(down, "no"), (workaround, "no"), (mine, "yes")];
    assert_eq!(tree(&alone, ""), pair("p1", "tier1"));
    let several = [(down, "no"), (workaround, "no"), (mine, "no")];
    assert_eq!(tree(&several, ""), pair("p0", "tier2"));
}

#[test]
fn examples_raise_what_the_tree_says_and_never_lower_it() {
    let around = [("system_down", "no"), ("workaround", "yes")];
    // The tree says P2, or P3 for what is cosmetic; the list says P1 for 1C, P0 for data loss.
    assert_eq!(tree(&around, "1C integration down, manual input works"), pair("p1", "1c"));
    assert_eq!(tree(&around, "Data loss after the update").0, "p0");
    assert_eq!(tree(&around, "Wrong colors and text alignment").0, "p3");
    assert_eq!(tree(&[("system_down", "yes")], "QR scanner not working").0, "p0");
}

#[test]
fn c19_p1_at_night_has_the_earliest_of_all_promises() {
    let start = "2026-02-14T23:50:00";
    let registered = json!({"priority": "p1", "queue": "tier2"});
    let due = first_reply(&desk(CASHIER), start, registered.clone());
    assert_eq!(due, at("2026-02-15T00:20:00"));
    assert_eq!(tier(registered.clone(), start), at("2026-02-15T00:50:00"));
    // Read as tier 1 after hours: 2 hours.
    let document: Value = serde_json::from_str(CASHIER).unwrap();
    let tier1 = document["targets"][7]["target"].clone();
    let other = desk_with(CASHIER, "/targets/1/target", tier1);
    assert_eq!(first_reply(&other, start, registered), at("2026-02-15T01:50:00"));
}

#[test]
fn both_clocks_run_side_by_side_and_a_new_queue_has_a_clock_of_its_own() {
    let ticket = [
        ("2026-02-10T10:00:00", json!({"registered": {"priority": "p1", "queue": "tier1"}})),
        ("2026-02-10T10:20:00", json!({"assignment": {"queue": "tier2"}})),
        ("2026-02-10T10:50:00", json!({"assignment": {"queue": "tier3"}})),
    ];
    let view = view(&desk(CASHIER), &ticket, "2026-02-10T10:50:00");
    assert_eq!(due(&view, Metric::FirstReply), at("2026-02-10T10:30:00"));
    let tiers: Vec<_> = view
        .timers
        .iter()
        .filter(|timer| timer.metric == Metric::QueueReply)
        .map(|timer| timer.due.unwrap())
        .collect();
    let expected = ["2026-02-10T10:30:00", "2026-02-10T11:20:00", "2026-02-10T14:50:00"];
    assert_eq!(tiers, expected.map(at));
}

#[test]
fn an_incident_is_closed_when_its_number_is_noted_and_the_log_of_the_store_is_written() {
    let mut ticket = vec![
        ("2026-02-10T10:00:00", json!({"registered": {"number": "INC-2026-00001"}})),
        ("2026-02-10T10:05:00", json!({"acknowledged": {}})),
        ("2026-02-10T10:10:00", json!({"state": {"to": "store_tests"}})),
        ("2026-02-10T10:30:00", json!({"test_result": {"passed": false}})),
        ("2026-02-10T11:00:00", json!({"confirmed": {}})),
        ("2026-02-10T11:05:00", json!({"done": {"step": "number_noted"}})),
    ];
    let resolved = view(&desk(CASHIER), &ticket, "2026-02-10T11:10:00");
    assert_eq!((resolved.state.as_str(), resolved.rework), ("resolved", 1));
    assert!(resolved.moves.is_empty());
    ticket.push(("2026-02-10T11:10:00", json!({"done": {"step": "store_log"}})));
    let ready = view(&desk(CASHIER), &ticket, "2026-02-10T11:10:00");
    assert_eq!(ready.moves, ["closed"]);
}
