//! When a term ends.

use jiff::{Timestamp, civil};

use super::rules::Rules;
use super::target::{CalendarSpan, DayPoint, Due, Term};
use crate::desk::calendar::{Calendar, Interval};
use crate::error::Error;

impl Rules {
    /// When a term that begins at `start` ends, without the time of the pauses; never if nothing is
    /// promised.
    pub fn due(
        &self,
        term: &Term,
        start: Timestamp,
        pauses: &[Interval],
    ) -> Result<Option<Due>, Error> {
        let due = |at, calendar| Some(Due { at, calendar });
        Ok(match term {
            Term::Open => None,
            Term::After { calendar, seconds } => {
                let edge = self.document.edge;
                let at = self.calendar(*calendar).add(start, *seconds, pauses, edge)?;
                due(at, *calendar)
            }
            Term::BusinessDay { at, calendar, days } => {
                let days = i64::from(*days);
                let at = on_business_day(self.calendar(Some(*calendar)), start, *at, days)?;
                let moved = self.later_by_pauses(at, start, Some(*calendar), pauses)?;
                due(moved, Some(*calendar))
            }
            Term::Span(span) => {
                let at = after_span(&self.always, start, span)?;
                due(self.later_by_pauses(at, start, None, pauses)?, None)
            }
            Term::IfOpen { calendar, otherwise, then } => {
                let open = self.calendar(Some(*calendar)).is_open(start)?;
                return self.due(if open { then } else { otherwise }, start, pauses);
            }
            Term::Earliest(terms) => {
                let mut earliest: Option<Due> = None;
                for term in terms {
                    let due = self.due(term, start, pauses)?;
                    earliest = match (earliest, due) {
                        (Some(known), Some(due)) if known.at <= due.at => Some(known),
                        (known, due) => due.or(known),
                    };
                }
                earliest
            }
            Term::Latest(terms) => {
                let mut latest: Option<Due> = None;
                for term in terms {
                    // Without one of several terms there is no latest one.
                    let Some(due) = self.due(term, start, pauses)? else { return Ok(None) };
                    latest = latest.filter(|known| known.at >= due.at).or(Some(due));
                }
                latest
            }
        })
    }

    /// A term that was named by a date is later by the working time that the pauses took of it.
    fn later_by_pauses(
        &self,
        at: Timestamp,
        start: Timestamp,
        calendar: Option<usize>,
        pauses: &[Interval],
    ) -> Result<Timestamp, Error> {
        if !pauses.iter().any(|pause| pause.from < at && pause.to > start) {
            return Ok(at);
        }
        let calendar = self.calendar(calendar);
        let worked = calendar.between(start, at, &[])?;
        calendar.add(start, worked, pauses, self.document.edge)
    }
}

fn on_business_day(
    calendar: &Calendar,
    start: Timestamp,
    at: DayPoint,
    days: i64,
) -> Result<Timestamp, Error> {
    let date = calendar.next_business_day(calendar.date_of(start)?, days)?;
    let point = match at {
        DayPoint::Closing => calendar.closing(date),
        DayPoint::Opening => calendar.opening(date),
        DayPoint::Minute(minute) => {
            let hour = i8::try_from(minute / 60).unwrap_or(0);
            let minute = i8::try_from(minute % 60).unwrap_or(0);
            Some(calendar.instant(date, civil::time(hour, minute, 0, 0))?)
        }
    };
    // A business day has an opening and a closing.
    Ok(point.unwrap_or(start))
}

/// The same local time some days, weeks and months later.
pub(crate) fn after_span(
    calendar: &Calendar,
    start: Timestamp,
    span: &CalendarSpan,
) -> Result<Timestamp, Error> {
    let months = calendar.plus_months(start, i64::from(span.months))?;
    calendar.plus_days(months, i64::from(span.days) + 7 * i64::from(span.weeks))
}
