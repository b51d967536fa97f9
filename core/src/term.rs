//! Spans of time by a store's calendar.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::document::INSTANT_MAX;
use crate::program::Term;

/// When something that is delayed by `term` from `start` begins: the first instant of the local day
/// so many days or months later, or the same clock time so many hours later. Past the last instant
/// that a document may hold, it begins at that one.
pub(crate) fn begin_after(start: Timestamp, term: &Term, zone: &TimeZone) -> Timestamp {
    let begin = match term {
        Term::Days(0) | Term::Months(0) => Some(start),
        Term::Days(_) | Term::Months(_) => {
            day_after(start, term, zone, 0).and_then(|day| first_instant(day, zone))
        }
        Term::Hours(hours) => hours_after(start, *hours),
    };
    begin.filter(|begin| begin.as_second() < INSTANT_MAX).unwrap_or_else(last_instant)
}

/// When something that lives for `term` from `start` has ended: the first instant after the local
/// day so many days or months later. The day of `start` does not count. `None` if that is past
/// every instant that a document may hold: it never ends.
pub(crate) fn end_after(start: Timestamp, term: &Term, zone: &TimeZone) -> Option<Timestamp> {
    let end = match term {
        Term::Days(_) | Term::Months(_) => {
            day_after(start, term, zone, 1).and_then(|day| first_instant(day, zone))
        }
        Term::Hours(hours) => hours_after(start, *hours),
    };
    end.filter(|end| end.as_second() < INSTANT_MAX)
}

fn last_instant() -> Timestamp {
    Timestamp::from_second(INSTANT_MAX - 1).unwrap_or(Timestamp::MAX)
}

fn day_after(start: Timestamp, term: &Term, zone: &TimeZone, more_days: i64) -> Option<Date> {
    let day = zone.to_datetime(start).date();
    // A span past the calendar's end is as good as none, so it is refused rather than wrapped.
    let span = match term {
        Term::Days(days) => Span::new().try_days(i64::from(*days)).ok()?,
        Term::Months(months) => Span::new().try_months(i64::from(*months)).ok()?,
        Term::Hours(_) => return None,
    };
    day.checked_add(span).ok()?.checked_add(Span::new().try_days(more_days).ok()?).ok()
}

/// The first instant of a local day, which is later than midnight where the clocks jump over it.
pub(crate) fn first_instant(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(day.to_datetime(Time::midnight())).ok()
}

fn hours_after(start: Timestamp, hours: u32) -> Option<Timestamp> {
    start.checked_add(Span::new().try_hours(i64::from(hours)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::find_zone;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_day_on_which_it_starts_does_not_count() {
        let moscow = find_zone("Europe/Moscow").unwrap();
        let start = at("2025-10-24T23:30:00+03:00");
        assert_eq!(begin_after(start, &Term::Days(1), &moscow), at("2025-10-25T00:00:00+03:00"));
        assert_eq!(begin_after(start, &Term::Days(0), &moscow), start);
        assert_eq!(
            end_after(start, &Term::Days(30), &moscow),
            Some(at("2025-11-24T00:00:00+03:00"))
        );
        assert_eq!(
            end_after(start, &Term::Days(0), &moscow),
            Some(at("2025-10-25T00:00:00+03:00"))
        );
    }

    #[test]
    fn months_are_kept_within_shorter_months() {
        let moscow = find_zone("Europe/Moscow").unwrap();
        let start = at("2025-01-31T12:00:00+03:00");
        assert_eq!(begin_after(start, &Term::Months(1), &moscow), at("2025-02-28T00:00:00+03:00"));
        assert_eq!(
            end_after(start, &Term::Months(1), &moscow),
            Some(at("2025-03-01T00:00:00+03:00"))
        );
        assert_eq!(
            end_after(start, &Term::Months(13), &moscow),
            Some(at("2026-03-01T00:00:00+03:00"))
        );
        let leap = at("2024-01-31T12:00:00+03:00");
        assert_eq!(
            end_after(leap, &Term::Months(1), &moscow),
            Some(at("2024-03-01T00:00:00+03:00"))
        );
    }

    #[test]
    fn a_day_that_begins_after_midnight_begins_at_its_first_instant() {
        // In Cairo the clocks of 25 April 2025 jumped from 00:00 to 01:00.
        let cairo = find_zone("Africa/Cairo").unwrap();
        let start = at("2025-04-24T12:00:00+02:00");
        assert_eq!(begin_after(start, &Term::Days(1), &cairo), at("2025-04-25T01:00:00+03:00"));
    }

    #[test]
    fn hours_go_by_the_clock_over_a_change_of_offset() {
        let london = find_zone("Europe/London").unwrap();
        let start = at("2025-03-29T12:00:00+00:00");
        assert_eq!(begin_after(start, &Term::Hours(24), &london), at("2025-03-30T12:00:00+00:00"));
    }

    #[test]
    fn a_term_past_the_end_of_time_never_ends() {
        let moscow = find_zone("Europe/Moscow").unwrap();
        let start = at("2025-01-31T12:00:00+03:00");
        for term in [Term::Days(u32::MAX), Term::Months(u32::MAX), Term::Hours(u32::MAX)] {
            assert_eq!(end_after(start, &term, &moscow), None);
            assert_eq!(begin_after(start, &term, &moscow), last_instant());
        }
    }
}
