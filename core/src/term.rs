//! Spans of time by a store's calendar.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::document::INSTANT_MAX;
use crate::program::rules::{DateRules, LifeRules, StartRules};
use crate::program::{EndOf, Life, LifeFrom, Period, Term};

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

/// The dates of something earned at an instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Dates {
    /// The event that is awaited.
    pub event: Option<String>,
    /// Absent if never, or while an event is awaited from which the life is counted.
    pub expires_at: Option<Timestamp>,
    /// How long it lives from the event that is awaited.
    pub life: Option<Life>,
    /// Absent if at once.
    pub opens_at: Option<Timestamp>,
}

/// When a lot opens that is held until an instant: not before it, unless an event is awaited.
pub(crate) fn held_opening(
    event: Option<&String>,
    opens_at: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Option<Timestamp> {
    if event.is_none() { opens_at.max(until) } else { opens_at }
}

impl DateRules {
    /// The dates of what is earned at `start`; `life` may replace the rule's own.
    pub fn dates(&self, start: Timestamp, life: Option<&LifeRules>, zone: &TimeZone) -> Dates {
        let life = life.or(self.life.as_ref());
        let (opens_at, event) = match &self.delay {
            None => (None, None),
            Some(StartRules::Term(term)) => (Some(begin_after(start, term, zone)), None),
            Some(StartRules::Date(date)) => (first_instant(*date, zone), None),
            Some(StartRules::Event(event)) => (None, Some(event.clone())),
        };
        let opens_at = opens_at.filter(|opens| *opens > start);
        let from_event = event.is_some() && self.life_from == LifeFrom::Opened;
        // The end of a date is the same whenever it begins.
        let counted = life.filter(|life| !matches!(life, LifeRules::Date(_)));
        let awaited = counted.filter(|_| from_event).map(LifeRules::document);
        let from = match self.life_from {
            LifeFrom::Earned => start,
            LifeFrom::Opened => opens_at.unwrap_or(start),
        };
        let known = life.filter(|_| awaited.is_none());
        let expires_at = known.and_then(|life| life_end(from, life, zone));
        Dates { event, expires_at, life: awaited, opens_at }
    }
}

impl LifeRules {
    /// As records keep it.
    fn document(&self) -> Life {
        match self {
            LifeRules::Term(Term::Days(days)) => Life::Days(*days),
            LifeRules::Term(Term::Months(months)) => Life::Months(*months),
            LifeRules::Term(Term::Hours(hours)) => Life::Hours(*hours),
            LifeRules::EndOf(end) => Life::EndOf(end.clone()),
            LifeRules::Date(date) => Life::Date(date.to_string()),
        }
    }

    /// A life that a record keeps; `None` if its date is none.
    pub fn recorded(life: &Life) -> Option<LifeRules> {
        Some(match life {
            Life::Days(days) => LifeRules::Term(Term::Days(*days)),
            Life::Months(months) => LifeRules::Term(Term::Months(*months)),
            Life::Hours(hours) => LifeRules::Term(Term::Hours(*hours)),
            Life::EndOf(end) => LifeRules::EndOf(end.clone()),
            Life::Date(date) => LifeRules::Date(date.parse().ok()?),
        })
    }
}

/// When a life that begins at `start` has ended; `None` if never.
pub(crate) fn life_end(start: Timestamp, life: &LifeRules, zone: &TimeZone) -> Option<Timestamp> {
    let after = |day: Date| first_instant(day.tomorrow().ok()?, zone);
    let end = match life {
        LifeRules::Term(term) => return end_after(start, term, zone),
        LifeRules::Date(date) => after(*date),
        LifeRules::EndOf(end) => after(last_day(zone.to_datetime(start).date(), end)?),
    };
    end.filter(|end| end.as_second() < INSTANT_MAX)
}

/// The last day of the period in which a day is, or of a later one.
fn last_day(day: Date, end: &EndOf) -> Option<Date> {
    let months = match end.period {
        Period::Month => 1,
        Period::Quarter => 3,
        Period::Year => 12,
    };
    // Months that the period has gone on before this one.
    let begun = i64::from(day.month() - 1) % months;
    let more = i64::from(end.more).checked_add(1)?.checked_mul(months)? - begun - 1;
    let span = Span::new().try_months(more).ok()?;
    Some(day.first_of_month().checked_add(span).ok()?.last_of_month())
}

/// The last whole second that a document may hold.
pub(crate) fn last_instant() -> Timestamp {
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
    use crate::document::find_zone;

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

    fn rules(delay: Option<StartRules>, life: LifeRules, life_from: LifeFrom) -> DateRules {
        DateRules { delay, life: Some(life), life_from }
    }

    #[test]
    fn the_end_of_a_period_is_that_of_the_one_in_which_it_begins_or_later() {
        let moscow = find_zone("Europe/Moscow").unwrap();
        let end = |start: &str, period, more| {
            let life = LifeRules::EndOf(EndOf { more, period });
            life_end(at(start), &life, &moscow).map(|end| end.to_string())
        };
        let midnight = |day: &str| Some(at(&format!("{day}T00:00:00+03:00")).to_string());
        assert_eq!(end("2026-02-10T12:00:00+03:00", Period::Month, 0), midnight("2026-03-01"));
        assert_eq!(end("2026-01-31T23:59:59+03:00", Period::Month, 1), midnight("2026-03-01"));
        assert_eq!(end("2026-05-01T00:00:00+03:00", Period::Quarter, 0), midnight("2026-07-01"));
        assert_eq!(end("2026-11-30T12:00:00+03:00", Period::Quarter, 1), midnight("2027-04-01"));
        assert_eq!(end("2026-06-15T12:00:00+03:00", Period::Year, 0), midnight("2027-01-01"));
        assert_eq!(end("2026-06-15T12:00:00+03:00", Period::Year, 2), midnight("2029-01-01"));
        assert_eq!(end("2026-06-15T12:00:00+03:00", Period::Year, u32::MAX), None);
    }

    #[test]
    fn a_start_on_a_date_that_has_begun_is_at_once() {
        let moscow = find_zone("Europe/Moscow").unwrap();
        let rules = |date: &str| {
            let delay = StartRules::Date(date.parse().unwrap());
            rules(Some(delay), LifeRules::Term(Term::Days(1)), LifeFrom::Opened)
        };
        let start = at("2026-03-05T12:00:00+03:00");
        let later = rules("2026-03-08").dates(start, None, &moscow);
        assert_eq!(later.opens_at, Some(at("2026-03-08T00:00:00+03:00")));
        assert_eq!(later.expires_at, Some(at("2026-03-10T00:00:00+03:00")));
        let begun = rules("2026-03-05").dates(start, None, &moscow);
        assert_eq!(begun.opens_at, None);
        assert_eq!(begun.expires_at, Some(at("2026-03-07T00:00:00+03:00")));
    }

    #[test]
    fn a_life_is_counted_from_the_event_unless_its_end_is_known_before() {
        let moscow = find_zone("Europe/Moscow").unwrap();
        let start = at("2026-03-05T12:00:00+03:00");
        let dates = |life: LifeRules, from| {
            let delay = Some(StartRules::Event("delivered".into()));
            rules(delay, life, from).dates(start, None, &moscow)
        };
        let days = || LifeRules::Term(Term::Days(10));
        let opened = dates(days(), LifeFrom::Opened);
        assert_eq!((opened.expires_at, opened.life), (None, Some(Life::Days(10))));
        assert_eq!(opened.event.as_deref(), Some("delivered"));
        let earned = dates(days(), LifeFrom::Earned);
        assert_eq!(earned.expires_at, Some(at("2026-03-16T00:00:00+03:00")));
        assert_eq!(earned.life, None);
        let date = dates(LifeRules::Date("2026-12-31".parse().unwrap()), LifeFrom::Opened);
        assert_eq!(date.expires_at, Some(at("2027-01-01T00:00:00+03:00")));
        assert_eq!(date.life, None);
    }

    #[test]
    fn a_life_from_earning_may_end_before_it_begins() {
        let moscow = find_zone("Europe/Moscow").unwrap();
        let delay = Some(StartRules::Term(Term::Days(14)));
        let rules = rules(delay, LifeRules::Term(Term::Days(7)), LifeFrom::Earned);
        let dates = rules.dates(at("2026-03-05T12:00:00+03:00"), None, &moscow);
        assert_eq!(dates.opens_at, Some(at("2026-03-19T00:00:00+03:00")));
        assert_eq!(dates.expires_at, Some(at("2026-03-13T00:00:00+03:00")));
    }

    #[test]
    fn a_life_survives_being_recorded() {
        for life in [
            LifeRules::Term(Term::Days(3)),
            LifeRules::Term(Term::Months(2)),
            LifeRules::Term(Term::Hours(1)),
            LifeRules::EndOf(EndOf { more: 1, period: Period::Quarter }),
            LifeRules::Date("2026-12-31".parse().unwrap()),
        ] {
            assert_eq!(LifeRules::recorded(&life.document()), Some(life));
        }
    }
}
