use jiff::ToSpan;
use jiff::civil::{Date, Time};
use proptest::prelude::*;

use super::*;
use crate::document::find_zone;
use crate::program::Weekday;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Weekly shifts from Monday 2026-02-02.
fn weekly() -> OnCallRotation {
    OnCallRotation {
        from: "2026-02-02".into(),
        id: "engineers".into(),
        people: ["anna", "boris", "vera"].map(str::to_owned).to_vec(),
        ..OnCallRotation::default()
    }
}

fn asked(rotation: OnCallRotation, from: &str, to: Option<&str>) -> RotationAnswer {
    let query =
        RotationQuery { at: at(from), rotation, to: to.map(at), zone: "Europe/Moscow".into() };
    answer_rotation(&query).unwrap()
}

fn who(rotation: &OnCallRotation, at: &str) -> Option<String> {
    asked(rotation.clone(), at, None).on_call.map(|duty| duty.person)
}

#[test]
fn shifts_change_at_the_handover_and_begin_anew_after_the_last() {
    for (instant, person) in [
        ("2026-02-02T08:59:59+03:00", None),
        ("2026-02-02T09:00:00+03:00", Some("anna")),
        ("2026-02-09T08:59:59+03:00", Some("anna")),
        ("2026-02-09T09:00:00+03:00", Some("boris")),
        ("2026-02-16T09:00:00+03:00", Some("vera")),
        ("2026-02-23T09:00:00+03:00", Some("anna")),
    ] {
        assert_eq!(who(&weekly(), instant).as_deref(), person, "{instant}");
    }
    // From 2026-02-02 to 2126-02-04 there are 36,526 days, which are 5,218 weeks; divided by 3
    // they leave 1.
    assert_eq!(who(&weekly(), "2126-02-04T12:00:00+03:00").as_deref(), Some("boris"));
}

#[test]
fn summer_time_moves_no_handover() {
    let rotation = OnCallRotation { zone: Some("Europe/Berlin".into()), ..weekly() };
    // Berlin changes to summer time on 2026-03-29.
    let duty = asked(rotation, "2026-03-25T00:00:00Z", None).on_call.unwrap();
    assert_eq!(duty.from, at("2026-03-23T09:00:00+01:00"));
    assert_eq!(duty.to, at("2026-03-30T09:00:00+02:00"));
}

#[test]
fn a_handover_in_the_gap_is_later_and_in_the_fold_the_first() {
    let daily = OnCallRotation {
        days: 1,
        from: "2026-03-01".into(),
        handover: "02:30".into(),
        zone: Some("Europe/Berlin".into()),
        ..weekly()
    };
    let spring = asked(daily.clone(), "2026-03-29T12:00:00+02:00", None).on_call.unwrap();
    assert_eq!(spring.from, at("2026-03-29T03:30:00+02:00"));
    let autumn = asked(daily, "2026-10-25T12:00:00+01:00", None).on_call.unwrap();
    assert_eq!(autumn.from, at("2026-10-25T02:30:00+02:00"));
}

#[test]
fn who_stands_in_cuts_the_shift_and_the_last_of_the_list_holds() {
    let dates = |from: &str, to: &str, person: &str| {
        DutyOverride::Dates(DutyDates { from: from.into(), person: person.into(), to: to.into() })
    };
    let instants = DutyOverride::Instants(DutyInstants {
        from: at("2026-02-05T12:00:00+03:00"),
        person: "gleb".into(),
        to: at("2026-02-05T18:00:00+03:00"),
    });
    let rotation = OnCallRotation {
        overrides: vec![dates("2026-02-05", "2026-02-05", "vera"), instants],
        ..weekly()
    };
    let answer = asked(rotation, "2026-02-05T13:00:00+03:00", Some("2026-02-06T12:00:00+03:00"));
    assert_eq!(answer.on_call.unwrap().person, "gleb");
    let found: Vec<_> =
        answer.shifts.iter().map(|it| (it.person.as_str(), it.from, it.overridden)).collect();
    assert_eq!(
        found,
        [
            ("gleb", at("2026-02-05T13:00:00+03:00"), true),
            ("vera", at("2026-02-05T18:00:00+03:00"), true),
            ("anna", at("2026-02-06T09:00:00+03:00"), false),
        ]
    );
    assert_eq!(answer.shifts[1].to, at("2026-02-06T09:00:00+03:00"));
    assert_eq!(answer.shifts[2].to, at("2026-02-06T12:00:00+03:00"));
}

#[test]
fn outside_the_hours_nobody_is_on_call() {
    let hours = LocalHours {
        days: vec![Weekday::Saturday, Weekday::Sunday],
        from: "10:00".into(),
        to: "24:00".into(),
    };
    let rotation = OnCallRotation { hours: vec![hours], ..weekly() };
    assert_eq!(who(&rotation, "2026-02-06T12:00:00+03:00"), None);
    assert_eq!(who(&rotation, "2026-02-07T10:00:00+03:00").as_deref(), Some("anna"));
    let answer = asked(rotation, "2026-02-06T00:00:00+03:00", Some("2026-02-08T12:00:00+03:00"));
    let found: Vec<_> = answer.shifts.iter().map(|it| (it.from, it.to)).collect();
    assert_eq!(
        found,
        [
            (at("2026-02-07T10:00:00+03:00"), at("2026-02-08T00:00:00+03:00")),
            (at("2026-02-08T10:00:00+03:00"), at("2026-02-08T12:00:00+03:00")),
        ]
    );
}

#[test]
fn hours_that_touch_make_one_shift() {
    let hours =
        LocalHours { days: Weekday::ALL.to_vec(), from: "00:00".into(), to: "24:00".into() };
    let rotation = OnCallRotation { hours: vec![hours], ..weekly() };
    let answer = asked(rotation, "2026-02-02T00:00:00+03:00", Some("2026-02-12T00:00:00+03:00"));
    let found: Vec<_> = answer.shifts.iter().map(|it| (it.from, it.to)).collect();
    assert_eq!(
        found,
        [
            (at("2026-02-02T09:00:00+03:00"), at("2026-02-09T09:00:00+03:00")),
            (at("2026-02-09T09:00:00+03:00"), at("2026-02-12T00:00:00+03:00")),
        ]
    );
}

#[test]
fn every_mistake_is_told_at_its_place() {
    let rotation = OnCallRotation {
        days: 0,
        from: "02.02.2026".into(),
        handover: "9:00".into(),
        overrides: vec![DutyOverride::Dates(DutyDates {
            from: "2026-02-05".into(),
            person: String::new(),
            to: "2026-02-03".into(),
        })],
        people: Vec::new(),
        zone: Some("Mars".into()),
        ..weekly()
    };
    let query =
        RotationQuery { rotation, zone: "Europe/Moscow".into(), ..RotationQuery::default() };
    let error = answer_rotation(&query).unwrap_err();
    let found: Vec<_> =
        error.mistakes().iter().map(|it| (it.path.as_str(), it.code.as_str())).collect();
    assert_eq!(
        found,
        [
            ("/rotation/days", "document.range"),
            ("/rotation/people", "desk.empty"),
            ("/rotation/zone", "time.zone"),
            ("/rotation/from", "time.date"),
            ("/rotation/handover", "time.of_day"),
            ("/rotation/overrides/0/dates/person", "document.text_empty"),
            ("/rotation/overrides/0/dates/to", "desk.contradiction"),
        ]
    );
}

#[test]
fn a_range_of_too_many_shifts_is_refused() {
    let query = RotationQuery {
        at: at("2026-02-02T00:00:00Z"),
        rotation: OnCallRotation { days: 1, ..weekly() },
        to: Some(at("2199-01-01T00:00:00Z")),
        zone: "Europe/Moscow".into(),
    };
    let error = answer_rotation(&query).unwrap_err();
    assert_eq!((error.path(), error.code()), ("/to", ErrorCode::DocumentListTooLong));
}

/// Who is on call, found by walking from the first day to the instant.
fn walked(rotation: &OnCallRotation, zone: &TimeZone, at: Timestamp) -> Option<String> {
    let mut day: Date = rotation.from.parse().unwrap();
    let handover: Time = rotation.handover.parse().unwrap();
    let begins = |day: Date| zone.to_timestamp(day.to_datetime(handover)).unwrap();
    if at < begins(day) {
        return None;
    }
    let (mut place, mut left) = (0, rotation.days);
    while begins(day + 1.day()) <= at {
        day += 1.day();
        left -= 1;
        if left == 0 {
            (place, left) = ((place + 1) % rotation.people.len(), rotation.days);
        }
    }
    Some(rotation.people[place].clone())
}

proptest! {
    #[test]
    fn the_closed_form_agrees_with_a_walk_over_the_days(
        zone in prop::sample::select(vec![
            "Europe/Moscow", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo",
            "Asia/Beirut", "Africa/Cairo", "Pacific/Apia", "Asia/Kathmandu",
        ]),
        days in 1u32..10,
        minute in 0u32..1_440,
        near_midnight in any::<bool>(),
        people in 1usize..5,
        seconds in -100_000i64..40_000_000,
    ) {
        let minute = if near_midnight { (1_410 + minute % 60) % 1_440 } else { minute };
        let rotation = OnCallRotation {
            days,
            from: "2011-11-20".into(),
            handover: format!("{:02}:{:02}", minute / 60, minute % 60),
            people: (0..people).map(|it| format!("p{it}")).collect(),
            zone: Some(zone.into()),
            ..weekly()
        };
        let found = find_zone(zone).unwrap();
        let at = Timestamp::from_second(1_321_747_200 + seconds).unwrap();
        let query = RotationQuery {
            at,
            rotation: rotation.clone(),
            to: Some(Timestamp::from_second(at.as_second() + 1_000_000).unwrap()),
            zone: "UTC".into(),
        };
        let answer = answer_rotation(&query).unwrap();
        let person = answer.on_call.as_ref().map(|duty| duty.person.clone());
        prop_assert_eq!(&person, &walked(&rotation, &found, at));
        for shift in &answer.shifts {
            prop_assert!(shift.from < shift.to);
            for at in [shift.from.as_second(), shift.to.as_second() - 1] {
                let at = Timestamp::from_second(at).unwrap();
                prop_assert_eq!(Some(shift.person.clone()), walked(&rotation, &found, at));
            }
        }
        for pair in answer.shifts.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from);
        }
    }
}
