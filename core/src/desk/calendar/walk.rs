//! The engine against a walk over every minute.
//!
//! The walk knows the documents and the zone, and nothing of spans, sums or tables: it paints the
//! minutes that are open and counts them. As many calendars are walked as `KOPILKA_WALKS` says.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use super::random::{Case, Numbers, case};
use super::*;
use crate::document::find_zone;

/// Days that are painted before and after the minute that a case is about.
const PAINTED: i64 = 30;

/// Minutes as the walk sees them.
struct Painted {
    first: i64,
    open: Vec<bool>,
}

impl Painted {
    fn new(around: Timestamp) -> Painted {
        let first = around.as_second().div_euclid(60) * 60 - PAINTED * 86_400;
        Painted { first, open: vec![false; usize::try_from(PAINTED * 2 * 1_440).unwrap()] }
    }

    fn paint(&mut self, from: i64, to: i64, open: bool) {
        let mut minute = from;
        while minute < to {
            let place = usize::try_from((minute - self.first).div_euclid(60));
            if let Some(place) = place.ok().and_then(|place| self.open.get_mut(place)) {
                *place = open;
            }
            minute += 60;
        }
    }

    fn has(&self, second: i64) -> bool {
        self.open[usize::try_from((second - self.first).div_euclid(60)).unwrap()]
    }

    fn end(&self) -> i64 {
        self.first + i64::try_from(self.open.len()).unwrap() * 60
    }
}

/// One calendar as the walk reads it.
struct Reading<'a> {
    case: &'a Case,
    document: &'a CalendarDocument,
    zone: TimeZone,
}

impl<'a> Reading<'a> {
    fn of(case: &'a Case, id: &str) -> Reading<'a> {
        let document = case.calendars.iter().find(|document| document.id == id).unwrap();
        let zone = find_zone(document.zone.as_deref().unwrap()).unwrap();
        Reading { case, document, zone }
    }

    fn production(&self, date: Date, kind: DayKind) -> Option<&ProductionDay> {
        let used = self.document.days.as_ref()?;
        let follows = match kind {
            DayKind::Holiday => used.holidays,
            DayKind::Shortened => used.short_days,
            DayKind::Working => used.transfers,
        };
        let mut days = self.case.days[0].days.iter();
        days.find(|day| follows && day.kind == kind && day.date == date.to_string())
    }

    fn is_holiday(&self, date: Date) -> bool {
        let named = self.document.holidays.iter().any(|day| day.date == date.to_string());
        named || self.production(date, DayKind::Holiday).is_some()
    }

    /// The minutes of a day from and to which it is open, past 1440 on the next one.
    fn minutes(&self, date: Date) -> Vec<(i64, i64)> {
        if self.is_holiday(date) && self.document.holiday == HolidayRule::Starts {
            return Vec::new();
        }
        if let Some(dated) = self.document.dates.iter().find(|d| d.date == date.to_string()) {
            return dated.windows.iter().map(|hours| minutes(&hours.from, &hours.to)).collect();
        }
        let swapped = self.production(date, DayKind::Working);
        let like = swapped.map_or(date, |day| day.moved_from.as_ref().unwrap().parse().unwrap());
        let weekday = like.weekday().to_monday_zero_offset();
        let today = |hours: &&WeeklyHours| hours.days.iter().any(|day| *day as i8 == weekday);
        let weekly = self.document.weekly.iter().filter(today);
        let mut all: Vec<_> = weekly.map(|hours| minutes(&hours.from, &hours.to)).collect();
        all.retain(|(from, to)| from < to);
        if self.production(date, DayKind::Shortened).is_some() {
            let earlier = i64::from(self.document.days.as_ref().unwrap().shorten_minutes);
            let closing = all.iter().map(|(_, to)| *to).max().unwrap_or(0) - earlier;
            all.iter_mut().for_each(|(_, to)| *to = (*to).min(closing));
        }
        all
    }

    /// The instant of so many minutes after the midnight of a date, as the zone has it.
    fn instant(&self, date: Date, minutes: i64) -> i64 {
        let midnight = date.to_datetime(Time::midnight());
        let local = midnight.checked_add(Span::new().minutes(minutes)).unwrap();
        self.zone.to_ambiguous_timestamp(local).compatible().unwrap().as_second()
    }

    fn exists(&self, date: Date) -> bool {
        date.to_zoned(self.zone.clone()).unwrap().date() == date
    }

    fn dates(&self) -> impl Iterator<Item = Date> {
        let middle = self.zone.to_datetime(self.case.around).date();
        (-PAINTED - 3..=PAINTED + 3).map(move |days| middle.checked_add(days.days()).unwrap())
    }

    fn painted(&self) -> Painted {
        let mut painted = Painted::new(self.case.around);
        for date in self.dates().filter(|date| self.exists(*date)) {
            for (from, to) in self.minutes(date) {
                painted.paint(self.instant(date, from), self.instant(date, to), true);
            }
        }
        if self.document.holiday == HolidayRule::Clips {
            for date in self.dates().filter(|date| self.is_holiday(*date)) {
                let next = date.tomorrow().unwrap();
                painted.paint(self.instant(date, 0), self.instant(next, 0), false);
            }
        }
        self.combine(&mut painted);
        self.exclude(&mut painted);
        painted
    }

    fn combine(&self, painted: &mut Painted) {
        let named = |id: &String| Reading::of(self.case, id).painted().open;
        let alone = self.document.weekly.is_empty()
            && self.document.dates.is_empty()
            && self.document.union.is_empty();
        if alone {
            painted.open.fill(true);
        }
        for other in self.document.union.iter().map(named) {
            painted.open.iter_mut().zip(other).for_each(|(open, other)| *open |= other);
        }
        for other in self.document.intersection.iter().map(named) {
            painted.open.iter_mut().zip(other).for_each(|(open, other)| *open &= other);
        }
    }

    fn exclude(&self, painted: &mut Painted) {
        for exclusion in &self.document.exclusions {
            let (dates, from, to): (Vec<Date>, _, _) = match exclusion {
                CalendarExclusion::Dated(cut) => {
                    (vec![cut.date.parse().unwrap()], &cut.from, &cut.to)
                }
                CalendarExclusion::Weekly(cut) => {
                    let weekday = |date: &Date| date.weekday().to_monday_zero_offset();
                    let on = |date: &Date| weekday(date) == cut.day as i8;
                    (self.dates().filter(on).collect(), &cut.from, &cut.to)
                }
                CalendarExclusion::Instants(cut) => {
                    painted.paint(cut.from.as_second(), cut.to.as_second(), false);
                    continue;
                }
            };
            let (from, to) = minutes(from, to);
            for date in dates.into_iter().filter(|date| self.exists(*date)) {
                painted.paint(self.instant(date, from), self.instant(date, to), false);
            }
        }
    }

    /// Whether the local time of a minute lies in the calendar's own hours by the clock on the
    /// wall, which means something only where the clocks do not change.
    fn is_open_by_the_wall(&self, at: Timestamp) -> bool {
        let local = self.zone.to_datetime(at);
        let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
        let (today, yesterday) = (local.date(), local.date().yesterday().unwrap());
        let holiday = self.document.holiday == HolidayRule::Clips && self.is_holiday(today);
        let within = |date: Date, minute: i64| {
            self.minutes(date).iter().any(|(from, to)| (*from..*to).contains(&minute))
        };
        !holiday && (within(today, minute) || within(yesterday, minute + 1_440))
    }
}

fn minutes(from: &str, to: &str) -> (i64, i64) {
    let minutes = |text: &str| {
        let (hours, minutes) = text.split_once(':').unwrap();
        hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap()
    };
    let (from, to) = (minutes(from), minutes(to));
    (from, if to < from { to + 1_440 } else { to })
}

/// What counts, second by second, with the pauses painted over.
struct Walk<'a> {
    open: &'a Painted,
    counted: Painted,
}

impl Walk<'_> {
    fn between(&self, from: i64, to: i64) -> i64 {
        let mut sum = 0;
        let mut second = from;
        while second < to {
            let next = (second.div_euclid(60) * 60 + 60).min(to);
            sum += i64::from(self.counted.has(second)) * (next - second);
            second = next;
        }
        sum
    }

    fn add(&self, start: i64, seconds: i64, edge: Edge) -> Option<i64> {
        let (mut second, mut left) = (start, seconds);
        while second < self.counted.end() {
            let next = second.div_euclid(60) * 60 + 60;
            if self.counted.has(second) {
                let ends_here = edge == Edge::Closing && seconds > 0 && left == next - second;
                if left < next - second || ends_here {
                    return Some(second + left);
                }
                left -= next - second;
            }
            second = next;
        }
        None
    }

    fn subtract(&self, start: i64, seconds: i64, edge: Edge) -> Option<i64> {
        let (mut second, mut left) = (start, seconds);
        while second > self.counted.first {
            let before = (second - 1).div_euclid(60) * 60;
            if self.counted.has(before) {
                let ends_here = edge == Edge::Opening && seconds > 0 && left == second - before;
                if left < second - before || ends_here {
                    return Some(second - left);
                }
                left -= second - before;
            }
            second = before;
        }
        None
    }

    /// The open runs that have a part between two instants, clipped to them.
    fn runs(&self, from: i64, to: i64) -> Vec<(i64, i64)> {
        let mut runs: Vec<(i64, i64)> = Vec::new();
        let mut second = from;
        while second < to {
            let next = (second.div_euclid(60) * 60 + 60).min(to);
            if self.open.has(second) {
                match runs.last_mut().filter(|run| run.1 == second) {
                    Some(run) => run.1 = next,
                    None => runs.push((second, next)),
                }
            }
            second = next;
        }
        runs
    }
}

fn instant(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn pauses(numbers: &mut Numbers, start: i64) -> Vec<Interval> {
    let minute = start.div_euclid(60) * 60;
    let most = if numbers.chance(20) { 12 } else { 3 };
    let count = numbers.within(0, most);
    let one = |_| {
        let from = minute + numbers.within(-7_000, 7_000) * 60;
        let to = from + numbers.within(-30, 2_000) * 60;
        Interval { from: instant(from), to: instant(to) }
    };
    (0..count).map(one).collect()
}

fn walk(seed: u64) {
    let numbers = &mut Numbers(seed);
    let (case, calendar) = case(numbers);
    let reading = Reading::of(&case, &case.calendars.last().unwrap().id);
    let open = reading.painted();
    let start = case.around.as_second() + numbers.within(-3_600, 3_600);
    let pauses = if numbers.chance(50) { pauses(numbers, start) } else { Vec::new() };
    let mut counted = Painted { first: open.first, open: open.open.clone() };
    for pause in &pauses {
        counted.paint(pause.from.as_second(), pause.to.as_second(), false);
    }
    let walk = Walk { open: &open, counted };
    let length = numbers.within(0, 14 * 86_400);
    let context = format!("seed {seed}, start {}, {:?}", instant(start), case.calendars);
    check_sums(&calendar, &walk, start, length, &pauses, &context);
    check_openings(&calendar, &walk, start, length, &context);
    if case.calendars.len() == 1 {
        check_business_days(&calendar, &reading, &open, start, &context);
        check_wall(&reading, &walk, start, length, &context);
    }
}

fn check_sums(
    calendar: &Calendar,
    walk: &Walk<'_>,
    start: i64,
    length: i64,
    pauses: &[Interval],
    context: &str,
) {
    let (from, to) = (instant(start), instant(start + length));
    let worked = calendar.between(from, to, pauses).unwrap();
    assert_eq!(worked, walk.between(start, start + length), "between {context}");
    for seconds in [0, worked, length / 7, (worked - 1).max(0), 60] {
        for edge in [Edge::Closing, Edge::Opening] {
            if let Some(expected) = walk.add(start, seconds, edge) {
                let due = calendar.add(from, seconds, pauses, edge).unwrap();
                assert_eq!(due, instant(expected), "{seconds} added {edge:?} {context}");
            }
            if let Some(expected) = walk.subtract(start + length, seconds, edge) {
                let since = calendar.subtract(to, seconds, pauses, edge).unwrap();
                assert_eq!(since, instant(expected), "{seconds} taken {edge:?} {context}");
            }
        }
    }
}

fn check_openings(calendar: &Calendar, walk: &Walk<'_>, start: i64, length: i64, context: &str) {
    let (from, to) = (instant(start), instant(start + length));
    let open = walk.open.has(start);
    assert_eq!(calendar.is_open(from).unwrap(), open, "is_open {context}");
    let interval = |run: &(i64, i64)| Interval { from: instant(run.0), to: instant(run.1) };
    let all = walk.runs(start, start + length);
    let spans: Vec<Interval> = all.iter().map(interval).collect();
    assert_eq!(calendar.spans(from, to).unwrap(), spans, "spans {context}");
    let after = walk.runs(start, walk.open.end());
    if let Some((first, next)) = after.split_first().filter(|(_, next)| !next.is_empty()) {
        assert_eq!(calendar.next_open(from).unwrap(), instant(first.0), "next_open {context}");
        assert_eq!(calendar.next_close(from).unwrap(), instant(first.1), "next_close {context}");
        // The last run may go on past what is painted.
        let whole: Vec<Interval> = after[..next.len()].iter().map(interval).collect();
        assert_eq!(calendar.next_spans(from, next.len()).unwrap(), whole, "next {context}");
    }
    let before = walk.runs(walk.open.first, start);
    if let Some((last, earlier)) = before.split_last().filter(|(_, more)| !more.is_empty()) {
        assert_eq!(calendar.last_worked(from).unwrap(), instant(last.1), "last_worked {context}");
        let whole: Vec<Interval> = before[1..].iter().rev().map(interval).collect();
        let spans = calendar.previous_spans(from, earlier.len()).unwrap();
        assert_eq!(spans, whole, "previous {context}");
    }
}

fn check_business_days(
    calendar: &Calendar,
    reading: &Reading<'_>,
    open: &Painted,
    start: i64,
    context: &str,
) {
    let today = reading.zone.to_datetime(instant(start)).date();
    let is_business = |date: &Date| {
        let spans = reading.minutes(*date).into_iter();
        let mut spans =
            spans.map(|(from, to)| (reading.instant(*date, from), reading.instant(*date, to)));
        let exists = reading.exists(*date) && !reading.is_holiday(*date);
        exists && spans.any(|(from, to)| (from..to).step_by(60).any(|second| open.has(second)))
    };
    let mut days = (1..=20).map(|days| today.checked_add(days.days()).unwrap());
    if let Some(expected) = days.find(is_business) {
        let next = calendar.next_business_day(today, 1).unwrap();
        assert_eq!(next, expected, "next business day {context}");
        let opening = calendar.opening(next).unwrap();
        assert!(calendar.is_open(opening).unwrap(), "opening {context}");
        assert!(opening < calendar.closing(next).unwrap(), "closing {context}");
    }
    let mut days = (1..=20).map(|days| today.checked_sub(days.days()).unwrap());
    if let Some(expected) = days.find(is_business) {
        let previous = calendar.next_business_day(today, -1).unwrap();
        assert_eq!(previous, expected, "previous business day {context}");
    }
}

/// Where the clocks do not change and nothing is cut out, the walk itself agrees with the wall.
fn check_wall(reading: &Reading<'_>, walk: &Walk<'_>, start: i64, length: i64, context: &str) {
    let offset = |second| reading.zone.to_offset(instant(second)).seconds();
    let edges = [start - 3 * 86_400, start + length + 2 * 86_400];
    let changes = reading.zone.following(instant(edges[0])).next();
    let changes = changes.is_some_and(|change| change.timestamp().as_second() < edges[1]);
    if changes || offset(edges[0]) != offset(edges[1]) || !reading.document.exclusions.is_empty() {
        return;
    }
    let minute = start.div_euclid(60) * 60;
    for second in (minute..minute + length).step_by(17 * 60) {
        let wall = reading.is_open_by_the_wall(instant(second));
        assert_eq!(walk.open.has(second), wall, "{} {context}", instant(second));
    }
}

#[test]
fn every_answer_agrees_with_a_walk_over_every_minute() {
    let walks = std::env::var("KOPILKA_WALKS").ok().and_then(|text| text.parse().ok());
    for seed in 0..walks.unwrap_or(1_000) {
        walk(seed);
    }
}
