//! What each rule of a calendar does, worked out by hand.

use super::*;
use crate::document::{find_zone, from_node};

fn in_zone(zone: &str, keys: &str) -> Calendar {
    Calendar::from_json(&format!(r#"{{"id": "a", "zone": "{zone}", {keys}}}"#)).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn weekly(days: &str, from: &str, to: &str) -> String {
    format!(r#"{{"days": [{days}], "from": "{from}", "to": "{to}"}}"#)
}

const EVERY: &str =
    r#""monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday""#;

fn daily(from: &str, to: &str) -> String {
    format!(r#""weekly": [{}]"#, weekly(EVERY, from, to))
}

/// The open spans between two instants, as local times.
#[track_caller]
fn spans(calendar: &Calendar, from: &str, to: &str, expected: &[&str]) {
    let local = |at: Timestamp| calendar.zone().to_datetime(at).strftime("%d %H:%M").to_string();
    let spans = calendar.spans(at(from), at(to)).unwrap();
    let spans: Vec<String> =
        spans.iter().map(|span| format!("{} – {}", local(span.from), local(span.to))).collect();
    assert_eq!(spans, expected);
}

#[test]
fn a_day_of_twenty_five_hours_has_as_many() {
    let calendar = in_zone("Europe/Berlin", &daily("00:00", "24:00"));
    let day = |from, to| calendar.between(at(from), at(to), &[]).unwrap();
    assert_eq!(day("2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"), 25 * 3_600);
    assert_eq!(day("2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"), 23 * 3_600);
    assert!(calendar.next_close(at("2026-10-25T00:00+02:00")).is_err());
}

#[test]
fn hours_over_a_change_of_the_clocks_are_elapsed_time() {
    let night = in_zone("Europe/Berlin", &daily("01:30", "04:00"));
    let on = |from, to| night.between(at(from), at(to), &[]).unwrap();
    // 02:00 becomes 03:00 in March; 03:00 becomes 02:00 in October.
    assert_eq!(on("2026-03-29T00:00+01:00", "2026-03-29T12:00+02:00"), 90 * 60);
    assert_eq!(on("2026-10-25T00:00+02:00", "2026-10-25T12:00+01:00"), 210 * 60);
}

#[test]
fn a_window_in_a_repeated_hour_is_open_the_first_time_only() {
    let calendar = in_zone("Europe/Berlin", &daily("02:15", "02:45"));
    let (from, to) = ("2026-10-25T00:00+02:00", "2026-10-25T12:00+01:00");
    assert_eq!(calendar.between(at(from), at(to), &[]).unwrap(), 30 * 60);
    assert!(calendar.is_open(at("2026-10-25T02:30+02:00")).unwrap());
    assert!(!calendar.is_open(at("2026-10-25T02:30+01:00")).unwrap());
}

#[test]
fn a_window_that_a_gap_inverts_vanishes_and_one_within_it_moves_forward() {
    // 02:45 moves to 03:45, and 03:10 stays where it is.
    let inverted = in_zone("Europe/Berlin", &daily("02:45", "03:10"));
    spans(&inverted, "2026-03-29T00:00+01:00", "2026-03-29T12:00+02:00", &[]);
    let within = in_zone("Europe/Berlin", &daily("02:15", "02:45"));
    let moved = ["29 03:15 – 29 03:45"];
    spans(&within, "2026-03-29T00:00+01:00", "2026-03-29T12:00+02:00", &moved);
}

#[test]
fn half_an_hour_of_lord_howe_is_half_an_hour() {
    let calendar = in_zone("Australia/Lord_Howe", &daily("01:00", "03:00"));
    // 02:00 becomes 02:30 in October, and 01:30 in April.
    let on = |from, to| calendar.between(at(from), at(to), &[]).unwrap();
    assert_eq!(on("2026-10-04T00:00+10:30", "2026-10-04T12:00+11:00"), 90 * 60);
    assert_eq!(on("2026-04-05T00:00+11:00", "2026-04-05T12:00+10:30"), 150 * 60);
}

#[test]
fn a_day_that_the_zone_skips_has_no_hours() {
    let friday = format!(r#""weekly": [{}]"#, weekly(r#""thursday", "friday""#, "09:00", "17:00"));
    let apia = in_zone("Pacific/Apia", &friday);
    // Friday, 30 December 2011 did not happen there.
    let week = ["29 09:00 – 29 17:00", "05 09:00 – 05 17:00"];
    spans(&apia, "2011-12-29T00:00-10:00", "2012-01-06T00:00+14:00", &week);
    let next = apia.next_business_day("2011-12-29".parse().unwrap(), 1).unwrap();
    assert_eq!(next, "2012-01-05".parse().unwrap());
}

#[test]
fn the_shift_before_a_holiday_goes_on_unless_the_date_is_cut_out() {
    let keys = |rule: &str| {
        format!(
            r#"{}, "holidays": [{{"date": "2026-02-23"}}], "holiday": "{rule}""#,
            daily("22:00", "06:00")
        )
    };
    let (from, to) = ("2026-02-22T12:00+03:00", "2026-02-25T00:00+03:00");
    let starts = in_zone("Europe/Moscow", &keys("starts"));
    spans(&starts, from, to, &["22 22:00 – 23 06:00", "24 22:00 – 25 00:00"]);
    let clips = in_zone("Europe/Moscow", &keys("clips"));
    let clipped = ["22 22:00 – 23 00:00", "24 00:00 – 24 06:00", "24 22:00 – 25 00:00"];
    spans(&clips, from, to, &clipped);
    for calendar in [starts, clips] {
        assert!(!calendar.is_business_day("2026-02-23".parse().unwrap()));
        let next = calendar.next_business_day("2026-02-22".parse().unwrap(), 1).unwrap();
        assert_eq!(next, "2026-02-24".parse().unwrap());
        assert_eq!(calendar.closing(next), Some(at("2026-02-25T06:00+03:00")));
    }
}

#[test]
fn holidays_beat_dated_hours_and_those_beat_weekly_ones_and_exclusions_cut_all() {
    let calendar = in_zone(
        "Europe/Moscow",
        &format!(
            r#"{}, "holidays": [{{"date": "2026-02-17"}}],
            "dates": [{{"date": "2026-02-17", "windows": [{{"from": "10:00", "to": "12:00"}}]}},
                      {{"date": "2026-02-18", "windows": [{{"from": "10:00", "to": "12:00"}}]}},
                      {{"date": "2026-02-19", "windows": []}}],
            "exclusions": [{{"dated": {{"date": "2026-02-18", "from": "11:00", "to": "11:30"}}}},
                {{"weekly": {{"day": "friday", "from": "17:00", "to": "09:30"}}}}]"#,
            daily("09:00", "18:00")
        ),
    );
    spans(
        &calendar,
        "2026-02-16T00:00+03:00",
        "2026-02-22T00:00+03:00",
        &[
            "16 09:00 – 16 18:00",
            "18 10:00 – 18 11:00",
            "18 11:30 – 18 12:00",
            "20 09:00 – 20 17:00",
            "21 09:30 – 21 18:00",
        ],
    );
}

#[test]
fn a_short_day_ends_an_hour_earlier_and_a_working_saturday_is_like_the_day_it_replaces() {
    let days = DaysDocument::from_json(
        r#"{"id": "made-up", "source": "by hand", "days": [
            {"date": "2026-02-16", "kind": "shortened"},
            {"date": "2026-02-20", "kind": "holiday", "moved_from": "2026-02-21"},
            {"date": "2026-02-21", "kind": "working", "moved_from": "2026-02-20"},
            {"date": "2026-02-21", "kind": "shortened"}]}"#,
    )
    .unwrap();
    let text = format!(
        r#"{{"id": "a", "zone": "Europe/Moscow",
            "days": {{"calendar": "made-up", "short_days": true, "transfers": true}},
            "weekly": [{}, {}, {}]}}"#,
        weekly(r#""monday", "friday""#, "09:00", "13:00"),
        weekly(r#""monday""#, "13:30", "14:00"),
        weekly(r#""saturday""#, "11:00", "12:00")
    );
    let calendar = Calendar::from_json_with(&text, &[days]).unwrap();
    let week = ["16 09:00 – 16 13:00", "21 09:00 – 21 12:00"];
    spans(&calendar, "2026-02-16T00:00+03:00", "2026-02-22T00:00+03:00", &week);
}

#[test]
fn calendars_of_two_zones_are_united_and_intersected() {
    let text = format!(
        r#"[{{"id": "any", "union": ["berlin", "moscow"]}},
            {{"id": "both", "intersection": ["berlin", "moscow"]}},
            {{"id": "berlin", "zone": "Europe/Berlin", {office}}},
            {{"id": "moscow", {office}}},
            {{"id": "late", "union": ["moscow"], "weekly": [{evening}],
              "exclusions": [{{"weekly": {{"day": "monday", "from": "12:00", "to": "13:00"}}}}]}}]"#,
        office = daily("09:00", "18:00"),
        evening = weekly(r#""monday""#, "20:00", "22:00")
    );
    let node = Node::parse(&text, 10_000).unwrap();
    let documents: Vec<CalendarDocument> = from_node(&node).unwrap();
    let zone = find_zone("Europe/Moscow").unwrap();
    let (calendars, mistakes) = Calendar::compile_all(&documents, &[], &zone);
    assert_eq!(mistakes, []);
    // Berlin is two hours behind in winter and one in summer.
    let (winter, summer) = ("2026-02-16T00:00+03:00", "2026-07-13T00:00+03:00");
    let (after_winter, after_summer) = ("2026-02-17T00:00+03:00", "2026-07-14T00:00+03:00");
    spans(&calendars[0], winter, after_winter, &["16 09:00 – 16 20:00"]);
    spans(&calendars[0], summer, after_summer, &["13 09:00 – 13 19:00"]);
    spans(&calendars[1], winter, after_winter, &["16 11:00 – 16 18:00"]);
    spans(&calendars[1], summer, after_summer, &["13 10:00 – 13 18:00"]);
    let late = ["16 09:00 – 16 12:00", "16 13:00 – 16 18:00", "16 20:00 – 16 22:00"];
    spans(&calendars[4], winter, after_winter, &late);
    let closing = calendars[0].closing("2026-02-16".parse().unwrap());
    assert_eq!(closing, Some(at("2026-02-16T20:00+03:00")));
}

#[test]
fn warnings_before_an_opening_are_at_it_or_at_the_closing_before() {
    let office = in_zone("Europe/Moscow", &daily("09:00", "18:00"));
    let due = at("2026-02-17T11:00+03:00");
    let since = |seconds, edge| office.subtract(due, seconds, &[], edge).unwrap();
    assert_eq!(since(7_200, Edge::Opening), at("2026-02-17T09:00+03:00"));
    assert_eq!(since(7_200, Edge::Closing), at("2026-02-16T18:00+03:00"));
    assert_eq!(since(7_201, Edge::Opening), at("2026-02-16T17:59:59+03:00"));
    assert_eq!(since(0, Edge::Opening), due);
    // A sum below zero goes the other way.
    assert_eq!(since(-3_600, Edge::Closing), at("2026-02-17T12:00+03:00"));
}

#[test]
fn nothing_added_and_nothing_taken_away_go_to_where_work_goes_on() {
    let office = in_zone("Europe/Moscow", &daily("09:00", "18:00"));
    let night = at("2026-02-17T02:00+03:00");
    for edge in [Edge::Closing, Edge::Opening] {
        let open = office.add(night, 0, &[], edge).unwrap();
        assert_eq!(open, at("2026-02-17T09:00+03:00"));
        let worked = office.subtract(night, 0, &[], edge).unwrap();
        assert_eq!(worked, at("2026-02-16T18:00+03:00"));
    }
    let paused =
        [Interval { from: at("2026-02-17T08:00+03:00"), to: at("2026-02-17T10:00+03:00") }];
    let open = office.add(night, 0, &paused, Edge::Closing).unwrap();
    assert_eq!(open, at("2026-02-17T10:00+03:00"));
}

#[test]
fn a_sum_used_up_when_a_pause_begins_ends_there_or_when_it_is_over() {
    let office = in_zone("Europe/Moscow", &daily("09:00", "18:00"));
    let paused =
        [Interval { from: at("2026-02-17T10:00+03:00"), to: at("2026-02-17T17:00+03:00") }];
    let due = |edge| office.add(at("2026-02-17T09:00+03:00"), 3_600, &paused, edge).unwrap();
    assert_eq!(due(Edge::Closing), at("2026-02-17T10:00+03:00"));
    assert_eq!(due(Edge::Opening), at("2026-02-17T17:00+03:00"));
}

#[test]
fn seconds_count_and_their_fractions_do_not() {
    let office = in_zone("Europe/Moscow", &daily("09:00:10", "17:59:59"));
    let day = office.between(at("2026-02-17T00:00+03:00"), at("2026-02-18T00:00+03:00"), &[]);
    assert_eq!(day.unwrap(), 9 * 3_600 - 11);
    assert!(!office.is_open(at("2026-02-17T09:00:09.999+03:00")).unwrap());
    assert!(office.is_open(at("2026-02-17T17:59:58.999+03:00")).unwrap());
    assert!(!office.is_open(at("2026-02-17T17:59:59+03:00")).unwrap());
}

#[test]
fn weeks_and_months_keep_the_local_time_over_changes_of_the_clocks() {
    let office = in_zone("Europe/Berlin", &daily("09:00", "18:00"));
    let start = at("2026-03-01T02:30+01:00");
    // Four weeks later 02:30 is skipped; eight weeks later it is summer.
    assert_eq!(office.plus_weeks(start, 4).unwrap(), at("2026-03-29T03:30+02:00"));
    assert_eq!(office.plus_weeks(start, 8).unwrap(), at("2026-04-26T02:30+02:00"));
    assert_eq!(office.plus_months(start, -12).unwrap(), at("2025-03-01T02:30+01:00"));
    let leap = at("2024-02-29T12:00+01:00");
    assert_eq!(office.plus_months(leap, 12).unwrap(), at("2025-02-28T12:00+01:00"));
    let twice = at("2026-10-25T02:30+01:00");
    assert_eq!(office.plus_weeks(twice, 0).unwrap(), twice);
}

#[test]
fn the_years_end_where_the_local_years_do() {
    let years = format!(r#"{}, "years": {{"from": 2026, "to": 2026}}"#, daily("22:00", "06:00"));
    let calendar = in_zone("Europe/Moscow", &years);
    let Interval { from, to } = calendar.covers();
    assert_eq!(from, at("2026-01-01T00:00+03:00"));
    assert_eq!(to, at("2027-01-01T00:00+03:00"));
    // The shift of the evening before goes on into the first morning.
    assert!(calendar.is_open(from).unwrap());
    assert_eq!(calendar.between(from, to, &[]).unwrap(), 365 * 8 * 3_600);
    assert!(calendar.is_open(at("2025-12-31T23:59:59+03:00")).is_err());
}
