//! The time over which tiers count: where it begins, and when something falls out of it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::history::Moment;
use crate::program::{Period, Term, Window};
use crate::term::first_instant;

/// What counts at an instant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reach {
    /// What happened after an instant.
    After(Timestamp),
    /// What happened on these days of its store.
    Days { first: Date, last: Date },
}

impl Reach {
    pub fn has(self, moment: Moment) -> bool {
        match self {
            Reach::After(start) => moment.at > start,
            Reach::Days { first, last } => (first..=last).contains(&moment.day),
        }
    }
}

impl Window {
    /// What counts at an instant, by the calendar of a zone.
    pub(super) fn reach(&self, at: Timestamp, zone: &TimeZone) -> Reach {
        let today = || zone.to_datetime(at).date();
        let since = |first: Option<Date>| Reach::Days {
            first: first.unwrap_or(Date::MIN),
            last: Date::MAX,
        };
        match self {
            Window::Rolling(Term::Hours(hours)) => {
                // What happened exactly so many hours ago is no longer within them.
                let hours = SignedDuration::from_hours(i64::from(*hours));
                Reach::After(at.checked_sub(hours).unwrap_or(Timestamp::MIN))
            }
            Window::Rolling(Term::Days(days)) => since(days_after(today(), 1 - i64::from(*days))),
            Window::Rolling(Term::Months(months)) => {
                let before = months_after(today(), -i64::from(*months));
                since(before.and_then(|day| day.tomorrow().ok()))
            }
            Window::Calendar(period) => {
                let today = today();
                let first = first_day(today, *period).unwrap_or(Date::MIN);
                Reach::Days { first, last: last_day(today, *period).unwrap_or(Date::MAX) }
            }
        }
    }

    /// From when on something that happened counts, by the calendar of a zone: in a store further
    /// east the next month may have begun.
    pub(super) fn begin(&self, moment: Moment, zone: &TimeZone) -> Timestamp {
        let first = match self {
            Window::Rolling(_) => None,
            Window::Calendar(period) => first_day(moment.day, *period),
        };
        let first = first.and_then(|day| first_instant(day, zone));
        first.map_or(moment.at, |first| first.max(moment.at))
    }

    /// When something that happened no longer counts; `None` if it always does.
    pub(super) fn end(&self, moment: Moment, zone: &TimeZone) -> Option<Timestamp> {
        let first_out = match self {
            Window::Rolling(Term::Hours(hours)) => {
                let hours = SignedDuration::from_hours(i64::from(*hours));
                return moment.at.checked_add(hours).ok();
            }
            Window::Rolling(Term::Days(days)) => days_after(moment.day, i64::from(*days))?,
            Window::Rolling(Term::Months(months)) => {
                let months = i64::from(*months);
                let mut day = months_after(moment.day, months)?;
                // The day so many months before a shorter month's end may be an earlier one still.
                while months_after(day, -months)? < moment.day {
                    day = day.tomorrow().ok()?;
                }
                day
            }
            Window::Calendar(period) => last_day(moment.day, *period)?.tomorrow().ok()?,
        };
        first_instant(first_out, zone)
    }

    /// The longest that anything may count, so that what is older need not be looked at.
    pub(super) fn longest(&self) -> SignedDuration {
        let days = match self {
            Window::Rolling(Term::Hours(hours)) => {
                return SignedDuration::from_hours(i64::from(*hours));
            }
            Window::Rolling(Term::Days(days)) => i64::from(*days),
            Window::Rolling(Term::Months(months)) => i64::from(*months) * 31 + 3,
            Window::Calendar(Period::Month) => 31,
            Window::Calendar(Period::Quarter) => 92,
            Window::Calendar(Period::Year) => 366,
        };
        // A day has at most 25 hours, or a little more where a zone moved; three days more cover
        // that, and stores of other zones.
        SignedDuration::from_hours((days + 3).saturating_mul(25))
    }
}

fn days_after(day: Date, days: i64) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// So many months later, kept within shorter months.
fn months_after(day: Date, months: i64) -> Option<Date> {
    day.checked_add(Span::new().try_months(months).ok()?).ok()
}

fn first_day(day: Date, period: Period) -> Option<Date> {
    let month = match period {
        Period::Month => day.month(),
        Period::Quarter => day.month() - (day.month() - 1) % 3,
        Period::Year => 1,
    };
    Date::new(day.year(), month, 1).ok()
}

fn last_day(day: Date, period: Period) -> Option<Date> {
    let more = match period {
        Period::Month => 0,
        Period::Quarter => 2,
        Period::Year => 11,
    };
    Some(months_after(first_day(day, period)?, more)?.last_of_month())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::find_zone;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn midnight(day: &str) -> Timestamp {
        at(&format!("{day}T00:00:00+03:00"))
    }

    fn moscow() -> TimeZone {
        find_zone("Europe/Moscow").unwrap()
    }

    fn moment(at: Timestamp) -> Moment {
        Moment { at, day: moscow().to_datetime(at).date() }
    }

    /// The first day that counts at an instant, and when what happens at it no longer counts.
    fn bounds(window: &Window, text: &str) -> (String, Option<Timestamp>) {
        let Reach::Days { first, .. } = window.reach(at(text), &moscow()) else {
            panic!("not days: {window:?}");
        };
        (first.to_string(), window.end(moment(at(text)), &moscow()))
    }

    #[test]
    fn thirty_days_are_today_and_the_twenty_nine_before() {
        let window = Window::Rolling(Term::Days(30));
        let (first, end) = bounds(&window, "2026-03-31T15:00:00+03:00");
        assert_eq!((first.as_str(), end), ("2026-03-02", Some(midnight("2026-04-30"))));
    }

    #[test]
    fn months_go_back_to_the_day_after_the_same_day() {
        let window = Window::Rolling(Term::Months(1));
        let (first, end) = bounds(&window, "2026-03-15T15:00:00+03:00");
        assert_eq!((first.as_str(), end), ("2026-02-16", Some(midnight("2026-04-15"))));
        // There is no 31 February, so that 28 February is a month before 31 March.
        assert_eq!(bounds(&window, "2026-03-31T15:00:00+03:00").0, "2026-03-01");
        // On 28 February a month goes back to 28 January: the 31st still counts, until 1 March.
        let end = bounds(&window, "2026-01-31T15:00:00+03:00").1;
        assert_eq!(end, Some(midnight("2026-03-01")));
    }

    #[test]
    fn what_counts_at_an_instant_is_what_has_not_fallen_out_before() {
        let windows = [
            Window::Rolling(Term::Days(7)),
            Window::Rolling(Term::Months(1)),
            Window::Rolling(Term::Months(12)),
            Window::Rolling(Term::Hours(48)),
            Window::Calendar(Period::Month),
            Window::Calendar(Period::Quarter),
            Window::Calendar(Period::Year),
        ];
        let moscow = moscow();
        let first = at("2027-12-27T12:00:00+03:00");
        for window in windows {
            for (bought, seen) in (0..90).flat_map(|day| (day..400).map(move |seen| (day, seen))) {
                let after = |days: i64| first + SignedDuration::from_hours(24 * days);
                let (bought, seen) = (moment(after(bought)), after(seen));
                let counts = window.reach(seen, &moscow).has(bought);
                let end = window.end(bought, &moscow).unwrap();
                assert_eq!(counts, end > seen, "{window:?} {bought:?} {seen}");
                assert_eq!(window.begin(bought, &moscow), bought.at);
                assert!(end <= bought.at + window.longest());
            }
        }
    }

    #[test]
    fn calendar_periods_begin_with_their_first_day() {
        let of = |period| {
            let (first, end) = bounds(&Window::Calendar(period), "2026-11-21T12:00:00+03:00");
            (first, end.unwrap())
        };
        assert_eq!(of(Period::Month), ("2026-11-01".into(), midnight("2026-12-01")));
        assert_eq!(of(Period::Quarter), ("2026-10-01".into(), midnight("2027-01-01")));
        assert_eq!(of(Period::Year), ("2026-01-01".into(), midnight("2027-01-01")));
    }

    #[test]
    fn a_sale_in_a_store_further_east_counts_in_the_month_of_its_store() {
        let window = Window::Calendar(Period::Month);
        let sale = Moment { at: at("2025-10-31T15:30:00Z"), day: "2025-11-01".parse().unwrap() };
        let counts = |seen: &str| window.reach(at(seen), &moscow()).has(sale);
        assert!(!counts("2025-10-31T23:59:59+03:00"));
        assert!(counts("2025-11-01T00:00:00+03:00") && counts("2025-11-30T12:00:00+03:00"));
        assert_eq!(window.begin(sale, &moscow()), midnight("2025-11-01"));
        assert_eq!(window.end(sale, &moscow()), Some(midnight("2025-12-01")));
    }

    #[test]
    fn hours_go_by_the_clock() {
        let window = Window::Rolling(Term::Hours(24));
        let reach = window.reach(at("2026-03-31T15:00:00+03:00"), &moscow());
        assert!(!reach.has(moment(at("2026-03-30T15:00:00+03:00"))));
        assert!(reach.has(moment(at("2026-03-30T15:00:01+03:00"))));
        let end = window.end(moment(at("2026-03-31T15:00:00+03:00")), &moscow());
        assert_eq!(end, Some(at("2026-04-01T15:00:00+03:00")));
    }
}
