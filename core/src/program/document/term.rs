//! Spans of time, and when points and coupons begin and end.

use crate::document::{choice, document, union};

union! {
    /// A span of time by the store's calendar or by the clock.
    pub enum Term {
        /// Whole local days; the day on which it starts does not count.
        Days(u32) = "days",
        /// Calendar months, kept within shorter months, and on to the end of that local day.
        Months(u32) = "months",
        /// Hours by the clock.
        Hours(u32) = "hours",
    }
}

union! {
    /// When something begins to be usable.
    pub enum Start {
        /// After so many whole local days; the day on which it was earned does not count.
        Days(u32) = "days",
        /// After so many calendar months, kept within shorter months.
        Months(u32) = "months",
        /// After so many hours by the clock.
        Hours(u32) = "hours",
        /// On a local date, YYYY-MM-DD; at once if that is past.
        Date(String) = "date",
        /// When the host reports an event of this name for the card (`activate`).
        Event(String) = "event",
    }
}

union! {
    /// How long something lives.
    pub enum Life {
        /// So many whole local days; the day on which it begins does not count.
        Days(u32) = "days",
        /// So many calendar months, kept within shorter months, and on to the end of that local day.
        Months(u32) = "months",
        /// So many hours by the clock.
        Hours(u32) = "hours",
        /// To the end of a month, quarter or year.
        EndOf(EndOf) = "end_of",
        /// To the end of a local date, YYYY-MM-DD.
        Date(String) = "date",
    }
}

document! {
    /// The end of a calendar period.
    pub struct EndOf {
        /// How many periods more: 0 for the end of the one in which it begins.
        pub more: u32 = 0,
        /// The period.
        pub period: Period = Period::Month,
    }
}

choice! {
    /// A calendar period of the store's zone.
    pub enum Period {
        /// A month.
        Month = "month",
        /// A quarter.
        Quarter = "quarter",
        /// A year.
        Year = "year",
    }
}

choice! {
    /// From when a life is counted.
    pub enum LifeFrom {
        /// From when it becomes usable.
        Opened = "opened",
        /// From when it was earned.
        Earned = "earned",
    }
}

choice! {
    /// For what only points may be used.
    pub enum LotOnly {
        /// For the card's next sale: what is not spent on it ends with it.
        NextOrder = "next_order",
    }
}
