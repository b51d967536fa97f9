//! Sums of working time: adding, taking away, and the time between.

use jiff::Timestamp;

use super::{Calendar, Edge, Interval};
use crate::error::Error;

impl Calendar {
    /// The instant at which so many working seconds have passed since `start`. Pauses do not
    /// count; they may overlap and come in any order.
    ///
    /// Where the sum is used up exactly when the calendar closes or a pause begins, `edge` says
    /// whether that instant is meant or the next open one. Zero seconds give the next open instant,
    /// and a sum below zero is taken away.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn add(
        &self,
        start: Timestamp,
        seconds: i64,
        pauses: &[Interval],
        edge: Edge,
    ) -> Result<Timestamp, Error> {
        if seconds < 0 {
            return self.taken_away(start, seconds.unsigned_abs(), pauses, edge);
        }
        self.added(start, seconds.unsigned_abs(), pauses, edge)
    }

    /// The instant since which so many working seconds have passed until `start`. Pauses do not
    /// count; they may overlap and come in any order.
    ///
    /// Where the sum reaches back exactly to an opening or the end of a pause, `edge` says whether
    /// that instant is meant ([`Edge::Opening`]) or the closing before it ([`Edge::Closing`]): no
    /// time is worked between them. Zero seconds give the last worked instant, and a sum below
    /// zero is added.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn subtract(
        &self,
        start: Timestamp,
        seconds: i64,
        pauses: &[Interval],
        edge: Edge,
    ) -> Result<Timestamp, Error> {
        if seconds < 0 {
            return self.added(start, seconds.unsigned_abs(), pauses, edge);
        }
        self.taken_away(start, seconds.unsigned_abs(), pauses, edge)
    }

    /// The working seconds from one instant to another, without those in pauses; zero if the
    /// second instant is before the first.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn between(
        &self,
        from: Timestamp,
        to: Timestamp,
        pauses: &[Interval],
    ) -> Result<i64, Error> {
        let table = &self.0.table;
        let (from, to) = (self.place(from)?, self.place(to)?);
        if to <= from {
            return Ok(0);
        }
        let mut worked = table.worked(to) - table.worked(from);
        for (begin, end) in self.merged(pauses).as_slice() {
            let (begin, end) = ((*begin).max(from), (*end).min(to));
            if begin < end {
                worked = worked.saturating_sub(table.worked(end) - table.worked(begin));
            }
        }
        Ok(i64::from(worked))
    }

    /// The working seconds as [`Calendar::between`], below zero if the second instant is before
    /// the first.
    ///
    /// # Errors
    /// `calendar.years`.
    pub fn signed_between(
        &self,
        from: Timestamp,
        to: Timestamp,
        pauses: &[Interval],
    ) -> Result<i64, Error> {
        if to < from {
            return Ok(-self.between(to, from, pauses)?);
        }
        self.between(from, to, pauses)
    }

    fn added(
        &self,
        start: Timestamp,
        seconds: u64,
        pauses: &[Interval],
        edge: Edge,
    ) -> Result<Timestamp, Error> {
        let table = &self.0.table;
        let start = self.place(start)?;
        // Nothing to work ends when work could begin.
        let edge = if seconds == 0 { Edge::Opening } else { edge };
        let mut left = u32::try_from(seconds).or_else(|_| self.found(None).map(|_| 0))?;
        let mut worked = table.worked(start);
        for (begin, end) in self.merged(pauses).as_slice() {
            if *end <= start {
                continue;
            }
            let active = table.worked((*begin).max(start)) - worked;
            if left < active || (left == active && edge == Edge::Closing) {
                break;
            }
            left -= active;
            worked = table.worked(*end);
        }
        self.found(worked.checked_add(left).and_then(|worked| table.at(worked, edge)))
    }

    fn taken_away(
        &self,
        start: Timestamp,
        seconds: u64,
        pauses: &[Interval],
        edge: Edge,
    ) -> Result<Timestamp, Error> {
        let table = &self.0.table;
        let start = self.place(start)?;
        let edge = if seconds == 0 { Edge::Closing } else { edge };
        let mut left = u32::try_from(seconds).or_else(|_| self.found(None).map(|_| 0))?;
        let mut worked = table.worked(start);
        for (begin, end) in self.merged(pauses).as_slice().iter().rev() {
            if *begin >= start {
                continue;
            }
            let active = worked - table.worked((*end).min(start));
            if left < active || (left == active && edge == Edge::Opening) {
                break;
            }
            left -= active;
            worked = table.worked(*begin);
        }
        self.found(worked.checked_sub(left).and_then(|worked| table.at(worked, edge)))
    }
}
