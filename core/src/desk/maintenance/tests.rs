use jiff::ToSpan;
use jiff::civil::{Date, Time};
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn reminder(channel: NoticeChannel, when: ReminderTime) -> Reminder {
    Reminder { channel, to: Some("all-stores".into()), when }
}

/// Every Sunday from 02:00 to 04:00: e-mail on Friday, in the application on Saturday, and the
/// status page as it begins.
fn sunday() -> PlannedMaintenance {
    let weekday = |day| ReminderTime::WeekdayBefore(WeekdayBefore { day, time: "10:00".into() });
    PlannedMaintenance {
        id: "sunday".into(),
        reminders: vec![
            reminder(NoticeChannel::Email, weekday(Weekday::Friday)),
            reminder(NoticeChannel::InApp, weekday(Weekday::Saturday)),
            reminder(NoticeChannel::StatusPage, ReminderTime::MinutesBefore(0)),
        ],
        time: MaintenanceTime::Weekly(WeeklyWindow {
            day: Weekday::Sunday,
            from: "02:00".into(),
            to: "04:00".into(),
        }),
        ..PlannedMaintenance::default()
    }
}

fn asked(plan: PlannedMaintenance, from: &str, to: Option<&str>) -> MaintenanceAnswer {
    let query = MaintenanceQuery {
        at: at(from),
        plans: vec![plan],
        to: to.map(at),
        zone: "Europe/Moscow".into(),
        ..MaintenanceQuery::default()
    };
    answer_maintenance(&query).unwrap()
}

#[test]
fn the_window_is_current_from_its_first_instant_to_before_its_last() {
    for (instant, current, next) in [
        ("2026-02-15T01:59:59+03:00", None, "2026-02-15T02:00:00+03:00"),
        ("2026-02-15T02:00:00+03:00", Some(()), "2026-02-22T02:00:00+03:00"),
        ("2026-02-15T03:59:59+03:00", Some(()), "2026-02-22T02:00:00+03:00"),
        ("2026-02-15T04:00:00+03:00", None, "2026-02-22T02:00:00+03:00"),
    ] {
        let answer = asked(sunday(), instant, None);
        assert_eq!(answer.current.first().map(|_| ()), current, "{instant}");
        assert_eq!(answer.next[0].from, at(next), "{instant}");
    }
}

#[test]
fn stores_are_told_on_friday_on_saturday_and_as_it_begins() {
    let answer = asked(sunday(), "2026-02-09T00:00:00+03:00", Some("2026-02-16T00:00:00+03:00"));
    let found: Vec<_> = answer.reminders.iter().map(|it| (it.at, it.channel)).collect();
    assert_eq!(
        found,
        [
            (at("2026-02-13T10:00:00+03:00"), NoticeChannel::Email),
            (at("2026-02-14T10:00:00+03:00"), NoticeChannel::InApp),
            (at("2026-02-15T02:00:00+03:00"), NoticeChannel::StatusPage),
        ]
    );
    assert_eq!(answer.windows.len(), 1);
    assert_eq!(answer.reminders[0].to.as_deref(), Some("all-stores"));
}

#[test]
fn a_range_has_its_first_instant_and_not_its_last() {
    let (friday, saturday) = ("2026-02-13T10:00:00+03:00", "2026-02-14T10:00:00+03:00");
    let answer = asked(sunday(), friday, Some(saturday));
    assert_eq!(answer.reminders.len(), 1);
    assert_eq!(answer.reminders[0].at, at(friday));
}

#[test]
fn a_single_window_over_midnight_is_told_days_before() {
    let before = DaysBefore { days: 2, time: "18:30".into() };
    let plan = PlannedMaintenance {
        reminders: vec![reminder(NoticeChannel::Sms, ReminderTime::DaysBefore(before))],
        time: MaintenanceTime::Dated(DatedWindow {
            date: "2026-03-01".into(),
            from: "23:00".into(),
            to: "01:00".into(),
        }),
        ..sunday()
    };
    let answer =
        asked(plan.clone(), "2026-02-27T00:00:00+03:00", Some("2026-02-28T00:00:00+03:00"));
    assert_eq!(answer.reminders[0].at, at("2026-02-27T18:30:00+03:00"));
    assert_eq!(answer.next[0].to, Some(at("2026-03-02T01:00:00+03:00")));
    assert_eq!(asked(plan.clone(), "2026-03-02T00:59:59+03:00", None).current.len(), 1);
    let after = asked(plan, "2026-03-02T01:00:00+03:00", None);
    assert!(after.current.is_empty() && after.next.is_empty());
}

#[test]
fn a_window_in_the_hour_that_the_clock_leaves_out_vanishes() {
    let plan = PlannedMaintenance {
        time: MaintenanceTime::Weekly(WeeklyWindow {
            day: Weekday::Sunday,
            from: "02:00".into(),
            to: "03:00".into(),
        }),
        zone: Some("Europe/Berlin".into()),
        ..sunday()
    };
    // 2026-03-29 is the Sunday on which Berlin goes from 02:00 to 03:00.
    let answer = asked(plan, "2026-03-28T00:00:00+01:00", None);
    assert_eq!(answer.next[0].from, at("2026-04-05T02:00:00+02:00"));
}

#[test]
fn an_emergency_is_told_on_the_spot_and_by_telephone_only_in_hours() {
    let office =
        LocalHours { days: vec![Weekday::Monday], from: "09:00".into(), to: "18:00".into() };
    let notice = |channel, hours| EmergencyNotice { channel, hours, to: None };
    let mut query = MaintenanceQuery {
        at: at("2026-02-16T08:00:00+03:00"),
        emergencies: vec![EmergencyMaintenance {
            announced_at: at("2026-02-16T08:59:59+03:00"),
            from: at("2026-02-16T09:05:00+03:00"),
            id: "database".into(),
            ..EmergencyMaintenance::default()
        }],
        notices: vec![
            notice(NoticeChannel::Sms, Vec::new()),
            notice(NoticeChannel::Phone, vec![office]),
        ],
        to: Some(at("2026-02-16T12:00:00+03:00")),
        zone: "Europe/Moscow".into(),
        ..MaintenanceQuery::default()
    };
    let answer = answer_maintenance(&query).unwrap();
    let channels: Vec<_> = answer.reminders.iter().map(|it| it.channel).collect();
    assert_eq!(channels, [NoticeChannel::Sms]);
    assert!(!answer.next[0].planned);
    query.emergencies[0].announced_at = at("2026-02-16T09:00:00+03:00");
    query.at = at("2026-02-16T09:00:00+03:00");
    assert_eq!(answer_maintenance(&query).unwrap().reminders.len(), 2);
    query.at = at("2026-02-16T11:00:00+03:00");
    let later = answer_maintenance(&query).unwrap();
    assert_eq!((later.current.len(), later.windows.len(), later.reminders.len()), (1, 1, 0));
}

#[test]
fn the_whole_calendar_is_answered_or_refused_at_once() {
    let mut query = MaintenanceQuery {
        at: at("1900-01-02T00:00:00Z"),
        plans: vec![PlannedMaintenance { reminders: Vec::new(), ..sunday() }],
        to: Some(at("2199-12-30T00:00:00Z")),
        zone: "Europe/Moscow".into(),
        ..MaintenanceQuery::default()
    };
    let error = answer_maintenance(&query).unwrap_err();
    assert_eq!((error.path(), error.code()), ("/to", ErrorCode::DocumentListTooLong));
    query.at = Timestamp::MIN;
    assert_eq!(answer_maintenance(&query).unwrap_err().path(), "/at");
}

#[test]
fn every_mistake_of_a_plan_is_told_at_its_place() {
    let before = DaysBefore { days: 367, time: "25:00".into() };
    let plan = PlannedMaintenance {
        reminders: vec![reminder(NoticeChannel::Sms, ReminderTime::DaysBefore(before))],
        time: MaintenanceTime::Dated(DatedWindow {
            date: "2026-02-30".into(),
            from: "10:00".into(),
            to: "10:00".into(),
        }),
        zone: Some("Mars".into()),
        ..sunday()
    };
    let query = MaintenanceQuery {
        plans: vec![plan],
        zone: "Europe/Moscow".into(),
        ..MaintenanceQuery::default()
    };
    let error = answer_maintenance(&query).unwrap_err();
    let found: Vec<_> = error.mistakes().iter().map(|it| it.path.as_str()).collect();
    assert_eq!(
        found,
        [
            "/plans/0/zone",
            "/plans/0/time/dated/date",
            "/plans/0/time/dated/to",
            "/plans/0/reminders/0/when/days_before/time",
            "/plans/0/reminders/0/when/days_before/days",
        ]
    );
}

/// What is sent for the windows of every day from 2025-01-01 to 2026-12-31, found day by day.
fn walked(
    zone: &TimeZone,
    window: (Weekday, Time, Time),
    friday: Weekday,
    noon: Time,
) -> Vec<(Timestamp, Timestamp)> {
    let names =
        |date: Date| Weekday::ALL[usize::from(date.weekday().to_monday_zero_offset() as u8)];
    let instant = |date: Date, time| zone.to_timestamp(date.to_datetime(time)).unwrap();
    let mut found = Vec::new();
    let mut date: Date = "2025-01-01".parse().unwrap();
    while date.year() < 2027 {
        let (weekday, begin, end) = window;
        let last = if end < begin { date + 1.day() } else { date };
        let (from, to) = (instant(date, begin), instant(last, end));
        if names(date) == weekday && from < to {
            let mut told = date - 1.day();
            while names(told) != friday {
                told -= 1.day();
            }
            found.push((instant(told, noon).min(from), from));
        }
        date += 1.day();
    }
    found
}

proptest! {
    #[test]
    fn reminders_agree_with_a_walk_over_the_days(
        name in prop::sample::select(vec![
            "Europe/Moscow", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Beirut", "Africa/Cairo",
        ]),
        days in (0usize..7, 0usize..7),
        minutes in (0i8..24, 0i8..60, 0i8..24, 0i8..60, 0i8..24),
        begin in 0i64..500,
        length in 0i64..60,
    ) {
        let (day, friday) = (Weekday::ALL[days.0], Weekday::ALL[days.1]);
        let time = |hour, minute| Time::new(hour, minute, 0, 0).unwrap();
        let (from, to) = (time(minutes.0, minutes.1), time(minutes.2, minutes.3));
        prop_assume!(from != to);
        let noon = time(minutes.4, 0);
        let text = |time: Time| format!("{:02}:{:02}", time.hour(), time.minute());
        let when = ReminderTime::WeekdayBefore(WeekdayBefore { day: friday, time: text(noon) });
        let plan = PlannedMaintenance {
            id: "weekly".into(),
            reminders: vec![reminder(NoticeChannel::Email, when)],
            time: MaintenanceTime::Weekly(WeeklyWindow { day, from: text(from), to: text(to) }),
            zone: Some(name.into()),
            ..PlannedMaintenance::default()
        };
        // From 2025-02-01 on, in hours that are no whole days.
        let first = at("2025-02-01T00:00:00Z").as_second() + begin * 90_000;
        let range = [first, first + length * 90_000].map(|it| Timestamp::from_second(it).unwrap());
        let query = MaintenanceQuery {
            at: range[0],
            plans: vec![plan],
            to: Some(range[1]),
            zone: "UTC".into(),
            ..MaintenanceQuery::default()
        };
        let answer = answer_maintenance(&query).unwrap();
        let zone = crate::document::find_zone(name).unwrap();
        let all = walked(&zone, (day, from, to), friday, noon);
        let due: Vec<_> =
            all.iter().filter(|(told, _)| range[0] <= *told && *told < range[1]).copied().collect();
        let found: Vec<_> = answer.reminders.iter().map(|it| (it.at, it.window.from)).collect();
        prop_assert_eq!(found, due);
        let next = all.iter().map(|(_, from)| *from).find(|from| *from > range[0]);
        prop_assert_eq!(answer.next.first().map(|window| window.from), next);
    }
}
