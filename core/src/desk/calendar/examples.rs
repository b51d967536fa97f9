//! Worked examples of three support desks, each under every reading of its text.

use super::*;
use crate::document::find_zone;

const WORKDAYS: &str = r#"["monday", "tuesday", "wednesday", "thursday", "friday"]"#;
const DAYS: &str = include_str!("../../../../presets/days/ru.json");

fn production() -> DaysDocument {
    DaysDocument::from_json(DAYS).unwrap()
}

fn calendar(id: &str, weekly: &str, more: &str) -> Calendar {
    let text = format!(r#"{{"id": "{id}", "zone": "Europe/Moscow", "weekly": [{weekly}]{more}}}"#);
    Calendar::from_json_with(&text, &[production()]).unwrap()
}

fn workdays(from: &str, to: &str, days: &str) -> Calendar {
    let weekly = format!(r#"{{"days": {WORKDAYS}, "from": "{from}", "to": "{to}"}}"#);
    let days = format!(r#", "days": {{"calendar": "ru"{days}}}"#);
    calendar("workdays", &weekly, &days)
}

/// The first line of the first desk.
fn first_line() -> Calendar {
    workdays("10:00", "22:00", "")
}

/// The working days of the second desk and the office of the third.
fn office() -> Calendar {
    workdays("09:00", "18:00", "")
}

/// Working days counted round the clock: the other reading of «4 часа (рабочие дни)».
fn round_the_clock_on_workdays() -> Calendar {
    workdays("00:00", "24:00", "")
}

/// The telephone hours of the third desk.
fn telephone() -> Calendar {
    let week = format!(r#"{{"days": {WORKDAYS}, "from": "08:00", "to": "20:00"}}"#);
    let weekend = r#"{"days": ["saturday", "sunday"], "from": "10:00", "to": "18:00"}"#;
    calendar("telephone", &format!("{week}, {weekend}"), "")
}

fn always() -> Calendar {
    Calendar::always("24x7", &find_zone("Europe/Moscow").unwrap())
}

fn without_maintenance() -> Calendar {
    let every = r#"["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]"#;
    let weekly = format!(r#"{{"days": {every}, "from": "00:00", "to": "24:00"}}"#);
    let cut = r#", "exclusions": [{"weekly": {"day": "sunday", "from": "02:00", "to": "04:00"}}]"#;
    calendar("24x7-minus-sunday", &weekly, cut)
}

#[test]
fn a_holiday_is_known_with_its_name_and_who_says_so() {
    let holiday = office().holiday("2026-01-07".parse().unwrap()).unwrap();
    assert_eq!(holiday.name.as_deref(), Some("Рождество Христово"));
    assert!(holiday.source.unwrap().contains("от 24.09.2025 (2026 год)"));
    assert!(office().is_holiday("2026-05-11".parse().unwrap()));
    assert_eq!(office().holiday("2026-01-12".parse().unwrap()), None);
}

/// An instant by Moscow time, which has no changes of the clocks in these years.
fn at(local: &str) -> Timestamp {
    format!("{local}+03:00").parse().unwrap()
}

fn pause(from: &str, to: &str) -> Interval {
    Interval { from: at(from), to: at(to) }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

#[track_caller]
fn due(calendar: &Calendar, start: &str, seconds: i64, expected: &str) {
    let due = calendar.add(at(start), seconds, &[], Edge::Closing).unwrap();
    assert_eq!(due, at(expected), "{} is {due}", calendar.id());
}

#[test]
fn a1_a_question_on_the_last_working_evening_is_due_after_the_holidays() {
    due(&first_line(), "2025-12-30T21:30:00", HOUR, "2026-01-12T10:30:00");
}

#[test]
fn a2_a_day_off_that_was_moved_opens_after_the_holidays() {
    let open = first_line().next_open(at("2025-12-31T12:00:00")).unwrap();
    assert_eq!(open, at("2026-01-12T10:00:00"));
}

#[test]
fn a3_new_year_has_three_hours_of_work_between_its_ends() {
    let (from, to) = (at("2025-12-30T20:00:00"), at("2026-01-12T11:00:00"));
    assert_eq!(first_line().between(from, to, &[]).unwrap(), 10_800);
    assert_eq!(first_line().between(to, from, &[]).unwrap(), 0);
    assert_eq!(first_line().signed_between(to, from, &[]).unwrap(), -10_800);
}

#[test]
fn a4_a_working_saturday_is_closed_unless_transfers_are_followed() {
    due(&first_line(), "2025-11-01T12:00:00", HOUR, "2025-11-05T11:00:00");
    let followed = workdays("10:00", "22:00", r#", "transfers": true"#);
    due(&followed, "2025-11-01T12:00:00", HOUR, "2025-11-01T13:00:00");
}

#[test]
fn a5_the_eve_of_may_day_is_whole_unless_short_days_are_followed() {
    due(&first_line(), "2025-04-30T21:00:00", 4 * HOUR, "2025-05-05T13:00:00");
    let short = workdays("10:00", "22:00", r#", "short_days": true"#);
    due(&short, "2025-04-30T21:00:00", 4 * HOUR, "2025-05-05T14:00:00");
}

#[test]
fn a6_the_days_off_of_may_are_skipped() {
    due(&first_line(), "2025-05-07T20:00:00", 4 * HOUR, "2025-05-12T12:00:00");
}

#[test]
fn a7_the_days_off_of_june_are_skipped() {
    due(&first_line(), "2025-06-11T21:00:00", 2 * HOUR, "2025-06-16T11:00:00");
}

#[test]
fn a8_waiting_for_the_customer_does_not_count() {
    let waiting = [pause("2026-03-05T12:00:00", "2026-03-10T11:00:00")];
    let due = first_line().add(at("2026-03-05T10:00:00"), 8 * HOUR, &waiting, Edge::Closing);
    assert_eq!(due.unwrap(), at("2026-03-10T17:00:00"));
}

#[test]
fn a9_waiting_outside_hours_changes_nothing() {
    let waiting = [pause("2026-02-20T22:00:00", "2026-02-24T10:00:00")];
    for pauses in [&waiting[..], &[]] {
        let due = first_line().add(at("2026-02-20T20:00:00"), 4 * HOUR, pauses, Edge::Closing);
        assert_eq!(due.unwrap(), at("2026-02-24T12:00:00"));
    }
}

#[test]
fn a10_a_sum_used_up_at_closing_ends_there_or_at_the_next_opening() {
    let (line, start) = (first_line(), at("2026-06-10T18:00:00"));
    let due = |edge| line.add(start, 16 * HOUR, &[], edge).unwrap();
    assert_eq!(due(Edge::Closing), at("2026-06-11T22:00:00"));
    assert_eq!(due(Edge::Opening), at("2026-06-15T10:00:00"));
}

#[test]
fn a11_a_question_at_night_is_due_after_the_long_weekend() {
    due(&first_line(), "2026-05-08T23:30:00", 30 * MINUTE, "2026-05-12T10:30:00");
}

#[test]
fn a12_the_desk_has_so_many_seconds_a_year() {
    let (line, new_year) = (first_line(), |year| at(&format!("{year}-01-01T00:00:00")));
    assert_eq!(line.between(new_year(2025), new_year(2026), &[]).unwrap(), 10_627_200);
    assert_eq!(line.between(new_year(2026), new_year(2027), &[]).unwrap(), 10_670_400);
}

#[test]
fn a13_each_stage_has_its_working_seconds() {
    let stages = [
        ("2026-04-14T14:00:00", "2026-04-14T14:40:00", 2_400),
        ("2026-04-14T14:40:00", "2026-04-15T11:40:00", 32_400),
        ("2026-04-15T11:40:00", "2026-04-15T18:40:00", 25_200),
        ("2026-04-15T18:40:00", "2026-04-15T19:40:00", 3_600),
    ];
    for (from, to, seconds) in stages {
        assert_eq!(first_line().between(at(from), at(to), &[]).unwrap(), seconds);
    }
}

#[test]
fn b1_and_b2_around_the_clock_every_minute_counts() {
    due(&always(), "2026-01-04T03:07:00", 15 * MINUTE, "2026-01-04T03:22:00");
    due(&always(), "2025-12-31T23:50:00", 15 * MINUTE, "2026-01-01T00:05:00");
}

#[test]
fn b3_to_b6_four_hours_of_working_days_are_four_working_hours_or_four_of_the_clock() {
    due(&office(), "2026-04-10T17:00:00", 4 * HOUR, "2026-04-13T12:00:00");
    due(&office(), "2026-05-01T10:00:00", 4 * HOUR, "2026-05-04T13:00:00");
    due(&office(), "2026-04-10T22:00:00", 4 * HOUR, "2026-04-13T13:00:00");
    due(&office(), "2026-04-10T17:00:00", 2 * HOUR, "2026-04-13T10:00:00");
    let clock = round_the_clock_on_workdays();
    due(&clock, "2026-04-10T17:00:00", 4 * HOUR, "2026-04-10T21:00:00");
    due(&clock, "2026-04-10T22:00:00", 4 * HOUR, "2026-04-13T02:00:00");
}

#[test]
fn b7_to_b11_replies_are_due_by_their_own_calendars() {
    due(&always(), "2026-04-12T11:00:00", 15 * MINUTE, "2026-04-12T11:15:00");
    due(&office(), "2026-04-12T11:00:00", 4 * HOUR, "2026-04-13T13:00:00");
    due(&always(), "2026-04-13T09:30:00", 15 * MINUTE, "2026-04-13T09:45:00");
    due(&always(), "2026-04-10T17:00:00", 15 * MINUTE, "2026-04-10T17:15:00");
    due(&office(), "2026-04-13T09:30:00", 4 * HOUR, "2026-04-13T13:30:00");
    due(&office(), "2026-04-13T17:30:00", 4 * HOUR, "2026-04-14T12:30:00");
    due(&office(), "2026-04-11T12:00:00", 4 * HOUR, "2026-04-13T13:00:00");
}

/// The close of the so-manyth business day after the local date of an instant.
fn close_of(calendar: &Calendar, start: &str, count: i64) -> Timestamp {
    let date = calendar.date_of(at(start)).unwrap();
    calendar.closing(calendar.next_business_day(date, count).unwrap()).unwrap()
}

#[test]
fn b13_the_fifth_business_day_ends_at_its_closing() {
    assert_eq!(close_of(&office(), "2026-02-27T23:00:00", 5), at("2026-03-06T18:00:00"));
}

#[test]
fn c1_to_c6_telephone_hours_are_open_at_weekends_too() {
    let telephone = telephone();
    let open = [
        ("2026-02-10T14:00:00", true),
        ("2026-02-10T19:50:00", true),
        ("2026-02-10T21:00:00", false),
        ("2026-02-11T07:00:00", false),
        ("2026-02-14T09:00:00", false),
        ("2026-02-15T17:59:00", true),
    ];
    for (start, expected) in open {
        assert_eq!(telephone.is_open(at(start)).unwrap(), expected, "{start}");
    }
    due(&always(), "2026-02-10T14:00:00", 30 * MINUTE, "2026-02-10T14:30:00");
    due(&always(), "2026-02-10T19:50:00", 30 * MINUTE, "2026-02-10T20:20:00");
    due(&always(), "2026-02-10T21:00:00", 2 * HOUR, "2026-02-10T23:00:00");
    due(&telephone, "2026-02-10T21:00:00", 30 * MINUTE, "2026-02-11T08:30:00");
    due(&telephone, "2026-02-11T07:00:00", 30 * MINUTE, "2026-02-11T08:30:00");
    due(&telephone, "2026-02-14T09:00:00", 30 * MINUTE, "2026-02-14T10:30:00");
    due(&always(), "2026-02-15T17:59:00", 30 * MINUTE, "2026-02-15T18:29:00");
}

#[test]
fn c7_maintenance_stops_the_clock_only_where_it_is_excluded() {
    due(&always(), "2026-02-15T02:30:00", 15 * MINUTE, "2026-02-15T02:45:00");
    due(&without_maintenance(), "2026-02-15T02:30:00", 15 * MINUTE, "2026-02-15T04:15:00");
}

#[test]
fn c8_the_business_day_after_a_long_weekend() {
    assert_eq!(close_of(&office(), "2026-02-20T15:00:00", 1), at("2026-02-24T18:00:00"));
}

#[test]
fn c9_a_working_saturday_is_a_business_day_if_transfers_are_followed() {
    assert_eq!(close_of(&office(), "2025-10-31T16:00:00", 1), at("2025-11-05T18:00:00"));
    let followed = workdays("09:00", "18:00", r#", "transfers": true"#);
    assert_eq!(close_of(&followed, "2025-10-31T16:00:00", 1), at("2025-11-01T18:00:00"));
}

#[test]
fn c10_the_business_day_after_a_holiday_is_the_first_one_after_the_date() {
    assert_eq!(close_of(&office(), "2026-01-05T11:00:00", 1), at("2026-01-12T18:00:00"));
}

#[test]
fn c12_the_clock_stands_still_in_the_maintenance_window() {
    let (from, to) = (at("2026-02-15T01:30:00"), at("2026-02-15T04:30:00"));
    assert_eq!(without_maintenance().between(from, to, &[]).unwrap(), 3_600);
    assert!(without_maintenance().is_break(at("2026-02-15T02:00:00")).unwrap());
    assert!(!without_maintenance().is_break(at("2026-02-15T04:00:00")).unwrap());
}

#[test]
fn c13_a_day_of_replacement_is_of_the_office_or_of_the_clock() {
    due(&office(), "2026-02-12T15:00:00", 24 * HOUR, "2026-02-17T12:00:00");
    due(&always(), "2026-02-12T15:00:00", 24 * HOUR, "2026-02-13T15:00:00");
}

#[test]
fn c14_and_c15_friday_evenings_go_on_when_the_hours_do() {
    due(&telephone(), "2026-02-13T19:00:00", 2 * HOUR, "2026-02-14T11:00:00");
    due(&office(), "2026-02-13T17:30:00", 2 * HOUR, "2026-02-16T10:30:00");
}

#[test]
fn c17_weeks_and_months_are_those_of_the_calendar() {
    let start = at("2026-01-31T12:00:00");
    assert_eq!(office().plus_weeks(start, 1).unwrap(), at("2026-02-07T12:00:00"));
    assert_eq!(office().plus_months(start, 1).unwrap(), at("2026-02-28T12:00:00"));
}

#[test]
fn c19_the_night_of_saturday_counts_around_the_clock() {
    due(&always(), "2026-02-14T23:50:00", 30 * MINUTE, "2026-02-15T00:20:00");
    due(&always(), "2026-02-14T23:50:00", 2 * HOUR, "2026-02-15T01:50:00");
}

#[test]
fn the_production_calendar_has_the_working_days_and_hours_that_were_published() {
    let norm = workdays("09:00", "17:00", r#", "short_days": true, "transfers": true"#);
    for (year, days, hours) in [(2024, 248, 1_979), (2025, 247, 1_972), (2026, 247, 1_972)] {
        let (from, to) = (format!("{year}-01-01T00:00:00"), format!("{}-01-01T00:00:00", year + 1));
        let spans = norm.spans(at(&from), at(&to)).unwrap();
        assert_eq!(spans.len(), days, "{year}");
        assert_eq!(norm.between(at(&from), at(&to), &[]).unwrap(), hours * HOUR, "{year}");
    }
}
