//! Random calendars for tests: every number comes from a seed, so that a failure can be repeated.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::*;
use crate::document::find_zone;
use crate::program::Weekday;

const ZONES: &[&str] = &[
    "Europe/Moscow",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Asia/Tehran",
    "America/Havana",
    "Pacific/Chatham",
    "Antarctica/Troll",
    "America/Asuncion",
    "Asia/Gaza",
    "America/Caracas",
    "Asia/Pyongyang",
    "America/Scoresbysund",
    "UTC",
];

/// A small generator of numbers (SplitMix64).
pub(super) struct Numbers(pub u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `from` to `to`, both included.
    pub fn within(&mut self, from: i64, to: i64) -> i64 {
        let count = u64::try_from(to - from + 1).unwrap();
        from + i64::try_from(self.next() % count).unwrap()
    }

    pub fn chance(&mut self, percent: i64) -> bool {
        self.within(1, 100) <= percent
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let last = i64::try_from(list.len()).unwrap() - 1;
        &list[usize::try_from(self.within(0, last)).unwrap()]
    }
}

/// Calendars of which the last is meant, and a whole minute about which they are interesting.
pub(super) struct Case {
    pub calendars: Vec<CalendarDocument>,
    pub days: Vec<DaysDocument>,
    pub around: Timestamp,
}

impl Case {
    pub fn compiled(&self) -> Result<Calendar, Vec<Mistake>> {
        let (calendars, mistakes) =
            Calendar::compile_all(&self.calendars, &self.days, &TimeZone::UTC);
        if mistakes.is_empty() { Ok(calendars.last().unwrap().clone()) } else { Err(mistakes) }
    }
}

/// A case without mistakes; calendars whose windows overlap or that never open are passed over.
pub(super) fn case(numbers: &mut Numbers) -> (Case, Calendar) {
    loop {
        let case = any_case(numbers);
        match case.compiled() {
            Ok(calendar) => return (case, calendar),
            Err(mistakes) => {
                let expected = |mistake: &Mistake| {
                    matches!(
                        mistake.code,
                        ErrorCode::CalendarOverlap | ErrorCode::CalendarNeverOpen
                    )
                };
                assert!(mistakes.iter().all(expected), "{mistakes:?}");
            }
        }
    }
}

fn any_case(numbers: &mut Numbers) -> Case {
    let zone = *numbers.pick(ZONES);
    let around = around(numbers, &find_zone(zone).unwrap());
    let middle = find_zone(zone).unwrap().to_datetime(around).date();
    let days = DaysDocument {
        days: production_days(numbers, middle),
        id: "days".into(),
        source: "made up".into(),
    };
    let mut calendars = vec![calendar(numbers, "first", zone, middle)];
    if numbers.chance(25) {
        let other = *numbers.pick(ZONES);
        calendars.push(calendar(numbers, "second", other, middle));
        let mut last = calendar(numbers, "last", zone, middle);
        if numbers.chance(60) {
            (last.weekly, last.dates, last.holidays) = (Vec::new(), Vec::new(), Vec::new());
        }
        let both = vec!["first".to_owned(), "second".to_owned()];
        match numbers.within(0, 2) {
            0 => last.union = both,
            1 => last.intersection = both,
            _ => (last.union, last.intersection) = (vec!["first".into()], vec!["second".into()]),
        }
        calendars.push(last);
    }
    Case { calendars, days: vec![days], around }
}

/// A minute, often near a change of the zone's clocks.
fn around(numbers: &mut Numbers, zone: &TimeZone) -> Timestamp {
    let any = Timestamp::from_second(numbers.within(3_000_000, 34_000_000) * 60).unwrap();
    let change = zone
        .following(any)
        .next()
        .filter(|change| numbers.chance(60) && change.timestamp().as_second() < 2_100_000_000);
    let Some(change) = change else { return any };
    let minutes = numbers.within(-4_000, 4_000);
    Timestamp::from_second(change.timestamp().as_second() + minutes * 60).unwrap()
}

fn calendar(numbers: &mut Numbers, id: &str, zone: &str, middle: Date) -> CalendarDocument {
    let near = |numbers: &mut Numbers, most: i64| -> Vec<Date> {
        let count = numbers.within(0, most);
        let mut dates: Vec<Date> = (0..count).map(|_| near(numbers, middle)).collect();
        dates.sort_unstable();
        dates.dedup();
        dates
    };
    let holidays = near(numbers, 3);
    let dated = near(numbers, 3);
    let year = u32::try_from(middle.year()).unwrap();
    CalendarDocument {
        dates: dated.into_iter().map(|date| date_hours(numbers, date)).collect(),
        days: numbers.chance(50).then(|| days_use(numbers)),
        exclusions: exclusions(numbers, middle),
        holiday: *numbers.pick(HolidayRule::ALL),
        holidays: holidays.into_iter().map(holiday).collect(),
        id: id.into(),
        weekly: weekly(numbers),
        years: Some(Years { from: year - 1, to: year + 1 }),
        zone: Some(zone.into()),
        ..CalendarDocument::default()
    }
}

fn near(numbers: &mut Numbers, middle: Date) -> Date {
    middle.checked_add(Span::new().days(numbers.within(-12, 12))).unwrap()
}

fn holiday(date: Date) -> Holiday {
    Holiday { date: date.to_string(), ..Holiday::default() }
}

/// A time of day on a grid of five minutes, at night more often than by day.
fn minutes(numbers: &mut Numbers) -> i64 {
    let latest = if numbers.chance(30) { 48 } else { 287 };
    numbers.within(0, latest) * 5
}

fn clock(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Windows of one day that do not overlap, of which the last may go on past midnight.
fn windows(numbers: &mut Numbers, most: i64) -> Vec<Hours> {
    let count = numbers.within(1, most);
    let mut ends: Vec<i64> = (0..count * 2).map(|_| minutes(numbers)).collect();
    ends.sort_unstable();
    if let Some(last) = ends.last_mut().filter(|_| numbers.chance(20)) {
        *last = 1_440;
    }
    if numbers.chance(30) {
        ends.rotate_left(1);
    }
    let pairs = ends.chunks(2).filter(|pair| pair[0] < 1_440);
    pairs.map(|pair| Hours { from: clock(pair[0]), to: clock(pair[1]) }).collect()
}

fn weekly(numbers: &mut Numbers) -> Vec<WeeklyHours> {
    if numbers.chance(8) {
        let (from, to) = ("00:00".into(), "24:00".into());
        return vec![WeeklyHours { days: Weekday::ALL.to_vec(), from, to }];
    }
    let mut all = Vec::new();
    let half = numbers.within(0, 127);
    for chosen in [half, 127 - half] {
        let chosen = |day: &Weekday| chosen >> (*day as i64) & 1 == 1;
        let days: Vec<Weekday> = Weekday::ALL.iter().copied().filter(chosen).collect();
        if days.is_empty() || numbers.chance(25) {
            continue;
        }
        let windows = windows(numbers, 3).into_iter();
        all.extend(windows.map(|Hours { from, to }| WeeklyHours { days: days.clone(), from, to }));
    }
    if all.is_empty() {
        let (from, to) = ("09:00".into(), "18:00".into());
        all.push(WeeklyHours { days: Weekday::ALL[..5].to_vec(), from, to });
    }
    all
}

fn date_hours(numbers: &mut Numbers, date: Date) -> DateHours {
    let windows = if numbers.chance(30) { Vec::new() } else { windows(numbers, 2) };
    DateHours { date: date.to_string(), reason: None, windows }
}

fn exclusions(numbers: &mut Numbers, middle: Date) -> Vec<CalendarExclusion> {
    let count = numbers.within(0, 3);
    let one = |_| {
        let (from, to) = (clock(minutes(numbers)), clock(minutes(numbers)));
        let date = near(numbers, middle);
        match numbers.within(0, 2) {
            0 => {
                let date = date.to_string();
                CalendarExclusion::Dated(DatedExclusion { date, from, reason: None, to })
            }
            1 => {
                let day = *numbers.pick(Weekday::ALL);
                CalendarExclusion::Weekly(WeeklyExclusion { day, from, reason: None, to })
            }
            _ => {
                let start = TimeZone::UTC.to_timestamp(date.at(7, 31, 0, 0)).unwrap();
                let length = jiff::SignedDuration::from_mins(numbers.within(0, 3_000));
                let to = start.checked_add(length).unwrap();
                CalendarExclusion::Instants(InstantsExclusion { from: start, reason: None, to })
            }
        }
    };
    (0..count).map(one).collect()
}

fn days_use(numbers: &mut Numbers) -> DaysUse {
    DaysUse {
        calendar: "days".into(),
        holidays: numbers.chance(70),
        short_days: numbers.chance(50),
        shorten_minutes: u32::try_from(numbers.within(0, 4) * 45).unwrap(),
        transfers: numbers.chance(50),
    }
}

fn production_days(numbers: &mut Numbers, middle: Date) -> Vec<ProductionDay> {
    let mut days = Vec::new();
    for _ in 0..numbers.within(0, 6) {
        let date = near(numbers, middle).to_string();
        if days.iter().any(|day: &ProductionDay| day.date == date) {
            continue;
        }
        let kind = *numbers.pick(DayKind::ALL);
        let moved_from = Some(near(numbers, middle).to_string());
        let name = None;
        days.push(ProductionDay { date: date.clone(), kind, moved_from, name: name.clone() });
        if kind == DayKind::Working && numbers.chance(40) {
            let kind = DayKind::Shortened;
            days.push(ProductionDay { date, kind, moved_from: None, name });
        }
    }
    days
}

#[test]
fn the_same_seed_gives_the_same_calendar() {
    let (one, _) = case(&mut Numbers(7));
    let (other, _) = case(&mut Numbers(7));
    assert_eq!(one.calendars, other.calendars);
    assert_ne!(date(2000, 1, 1), case(&mut Numbers(8)).0.around.to_zoned(TimeZone::UTC).date());
}
