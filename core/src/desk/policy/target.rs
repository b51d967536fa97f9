//! By when something must be done: small expressions over calendars.

use jiff::Timestamp;

use crate::command::NoDetails;
use crate::document::{document, union};

union! {
    /// By when something must be done.
    pub enum Target {
        /// After some working time.
        After(After) = "after",
        /// No term is promised: it is agreed upon.
        ByAgreement(NoDetails) = "by_agreement",
        /// After days, weeks or months of the calendar on the wall, at the same local time.
        CalendarSpan(CalendarSpan) = "calendar_span",
        /// The earliest of several.
        Earliest(Vec<Target>) = "earliest",
        /// One target if a calendar is open at the start, another one if it is closed.
        IfOpen(IfOpen) = "if_open",
        /// The latest of several.
        Latest(Vec<Target>) = "latest",
        /// On a business day after that of the start.
        NextBusinessDay(NextBusinessDay) = "next_business_day",
        /// No term is promised: it is done in its turn.
        Queue(NoDetails) = "queue",
    }
}

document! {
    /// An amount of working time.
    pub struct After {
        /// The calendar whose open time counts; all time counts where it is left out.
        pub calendar: Option<String>,
        /// Hours.
        pub hours: u32 = 0,
        /// Minutes.
        pub minutes: u32 = 0,
        /// Seconds.
        pub seconds: u32 = 0,
    }
}

impl After {
    /// The whole amount in seconds.
    #[must_use]
    pub fn total_seconds(&self) -> i64 {
        i64::from(self.hours) * 3_600 + i64::from(self.minutes) * 60 + i64::from(self.seconds)
    }
}

document! {
    /// A span of the calendar on the wall, in the desk's zone. A month that is too short ends the span
    /// on its last day.
    pub struct CalendarSpan {
        /// Days.
        pub days: u32 = 0,
        /// Months.
        pub months: u32 = 0,
        /// Weeks.
        pub weeks: u32 = 0,
    }
}

document! {
    /// A choice by whether a calendar is open at the start.
    pub struct IfOpen {
        /// The calendar that is asked.
        pub calendar: String,
        /// The target where it is closed.
        pub otherwise: Box<Target>,
        /// The target where it is open.
        pub then: Box<Target>,
    }
}

document! {
    /// A business day after the local day of the start.
    pub struct NextBusinessDay {
        /// When on that day: `closing`, `opening`, or a local time such as `12:00`.
        pub at: String = "closing".to_owned(),
        /// The calendar whose days count.
        pub calendar: String,
        /// Which business day after that of the start.
        pub days: u32 = 1,
    }
}

/// A target with its names resolved.
#[derive(Clone, Debug)]
pub(crate) enum Term {
    /// Working seconds of a calendar; all time where there is none.
    After {
        calendar: Option<usize>,
        seconds: i64,
    },
    BusinessDay {
        at: DayPoint,
        calendar: usize,
        days: u32,
    },
    Earliest(Vec<Term>),
    IfOpen {
        calendar: usize,
        otherwise: Box<Term>,
        then: Box<Term>,
    },
    Latest(Vec<Term>),
    /// Nothing is promised.
    Open,
    Span(CalendarSpan),
}

/// A moment of a business day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayPoint {
    Closing,
    Opening,
    /// Minutes after local midnight.
    Minute(u16),
}

/// When a term ends, and the calendar that its time is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub at: Timestamp,
    pub calendar: Option<usize>,
}
