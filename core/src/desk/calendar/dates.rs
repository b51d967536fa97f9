//! Dates: business days, openings and closings, calendar weeks and months.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, Timestamp};

use super::local::{DAY, date_of, day_number, second};
use super::{BusinessDay, Calendar, Holiday, instant_of};
use crate::error::Error;

impl Calendar {
    /// The local date of an instant.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn date_of(&self, at: Timestamp) -> Result<Date, Error> {
        self.place(at)?;
        Ok(date_of(self.0.local.day(second(at))))
    }

    /// The instant of a local date and time. A time that the clocks skip moves forward by as much
    /// as they jump; of a time that comes twice, it is the first.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn instant(&self, date: Date, time: Time) -> Result<Timestamp, Error> {
        let second = i64::from(time.hour()) * 3_600
            + i64::from(time.minute()) * 60
            + i64::from(time.second());
        self.local_instant(day_number(date), second)
    }

    /// Whether a date is a holiday of the calendar's own hours.
    #[must_use]
    pub fn is_holiday(&self, date: Date) -> bool {
        self.0.hours.is_holiday(day_number(date))
    }

    /// What is known of a holiday; `None` if the date is none. The source is that of the production
    /// calendar if the holiday is from there.
    #[must_use]
    pub fn holiday(&self, date: Date) -> Option<Holiday> {
        let holiday = self.0.hours.special(day_number(date))?.holiday.as_ref()?;
        Some(Holiday {
            date: date.to_string(),
            name: holiday.name.clone(),
            source: holiday.source.as_deref().map(str::to_owned),
        })
    }

    /// Whether something of the calendar's hours begins on a date: it is a business day. Where
    /// calendars are united or intersected, whether it is open at all on the date.
    #[must_use]
    pub fn is_business_day(&self, date: Date) -> bool {
        self.business_day(date).is_some()
    }

    /// The `count`th business day after a date, or before it if `count` is below zero. Zero gives
    /// the date itself, or the first business day after it if it is none.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn next_business_day(&self, date: Date, count: i64) -> Result<Date, Error> {
        self.business_day_from(day_number(date), count).map(|found| date_of(found.day))
    }

    /// When a date's hours begin; `None` if it is no business day.
    #[must_use]
    pub fn opening(&self, date: Date) -> Option<Timestamp> {
        self.business_day(date).map(|day| self.instant_at(day.opens))
    }

    /// When a date's hours end, which may be on the next date; `None` if it is no business day.
    #[must_use]
    pub fn closing(&self, date: Date) -> Option<Timestamp> {
        self.business_day(date).map(|day| self.instant_at(day.closes))
    }

    /// The same local time so many business days later and, if it is closed then, the next open
    /// instant. Below zero, so many business days before and, if it is closed then, the last
    /// worked instant. Zero gives the next open instant.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn shift_business_days(&self, at: Timestamp, count: i64) -> Result<Timestamp, Error> {
        if count == 0 {
            return self.next_open(at);
        }
        self.place(at)?;
        let local = self.0.local.at(second(at));
        let day = self.business_day_from(local.div_euclid(DAY), count)?.day;
        let there = self.local_instant(day, local.rem_euclid(DAY))?;
        if count > 0 {
            return self.next_open(there);
        }
        if self.is_open(there)? { Ok(there) } else { self.last_worked(there) }
    }

    /// The same local time so many days later, open or not.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn plus_days(&self, at: Timestamp, days: i64) -> Result<Timestamp, Error> {
        self.moved(at, Span::new().try_days(days).ok())
    }

    /// The same local time so many weeks later, open or not.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn plus_weeks(&self, at: Timestamp, weeks: i64) -> Result<Timestamp, Error> {
        self.moved(at, Span::new().try_weeks(weeks).ok())
    }

    /// The same local time so many months later, open or not; from the 31st to the last day of a
    /// month that is shorter.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn plus_months(&self, at: Timestamp, months: i64) -> Result<Timestamp, Error> {
        self.moved(at, Span::new().try_months(months).ok())
    }

    fn business_day_from(&self, day: i64, count: i64) -> Result<&BusinessDay, Error> {
        let business = &self.0.business;
        let before = business.partition_point(|other| other.day < day);
        let on = business.get(before).is_some_and(|other| other.day == day);
        let (start, steps) = match count {
            0 => (before, 0),
            count if count > 0 => (before + usize::from(on), count - 1),
            count => (before, count),
        };
        let place = i64::try_from(start).ok().and_then(|start| start.checked_add(steps));
        let place = place.and_then(|place| usize::try_from(place).ok());
        let found = place.and_then(|place| business.get(place));
        let found = found.filter(|_| self.covers_day(day));
        found.ok_or_else(|| self.outside("the date would be"))
    }

    fn moved(&self, at: Timestamp, span: Option<Span>) -> Result<Timestamp, Error> {
        self.place(at)?;
        if span.is_some_and(|span| span.is_zero()) {
            return Ok(instant_of(second(at)));
        }
        let local = self.0.local.at(second(at));
        let date = date_of(local.div_euclid(DAY));
        let moved = span.and_then(|span| date.checked_add(span).ok());
        let date = moved.ok_or_else(|| self.outside("the date would be"))?;
        self.local_instant(day_number(date), local.rem_euclid(DAY))
    }

    /// The instant of a local day and the seconds since its midnight.
    fn local_instant(&self, day: i64, time: i64) -> Result<Timestamp, Error> {
        if !self.covers_day(day) {
            let date = date_of(day).to_datetime(Time::midnight());
            return Err(self.outside(&format!("{} is", DateTime::date(date))));
        }
        let instant = instant_of(self.0.local.instant(day * DAY + time));
        self.place(instant).map(|_| instant)
    }

    /// Whether a day is one of the years, or beside them.
    fn covers_day(&self, day: i64) -> bool {
        let local = &self.0.local;
        (local.day(self.0.base)..=local.day(self.0.end)).contains(&day)
    }

    fn business_day(&self, date: Date) -> Option<&BusinessDay> {
        let day = day_number(date);
        let business = &self.0.business;
        let place = business.binary_search_by_key(&day, |other| other.day).ok()?;
        business.get(place)
    }
}
