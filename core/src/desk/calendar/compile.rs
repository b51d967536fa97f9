//! From documents to calendars, with every mistake.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::days::ProductionCalendar;
use super::document::{CalendarDocument, DaysDocument, Years};
use super::exclusions::{Cuts, ExclusionRule, local_span};
use super::hours::OwnHours;
use super::local::{DAY, Local, day_number};
use super::sets::{self, Span};
use super::table::Table;
use super::{BusinessDay, Calendar, Inner};
use crate::document::{Codes, Collector, MISTAKES_MAX};
use crate::error::{ErrorCode, Mistake};

/// The codes of a desk's documents.
const CODES: Codes = Codes {
    duplicate: ErrorCode::DeskDuplicate,
    reference: ErrorCode::DeskReference,
    contradiction: ErrorCode::DeskContradiction,
    document: "desk",
};

/// The most calendars that one desk may have.
pub const CALENDARS_MAX: usize = 500;
/// The most windows and exclusions that the calendars of one desk may come to over all their years.
pub const WINDOWS_MAX: i64 = 4_000_000;
/// How deep calendars may name each other.
pub const NESTING_MAX: usize = 16;
/// The most years that one calendar may cover.
pub const YEARS_MAX: u32 = 100;
/// The years that a calendar covers if it does not say.
pub const DEFAULT_YEARS: Years = Years { from: 2000, to: 2060 };

/// What is known while the calendars of one desk are compiled.
pub(super) struct Compiler<'a> {
    pub check: Collector,
    documents: &'a [CalendarDocument],
    production: Vec<ProductionCalendar>,
    production_ids: Vec<&'a str>,
    zone: Option<&'a TimeZone>,
    states: Vec<State>,
    windows_left: i64,
    /// How many calendars are being compiled because others name them.
    depth: usize,
    /// What stands before `/calendars/0`; for a calendar by itself, its pointer is empty.
    alone: bool,
}

#[derive(Clone)]
enum State {
    Waiting,
    /// It is being compiled, so that naming it now leads back to itself.
    Begun,
    Done(Calendar),
}

/// The calendars of a desk, in order; one that is wrong is open around the clock in its place.
pub(super) fn compile_all(
    documents: &[CalendarDocument],
    days: &[DaysDocument],
    zone: Option<&TimeZone>,
    alone: bool,
) -> (Vec<Calendar>, Vec<Mistake>) {
    let mut check = Collector::new(CODES);
    if documents.len() > CALENDARS_MAX {
        let message = format!("a desk has at most {CALENDARS_MAX} calendars");
        check.mistake(ErrorCode::CalendarTooLarge, "/calendars", message);
    }
    let documents = documents.get(..CALENDARS_MAX).unwrap_or(documents);
    if alone {
        documents.iter().for_each(|document| check.id(&document.id, "/id"));
    } else {
        check.unique(documents.iter().map(|document| &document.id), "/calendars");
    }
    check.unique(days.iter().map(|days| &days.id), "/days");
    let production =
        |(index, days)| ProductionCalendar::compile(&mut check, days, &format!("/days/{index}"));
    let production = days.iter().enumerate().map(production).collect();
    let mut compiler = Compiler {
        check,
        documents,
        production,
        production_ids: days.iter().map(|days| days.id.as_str()).collect(),
        zone,
        states: vec![State::Waiting; documents.len()],
        windows_left: WINDOWS_MAX,
        depth: 0,
        alone,
    };
    let calendars = (0..documents.len()).map(|index| compiler.calendar(index)).collect();
    (calendars, compiler.check.mistakes)
}

impl Compiler<'_> {
    /// The calendar of a document; it and those it names are compiled once.
    fn calendar(&mut self, index: usize) -> Calendar {
        if let Some(State::Done(calendar)) = self.states.get(index) {
            return calendar.clone();
        }
        self.set(index, State::Begun);
        let path = if self.alone { String::new() } else { format!("/calendars/{index}") };
        let compiled = self.documents.get(index).map(|document| self.compile(document, &path));
        let calendar = compiled.unwrap_or_else(Calendar::utc);
        self.set(index, State::Done(calendar.clone()));
        calendar
    }

    fn set(&mut self, index: usize, state: State) {
        if let Some(place) = self.states.get_mut(index) {
            *place = state;
        }
    }

    fn compile(&mut self, document: &CalendarDocument, path: &str) -> Calendar {
        let mistakes = self.check.mistakes.len();
        let zone = self.zone(document, path);
        let years = self.years(document.years, path);
        let united = self.named(&document.union, &format!("{path}/union"));
        let intersected = self.named(&document.intersection, &format!("{path}/intersection"));
        let depth = united.iter().chain(&intersected).map(|named| named.0.depth + 1).max();
        if depth.unwrap_or(0) > NESTING_MAX {
            self.too_deep(path);
        }
        let hours = self.hours(document, path);
        let rules = ExclusionRule::compile_all(&mut self.check, &document.exclusions, path);
        let range = Range::new(&zone, years, united.iter().chain(&intersected));
        if !hours.written && !document.holidays.is_empty() {
            let message = "holidays act on hours of the calendar's own; exclude the dates instead";
            self.check.contradiction(&format!("{path}/holidays"), message);
        }
        if range.from >= range.to {
            let message = "the calendars that it names cover none of its years";
            self.check.contradiction(&format!("{path}/years"), message);
        }
        let named = united.iter().chain(&intersected).map(|named| named.0.table.len());
        let named = i64::try_from(named.sum::<usize>()).unwrap_or(i64::MAX);
        let cuts = rules.iter().map(|rule| rule.size(range.days())).sum::<i64>();
        let size = hours.size(range.days()).saturating_add(cuts).saturating_add(named);
        if !self.charge(size, path) || self.check.mistakes.len() > mistakes {
            return Calendar::around_the_clock(&document.id, &zone, years);
        }
        let parts = Parts { hours, rules, united, intersected };
        let calendar = assemble(document, parts, &range);
        if calendar.0.table.total() == 0 {
            let message = "the calendar is never open within its years";
            self.check.mistake(ErrorCode::CalendarNeverOpen, path, message);
        }
        calendar
    }

    fn zone(&mut self, document: &CalendarDocument, path: &str) -> TimeZone {
        let path = format!("{path}/zone");
        match (&document.zone, self.zone) {
            (Some(name), _) => self.check.zone(name, &path),
            (None, Some(zone)) => zone.clone(),
            (None, None) => {
                let message = "the key `zone` is required for a calendar by itself";
                self.check.mistake(ErrorCode::DocumentKeyMissing, &path, message);
                TimeZone::UTC
            }
        }
    }

    fn years(&mut self, years: Option<Years>, path: &str) -> Years {
        let Some(years) = years else { return DEFAULT_YEARS };
        let known = 1900..=2199;
        let long = years.to.saturating_sub(years.from) >= YEARS_MAX;
        if known.contains(&years.from) && known.contains(&years.to) && !long {
            if years.from <= years.to {
                return years;
            }
            self.check.contradiction(&format!("{path}/years/to"), "`to` is before `from`");
            return DEFAULT_YEARS;
        }
        let message = format!("a calendar covers at most {YEARS_MAX} of the years 1900 to 2199");
        self.check.mistake(ErrorCode::CalendarYears, &format!("{path}/years"), message);
        DEFAULT_YEARS
    }

    /// The calendars that a list names; each mistake is noted at its place.
    fn named(&mut self, ids: &[String], path: &str) -> Vec<Calendar> {
        let known: Vec<&str> = self.documents.iter().map(|document| document.id.as_str()).collect();
        let mut named = Vec::new();
        for (place, id) in ids.iter().enumerate() {
            let path = format!("{path}/{place}");
            // Whatever comes after so many mistakes would not be told.
            if self.check.mistakes.len() >= MISTAKES_MAX {
                break;
            }
            if ids.iter().take(place).any(|earlier| earlier == id) {
                let message = format!("the calendar `{id}` is named twice");
                self.check.mistake(ErrorCode::DeskDuplicate, &path, message);
                continue;
            }
            let Some(index) = self.check.reference(id, &known, "calendar", &path) else { continue };
            if matches!(self.states.get(index), Some(State::Begun)) {
                let message = format!("the calendar `{id}` leads back to itself");
                self.check.mistake(ErrorCode::DeskCycle, &path, message);
                continue;
            }
            if self.depth >= NESTING_MAX {
                self.too_deep(&path);
                continue;
            }
            self.depth += 1;
            named.push(self.calendar(index));
            self.depth -= 1;
        }
        named
    }

    fn too_deep(&mut self, path: &str) {
        let message = format!("calendars name each other more than {NESTING_MAX} deep");
        self.check.mistake(ErrorCode::CalendarTooLarge, path, message);
    }

    fn hours(&mut self, document: &CalendarDocument, path: &str) -> OwnHours {
        let production = document.days.as_ref().and_then(|used| {
            let (ids, path) = (&self.production_ids, format!("{path}/days/calendar"));
            let what = "production calendar";
            let index = self.check.reference(&used.calendar, ids, what, &path)?;
            Some((used, self.production.get(index)?))
        });
        if let Some((_, calendar)) = production {
            // Facts that several calendars follow are noted once for each of them.
            self.windows_left -= i64::try_from(calendar.facts.len()).unwrap_or(0);
        }
        OwnHours::compile(&mut self.check, document, production, path)
    }

    /// Whether so many windows more may still be made.
    fn charge(&mut self, windows: i64, path: &str) -> bool {
        let left = self.windows_left.saturating_sub(windows);
        if left < 0 {
            let message = format!(
                "the desk's calendars come to more than {WINDOWS_MAX} windows over their years"
            );
            self.check.mistake(ErrorCode::CalendarTooLarge, path, message);
            return false;
        }
        self.windows_left = left;
        true
    }
}

/// The instants that a calendar covers.
pub(super) struct Range {
    local: Local,
    from: i64,
    to: i64,
}

impl Range {
    pub fn new<'a>(
        zone: &TimeZone,
        years: Years,
        named: impl Iterator<Item = &'a Calendar>,
    ) -> Range {
        let new_year = |year: u32| {
            let date = i16::try_from(year).ok().and_then(|year| Date::new(year, 1, 1).ok());
            date.map_or(0, day_number)
        };
        let (first, past) = (new_year(years.from), new_year(years.to + 1));
        let local = Local::new(zone, first * DAY, past * DAY);
        let (mut from, mut to) = (local.day_start(first), local.day_start(past));
        for calendar in named {
            from = from.max(calendar.0.base);
            to = to.min(calendar.0.end);
        }
        Range { local, from, to }
    }

    fn days(&self) -> i64 {
        (self.to - self.from).max(0) / DAY + 4
    }
}

/// What a calendar is made of.
pub(super) struct Parts {
    pub hours: OwnHours,
    pub rules: Vec<ExclusionRule>,
    pub united: Vec<Calendar>,
    pub intersected: Vec<Calendar>,
}

pub(super) fn assemble(document: &CalendarDocument, parts: Parts, range: &Range) -> Calendar {
    let Parts { hours, rules, united, intersected } = parts;
    let Range { local, from, to } = range;
    // A window of the evening before reaches into the first day.
    let (first, last) = (local.day(*from) - 2, local.day(*to));
    let named = (united.as_slice(), intersected.as_slice());
    let (spans, mut days) = gathered(&hours, local, named.0, named.1, (first, last), (*from, *to));
    let cuts = Cuts::new(&rules, local, first, last);
    let spans = sets::difference(&spans, &cuts.spans);
    if !united.is_empty() || !intersected.is_empty() {
        let date = |day| (day, (local.day_start(day), local.day_start(day + 1)));
        days = (first + 2..=last).map(date).collect();
    }
    let depth = united.iter().chain(&intersected).map(|named| named.0.depth + 1).max();
    Calendar(Arc::new(Inner {
        depth: depth.unwrap_or(0),
        document: document.clone(),
        business: business_days(&days, &spans, *from),
        table: Table::new(&spans, *from),
        local: local.clone(),
        base: *from,
        end: *to,
        hours,
        cuts,
        united,
        intersected,
    }))
}

/// What is open between two instants before anything is excluded, and from when to when each day
/// of the calendar's own hours is open at most.
pub(super) fn gathered(
    hours: &OwnHours,
    local: &Local,
    united: &[Calendar],
    intersected: &[Calendar],
    (first, last): (i64, i64),
    (from, to): Span,
) -> (Vec<Span>, Vec<(i64, Span)>) {
    let (mut spans, days) = own_spans(hours, local, first, last);
    if hours.clips() {
        let holidays = hours.special_days(first, last).filter(|(_, day)| day.holiday.is_some());
        let dates = holidays.map(|(day, _)| (local.day_start(day), local.day_start(day + 1)));
        spans = sets::difference(&spans, &sets::joined(dates.collect()));
    }
    spans = sets::clipped(&spans, from, to);
    let open = |calendar: &Calendar| calendar.spans_between(from, to);
    for calendar in united {
        spans = sets::union(&spans, &open(calendar));
    }
    let mut needed = intersected.iter();
    if !hours.written && united.is_empty() {
        spans = needed.next().map(open).unwrap_or_default();
    }
    for calendar in needed {
        spans = sets::intersection(&spans, &open(calendar));
    }
    (spans, days)
}

/// The spans of a calendar's own hours, and from when to when each day is open at most.
fn own_spans(
    hours: &OwnHours,
    local: &Local,
    first: i64,
    last: i64,
) -> (Vec<Span>, Vec<(i64, Span)>) {
    let capacity = usize::try_from(last - first + 1).unwrap_or(0);
    let (mut spans, mut days) = (Vec::with_capacity(capacity), Vec::with_capacity(capacity));
    let mut specials = hours.special_days(first, last).peekable();
    let mut cursor = local.cursor();
    for day in first..=last {
        let special = specials.next_if(|(other, _)| *other == day).map(|(_, special)| special);
        if local.skips(day) {
            continue;
        }
        let mut open: Option<Span> = None;
        for window in hours.windows(day, special).iter() {
            let Some(span) = local_span(&mut cursor, day, window) else { continue };
            spans.push(span);
            let so_far = open.unwrap_or(span);
            open = Some((so_far.0.min(span.0), so_far.1.max(span.1)));
        }
        let closed = special.is_some_and(|special| special.holiday.is_some());
        days.extend(open.filter(|_| !closed).map(|open| (day, open)));
    }
    (sets::joined(spans), days)
}

/// The days on which something of the hours is left, with their first and last instants.
fn business_days(days: &[(i64, Span)], spans: &[Span], base: i64) -> Vec<BusinessDay> {
    let mut place = 0;
    let mut business = Vec::with_capacity(days.len());
    let from_base = |second: i64| u32::try_from(second - base).unwrap_or(0);
    for (day, (open, close)) in days {
        while spans.get(place).is_some_and(|span| span.1 <= *open) {
            place += 1;
        }
        let within = || spans.iter().skip(place).take_while(|span| span.0 < *close);
        let (Some(first), Some(last)) = (within().next(), within().last()) else { continue };
        business.push(BusinessDay {
            day: *day,
            opens: from_base(first.0.max(*open)),
            closes: from_base(last.1.min(*close)),
        });
    }
    business
}
