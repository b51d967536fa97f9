//! When a calendar is open.

use jiff::Timestamp;

use super::local::second;
use super::{Calendar, Interval};
use crate::error::Error;

impl Calendar {
    /// Whether it is open at an instant.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn is_open(&self, at: Timestamp) -> Result<bool, Error> {
        let place = self.place(at)?;
        Ok(self.0.table.last_begun(place).is_some_and(|(_, _, end)| place < end))
    }

    /// The first open instant at or after `at`: itself if it is open.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn next_open(&self, at: Timestamp) -> Result<Timestamp, Error> {
        let table = &self.0.table;
        self.found(table.at(table.worked(self.place(at)?), super::Edge::Opening))
    }

    /// The first closing after `at`: of the span that is open, or else of the next one.
    ///
    /// # Errors
    /// `calendar.years`, also if it does not close within its years.
    pub fn next_close(&self, at: Timestamp) -> Result<Timestamp, Error> {
        let place = self.place(at)?;
        let end = self.span_after(place).and_then(|span| Some(self.0.table.get(span)?.1));
        self.found(end.filter(|end| !self.is_last(*end)))
    }

    /// The last instant at or before `at` until which work went on: itself if it is open and has
    /// just been, or else the closing before it.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn last_worked(&self, at: Timestamp) -> Result<Timestamp, Error> {
        let table = &self.0.table;
        self.found(table.at(table.worked(self.place(at)?), super::Edge::Closing))
    }

    /// The open spans from one instant to another, the first and last of them clipped to these;
    /// none if the second instant is not after the first.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn spans(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Interval>, Error> {
        let (from, to) = (self.place(from)?, self.place(to)?);
        let mut spans = Vec::new();
        let Some(first) = self.span_after(from) else { return Ok(spans) };
        let table = &self.0.table;
        for (start, end) in (first..table.len()).filter_map(|place| table.get(place)) {
            if start >= to || from >= to {
                break;
            }
            spans.push(self.interval(start.max(from), end.min(to)));
        }
        Ok(spans)
    }

    /// The next `count` open spans from an instant on, the first of them clipped to it.
    ///
    /// # Errors
    /// `calendar.years`, also if there are fewer within its years.
    pub fn next_spans(&self, from: Timestamp, count: usize) -> Result<Vec<Interval>, Error> {
        let from = self.place(from)?;
        let table = &self.0.table;
        let first = self.span_after(from).unwrap_or(table.len());
        if count > table.len() - first {
            return self.found(None).map(|_| Vec::new());
        }
        let mut spans = Vec::with_capacity(count);
        for place in first..first + count {
            // What is still open when the years end has no end that is known.
            let span = table.get(place).filter(|(_, end)| !self.is_last(*end));
            self.found(span.map(|(_, end)| end))?;
            spans.extend(span.map(|(start, end)| self.interval(start.max(from), end)));
        }
        Ok(spans)
    }

    /// The last `count` open spans before an instant, the latest first and clipped to it.
    ///
    /// # Errors
    /// `calendar.years`, also if there are fewer within its years.
    pub fn previous_spans(&self, from: Timestamp, count: usize) -> Result<Vec<Interval>, Error> {
        let from = self.place(from)?;
        let table = &self.0.table;
        // A span that begins at this very instant has nothing before it.
        let begun = from.checked_sub(1).map_or(0, |before| table.begun(before));
        if count > begun {
            return self.found(None).map(|_| Vec::new());
        }
        let mut spans = Vec::with_capacity(count);
        for place in (begun - count..begun).rev() {
            let span = table.get(place).filter(|(start, _)| *start > 0);
            self.found(span.map(|(start, _)| start))?;
            spans.extend(span.map(|(start, end)| self.interval(start, end.min(from))));
        }
        Ok(spans)
    }

    /// Whether an exclusion of the calendar's own cuts out an instant.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn is_break(&self, at: Timestamp) -> Result<bool, Error> {
        self.place(at)?;
        Ok(self.0.cuts.has(second(at)))
    }

    /// The place of the first span that ends after a second.
    fn span_after(&self, second: u32) -> Option<usize> {
        let table = &self.0.table;
        let place = match table.last_begun(second) {
            Some((place, _, end)) if second < end => place,
            _ => table.begun(second),
        };
        (place < table.len()).then_some(place)
    }

    /// Whether a second is the end of the years.
    fn is_last(&self, second: u32) -> bool {
        i64::from(second) == self.0.end - self.0.base
    }

    fn interval(&self, from: u32, to: u32) -> Interval {
        Interval { from: self.instant_at(from), to: self.instant_at(to) }
    }
}
