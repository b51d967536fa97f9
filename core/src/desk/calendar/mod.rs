//! Calendars and business time.
//!
//! A [`CalendarDocument`] is compiled once into a [`Calendar`], which knows every open second of
//! its years. Whatever is asked of it then takes the same short time, however far apart the
//! instants and however many the holidays.
//!
//! ```
//! use kopilka::desk::{Calendar, Edge};
//!
//! let calendar = Calendar::from_json(r#"{
//!     "id": "office", "zone": "Europe/Moscow",
//!     "weekly": [{"days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
//!                 "from": "09:00", "to": "18:00"}],
//!     "holidays": [{"date": "2026-02-23", "name": "Defender of the Fatherland Day"}]
//! }"#)?;
//! // Two hours of work from 17:30 on the Friday before the holiday.
//! let start = "2026-02-20T17:30:00+03:00".parse().unwrap();
//! let due = calendar.add(start, 2 * 3_600, &[], Edge::Closing)?;
//! assert_eq!(due, "2026-02-24T10:30:00+03:00".parse().unwrap());
//! assert_eq!(calendar.between(start, due, &[])?, 2 * 3_600);
//! # Ok::<(), kopilka::Error>(())
//! ```

mod compile;
mod dates;
mod days;
mod document;
#[cfg(test)]
mod examples;
mod exclusions;
mod hours;
mod local;
mod openings;
mod pauses;
#[cfg(test)]
mod properties;
mod query;
#[cfg(test)]
mod random;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod rules;
mod sets;
mod skipped;
mod table;
mod times;
#[cfg(test)]
mod walk;
mod working;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::document::Reader;
use crate::error::{Error, ErrorCode, Mistake};
use crate::json::Node;

pub use compile::{CALENDARS_MAX, DEFAULT_YEARS, NESTING_MAX, WINDOWS_MAX, YEARS_MAX};
pub use days::CALENDAR_BYTES_MAX;
pub use document::*;
pub use query::*;
pub use skipped::{ClosedBecause, Skipped};

use compile::{Parts, Range};
use exclusions::Cuts;
use hours::OwnHours;
use local::{Local, second};
use table::Table;

/// A calendar, compiled once from its document and then asked as often as one likes. Cloning it is
/// cheap, and it may be used from several threads at once.
///
/// Instants count in whole seconds: fractions are dropped downwards. A span is open at its first
/// second and closed at its last instant. Every question about an instant outside the calendar's
/// years, and every answer that would lie outside them, is the error `calendar.years`.
#[derive(Clone)]
pub struct Calendar(Arc<Inner>);

struct Inner {
    /// How deep it names others.
    depth: usize,
    document: CalendarDocument,
    local: Local,
    /// The first instant of its years.
    base: i64,
    /// The first instant after its years.
    end: i64,
    table: Table,
    hours: OwnHours,
    cuts: Cuts,
    business: Vec<BusinessDay>,
    united: Vec<Calendar>,
    intersected: Vec<Calendar>,
}

/// A local day on which something is open, in seconds from the first instant.
struct BusinessDay {
    day: i64,
    opens: u32,
    closes: u32,
}

impl Calendar {
    /// Compiles a calendar that stands by itself: it names its zone and no other calendar.
    ///
    /// # Errors
    /// Every mistake of the document, each with its code, JSON Pointer and a sentence.
    pub fn from_json(text: &str) -> Result<Calendar, Error> {
        Calendar::from_json_with(text, &[])
    }

    /// Compiles a calendar that stands by itself and may follow one of some production calendars.
    ///
    /// # Errors
    /// As [`Calendar::from_json`]; mistakes of the production calendars are below `/days`.
    pub fn from_json_with(text: &str, days: &[DaysDocument]) -> Result<Calendar, Error> {
        let node = Node::parse(text, CALENDAR_BYTES_MAX)?;
        let (document, mistakes) = Reader::document::<CalendarDocument>(&node);
        if !mistakes.is_empty() {
            return Err(mistakes.into());
        }
        Calendar::compile(&document, days)
    }

    /// Compiles a calendar that stands by itself, as [`Calendar::from_json_with`] does.
    ///
    /// # Errors
    /// Every mistake of meaning, each with its code, JSON Pointer and a sentence.
    pub fn compile(document: &CalendarDocument, days: &[DaysDocument]) -> Result<Calendar, Error> {
        let documents = std::slice::from_ref(document);
        let (calendars, mistakes) = compile::compile_all(documents, days, None, true);
        match calendars.into_iter().next() {
            Some(calendar) if mistakes.is_empty() => Ok(calendar),
            _ => Err(mistakes.into()),
        }
    }

    /// Compiles the calendars of a desk, which may name each other and follow its production
    /// calendars. `zone` is that of calendars that name none.
    ///
    /// The calendars come in the order of their documents; the mistakes are below `/calendars` and
    /// `/days`. A calendar that is wrong is open around the clock in its place, so that what names
    /// it can be checked too.
    #[must_use]
    pub fn compile_all(
        calendars: &[CalendarDocument],
        days: &[DaysDocument],
        zone: &TimeZone,
    ) -> (Vec<Calendar>, Vec<Mistake>) {
        compile::compile_all(calendars, days, Some(zone), false)
    }

    /// A calendar that is always open, over the years 2000 to 2060.
    #[must_use]
    pub fn always(id: &str, zone: &TimeZone) -> Calendar {
        Calendar::around_the_clock(id, zone, DEFAULT_YEARS)
    }

    fn around_the_clock(id: &str, zone: &TimeZone, years: Years) -> Calendar {
        let document = CalendarDocument { id: id.to_owned(), ..CalendarDocument::default() };
        let parts = Parts {
            hours: OwnHours::always(),
            rules: Vec::new(),
            united: Vec::new(),
            intersected: Vec::new(),
        };
        compile::assemble(&document, parts, &Range::new(zone, years, [].iter()))
    }

    fn utc() -> Calendar {
        Calendar::always("", &TimeZone::UTC)
    }

    /// The name by which others name it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.document.id
    }

    /// What people call it, or else its id.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.document.name.as_deref().unwrap_or(self.id())
    }

    /// The document of which it was made.
    #[must_use]
    pub fn document(&self) -> &CalendarDocument {
        &self.0.document
    }

    /// The zone whose local times its hours are.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.0.local.zone
    }

    /// The instants that it covers: from the first of its years to the end of the last.
    #[must_use]
    pub fn covers(&self) -> Interval {
        Interval { from: instant_of(self.0.base), to: instant_of(self.0.end) }
    }

    /// An instant in seconds from the first one.
    fn place(&self, instant: Timestamp) -> Result<u32, Error> {
        let second = second(instant);
        let within = (self.0.base..=self.0.end).contains(&second);
        let place = u32::try_from(second - self.0.base).ok().filter(|_| within);
        place.ok_or_else(|| self.outside(&format!("{instant} is")))
    }

    /// The place of an instant, or the nearest one of the years.
    fn nearest(&self, instant: Timestamp) -> u32 {
        let second = second(instant).clamp(self.0.base, self.0.end);
        u32::try_from(second - self.0.base).unwrap_or(0)
    }

    /// The instant of a place.
    fn instant_at(&self, place: u32) -> Timestamp {
        instant_of(self.0.base.saturating_add(i64::from(place)))
    }

    /// The instant of a place, or the answer that there is none.
    fn found(&self, place: Option<u32>) -> Result<Timestamp, Error> {
        place.map(|place| self.instant_at(place)).ok_or_else(|| self.outside("the answer would be"))
    }

    #[cold]
    fn outside(&self, what: &str) -> Error {
        let Interval { from, to } = self.covers();
        let id = self.id();
        let message = format!("{what} outside the years of the calendar `{id}`: {from} to {to}");
        Error::new(ErrorCode::CalendarYears, "", message)
    }
}

impl fmt::Debug for Calendar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Calendar").field(&self.id()).finish()
    }
}

/// The instant of a second, which is within the years that any document may name.
fn instant_of(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}
