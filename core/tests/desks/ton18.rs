//! The examples of TON 18.

use super::*;

#[test]
fn b1_p0_in_the_shared_channel_on_a_holiday_night() {
    let registered = json!({"channel": "telegram", "priority": "p0"});
    let due = first_reply(&desk(TON18), "2026-01-04T03:07:00", registered);
    assert_eq!(due, at("2026-01-04T03:22:00"));
}

#[test]
fn b2_p1_in_slack_over_the_midnight_of_the_new_year() {
    let registered = json!({"channel": "slack", "priority": "p1"});
    let due = first_reply(&desk(TON18), "2025-12-31T23:50:00", registered);
    assert_eq!(due, at("2026-01-01T00:05:00"));
}

/// Working days counted around the clock.
fn around_the_clock() -> Desk {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let whole = json!({"days": days, "from": "00:00", "to": "24:00"});
    desk_with(TON18, "/calendars/0/weekly/0", whole)
}

#[test]
fn b3_p2_by_mail_on_friday_afternoon() {
    let registered = json!({"channel": "email", "priority": "p2"});
    let start = "2026-04-10T17:00:00";
    let due = first_reply(&desk(TON18), start, registered.clone());
    assert_eq!(due, at("2026-04-13T12:00:00"));
    assert_eq!(first_reply(&around_the_clock(), start, registered), at("2026-04-10T21:00:00"));
}

#[test]
fn b4_mail_on_may_day() {
    let due = first_reply(&desk(TON18), "2026-05-01T10:00:00", json!({"channel": "email"}));
    assert_eq!(due, at("2026-05-04T13:00:00"));
}

#[test]
fn b5_mail_on_friday_night() {
    let (start, registered) = ("2026-04-10T22:00:00", json!({"channel": "email"}));
    let due = first_reply(&desk(TON18), start, registered.clone());
    assert_eq!(due, at("2026-04-13T13:00:00"));
    assert_eq!(first_reply(&around_the_clock(), start, registered), at("2026-04-13T02:00:00"));
}

#[test]
fn b6_p2_in_the_chat_has_the_term_of_the_chat() {
    let registered = json!({"channel": "chat", "priority": "p2"});
    let due = first_reply(&desk(TON18), "2026-04-10T17:00:00", registered);
    assert_eq!(due, at("2026-04-13T10:00:00"));
}

#[test]
fn b7_p0_by_mail_has_the_term_of_the_priority() {
    let registered = json!({"channel": "email", "priority": "p0"});
    let due = first_reply(&desk(TON18), "2026-04-12T11:00:00", registered);
    assert_eq!(due, at("2026-04-12T11:15:00"));
}

#[test]
fn b8_a_raised_priority_counts_from_the_change_or_from_the_beginning() {
    let ticket = [
        ("2026-04-10T17:00:00", json!({"registered": {"channel": "email", "priority": "p3"}})),
        ("2026-04-13T09:30:00", json!({"priority": {"to": "p1"}})),
    ];
    let change = view(&desk(TON18), &ticket, "2026-04-13T09:31:00");
    assert_eq!(due(&change, Metric::FirstReply), at("2026-04-13T09:45:00"));
    let start = desk_with(TON18, "/change", json!({"raised": "start"}));
    let start = view(&start, &ticket, "2026-04-13T09:31:00");
    let timer = timer(&start, Metric::FirstReply, Promise::Customer);
    assert_eq!(timer.due, Some(at("2026-04-10T17:15:00")));
    assert_eq!(timer.breached_at, Some(at("2026-04-10T17:15:00")));
}

#[test]
fn b9_a_lowered_priority_counts_from_the_beginning() {
    let ticket = [
        ("2026-04-13T09:30:00", json!({"registered": {"channel": "email", "priority": "p1"}})),
        ("2026-04-13T09:40:00", json!({"priority": {"to": "p2"}})),
    ];
    let view = view(&desk(TON18), &ticket, "2026-04-13T09:41:00");
    assert_eq!(due(&view, Metric::FirstReply), at("2026-04-13T13:30:00"));
}

#[test]
fn b10_the_next_reply_counts_from_the_oldest_message_without_an_answer() {
    let ticket = [
        ("2026-04-13T10:00:00", json!({"registered": {"channel": "email"}})),
        ("2026-04-13T11:00:00", json!({"message": {"author": "agent"}})),
        ("2026-04-13T17:30:00", json!({"message": {"author": "customer"}})),
        ("2026-04-14T09:10:00", json!({"message": {"author": "customer"}})),
    ];
    let view = view(&desk(TON18), &ticket, "2026-04-14T09:20:00");
    assert_eq!(due(&view, Metric::NextReply), at("2026-04-14T12:30:00"));
}

#[test]
fn b11_a_message_opens_a_ticket_again_that_was_solved_by_itself() {
    // Without an answer from Tuesday on, it is solved by itself after the close of the third business
    // day, and somebody notes that on Friday evening.
    let ticket = [
        ("2026-04-07T10:00:00", json!({"registered": {"channel": "email"}})),
        ("2026-04-07T10:00:00", json!({"acknowledged": {}})),
        ("2026-04-07T11:00:00", json!({"message": {"author": "agent"}})),
        ("2026-04-07T11:00:00", json!({"state": {"to": "awaiting_confirmation"}})),
        ("2026-04-10T19:30:00", json!({"state": {"to": "solved"}})),
        ("2026-04-11T12:00:00", json!({"message": {"author": "customer"}})),
    ];
    let view = view(&desk(TON18), &ticket, "2026-04-11T12:00:00");
    assert_eq!((view.state.as_str(), view.solved_at), ("open", None));
    assert_eq!(due(&view, Metric::NextReply), at("2026-04-13T13:00:00"));
}

#[test]
fn silence_solves_nothing_before_the_third_business_day_is_over() {
    let mut ticket = vec![
        ("2026-04-07T10:00:00", json!({"registered": {"channel": "email"}})),
        ("2026-04-07T10:00:00", json!({"acknowledged": {}})),
        ("2026-04-07T11:00:00", json!({"state": {"to": "awaiting_confirmation"}})),
    ];
    let waiting = view(&desk(TON18), &ticket, "2026-04-08T12:00:00");
    let next = waiting.next.unwrap();
    assert_eq!((next.at, next.subject.as_deref()), (at("2026-04-10T18:00:00"), Some("solved")));
    ticket.push(("2026-04-10T17:59:59", json!({"state": {"to": "solved"}})));
    let error = desk(TON18).evaluate(&events(&ticket), at("2026-04-11T12:00:00")).unwrap_err();
    assert_eq!(error.code().as_str(), "ticket.transition");
}

#[test]
fn b13_the_post_mortem_is_due_at_the_close_of_the_fifth_business_day() {
    let ticket = |priority: &str| {
        [
            ("2026-02-27T20:00:00", json!({"registered": {"priority": priority}})),
            ("2026-02-27T20:00:00", json!({"acknowledged": {}})),
            ("2026-02-27T23:00:00", json!({"confirmed": {}})),
        ]
    };
    let view = |priority| view(&desk(TON18), &ticket(priority), "2026-02-28T12:00:00");
    let closing = view("p0").closing;
    let post_mortem = closing.iter().find(|closing| closing.step == "post_mortem").unwrap();
    assert_eq!(post_mortem.due, Some(at("2026-03-06T18:00:00")));
    // P2 has none, so that nothing but the survey keeps it from being closed.
    let other = view("p2");
    assert!(other.closing.iter().all(|closing| closing.step != "post_mortem"));
    let missing: Vec<&str> = other.missing.iter().map(|missing| missing.what.as_str()).collect();
    assert_eq!(missing, ["survey"]);
}

#[test]
fn priorities_are_given_by_words_and_plan() {
    let given = |text: &str, plan: &str| {
        let registered = json!({"registered": {"channel": "email", "text": text, "plan": plan}});
        view(&desk(TON18), &[("2026-04-13T10:00:00", registered)], "2026-04-13T10:00:00")
    };
    let priority = |text: &str, plan: &str| given(text, plan).priority.unwrap();
    assert_eq!(priority("Сервис НЕ РАБОТАЕТ для всех!", "standard"), "p0");
    assert_eq!(priority("The whole site is down", "standard"), "p0");
    assert_eq!(priority("У нас утечка персональных данных", "standard"), "p0");
    assert_eq!(priority("Спорное списание по карте", "standard"), "p2");
    assert_eq!(priority("Подскажите, как настроить виджет", "standard"), "p3");
    assert_eq!(priority("Подскажите, как настроить виджет", "enterprise"), "p2");
    assert_eq!(given("Спорное списание", "standard").category.as_deref(), Some("billing"));
    let sync = given("Kommo: sync job остановился", "standard");
    assert_eq!(
        (sync.priority.as_deref(), sync.category.as_deref()),
        (Some("p2"), Some("integrations"))
    );
    let outage = given("Все упало", "standard");
    assert_eq!(
        (outage.queue.as_deref(), outage.category.as_deref()),
        (Some("on_duty"), Some("incident"))
    );
    assert_eq!(outage.contacts, ["on_duty", "status_page"]);
}

#[test]
fn the_engineer_on_duty_is_told_in_the_second_of_the_registration() {
    let ticket = [("2026-04-12T11:00:00", json!({"registered": {"priority": "p1"}}))];
    let ladder = view(&desk(TON18), &ticket, "2026-04-12T11:00:00").ladder.unwrap();
    assert_eq!((ladder.ladder.as_str(), ladder.level.as_deref()), ("on-call", Some("on_duty")));
}

#[test]
fn enterprise_has_15_minutes_in_the_shared_channel_whatever_the_priority() {
    let registered = json!({"channel": "slack", "priority": "p3", "plan": "enterprise"});
    let due = first_reply(&desk(TON18), "2026-04-12T11:00:00", registered);
    assert_eq!(due, at("2026-04-12T11:15:00"));
}
