//! What is refused, and that nothing hangs.

use super::*;
use crate::document::{find_zone, from_node};

fn codes(mistakes: &[Mistake]) -> Vec<(&str, &str)> {
    mistakes.iter().map(|mistake| (mistake.path.as_str(), mistake.code.as_str())).collect()
}

#[track_caller]
fn refused(text: &str, expected: &[(&str, &str)]) {
    let error = Calendar::from_json(text).unwrap_err();
    assert_eq!(codes(error.mistakes()), expected, "{text}");
}

/// A calendar of Moscow with these keys more.
#[track_caller]
fn refused_in_moscow(keys: &str, expected: &[(&str, &str)]) {
    refused(&format!(r#"{{"id": "a", "zone": "Europe/Moscow", {keys}}}"#), expected);
}

fn desk(calendars: &str, days: &str) -> (Vec<Calendar>, Vec<Mistake>) {
    let read = |text: &str| Node::parse(text, CALENDAR_BYTES_MAX).unwrap();
    let calendars: Vec<CalendarDocument> = from_node(&read(calendars)).unwrap();
    let days: Vec<DaysDocument> = from_node(&read(days)).unwrap();
    Calendar::compile_all(&calendars, &days, &find_zone("Europe/Moscow").unwrap())
}

#[track_caller]
fn desk_refused(calendars: &str, days: &str, expected: &[(&str, &str)]) {
    assert_eq!(codes(&desk(calendars, days).1), expected);
}

const ALWAYS: &str = r#""weekly": [{"days": ["monday"], "from": "00:00", "to": "24:00"}]"#;

#[test]
fn a_calendar_that_never_opens_is_refused() {
    refused_in_moscow(r#""name": "nothing""#, &[("", "calendar.never_open")]);
    let empty = r#""weekly": [{"days": ["monday"], "from": "09:00", "to": "09:00"}]"#;
    refused_in_moscow(empty, &[("", "calendar.never_open")]);
    let cut = r#""weekly": [{"days": ["monday"], "from": "09:00", "to": "18:00"}],
        "exclusions": [{"weekly": {"day": "monday", "from": "00:00", "to": "24:00"}}]"#;
    refused_in_moscow(cut, &[("", "calendar.never_open")]);
    desk_refused(
        r#"[{"id": "a", "weekly": [{"days": ["monday"], "from": "09:00", "to": "18:00"}]},
            {"id": "b", "weekly": [{"days": ["tuesday"], "from": "09:00", "to": "18:00"}]},
            {"id": "c", "intersection": ["a", "b"]}]"#,
        "[]",
        &[("/calendars/2", "calendar.never_open")],
    );
}

#[test]
fn windows_that_overlap_are_refused_also_over_midnight_and_over_the_week() {
    let hours = |day: &str, from: &str, to: &str| {
        format!(r#"{{"days": ["{day}"], "from": "{from}", "to": "{to}"}}"#)
    };
    let pairs = [
        (hours("monday", "09:00", "13:00"), hours("monday", "12:59:59", "18:00")),
        (hours("monday", "22:00", "06:00"), hours("tuesday", "05:00", "12:00")),
    ];
    for (one, next) in pairs {
        let keys = format!(r#""weekly": [{one}, {next}]"#);
        refused_in_moscow(&keys, &[("/weekly/1", "calendar.overlap")]);
    }
    let (sunday, monday) = (hours("sunday", "22:00", "06:00"), hours("monday", "05:00", "12:00"));
    let keys = format!(r#""weekly": [{sunday}, {monday}]"#);
    refused_in_moscow(&keys, &[("/weekly/1", "calendar.overlap")]);
    let twice = r#""weekly": [{"days": ["monday", "monday"], "from": "09:00", "to": "18:00"}]"#;
    refused_in_moscow(twice, &[("/weekly/0", "calendar.overlap")]);
    let dated = format!(
        r#"{ALWAYS}, "dates": [{{"date": "2026-01-05", "windows": [
            {{"from": "09:00", "to": "18:00"}}, {{"from": "10:00", "to": "11:00"}}]}}]"#
    );
    refused_in_moscow(&dated, &[("/dates/0/windows/1", "calendar.overlap")]);
}

#[test]
fn windows_that_touch_are_one() {
    let text = r#"{"id": "a", "zone": "Europe/Moscow", "weekly": [
        {"days": ["monday"], "from": "09:00", "to": "13:00"},
        {"days": ["monday"], "from": "13:00", "to": "02:00"},
        {"days": ["tuesday"], "from": "02:00", "to": "04:00"}]}"#;
    let calendar = Calendar::from_json(text).unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let close = calendar.next_close(at("2026-02-16T10:00+03:00")).unwrap();
    assert_eq!(close, at("2026-02-17T04:00+03:00"));
}

#[test]
fn every_mistake_is_told_at_its_place() {
    refused(
        r#"{"id": "", "zone": "Europe/Moskow", "days": {"calendar": "ru"},
            "weekly": [{"days": [], "from": "9:00", "to": "24:01"}],
            "dates": [{"date": "2026-02-30", "windows": []}],
            "holidays": [{"date": "2026-01-01"}, {"date": "2026-01-01"}, {"date": "2200-01-01"}],
            "exclusions": [{"dated": {"date": "soon", "from": "24:00", "to": "25:00"}},
                {"instants": {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}}],
            "union": ["b", "b"], "years": {"from": 2030, "to": 2020}}"#,
        &[
            ("/id", "document.text_empty"),
            ("/zone", "time.zone"),
            ("/years/to", "desk.contradiction"),
            ("/union/0", "desk.reference"),
            ("/union/1", "desk.duplicate"),
            ("/days/calendar", "desk.reference"),
            ("/weekly/0/days", "desk.empty"),
            ("/weekly/0/from", "time.of_day"),
            ("/weekly/0/to", "time.of_day"),
            ("/holidays/1/date", "desk.duplicate"),
            ("/holidays/2/date", "time.range"),
            ("/dates/0/date", "time.date"),
            ("/exclusions/0/dated/date", "time.date"),
            ("/exclusions/0/dated/from", "time.of_day"),
            ("/exclusions/0/dated/to", "time.of_day"),
            ("/exclusions/1/instants/to", "desk.contradiction"),
        ],
    );
    refused(&format!(r#"{{"id": "a", {ALWAYS}}}"#), &[("/zone", "document.key_missing")]);
}

#[test]
fn years_are_few_and_known() {
    for years in [
        r#"{"from": 1899, "to": 1950}"#,
        r#"{"from": 2150, "to": 2200}"#,
        r#"{"from": 1900, "to": 2199}"#,
        r#"{"from": 0, "to": 4294967295}"#,
    ] {
        refused_in_moscow(
            &format!(r#"{ALWAYS}, "years": {years}"#),
            &[("/years", "calendar.years")],
        );
    }
    for years in [r#"{"from": 1900, "to": 1999}"#, r#"{"from": 2100, "to": 2199}"#] {
        let keys = format!(r#"{{"id": "a", "zone": "Europe/Moscow", {ALWAYS}, "years": {years}}}"#);
        assert!(Calendar::from_json(&keys).is_ok(), "{years}");
    }
}

#[test]
fn calendars_that_lead_back_to_themselves_are_refused() {
    desk_refused(
        r#"[{"id": "a", "union": ["b"]}, {"id": "b", "intersection": ["c"]},
            {"id": "c", "union": ["a"]}, {"id": "d", "union": ["d"]}]"#,
        "[]",
        &[("/calendars/2/union/0", "desk.cycle"), ("/calendars/3/union/0", "desk.cycle")],
    );
}

#[test]
fn thousands_of_names_of_nothing_are_refused_and_told_up_to_a_limit() {
    let names = (0..10_000).map(|name| format!(r#""{name}""#)).collect::<Vec<_>>().join(",");
    let calendar = |id: i32| format!(r#"{{"id": "c{id}", "union": [{names}]}}"#);
    let calendars = (0..10).map(calendar).collect::<Vec<_>>().join(",");
    let (_, mistakes) = desk(&format!("[{calendars}]"), "[]");
    assert_eq!(mistakes.len(), crate::document::MISTAKES_MAX);
    assert_eq!(codes(&mistakes)[0], ("/calendars/0/union/0", "desk.reference"));
}

#[test]
fn holidays_without_hours_of_their_own_are_a_contradiction() {
    let always = format!(r#"{{"id": "b", {ALWAYS}}}"#);
    desk_refused(
        &format!(
            r#"[{{"id": "a", "union": ["b"], "holidays": [{{"date": "2026-01-01"}}]}}, {always}]"#
        ),
        "[]",
        &[("/calendars/0/holidays", "desk.contradiction")],
    );
}

#[test]
fn a_production_calendar_must_make_sense() {
    desk_refused(
        "[]",
        r#"[{"id": "ru", "source": "made up", "days": [
            {"date": "2026-01-01", "kind": "holiday"}, {"date": "2026-01-01", "kind": "holiday"},
            {"date": "2026-01-02", "kind": "working"},
            {"date": "2026-01-03", "kind": "shortened"}, {"date": "2026-01-03", "kind": "holiday"},
            {"date": "2026-01-04", "kind": "working", "moved_from": "2026-1-5"}]},
            {"id": "ru", "source": "again", "days": []}]"#,
        &[
            ("/days/1/id", "desk.duplicate"),
            ("/days/0/days/1/date", "desk.duplicate"),
            ("/days/0/days/2/moved_from", "desk.contradiction"),
            ("/days/0/days/4/date", "desk.contradiction"),
            ("/days/0/days/5/moved_from", "time.date"),
        ],
    );
}

#[test]
fn a_chain_of_calendars_that_is_too_long_is_refused_in_either_order() {
    let chain = |names: &mut dyn Iterator<Item = usize>| {
        let one = |index: usize| match index {
            0 => format!(r#"{{"id": "0", {ALWAYS}}}"#),
            index => format!(r#"{{"id": "{index}", "union": ["{}"]}}"#, index - 1),
        };
        format!("[{}]", names.map(one).collect::<Vec<_>>().join(", "))
    };
    for count in [NESTING_MAX + 1, NESTING_MAX + 2] {
        for text in [chain(&mut (0..count)), chain(&mut (0..count).rev())] {
            let (_, mistakes) = desk(&text, "[]");
            assert_eq!(mistakes.is_empty(), count == NESTING_MAX + 1, "{mistakes:?}");
            assert!(mistakes.iter().all(|mistake| mistake.code == ErrorCode::CalendarTooLarge));
        }
    }
}

#[test]
fn too_many_windows_are_refused_before_they_are_made() {
    let exclusion = r#"{"weekly": {"day": "monday", "from": "09:00", "to": "09:01"}}"#;
    let exclusions = vec![exclusion; 9_000].join(",");
    let years = r#""years": {"from": 2000, "to": 2099}"#;
    let keys = format!(r#"{ALWAYS}, {years}, "exclusions": [{exclusions}]"#);
    refused_in_moscow(&keys, &[("", "calendar.too_large")]);
}

#[test]
fn questions_from_far_away_are_answered_with_an_error() {
    let calendar = Calendar::always("a", &find_zone("Europe/Berlin").unwrap());
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let now = at("2026-02-20T12:00:00Z");
    let years = |result: Result<Timestamp, Error>| {
        assert_eq!(result.unwrap_err().code(), ErrorCode::CalendarYears);
    };
    let forever = [Interval { from: now, to: Timestamp::MAX }];
    for seconds in [i64::MAX, i64::MIN, i64::from(u32::MAX), -i64::from(u32::MAX)] {
        for edge in [Edge::Closing, Edge::Opening] {
            years(calendar.add(now, seconds, &[], edge));
            years(calendar.subtract(now, seconds, &[], edge));
        }
    }
    years(calendar.add(now, 1, &forever, Edge::Closing));
    years(calendar.next_close(now));
    for far in
        [Timestamp::MIN, Timestamp::MAX, at("1999-12-31T12:00:00Z"), at("2061-01-01T00:00:00Z")]
    {
        years(calendar.add(far, 1, &[], Edge::Closing));
        years(calendar.next_open(far));
        years(calendar.shift_business_days(far, 1));
        years(calendar.plus_months(far, 1));
        assert!(calendar.between(now, far, &[]).is_err());
        assert!(calendar.skipped(now, far).is_err());
        assert!(calendar.spans(far, now).is_err());
    }
    for count in [i64::MAX, i64::MIN, 100_000] {
        years(calendar.plus_weeks(now, count));
        years(calendar.plus_months(now, count));
        years(calendar.shift_business_days(now, count));
    }
    assert!(calendar.next_spans(now, usize::MAX).is_err());
    assert!(calendar.previous_spans(now, usize::MAX).is_err());
    let far = jiff::civil::Date::MAX;
    assert!(calendar.instant(far, jiff::civil::Time::MAX).is_err());
    assert!(calendar.next_business_day(jiff::civil::Date::MIN, 0).is_err());
    assert!(!calendar.is_holiday(far) && calendar.opening(far).is_none());
}

#[test]
fn thousands_of_exceptions_and_pauses_are_kept_in_order() {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let second = |count: i64| instant_of(start.as_second() + count);
    // An exclusion of one second in every ten, given backwards.
    let exclusion = |count: i64| {
        let (from, to) = (second(count * 10), second(count * 10 + 1));
        format!(r#"{{"instants": {{"from": "{from}", "to": "{to}"}}}}"#)
    };
    let exclusions: Vec<String> = (0..5_000).rev().map(exclusion).collect();
    let exclusions = exclusions.join(",");
    let every = r#"["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]"#;
    let text = format!(
        r#"{{"id": "a", "zone": "UTC", "exclusions": [{exclusions}],
            "weekly": [{{"days": {every}, "from": "00:00", "to": "24:00"}}]}}"#
    );
    let calendar = Calendar::from_json(&text).unwrap();
    assert_eq!(calendar.between(second(0), second(50_000), &[]).unwrap(), 45_000);
    assert_eq!(calendar.add(second(0), 45_000, &[], Edge::Closing).unwrap(), second(50_000));
    // The second after each exclusion is paused.
    let pause = |count: i64| Interval { from: second(count * 10), to: second(count * 10 + 2) };
    let pauses: Vec<Interval> = (0..5_000).rev().map(pause).collect();
    assert_eq!(calendar.between(second(0), second(50_000), &pauses).unwrap(), 40_000);
    assert_eq!(calendar.add(second(0), 40_000, &pauses, Edge::Closing).unwrap(), second(50_000));
    assert_eq!(
        calendar.subtract(second(50_000), 8, &pauses, Edge::Opening).unwrap(),
        second(49_992)
    );
    assert_eq!(
        calendar.subtract(second(50_000), 8, &pauses, Edge::Closing).unwrap(),
        second(49_990)
    );
}
