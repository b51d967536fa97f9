//! What is cut out of the hours, as instants with their reasons.

use std::sync::Arc;

use super::document::CalendarExclusion;
use super::local::{Cursor, DAY, Local, second, weekday};
use super::sets::{Span, joined};
use super::times::{Window, day, window};
use crate::document::Collector;

/// Everything that is cut out of one calendar's hours.
#[derive(Clone, Debug, Default)]
pub(super) struct Cuts {
    /// In order and without overlaps: where two exclusions overlap, it is the one that began first.
    cuts: Vec<Cut>,
    /// All of them together.
    pub spans: Vec<Span>,
}

/// One time that is cut out.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub span: Span,
    pub reason: Option<Arc<str>>,
}

/// An exclusion, checked.
#[derive(Clone, Debug)]
pub(super) struct ExclusionRule {
    when: When,
    reason: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
enum When {
    Day(i64, Window),
    Instants(Span),
    Weekday(usize, Window),
}

impl ExclusionRule {
    /// The exclusions of a calendar; those that are empty or wrong are left out.
    pub fn compile_all(check: &mut Collector, list: &[CalendarExclusion], path: &str) -> Vec<Self> {
        let mut rules = Vec::new();
        for (index, exclusion) in list.iter().enumerate() {
            let path = || format!("{path}/exclusions/{index}/{}", exclusion.name());
            let (when, reason) = match exclusion {
                CalendarExclusion::Dated(dated) => {
                    let day = day(check, &dated.date, || path() + "/date");
                    let window = window(check, &dated.from, &dated.to, path);
                    (day.zip(window).map(|(day, window)| When::Day(day, window)), &dated.reason)
                }
                CalendarExclusion::Instants(instants) => {
                    let span = (second(instants.from), second(instants.to));
                    if span.0 > span.1 {
                        check.contradiction(&(path() + "/to"), "`to` is before `from`");
                    }
                    (Some(When::Instants(span)), &instants.reason)
                }
                CalendarExclusion::Weekly(weekly) => {
                    let window = window(check, &weekly.from, &weekly.to, path);
                    let when = |window| When::Weekday(weekly.day as usize, window);
                    (window.map(when), &weekly.reason)
                }
            };
            let reason = reason.as_deref().map(Arc::from);
            rules.extend(when.map(|when| ExclusionRule { when, reason }));
        }
        rules
    }

    /// How many times it is cut within so many days, at most.
    pub fn size(&self, days: i64) -> i64 {
        if matches!(self.when, When::Weekday(..)) { days / 7 + 1 } else { 1 }
    }

    fn spans(&self, local: &Local, first: i64, last: i64) -> Vec<Span> {
        let mut cursor = local.cursor();
        let mut on = |day: i64, window: &Window| {
            local_span(&mut cursor, day, window).filter(|_| !local.skips(day))
        };
        match &self.when {
            When::Day(day, window) => {
                let within = (first..=last).contains(day);
                within.then(|| on(*day, window)).into_iter().flatten().collect()
            }
            When::Instants(span) => vec![*span],
            When::Weekday(place, window) => {
                let weekdays = (first..first + 7).find(|day| weekday(*day) == *place);
                let days = (weekdays.unwrap_or(first)..=last).step_by(7);
                days.filter_map(|day| on(day, window)).collect()
            }
        }
    }
}

/// The instants of a window that begins on a day; `None` if a change of the clocks leaves nothing
/// of it.
pub(super) fn local_span(local: &mut Cursor<'_>, day: i64, window: &Window) -> Option<Span> {
    let midnight = day * DAY;
    let (from, to) = (local.instant(midnight + window.from), local.instant(midnight + window.to));
    (from < to).then_some((from, to))
}

impl Cuts {
    /// All exclusions on the days from `first` to `last`.
    pub fn new(rules: &[ExclusionRule], local: &Local, first: i64, last: i64) -> Cuts {
        let mut cuts: Vec<Cut> = Vec::new();
        for rule in rules {
            let spans = rule.spans(local, first, last).into_iter().filter(|span| span.0 < span.1);
            cuts.extend(spans.map(|span| Cut { span, reason: rule.reason.clone() }));
        }
        cuts.sort_by_key(|cut| cut.span);
        let mut until = i64::MIN;
        for cut in &mut cuts {
            cut.span.0 = cut.span.0.max(until);
            until = until.max(cut.span.1);
        }
        cuts.retain(|cut| cut.span.0 < cut.span.1);
        let spans = joined(cuts.iter().map(|cut| cut.span).collect());
        Cuts { cuts, spans }
    }

    /// Whether an instant is cut out.
    pub fn has(&self, instant: i64) -> bool {
        let begun = self.spans.partition_point(|span| span.0 <= instant);
        let last = begun.checked_sub(1).and_then(|place| self.spans.get(place));
        last.is_some_and(|span| instant < span.1)
    }

    /// Those that have a part between two instants.
    pub fn between(&self, from: i64, to: i64) -> impl Iterator<Item = &Cut> {
        let first = self.cuts.partition_point(|cut| cut.span.1 <= from);
        self.cuts.iter().skip(first).take_while(move |cut| cut.span.0 < to)
    }
}
