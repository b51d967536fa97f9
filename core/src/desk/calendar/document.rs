//! Calendars as documents.

use jiff::Timestamp;

use crate::document::{choice, document, union};
use crate::program::Weekday;

document! {
    /// When a desk, a team or a service is open.
    ///
    /// A date has its weekly hours, unless dated hours replace them, unless a holiday closes it;
    /// exclusions cut all of that. Hours are local times of the calendar's zone: where the clocks
    /// jump, a time that is skipped moves forward by as much as they jump, and a time that comes
    /// twice is the first of the two. Every window is half-open: at its end it is closed.
    ///
    /// `union` and `intersection` name other calendars of the same desk: open is what is open by
    /// the calendar's own hours or in any calendar of the union, and at once in every calendar of
    /// the intersection. Holidays and dated hours act on the calendar's own hours only; exclusions
    /// cut the whole.
    pub struct CalendarDocument {
        /// Dates that have hours of their own.
        pub dates: Vec<DateHours> = Vec::new(),
        /// The production calendar that is followed, and in what.
        pub days: Option<DaysUse>,
        /// What is cut out of the hours: maintenance, stock-taking, an evacuation.
        pub exclusions: Vec<CalendarExclusion> = Vec::new(),
        /// What a holiday does to a window that goes on past midnight.
        pub holiday: HolidayRule = HolidayRule::Starts,
        /// Dates that are closed.
        pub holidays: Vec<Holiday> = Vec::new(),
        /// The name by which others name it.
        pub id: String,
        /// Calendars of the same desk that all must be open too.
        pub intersection: Vec<String> = Vec::new(),
        /// What people call it.
        pub name: Option<String>,
        /// Calendars of the same desk of which any may be open instead.
        pub union: Vec<String> = Vec::new(),
        /// The hours of an ordinary week.
        pub weekly: Vec<WeeklyHours> = Vec::new(),
        /// The years that it covers; 2000 to 2060 if left out.
        pub years: Option<Years>,
        /// The IANA time zone, such as `Europe/Moscow`; that of the desk if left out.
        pub zone: Option<String>,
    }
}

document! {
    /// A window of every week.
    pub struct WeeklyHours {
        /// The days on which it begins.
        pub days: Vec<Weekday>,
        /// When it opens: HH:MM or HH:MM:SS.
        pub from: String,
        /// When it closes: HH:MM, HH:MM:SS or 24:00. Earlier than `from` is on the next day, equal
        /// to it is never.
        pub to: String,
    }
}

document! {
    /// A date with hours of its own: they replace those of the week.
    pub struct DateHours {
        /// The local date: YYYY-MM-DD.
        pub date: String,
        /// Why, for people.
        pub reason: Option<String>,
        /// The hours; none if it is closed.
        pub windows: Vec<Hours>,
    }
}

document! {
    /// A window of one date.
    pub struct Hours {
        /// When it opens: HH:MM or HH:MM:SS.
        pub from: String,
        /// When it closes: HH:MM, HH:MM:SS or 24:00. Earlier than `from` is on the next day, equal
        /// to it is never.
        pub to: String,
    }
}

document! {
    /// A date that is closed.
    pub struct Holiday {
        /// The local date: YYYY-MM-DD.
        pub date: String,
        /// What people call it.
        pub name: Option<String>,
        /// Who says so: a decree, an order of the director.
        pub source: Option<String>,
    }
}

choice! {
    /// What a holiday does to windows that go on past midnight.
    pub enum HolidayRule {
        /// It drops the windows that begin on it, and nothing else: a shift of the evening before
        /// goes on into the holiday.
        Starts = "starts",
        /// It cuts its date out of all windows: a shift of the evening before ends at midnight, and
        /// one that begins on it opens at the midnight after.
        Clips = "clips",
    }
}

union! {
    /// A time that is cut out of the hours.
    pub enum CalendarExclusion {
        /// Local times of one date.
        Dated(DatedExclusion) = "dated",
        /// Between two instants: announced on the spot.
        Instants(InstantsExclusion) = "instants",
        /// Local times of every week.
        Weekly(WeeklyExclusion) = "weekly",
    }
}

document! {
    /// Local times of one date that are cut out.
    pub struct DatedExclusion {
        /// The local date: YYYY-MM-DD.
        pub date: String,
        /// When it begins: HH:MM or HH:MM:SS.
        pub from: String,
        /// Why, for people.
        pub reason: Option<String>,
        /// When it ends: HH:MM, HH:MM:SS or 24:00; earlier than `from` is on the next day.
        pub to: String,
    }
}

document! {
    /// The time between two instants, cut out.
    pub struct InstantsExclusion {
        /// When it begins.
        pub from: Timestamp,
        /// Why, for people.
        pub reason: Option<String>,
        /// When it ends; at this instant it is over.
        pub to: Timestamp,
    }
}

document! {
    /// Local times of every week that are cut out.
    pub struct WeeklyExclusion {
        /// The day on which it begins.
        pub day: Weekday,
        /// When it begins: HH:MM or HH:MM:SS.
        pub from: String,
        /// Why, for people.
        pub reason: Option<String>,
        /// When it ends: HH:MM, HH:MM:SS or 24:00; earlier than `from` is on the next day.
        pub to: String,
    }
}

document! {
    /// The years that a calendar covers, both included.
    #[derive(Copy, Eq)]
    pub struct Years {
        /// The first one, not before 1900.
        pub from: u32,
        /// The last one, not after 2199, and at most 99 years after the first.
        pub to: u32,
    }
}

document! {
    /// What is taken from a production calendar.
    pub struct DaysUse {
        /// The id of the production calendar.
        pub calendar: String,
        /// Whether its days off are holidays.
        pub holidays: bool = true,
        /// Whether the weekly hours of its shortened days end earlier.
        pub short_days: bool = false,
        /// By how many minutes they do.
        pub shorten_minutes: u32 = 60,
        /// Whether its working Saturdays and Sundays have the weekly hours of the day with which
        /// they were swapped.
        pub transfers: bool = false,
    }
}

document! {
    /// A production calendar: days off, shortened days and working Saturdays as dated data, since
    /// a government moves them year by year.
    pub struct DaysDocument {
        /// The days that differ from an ordinary week.
        pub days: Vec<ProductionDay>,
        /// The name by which calendars name it.
        pub id: String,
        /// Who says so.
        pub source: String,
    }
}

document! {
    /// A day that differs from an ordinary week.
    pub struct ProductionDay {
        /// The date: YYYY-MM-DD.
        pub date: String,
        /// In what it differs. A day may be both working and shortened, in two entries.
        pub kind: DayKind,
        /// From which date it was moved here; for a working day, with which it was swapped.
        pub moved_from: Option<String>,
        /// What people call it.
        pub name: Option<String>,
    }
}

choice! {
    /// In what a day differs from an ordinary week.
    pub enum DayKind {
        /// A day off.
        Holiday = "holiday",
        /// A day whose work ends earlier.
        Shortened = "shortened",
        /// A day off that is worked, swapped with another day.
        Working = "working",
    }
}

choice! {
    /// Where a sum of working time ends that is used up exactly when the calendar closes.
    ///
    /// Between that closing and the next opening no time is worked, so that both are right.
    pub enum Edge {
        /// At the closing instant. Sums may be added in parts: it comes to the same.
        Closing = "closing",
        /// At the next opening.
        Opening = "opening",
    }
}

document! {
    /// The time from an instant to another one, at which it is over.
    #[derive(Copy, Eq)]
    pub struct Interval {
        /// When it begins.
        pub from: Timestamp,
        /// When it ends; at this instant it is over. Not after `from` is no time at all.
        pub to: Timestamp,
    }
}
