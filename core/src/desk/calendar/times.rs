//! Dates and times of day as calendars write them.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::local::{DAY, day_number};
use crate::document::Collector;
use crate::error::ErrorCode;

/// A window of local seconds from the midnight with which its day begins. It may end on the next
/// day, and is never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window {
    pub from: i64,
    pub to: i64,
}

/// A window as written; `None` if it is empty or wrong. `path` is asked for only if it is wrong.
pub(super) fn window(
    check: &mut Collector,
    from: &str,
    to: &str,
    path: impl Fn() -> String,
) -> Option<Window> {
    let from = time(check, from, || path() + "/from", DAY - 1);
    let to = time(check, to, || path() + "/to", DAY);
    let (from, to) = from.zip(to)?;
    let to = if to < from { to + DAY } else { to };
    (from < to).then_some(Window { from, to })
}

fn time(check: &mut Collector, text: &str, path: impl Fn() -> String, latest: i64) -> Option<i64> {
    let seconds = seconds_of(text).filter(|seconds| *seconds <= latest);
    if seconds.is_none() {
        let message = format!("`{text}` is no time of day such as 09:30");
        check.mistake(ErrorCode::TimeOfDay, &path(), message);
    }
    seconds
}

/// HH:MM or HH:MM:SS in seconds, up to 24:00.
pub(super) fn seconds_of(text: &str) -> Option<i64> {
    let number = |part: Option<&str>, below: i64| {
        let part = part?;
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i64>().ok().filter(|number| digits && *number < below)
    };
    let mut parts = text.split(':');
    let hours = number(parts.next(), 25)?;
    let minutes = number(parts.next(), 60)?;
    let seconds = match parts.next() {
        None => 0,
        part => number(part, 60)?,
    };
    let all = hours * 3_600 + minutes * 60 + seconds;
    (parts.next().is_none() && all <= DAY).then_some(all)
}

/// The day of a date as written, within the years that any document may name. `path` is asked for
/// only if it is wrong.
pub(super) fn day(check: &mut Collector, text: &str, path: impl Fn() -> String) -> Option<i64> {
    let known = |date: &Date| (1900..=2199).contains(&date.year());
    if let Some(date) = date_of_text(text).filter(known) {
        return Some(day_number(date));
    }
    let date: Date = check.date(Some(&text.to_owned()), &path())?;
    let message = format!("the date {date} is outside the years 1900 to 2199");
    check.mistake(ErrorCode::TimeRange, &path(), message);
    None
}

/// A date that is written as YYYY-MM-DD.
fn date_of_text(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let mut number = |length: usize| {
        let part = parts.next()?;
        let digits = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i16>().ok().filter(|_| digits)
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    parts.next().is_none().then_some(date)
}

/// Notes windows of one list that overlap; `cycle` is after how many seconds the list begins again.
pub(super) fn check_overlaps(
    check: &mut Collector,
    mut windows: Vec<(Window, String)>,
    cycle: Option<i64>,
) {
    windows.sort_unstable();
    let again = windows.first().cloned().zip(cycle).map(|((first, path), cycle)| {
        (Window { from: first.from + cycle, to: first.to + cycle }, path)
    });
    let following = windows.iter().skip(1).chain(&again);
    // What is wrong on each of its days is told once.
    let mut told = BTreeSet::new();
    for ((one, _), (next, path)) in windows.iter().zip(following) {
        if one.to > next.from && told.insert(path) {
            let message = "the window overlaps another one";
            check.mistake(ErrorCode::CalendarOverlap, path, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_to_the_second_and_reach_midnight() {
        assert_eq!(seconds_of("09:30"), Some(34_200));
        assert_eq!(seconds_of("09:30:15"), Some(34_215));
        assert_eq!(seconds_of("24:00"), Some(86_400));
        assert_eq!(seconds_of("24:00:00"), Some(86_400));
        for wrong in [
            "",
            "9:30",
            "09",
            "24:01",
            "24:00:01",
            "25:00",
            "09:60",
            "09:30:60",
            "09:30:00:00",
            "+9:30",
            "09:30 ",
            "-1:00",
        ] {
            assert_eq!(seconds_of(wrong), None, "{wrong}");
        }
    }
}
