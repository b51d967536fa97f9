//! The examples of Loona.ai.

use super::*;

/// The preset with the starter targets switched on.
fn starter(place: usize) -> Desk {
    desk_with(LOONA, &format!("/targets/{place}/enabled"), json!(true))
}

fn telegram(desk: &Desk, local: &str) -> Timestamp {
    first_reply(desk, local, json!({"channel": "telegram"}))
}

fn mail(desk: &Desk, local: &str) -> Timestamp {
    first_reply(desk, local, json!({"channel": "email"}))
}

/// A ticket with an estimate of its registration's instant.
fn estimated(desk: &Desk, local: &str, after: Value) -> Timestamp {
    let ticket = [
        (local, json!({"registered": {"channel": "phone"}})),
        (local, json!({"estimate": {"after": after, "promised": true}})),
    ];
    due(&view(desk, &ticket, local), Metric::Estimate)
}

#[test]
fn nothing_is_promised_by_the_rules_themselves() {
    let ticket = [("2025-12-30T21:30:00", json!({"registered": {"channel": "telegram"}}))];
    let view = view(&desk(LOONA), &ticket, "2026-01-12T21:30:00");
    assert_eq!(view.priority.as_deref(), Some("normal"));
    assert!(view.timers.iter().all(|timer| timer.due.is_none()));
    assert_eq!(view.contacts, ["support"]);
}

#[test]
fn a1_a_question_on_the_last_working_evening_is_due_after_the_holidays() {
    assert_eq!(telegram(&starter(0), "2025-12-30T21:30:00"), at("2026-01-12T10:30:00"));
}

#[test]
fn a2_the_31st_of_december_is_a_day_off_that_was_moved() {
    let open = json!({"next_open": {"calendar": "ru-10-22", "at": "2025-12-31T12:00:00+03:00"}});
    assert_eq!(ask(&desk(LOONA), open), json!({"at": "2026-01-12T07:00:00Z"}));
}

#[test]
fn a3_working_time_across_the_new_year() {
    let between = json!({"between": {"calendar": "ru-10-22",
        "from": "2025-12-30T20:00:00+03:00", "to": "2026-01-12T11:00:00+03:00"}});
    assert_eq!(ask(&desk(LOONA), between), json!({"seconds": 10_800}));
}

#[test]
fn a4_the_working_saturday_stays_closed_unless_transfers_are_followed() {
    assert_eq!(telegram(&starter(0), "2025-11-01T12:00:00"), at("2025-11-05T11:00:00"));
    let mut document: Value = serde_json::from_str(LOONA).unwrap();
    document["targets"][0]["enabled"] = json!(true);
    let followed = desk_with(&document.to_string(), "/calendars/0/days/transfers", json!(true));
    assert_eq!(telegram(&followed, "2025-11-01T12:00:00"), at("2025-11-01T13:00:00"));
}

#[test]
fn a5_the_eve_of_may_day_is_whole_unless_short_days_are_followed() {
    assert_eq!(mail(&starter(1), "2025-04-30T21:00:00"), at("2025-05-05T13:00:00"));
    let mut document: Value = serde_json::from_str(LOONA).unwrap();
    document["targets"][1]["enabled"] = json!(true);
    let cut = desk_with(&document.to_string(), "/calendars/0/days/short_days", json!(true));
    assert_eq!(mail(&cut, "2025-04-30T21:00:00"), at("2025-05-05T14:00:00"));
}

#[test]
fn a6_the_8th_of_may_is_a_day_off_that_was_moved() {
    assert_eq!(mail(&starter(1), "2025-05-07T20:00:00"), at("2025-05-12T12:00:00"));
}

#[test]
fn a7_the_13th_of_june_is_a_day_off_that_was_moved() {
    let due = estimated(&desk(LOONA), "2025-06-11T21:00:00", json!({"hours": 2}));
    assert_eq!(due, at("2025-06-16T11:00:00"));
}

#[test]
fn a8_a_fix_of_8_hours_waits_while_the_customer_is_waited_for() {
    let ticket = [
        ("2026-03-05T10:00:00", json!({"registered": {"channel": "cabinet"}})),
        ("2026-03-05T10:00:00", json!({"acknowledged": {}})),
        ("2026-03-05T10:00:00", json!({"estimate": {"after": {"hours": 8}, "promised": true}})),
        ("2026-03-05T10:00:00", json!({"state": {"to": "second_line"}})),
        ("2026-03-05T12:00:00", json!({"state": {"to": "waiting_second_line"}})),
        ("2026-03-10T11:00:00", json!({"message": {"author": "customer"}})),
    ];
    let view = view(&desk(LOONA), &ticket, "2026-03-10T11:00:00");
    assert_eq!(view.state, "second_line");
    assert_eq!(due(&view, Metric::Estimate), at("2026-03-10T17:00:00"));
}

#[test]
fn a9_waiting_outside_of_hours_changes_nothing() {
    let registered = json!({"registered": {"channel": "email"}});
    let mut ticket = vec![("2026-02-20T20:00:00", registered)];
    let desk = starter(1);
    let without = view(&desk, &ticket, "2026-02-24T10:00:00");
    ticket.extend([
        ("2026-02-20T20:00:00", json!({"acknowledged": {}})),
        ("2026-02-20T22:00:00", json!({"state": {"to": "waiting_first_line"}})),
        ("2026-02-24T10:00:00", json!({"message": {"author": "customer"}})),
    ]);
    let with = view(&desk, &ticket, "2026-02-24T10:00:00");
    for view in [with, without] {
        assert_eq!(due(&view, Metric::FirstReply), at("2026-02-24T12:00:00"));
    }
}

#[test]
fn a10_an_estimate_that_ends_at_closing_ends_there_or_at_the_next_opening() {
    let sixteen = json!({"hours": 16});
    let closing = estimated(&desk(LOONA), "2026-06-10T18:00:00", sixteen.clone());
    assert_eq!(closing, at("2026-06-11T22:00:00"));
    let opening = desk_with(LOONA, "/edge", json!("opening"));
    let opening = estimated(&opening, "2026-06-10T18:00:00", sixteen);
    assert_eq!(opening, at("2026-06-15T10:00:00"));
}

#[test]
fn a11_what_comes_at_night_before_the_long_weekend_begins_after_it() {
    let due = estimated(&desk(LOONA), "2026-05-08T23:30:00", json!({"minutes": 30}));
    assert_eq!(due, at("2026-05-12T10:30:00"));
}

#[test]
fn a12_the_desk_works_so_much_in_a_year() {
    let year = |from: &str, to: &str| {
        let query = json!({"between": {"calendar": "ru-10-22",
            "from": format!("{from}-01-01T00:00:00+03:00"),
            "to": format!("{to}-01-01T00:00:00+03:00")}});
        ask(&desk(LOONA), query)["seconds"].clone()
    };
    assert_eq!([year("2025", "2026"), year("2026", "2027")], [10_627_200, 10_670_400]);
}

/// From the first line to the report, over everything that the rules know.
const PATH: [(&str, &str); 4] = [
    ("first_line", "2026-04-14T14:00:00"),
    ("product_manager", "2026-04-14T14:40:00"),
    ("development", "2026-04-15T11:40:00"),
    ("test", "2026-04-15T18:40:00"),
];

fn life_cycle() -> Vec<(&'static str, Value)> {
    let done = |step: &str| json!({"done": {"step": step}});
    let to = |state: &str| json!({"state": {"to": state}});
    vec![
        (PATH[0].1, json!({"registered": {"channel": "telegram", "category": "failure"}})),
        (PATH[0].1, json!({"acknowledged": {}})),
        (PATH[1].1, to("product_manager")),
        ("2026-04-15T11:00:00", done("logs")),
        ("2026-04-15T11:10:00", done("video")),
        ("2026-04-15T11:20:00", done("settings")),
        (PATH[2].1, to("development")),
        ("2026-04-15T12:00:00", json!({"estimate": {"after": {"hours": 7}}})),
        (PATH[3].1, to("test")),
    ]
}

#[test]
fn a13_each_stage_is_measured_in_working_seconds() {
    let mut ticket = life_cycle();
    ticket.push(("2026-04-15T19:40:00", json!({"test_result": {"passed": true}})));
    let view = view(&desk(LOONA), &ticket, "2026-04-15T20:00:00");
    assert_eq!(view.state, "installation");
    let stages: Vec<_> = view.stages[1..5].iter().collect();
    let worked: Vec<i64> = stages.iter().map(|stage| stage.worked_seconds).collect();
    assert_eq!(worked, [2_400, 32_400, 25_200, 3_600]);
    let states: Vec<&str> = stages.iter().map(|stage| stage.state.as_str()).collect();
    assert_eq!(states, PATH.map(|(state, _)| state));
}

#[test]
fn a_test_that_fails_brings_the_ticket_back_to_the_developer() {
    let mut ticket = life_cycle();
    ticket.push(("2026-04-15T19:00:00", json!({"test_result": {"passed": false}})));
    let view = view(&desk(LOONA), &ticket, "2026-04-15T20:00:00");
    assert_eq!((view.state.as_str(), view.rework), ("development", 1));
    assert_eq!(view.queue.as_deref(), Some("development"));
}

#[test]
fn the_new_version_is_installed_and_the_report_closes_the_ticket() {
    let mut ticket = life_cycle();
    ticket.extend([
        ("2026-04-15T19:40:00", json!({"test_result": {"passed": true}})),
        ("2026-04-15T20:00:00", json!({"installed": {}})),
    ]);
    let solved = view(&desk(LOONA), &ticket, "2026-04-15T20:30:00");
    assert_eq!(solved.state, "solved");
    assert_eq!(solved.moves, Vec::<String>::new());
    assert!(solved.missing.iter().any(|missing| missing.what == "report"));
    ticket.extend([
        ("2026-04-15T20:40:00", json!({"done": {"step": "report"}})),
        ("2026-04-15T20:50:00", json!({"state": {"to": "closed"}})),
    ]);
    assert_eq!(view(&desk(LOONA), &ticket, "2026-04-15T21:00:00").state, "closed");
}

#[test]
fn a_developer_gets_nothing_without_logs_video_and_settings() {
    let ticket = [
        ("2026-04-14T14:00:00", json!({"registered": {}})),
        ("2026-04-14T14:00:00", json!({"acknowledged": {}})),
        ("2026-04-14T14:40:00", json!({"state": {"to": "product_manager"}})),
        ("2026-04-14T15:00:00", json!({"done": {"step": "video"}})),
        ("2026-04-14T15:30:00", json!({"state": {"to": "development"}})),
    ];
    let error = desk(LOONA).evaluate(&events(&ticket), at("2026-04-14T16:00:00")).unwrap_err();
    assert_eq!(error.code().as_str(), "ticket.transition");
    assert_eq!(error.path(), "/events/4/event/state/to");
    assert!(error.to_string().contains("`logs`, `settings`"), "{error}");
}

#[test]
fn a_conflict_goes_to_the_head_of_service() {
    let ticket = [
        ("2026-04-14T14:00:00", json!({"registered": {}})),
        ("2026-04-14T15:00:00", json!({"escalated": {"reason": "conflict"}})),
    ];
    let ladder = view(&desk(LOONA), &ticket, "2026-04-14T15:00:00").ladder.unwrap();
    assert_eq!(ladder.level.as_deref(), Some("head_of_service"));
}
