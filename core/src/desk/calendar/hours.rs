//! Which local hours a date has, before exclusions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::days::{ProductionCalendar, ProductionFact};
use super::document::*;
use super::local::{DAY, weekday};
use super::times::{Window, check_overlaps, day, window};
use crate::document::Collector;
use crate::error::ErrorCode;

/// The hours of a calendar of its own.
#[derive(Clone, Debug)]
pub(super) struct OwnHours {
    /// The windows of an ordinary week, from Monday on, each in order.
    weekly: [Vec<Window>; 7],
    /// What is different on which day.
    special: BTreeMap<i64, Special>,
    rule: HolidayRule,
    /// By how many seconds a short day ends earlier.
    shorten: i64,
    /// Whether there are weekly or dated hours at all.
    pub written: bool,
}

/// What is different on a day.
#[derive(Clone, Debug, Default)]
pub(super) struct Special {
    pub holiday: Option<Closed>,
    pub dated: Option<Dated>,
    /// The day with which it was swapped, and whose weekly hours it has.
    pub like: Option<i64>,
    pub is_short: bool,
}

/// Why a day is a holiday.
#[derive(Clone, Debug, Default)]
pub(super) struct Closed {
    pub name: Option<String>,
    pub source: Option<Arc<str>>,
    pub moved_from: Option<i64>,
}

/// Hours of one date.
#[derive(Clone, Debug)]
pub(super) struct Dated {
    pub windows: Vec<Window>,
    pub reason: Option<String>,
}

impl OwnHours {
    /// Around the clock.
    pub fn always() -> OwnHours {
        OwnHours {
            weekly: std::array::from_fn(|_| vec![Window { from: 0, to: DAY }]),
            special: BTreeMap::new(),
            rule: HolidayRule::Starts,
            shorten: 0,
            written: true,
        }
    }

    pub fn compile(
        check: &mut Collector,
        document: &CalendarDocument,
        production: Option<(&DaysUse, &ProductionCalendar)>,
        path: &str,
    ) -> OwnHours {
        let mut hours = OwnHours {
            weekly: weekly(check, &document.weekly, path),
            special: BTreeMap::new(),
            rule: document.holiday,
            shorten: document.days.as_ref().map_or(0, |days| i64::from(days.shorten_minutes) * 60),
            written: !document.weekly.is_empty() || !document.dates.is_empty(),
        };
        if let Some((used, calendar)) = production {
            for fact in &calendar.facts {
                hours.follow(used, fact, &calendar.source);
            }
        }
        hours.note_holidays(check, &document.holidays, path);
        hours.note_dates(check, &document.dates, path);
        hours
    }

    fn follow(&mut self, used: &DaysUse, fact: &ProductionFact, source: &Arc<str>) {
        let wanted = match fact.kind {
            DayKind::Holiday => used.holidays,
            DayKind::Shortened => used.short_days,
            DayKind::Working => used.transfers,
        };
        if !wanted {
            return;
        }
        let special = self.special.entry(fact.day).or_default();
        match fact.kind {
            DayKind::Holiday => {
                special.holiday = Some(Closed {
                    name: fact.name.clone(),
                    source: Some(Arc::clone(source)),
                    moved_from: fact.moved_from,
                });
            }
            DayKind::Shortened => special.is_short = true,
            DayKind::Working => special.like = fact.moved_from,
        }
    }

    fn note_holidays(&mut self, check: &mut Collector, holidays: &[Holiday], path: &str) {
        let mut seen = BTreeSet::new();
        for (index, holiday) in holidays.iter().enumerate() {
            let place = || format!("{path}/holidays/{index}/date");
            let Some(day) = day(check, &holiday.date, place) else { continue };
            if !seen.insert(day) {
                let message = format!("the holiday `{}` stands twice", holiday.date);
                check.mistake(ErrorCode::DeskDuplicate, &place(), message);
            }
            self.special.entry(day).or_default().holiday = Some(Closed {
                name: holiday.name.clone(),
                source: holiday.source.as_deref().map(Arc::from),
                moved_from: None,
            });
        }
    }

    fn note_dates(&mut self, check: &mut Collector, dates: &[DateHours], path: &str) {
        for (index, date) in dates.iter().enumerate() {
            let path = format!("{path}/dates/{index}");
            let mut windows = Vec::new();
            for (index, hours) in date.windows.iter().enumerate() {
                let path = format!("{path}/windows/{index}");
                let window = window(check, &hours.from, &hours.to, || path.clone());
                windows.extend(window.map(|window| (window, path)));
            }
            check_overlaps(check, windows.clone(), None);
            let place = || format!("{path}/date");
            let Some(day) = day(check, &date.date, place) else { continue };
            let mut windows: Vec<Window> = windows.into_iter().map(|(window, _)| window).collect();
            windows.sort_unstable();
            let dated = Dated { windows, reason: date.reason.clone() };
            let special = self.special.entry(day).or_default();
            if special.dated.replace(dated).is_some() {
                let message = format!("the date `{}` has hours twice", date.date);
                check.mistake(ErrorCode::DeskDuplicate, &place(), message);
            }
        }
    }

    /// How many windows the hours have from one day to another, at most.
    pub fn size(&self, days: i64) -> i64 {
        let week: usize = self.weekly.iter().map(Vec::len).sum();
        let most = self.weekly.iter().map(Vec::len).max().unwrap_or(0);
        let special = |special: &Special| special.dated.as_ref().map_or(most, |d| d.windows.len());
        let special: usize = self.special.values().map(special).sum();
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        count(week).saturating_mul(days / 7 + 1).saturating_add(count(special))
    }

    /// What is different on the days between two, both included, in order.
    pub fn special_days(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, &Special)> {
        self.special.range(from..=to).map(|(day, special)| (*day, special))
    }

    pub fn special(&self, day: i64) -> Option<&Special> {
        self.special.get(&day)
    }

    pub fn is_holiday(&self, day: i64) -> bool {
        self.special(day).is_some_and(|special| special.holiday.is_some())
    }

    /// Whether holidays cut their date out of the windows of the day before too.
    pub fn clips(&self) -> bool {
        self.rule == HolidayRule::Clips
    }

    /// The windows that begin on a day, where it is known what is special about it.
    pub fn windows<'a>(&'a self, day: i64, special: Option<&'a Special>) -> Cow<'a, [Window]> {
        let Some(special) = special else { return Cow::Borrowed(self.of_weekday(day)) };
        if special.holiday.is_some() && !self.clips() {
            return Cow::Borrowed(&[]);
        }
        self.open_windows(day, special)
    }

    /// The windows that a day would have if it were no holiday.
    pub fn open_windows<'a>(&'a self, day: i64, special: &'a Special) -> Cow<'a, [Window]> {
        if let Some(dated) = &special.dated {
            return Cow::Borrowed(&dated.windows);
        }
        let windows = self.of_weekday(special.like.unwrap_or(day));
        if special.is_short { Cow::Owned(self.shortened(windows)) } else { Cow::Borrowed(windows) }
    }

    /// The weekly windows of a day, as if nothing were special about it.
    pub fn of_weekday(&self, day: i64) -> &[Window] {
        self.weekly.get(weekday(day)).map_or(&[], Vec::as_slice)
    }

    /// The windows of a day that closes earlier.
    fn shortened(&self, windows: &[Window]) -> Vec<Window> {
        let closing = windows.iter().map(|window| window.to).max().unwrap_or(0) - self.shorten;
        let cut = windows.iter().map(|window| Window { to: window.to.min(closing), ..*window });
        cut.filter(|window| window.from < window.to).collect()
    }
}

fn weekly(check: &mut Collector, hours: &[WeeklyHours], path: &str) -> [Vec<Window>; 7] {
    let mut weekly: [Vec<Window>; 7] = Default::default();
    let mut week = Vec::new();
    for (index, hours) in hours.iter().enumerate() {
        let path = format!("{path}/weekly/{index}");
        if hours.days.is_empty() {
            let message = "name the days on which the window begins";
            check.mistake(ErrorCode::DeskEmpty, &format!("{path}/days"), message);
        }
        let window = window(check, &hours.from, &hours.to, || path.clone());
        let Some(window) = window else { continue };
        for weekday in &hours.days {
            let day = *weekday as usize;
            let past = i64::try_from(day).unwrap_or(0) * DAY;
            week.push((Window { from: window.from + past, to: window.to + past }, path.clone()));
            if let Some(windows) = weekly.get_mut(day) {
                windows.push(window);
            }
        }
    }
    check_overlaps(check, week, Some(7 * DAY));
    weekly.iter_mut().for_each(|windows| windows.sort_unstable());
    weekly
}
