//! What can be asked of calendars, as documents.

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::skipped::Skipped;
use super::times::seconds_of;
use super::{Calendar, Edge, Interval};
use crate::document::{LIST_MAX, document, union};
use crate::error::{Error, ErrorCode};

union! {
    /// A question about a calendar.
    pub enum CalendarQuery {
        /// The instant at which so many working seconds have passed.
        Add(CalendarSum) = "add",
        /// The instant since which so many working seconds have passed.
        Subtract(CalendarSum) = "subtract",
        /// The working seconds between two instants.
        Between(CalendarBetween) = "between",
        /// Whether it is open.
        IsOpen(CalendarAt) = "is_open",
        /// The first open instant.
        NextOpen(CalendarAt) = "next_open",
        /// The first closing after an instant.
        NextClose(CalendarAt) = "next_close",
        /// The last instant until which work went on.
        LastWorked(CalendarAt) = "last_worked",
        /// The open spans between two instants.
        Spans(CalendarRange) = "spans",
        /// The next open spans.
        NextSpans(CalendarCount) = "next_spans",
        /// The last open spans, the latest first.
        PreviousSpans(CalendarCount) = "previous_spans",
        /// Whether an exclusion cuts out an instant.
        IsBreak(CalendarAt) = "is_break",
        /// Whether a date is a holiday.
        IsHoliday(CalendarDate) = "is_holiday",
        /// The instant of a local date and time.
        Instant(CalendarCivil) = "instant",
        /// A business day after a date, or before it, with its hours.
        NextBusinessDay(CalendarBusinessDay) = "next_business_day",
        /// The same local time so many business days later or before.
        ShiftBusinessDays(CalendarShift) = "shift_business_days",
        /// The same local time so many calendar months and weeks later.
        Plus(CalendarPlus) = "plus",
        /// What is closed between two instants, with the reasons.
        Skipped(CalendarRange) = "skipped",
    }
}

union! {
    /// The answer to a question about a calendar.
    pub enum CalendarAnswer {
        /// An instant.
        At(Timestamp) = "at",
        /// A business day.
        Day(CalendarDay) = "day",
        /// Yes or no.
        Is(bool) = "is",
        /// Working seconds.
        Seconds(i64) = "seconds",
        /// What does not count, in order.
        Skipped(Vec<Skipped>) = "skipped",
        /// Open spans.
        Spans(Vec<Interval>) = "spans",
    }
}

document! {
    /// A sum of working time, counted from an instant.
    pub struct CalendarSum {
        /// The id of the calendar.
        pub calendar: String,
        /// Where a sum ends that is used up exactly at a closing.
        pub edge: Edge = Edge::Closing,
        /// What does not count.
        pub pauses: Vec<Interval> = Vec::new(),
        /// The working seconds.
        pub seconds: i64,
        /// From when they are counted.
        pub start: Timestamp,
    }
}

document! {
    /// The working time between two instants.
    pub struct CalendarBetween {
        /// The id of the calendar.
        pub calendar: String,
        /// The first instant.
        pub from: Timestamp,
        /// What does not count.
        pub pauses: Vec<Interval> = Vec::new(),
        /// Whether it is below zero if `to` is before `from`, and not zero.
        pub signed: bool = false,
        /// The second instant.
        pub to: Timestamp,
    }
}

document! {
    /// An instant.
    pub struct CalendarAt {
        /// The instant.
        pub at: Timestamp,
        /// The id of the calendar.
        pub calendar: String,
    }
}

document! {
    /// The time between two instants.
    pub struct CalendarRange {
        /// The id of the calendar.
        pub calendar: String,
        /// The first instant.
        pub from: Timestamp,
        /// The second instant.
        pub to: Timestamp,
    }
}

document! {
    /// So many spans from an instant on.
    pub struct CalendarCount {
        /// The id of the calendar.
        pub calendar: String,
        /// How many, at most 10,000.
        pub count: u32 = 1,
        /// The instant.
        pub from: Timestamp,
    }
}

document! {
    /// A local date.
    pub struct CalendarDate {
        /// The id of the calendar.
        pub calendar: String,
        /// The date: YYYY-MM-DD.
        pub date: String,
    }
}

document! {
    /// A local date and time.
    pub struct CalendarCivil {
        /// The id of the calendar.
        pub calendar: String,
        /// The date: YYYY-MM-DD.
        pub date: String,
        /// The time: HH:MM or HH:MM:SS.
        pub time: String,
    }
}

document! {
    /// A business day counted from a date.
    pub struct CalendarBusinessDay {
        /// The id of the calendar.
        pub calendar: String,
        /// Which one after the date; below zero before it; zero is the date itself, or the first
        /// one after it.
        pub count: i64 = 1,
        /// The date: YYYY-MM-DD.
        pub date: String,
    }
}

document! {
    /// An instant that is moved by business days.
    pub struct CalendarShift {
        /// The instant.
        pub at: Timestamp,
        /// The id of the calendar.
        pub calendar: String,
        /// By how many business days; below zero backwards.
        pub count: i64,
    }
}

document! {
    /// An instant that is moved by calendar months, and then by weeks.
    pub struct CalendarPlus {
        /// The instant.
        pub at: Timestamp,
        /// The id of the calendar.
        pub calendar: String,
        /// By how many months; below zero backwards.
        pub months: i64 = 0,
        /// By how many weeks; below zero backwards.
        pub weeks: i64 = 0,
    }
}

document! {
    /// A business day with its hours.
    pub struct CalendarDay {
        /// When its hours end.
        pub closes: Timestamp,
        /// The local date: YYYY-MM-DD.
        pub date: String,
        /// When its hours begin.
        pub opens: Timestamp,
    }
}

impl CalendarQuery {
    /// The answer of the calendar that the question names.
    ///
    /// # Errors
    /// `desk.reference` if there is no such calendar, `time.date` and `time.of_day` for texts that
    /// are none, `calendar.years`, and `document.list_too_long` for more than 10,000 spans.
    pub fn answer<'c>(
        &self,
        find: impl Fn(&str) -> Option<&'c Calendar>,
    ) -> Result<CalendarAnswer, Error> {
        let id = self.calendar();
        let answer = match find(id) {
            Some(calendar) => self.ask(calendar),
            None => {
                let message = format!("there is no calendar `{id}`");
                Err(Error::new(ErrorCode::DeskReference, "/calendar", message))
            }
        };
        answer.map_err(|error| error.under(&format!("/{}", self.name())))
    }

    /// The id of the calendar that is asked.
    fn calendar(&self) -> &str {
        match self {
            CalendarQuery::Add(query) | CalendarQuery::Subtract(query) => &query.calendar,
            CalendarQuery::Between(query) => &query.calendar,
            CalendarQuery::IsOpen(query)
            | CalendarQuery::NextOpen(query)
            | CalendarQuery::NextClose(query)
            | CalendarQuery::LastWorked(query)
            | CalendarQuery::IsBreak(query) => &query.calendar,
            CalendarQuery::Spans(query) | CalendarQuery::Skipped(query) => &query.calendar,
            CalendarQuery::NextSpans(query) | CalendarQuery::PreviousSpans(query) => {
                &query.calendar
            }
            CalendarQuery::IsHoliday(query) => &query.calendar,
            CalendarQuery::Instant(query) => &query.calendar,
            CalendarQuery::NextBusinessDay(query) => &query.calendar,
            CalendarQuery::ShiftBusinessDays(query) => &query.calendar,
            CalendarQuery::Plus(query) => &query.calendar,
        }
    }

    fn ask(&self, calendar: &Calendar) -> Result<CalendarAnswer, Error> {
        use CalendarAnswer::{At, Is, Seconds};
        Ok(match self {
            CalendarQuery::Add(CalendarSum { start, seconds, pauses, edge, .. }) => {
                At(calendar.add(*start, *seconds, pauses, *edge)?)
            }
            CalendarQuery::Subtract(CalendarSum { start, seconds, pauses, edge, .. }) => {
                At(calendar.subtract(*start, *seconds, pauses, *edge)?)
            }
            CalendarQuery::Between(CalendarBetween { from, to, pauses, signed, .. }) => {
                Seconds(match signed {
                    true => calendar.signed_between(*from, *to, pauses)?,
                    false => calendar.between(*from, *to, pauses)?,
                })
            }
            CalendarQuery::IsOpen(query) => Is(calendar.is_open(query.at)?),
            CalendarQuery::NextOpen(query) => At(calendar.next_open(query.at)?),
            CalendarQuery::NextClose(query) => At(calendar.next_close(query.at)?),
            CalendarQuery::LastWorked(query) => At(calendar.last_worked(query.at)?),
            CalendarQuery::Spans(query) => spans(calendar.spans(query.from, query.to)?)?,
            CalendarQuery::NextSpans(query) => {
                spans(calendar.next_spans(query.from, query.count()?)?)?
            }
            CalendarQuery::PreviousSpans(query) => {
                spans(calendar.previous_spans(query.from, query.count()?)?)?
            }
            CalendarQuery::IsBreak(query) => Is(calendar.is_break(query.at)?),
            CalendarQuery::IsHoliday(query) => Is(calendar.is_holiday(date(&query.date)?)),
            CalendarQuery::Instant(query) => {
                At(calendar.instant(date(&query.date)?, time(&query.time)?)?)
            }
            CalendarQuery::NextBusinessDay(query) => {
                let date = calendar.next_business_day(date(&query.date)?, query.count)?;
                CalendarAnswer::Day(calendar.day(date)?)
            }
            CalendarQuery::ShiftBusinessDays(query) => {
                At(calendar.shift_business_days(query.at, query.count)?)
            }
            CalendarQuery::Plus(query) => {
                At(calendar
                    .plus_weeks(calendar.plus_months(query.at, query.months)?, query.weeks)?)
            }
            CalendarQuery::Skipped(query) => {
                let skipped = calendar.skipped(query.from, query.to)?;
                within_limit(skipped.len())?;
                CalendarAnswer::Skipped(skipped)
            }
        })
    }
}

impl CalendarCount {
    fn count(&self) -> Result<usize, Error> {
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        within_limit(count)?;
        Ok(count)
    }
}

impl Calendar {
    fn day(&self, date: Date) -> Result<CalendarDay, Error> {
        let hours = self.opening(date).zip(self.closing(date));
        let (opens, closes) = hours.ok_or_else(|| self.outside("the date is"))?;
        Ok(CalendarDay { closes, date: date.to_string(), opens })
    }
}

fn spans(spans: Vec<Interval>) -> Result<CalendarAnswer, Error> {
    within_limit(spans.len())?;
    Ok(CalendarAnswer::Spans(spans))
}

fn within_limit(count: usize) -> Result<(), Error> {
    if count <= LIST_MAX {
        return Ok(());
    }
    let message = format!("the answer would have {count} items, more than {LIST_MAX}");
    Err(Error::new(ErrorCode::DocumentListTooLong, "", message))
}

fn date(text: &str) -> Result<Date, Error> {
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    date.ok_or_else(|| {
        let message = format!("`{text}` is no date such as 2026-01-31");
        Error::new(ErrorCode::TimeDate, "/date", message)
    })
}

fn time(text: &str) -> Result<Time, Error> {
    let time = seconds_of(text).and_then(|seconds| {
        let part = |number: i64| i8::try_from(number).ok();
        let (hour, minute) = (part(seconds / 3_600)?, part(seconds / 60 % 60)?);
        Time::new(hour, minute, part(seconds % 60)?, 0).ok()
    });
    time.ok_or_else(|| {
        let message = format!("`{text}` is no time of day such as 09:30");
        Error::new(ErrorCode::TimeOfDay, "/time", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{canonical, from_node};
    use crate::json::Node;

    const OFFICE: &str = r#"{"id": "office", "zone": "Europe/Moscow",
        "weekly": [{"days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                    "from": "09:00", "to": "18:00"}],
        "holidays": [{"date": "2026-02-23"}],
        "exclusions": [{"weekly": {"day": "friday", "from": "12:00", "to": "12:30"}}]}"#;

    fn ask(query: &str) -> String {
        let calendar = Calendar::from_json(OFFICE).unwrap();
        let node = Node::parse(query, 10_000).unwrap();
        let query: CalendarQuery = from_node(&node).unwrap();
        match query.answer(|id| (id == "office").then_some(&calendar)) {
            Ok(answer) => canonical(&answer),
            Err(error) => format!("{} at {}", error.code().as_str(), error.path()),
        }
    }

    /// A question with the calendar and an instant of Friday, 20 February 2026.
    fn friday(verb: &str, key: &str, time: &str, more: &str) -> String {
        ask(&format!(
            r#"{{"{verb}": {{"calendar": "office", "{key}": "2026-02-20T{time}+03:00"{more}}}}}"#
        ))
    }

    #[test]
    fn sums_are_added_taken_away_and_measured() {
        let two_hours = r#", "seconds": 7200"#;
        // 17:00–18:00 on Friday, 09:00–10:00 on Tuesday.
        let due = r#"{"at":"2026-02-24T07:00:00Z"}"#;
        assert_eq!(friday("add", "start", "17:00", two_hours), due);
        // 12:30–13:30 and 11:00–12:00.
        let since = r#"{"at":"2026-02-20T08:00:00Z"}"#;
        assert_eq!(friday("subtract", "start", "13:30", two_hours), since);
        let hour = r#", "seconds": 3600, "edge": "opening""#;
        assert_eq!(friday("add", "start", "17:00", hour), r#"{"at":"2026-02-24T06:00:00Z"}"#);
        let to = r#", "to": "2026-02-20T11:00+03:00", "signed": true"#;
        assert_eq!(friday("between", "from", "13:00", to), r#"{"seconds":-5400}"#);
        let to = r#", "to": "2026-02-20T11:00+03:00""#;
        assert_eq!(friday("between", "from", "13:00", to), r#"{"seconds":0}"#);
        let pause = r#", "to": "2026-02-20T13:00+03:00",
            "pauses": [{"from": "2026-02-20T11:50+03:00", "to": "2026-02-20T12:40+03:00"}]"#;
        assert_eq!(friday("between", "from", "11:00", pause), r#"{"seconds":4200}"#);
    }

    #[test]
    fn openings_and_spans_are_told() {
        assert_eq!(friday("is_open", "at", "12:00", ""), r#"{"is":false}"#);
        assert_eq!(friday("is_break", "at", "12:00", ""), r#"{"is":true}"#);
        let half = r#"{"at":"2026-02-20T09:30:00Z"}"#;
        assert_eq!(friday("next_open", "at", "12:00", ""), half);
        assert_eq!(friday("next_close", "at", "12:00", ""), r#"{"at":"2026-02-20T15:00:00Z"}"#);
        assert_eq!(friday("last_worked", "at", "12:10", ""), r#"{"at":"2026-02-20T09:00:00Z"}"#);
        let morning = r#"{"from":"2026-02-20T08:00:00Z","to":"2026-02-20T09:00:00Z"}"#;
        let rest = r#"{"from":"2026-02-20T09:30:00Z","to":"2026-02-20T15:00:00Z"}"#;
        let two = format!(r#"{{"spans":[{morning},{rest}]}}"#);
        assert_eq!(friday("next_spans", "from", "11:00", r#", "count": 2"#), two);
        let to = r#", "to": "2026-02-21T11:00+03:00""#;
        assert_eq!(friday("spans", "from", "11:00", to), two);
        let early = r#"{"spans":[{"from":"2026-02-20T06:00:00Z","to":"2026-02-20T08:00:00Z"}]}"#;
        assert_eq!(friday("previous_spans", "from", "11:00", ""), early);
        let to = r#", "to": "2026-02-20T13:00+03:00""#;
        assert_eq!(
            friday("skipped", "from", "11:00", to),
            r#"{"skipped":[{"args":{},"because":"exclusion","from":"2026-02-20T09:00:00Z","to":"2026-02-20T09:30:00Z"}]}"#
        );
    }

    #[test]
    fn dates_are_counted_and_moved() {
        let holiday = r#"{"is_holiday": {"calendar": "office", "date": "2026-02-23"}}"#;
        assert_eq!(ask(holiday), r#"{"is":true}"#);
        let civil = r#"{"instant": {"calendar": "office", "date": "2026-02-23", "time": "10:15"}}"#;
        assert_eq!(ask(civil), r#"{"at":"2026-02-23T07:15:00Z"}"#);
        let day = r#"{"next_business_day": {"calendar": "office", "date": "2026-02-20"}}"#;
        let tuesday = r#"{"day":{"closes":"2026-02-24T15:00:00Z","date":"2026-02-24","opens":"2026-02-24T06:00:00Z"}}"#;
        assert_eq!(ask(day), tuesday);
        // The same time two business days later; and at 20:00 it is closed, so the morning after.
        let shifted = r#"{"at":"2026-02-25T10:00:00Z"}"#;
        assert_eq!(friday("shift_business_days", "at", "13:00", r#", "count": 2"#), shifted);
        let snapped = r#"{"at":"2026-02-25T06:00:00Z"}"#;
        assert_eq!(friday("shift_business_days", "at", "20:00", r#", "count": 1"#), snapped);
        let back = r#"{"at":"2026-02-19T15:00:00Z"}"#;
        assert_eq!(friday("shift_business_days", "at", "20:00", r#", "count": -1"#), back);
        let plus = r#"{"at":"2026-03-27T10:00:00Z"}"#;
        assert_eq!(friday("plus", "at", "13:00", r#", "months": 1, "weeks": 1"#), plus);
    }

    #[test]
    fn what_cannot_be_answered_is_an_error_at_its_place() {
        let unknown = r#"{"is_open": {"calendar": "shop", "at": "2026-02-20T12:00:00Z"}}"#;
        assert_eq!(ask(unknown), "desk.reference at /is_open/calendar");
        let date = r#"{"is_holiday": {"calendar": "office", "date": "2026-02-30"}}"#;
        assert_eq!(ask(date), "time.date at /is_holiday/date");
        let midnight =
            r#"{"instant": {"calendar": "office", "date": "2026-02-23", "time": "24:00"}}"#;
        assert_eq!(ask(midnight), "time.of_day at /instant/time");
        let far = r#"{"is_open": {"calendar": "office", "at": "2061-02-20T12:00:00Z"}}"#;
        assert_eq!(ask(far), "calendar.years at /is_open");
        let much = r#", "seconds": 9007199254740991"#;
        assert_eq!(friday("add", "start", "12:00", much), "calendar.years at /add");
        let many = r#", "count": 10001"#;
        assert_eq!(
            friday("next_spans", "from", "12:00", many),
            "document.list_too_long at /next_spans"
        );
    }
}
