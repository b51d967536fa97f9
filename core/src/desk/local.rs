//! Local dates, times of day and hours, and what the checks of the desk's documents share.

use jiff::civil::{Date, Time, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::document::{Codes, Collector, MISTAKES_MAX, OUT_OF_RANGE, document, is_in_range};
use crate::error::{Error, ErrorCode};
use crate::program::Weekday;

/// The codes of the desk's documents.
pub(super) const CODES: Codes = Codes {
    duplicate: ErrorCode::DeskDuplicate,
    reference: ErrorCode::DeskReference,
    contradiction: ErrorCode::DeskContradiction,
    document: "desk",
};

/// Minutes of a day on the clock.
pub(super) const DAY: i64 = 1_440;

/// The most entries of weekly hours.
const HOURS_MAX: usize = 50;

/// The most names among which one that is nearly the same is looked for.
pub(super) const NAMES_MAX: usize = 200;

const EPOCH: Date = date(1970, 1, 1);

document! {
    /// Hours of the local clock on some days of the week.
    pub struct LocalHours {
        /// The days of the week on which the hours begin.
        pub days: Vec<Weekday>,
        /// The first minute, HH:MM.
        pub from: String,
        /// The minute at which they end, HH:MM or `24:00`; if it is before `from`, that of the next
        /// day. Equal ends are no hours at all.
        pub to: String,
    }
}

/// What `make` makes of documents, or every mistake that it notes.
pub(super) fn checked<T>(make: impl FnOnce(&mut Collector) -> T) -> Result<T, Error> {
    let mut collector = Collector::new(CODES);
    let made = make(&mut collector);
    if collector.mistakes.is_empty() { Ok(made) } else { Err(collector.mistakes.into()) }
}

/// Notes that a list is longer than what is reckoned with it can bear.
pub(super) fn at_most(most: usize, length: usize, collector: &mut Collector, path: &str) {
    if length > most {
        let message = format!("the list has {length} items, more than {most}");
        collector.mistake(ErrorCode::DocumentListTooLong, path, message);
    }
}

/// Notes that a word names nothing. Where there are many names, or many mistakes already, it does
/// not look for one that is nearly the same, which would take long.
pub(super) fn unknown(
    collector: &mut Collector,
    word: &str,
    known: &[&str],
    what: &str,
    path: &str,
) {
    let few = collector.mistakes.len() < MISTAKES_MAX && known.len() <= NAMES_MAX;
    collector.reference(word, if few { known } else { &[] }, what, path);
}

/// Refuses an instant that no document may hold.
pub(super) fn in_years(instant: Timestamp, path: &str) -> Result<(), Error> {
    if is_in_range(instant) {
        return Ok(());
    }
    Err(Error::new(ErrorCode::TimeRange, path, OUT_OF_RANGE))
}

/// The instant without its fraction of a second, in seconds.
pub(super) fn second(instant: Timestamp) -> i64 {
    let before_epoch = instant.subsec_nanosecond() < 0;
    instant.as_second() - i64::from(before_epoch)
}

/// The instant without its fraction of a second.
pub(super) fn whole(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(second(instant)).unwrap_or(instant)
}

/// The seconds from one instant to another; none if they are reversed.
pub(super) fn seconds_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(second(to) - second(from)).unwrap_or(0)
}

/// The number of the local day in which an instant is: days since 1970-01-01.
pub(super) fn day_of(instant: Timestamp, zone: &TimeZone) -> i64 {
    day_number(zone.to_datetime(instant).date())
}

/// Days since 1970-01-01.
pub(super) fn day_number(date: Date) -> i64 {
    date.duration_since(EPOCH).as_hours().div_euclid(24)
}

/// The date so many days after 1970-01-01; `None` outside the calendar.
pub(super) fn date_of(day: i64) -> Option<Date> {
    EPOCH.checked_add(Span::new().try_days(day).ok()?).ok()
}

/// The day of the week of a day since 1970-01-01, which was a Thursday: Monday is 0.
pub(super) fn weekday_of(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// The place of a weekday in the week: Monday is 0.
pub(super) fn place_in_week(weekday: Weekday) -> i64 {
    Weekday::ALL.iter().position(|each| *each == weekday).map_or(0, |place| place as i64)
}

/// The instant at which the local clock shows a minute of a day; minutes from 1440 on belong to the
/// days after it. Where the clock jumps over that minute it is as much later as the jump is long;
/// where the clock shows it twice it is the first time.
pub(super) fn instant_of(day: i64, minutes: i64, zone: &TimeZone) -> Option<Timestamp> {
    let date = date_of(day.checked_add(minutes.div_euclid(DAY))?)?;
    let minute = minutes.rem_euclid(DAY);
    let hour = i8::try_from(minute / 60).ok()?;
    let time = Time::new(hour, i8::try_from(minute % 60).ok()?, 0, 0).ok()?;
    zone.to_timestamp(date.to_datetime(time)).ok()
}

/// A time of day at which something ends: HH:MM or `24:00`, in minutes.
pub(super) fn end_minute(collector: &mut Collector, text: &str, path: &str) -> i64 {
    if text == "24:00" { DAY } else { i64::from(collector.time_of_day(text, path)) }
}

/// The minutes from which to which something goes on; past 1440 over midnight.
pub(super) fn minutes_of(
    collector: &mut Collector,
    from: &str,
    to: &str,
    path: &str,
) -> (i64, i64) {
    let begin = i64::from(collector.time_of_day(from, &format!("{path}/from")));
    let end = end_minute(collector, to, &format!("{path}/to"));
    (begin, if end < begin { end + DAY } else { end })
}

/// Weekly hours of the local clock, ready for use.
#[derive(Clone, Debug, Default)]
pub(super) struct Hours {
    /// The place of the day in the week, the first minute and the end.
    windows: Vec<(i64, i64, i64)>,
}

impl Hours {
    pub fn compile(list: &[LocalHours], collector: &mut Collector, path: &str) -> Hours {
        let mut windows = Vec::new();
        at_most(HOURS_MAX, list.len(), collector, path);
        for (index, hours) in list.iter().enumerate().take(HOURS_MAX) {
            let path = format!("{path}/{index}");
            if hours.days.is_empty() {
                let message = "name at least one day of the week";
                collector.mistake(ErrorCode::DeskEmpty, &format!("{path}/days"), message);
            }
            let (from, to) = minutes_of(collector, &hours.from, &hours.to, &path);
            windows.extend(hours.days.iter().map(|day| (place_in_week(*day), from, to)));
        }
        windows.sort_unstable();
        windows.dedup();
        Hours { windows }
    }

    /// Whether there are no hours, which means that nothing is limited by them.
    pub fn is_unlimited(&self) -> bool {
        self.windows.is_empty()
    }

    /// The spans that begin on a local day, in no order.
    pub fn spans(&self, day: i64, zone: &TimeZone) -> Vec<(Timestamp, Timestamp)> {
        let of_day = self.windows.iter().filter(|(place, ..)| *place == weekday_of(day));
        let span = |(_, from, to): &(i64, i64, i64)| {
            Some((instant_of(day, *from, zone)?, instant_of(day, *to, zone)?))
        };
        of_day.filter_map(span).filter(|(from, to)| from < to).collect()
    }

    /// Whether an instant is within the hours.
    pub fn contain(&self, instant: Timestamp, zone: &TimeZone) -> bool {
        let today = day_of(instant, zone);
        let spans = [today - 1, today].into_iter().flat_map(|day| self.spans(day, zone));
        self.is_unlimited() || spans.into_iter().any(|(from, to)| from <= instant && instant < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::find_zone;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_counted_from_1970_in_both_directions() {
        assert_eq!(day_number(date(1970, 1, 1)), 0);
        assert_eq!(day_number(date(1969, 12, 31)), -1);
        assert_eq!(day_number(date(1970, 3, 1)), 59);
        assert_eq!(date_of(59), Some(date(1970, 3, 1)));
        assert_eq!(date_of(i64::MAX), None);
        // 1970-01-01 was a Thursday, and 2026-02-15 a Sunday.
        assert_eq!(weekday_of(0), place_in_week(Weekday::Thursday));
        assert_eq!(weekday_of(day_number(date(2026, 2, 15))), place_in_week(Weekday::Sunday));
    }

    #[test]
    fn a_minute_that_the_clock_jumps_over_is_later_by_the_jump() {
        let berlin = find_zone("Europe/Berlin").unwrap();
        let spring = day_number(date(2026, 3, 29));
        assert_eq!(instant_of(spring, 150, &berlin), Some(at("2026-03-29T03:30:00+02:00")));
        let autumn = day_number(date(2026, 10, 25));
        assert_eq!(instant_of(autumn, 150, &berlin), Some(at("2026-10-25T02:30:00+02:00")));
        assert_eq!(instant_of(autumn, 1_500, &berlin), Some(at("2026-10-26T01:00:00+01:00")));
    }

    #[test]
    fn fractions_of_seconds_are_dropped_downwards() {
        assert_eq!(second(at("2026-01-01T00:00:00.999Z")), 1_767_225_600);
        assert_eq!(second(at("1969-12-31T23:59:59.5Z")), -1);
        assert_eq!(seconds_between(at("2026-01-01T00:00:01Z"), at("2026-01-01T00:00:00Z")), 0);
    }

    #[test]
    fn hours_over_midnight_belong_to_the_day_on_which_they_begin() {
        let moscow = find_zone("Europe/Moscow").unwrap();
        let list =
            [LocalHours { days: vec![Weekday::Friday], from: "22:00".into(), to: "06:00".into() }];
        let hours = checked(|collector| Hours::compile(&list, collector, "")).unwrap();
        // 2026-02-13 is a Friday.
        for (instant, open) in [
            ("2026-02-13T21:59:59+03:00", false),
            ("2026-02-13T22:00:00+03:00", true),
            ("2026-02-14T05:59:59+03:00", true),
            ("2026-02-14T06:00:00+03:00", false),
            ("2026-02-14T23:00:00+03:00", false),
        ] {
            assert_eq!(hours.contain(at(instant), &moscow), open, "{instant}");
        }
    }

    #[test]
    fn every_mistake_of_hours_is_told_at_its_place() {
        let list = [LocalHours { days: Vec::new(), from: "24:00".into(), to: "25:00".into() }];
        let error = checked(|collector| Hours::compile(&list, collector, "/hours")).unwrap_err();
        let found: Vec<_> =
            error.mistakes().iter().map(|it| (it.path.as_str(), it.code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/hours/0/days", "desk.empty"),
                ("/hours/0/from", "time.of_day"),
                ("/hours/0/to", "time.of_day"),
            ]
        );
    }
}
