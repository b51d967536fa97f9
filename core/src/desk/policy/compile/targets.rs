//! Targets, and the clocks that they make.

use super::Check;
use crate::desk::local::at_most;
use crate::desk::policy::document::*;
use crate::desk::policy::rules::*;
use crate::desk::policy::target::{After, DayPoint, Target, Term};
use crate::error::ErrorCode;

/// The most targets of a desk, so that no ticket takes long.
const TARGETS_MAX: usize = 1_000;

/// How deep targets may stand in each other.
const TARGET_DEPTH_MAX: usize = 8;

/// The clocks that tickets have: those that are measured always, and those that have a target.
pub(super) fn clocks(targets: &[TargetRules]) -> Vec<ClockRules> {
    let mut clocks = Vec::new();
    for metric in Metric::ALL {
        for promise in Promise::ALL {
            let has_target = |rule: &TargetRules| {
                rule.enabled && rule.metric == *metric && rule.promise == *promise
            };
            let measured = *promise == Promise::Customer
                && !matches!(metric, Metric::PeriodicUpdate | Metric::QueueReply | Metric::Stage);
            let numbered = targets.iter().enumerate();
            let meant = numbered.filter(|(_, rule)| has_target(rule)).map(|(place, _)| place);
            let targets: Vec<usize> = meant.collect();
            if measured || !targets.is_empty() {
                clocks.push(ClockRules { metric: *metric, promise: *promise, targets });
            }
        }
    }
    clocks
}

impl Check<'_> {
    pub(super) fn targets(&mut self) -> Vec<TargetRules> {
        at_most(TARGETS_MAX, self.document.targets.len(), &mut self.collector, "/targets");
        let mut all = Vec::new();
        for (place, rule) in self.document.targets.iter().enumerate() {
            let path = format!("/targets/{place}");
            for (index, warning) in rule.warnings.iter().enumerate() {
                if matches!(warning, Warning::Percent(percent) if !(1..=99).contains(percent)) {
                    let path = format!("{path}/warnings/{index}/percent");
                    let message = "a warning comes at 1 to 99 percent of the time";
                    self.collector.mistake(ErrorCode::DocumentRange, &path, message);
                }
            }
            if matches!(rule.metric, Metric::Closing | Metric::Estimate) {
                let message = "what closing asks for has its target in `closing`, and an estimate in \
                               the ticket";
                self.collector.contradiction(&format!("{path}/metric"), message);
            }
            all.push(TargetRules {
                anchor: rule.anchor,
                enabled: rule.enabled,
                metric: rule.metric,
                pauses: rule.pauses,
                promise: rule.promise,
                term: self.term(&rule.target, &format!("{path}/target"), 0),
                when: self.filter(&rule.when, &path),
            });
        }
        all
    }

    pub(super) fn term(&mut self, target: &Target, path: &str, depth: usize) -> Term {
        let path = format!("{path}/{}", target.name());
        if depth > TARGET_DEPTH_MAX {
            let message = format!("targets stand more than {TARGET_DEPTH_MAX} deep in each other");
            self.collector.mistake(ErrorCode::DocumentTooDeep, &path, message);
            return Term::Open;
        }
        match target {
            Target::After(after) => {
                let (seconds, calendar) = self.after(after, &path);
                Term::After { calendar, seconds }
            }
            Target::ByAgreement(_) | Target::Queue(_) => Term::Open,
            Target::CalendarSpan(span) => {
                if span.days == 0 && span.months == 0 && span.weeks == 0 {
                    let message = "give days, weeks or months";
                    self.collector.mistake(ErrorCode::DeskEmpty, &path, message);
                }
                Term::Span(span.clone())
            }
            Target::Earliest(several) => Term::Earliest(self.terms(several, &path, depth)),
            Target::Latest(several) => Term::Latest(self.terms(several, &path, depth)),
            Target::IfOpen(choice) => Term::IfOpen {
                calendar: self.place("calendar", &choice.calendar, &format!("{path}/calendar")),
                then: Box::new(self.term(&choice.then, &format!("{path}/then"), depth + 1)),
                otherwise: Box::new(self.term(
                    &choice.otherwise,
                    &format!("{path}/otherwise"),
                    depth + 1,
                )),
            },
            Target::NextBusinessDay(day) => Term::BusinessDay {
                at: match day.at.as_str() {
                    "closing" => DayPoint::Closing,
                    "opening" => DayPoint::Opening,
                    time => {
                        let path = format!("{path}/at");
                        DayPoint::Minute(self.collector.time_of_day(time, &path))
                    }
                },
                calendar: self.place("calendar", &day.calendar, &format!("{path}/calendar")),
                days: day.days,
            },
        }
    }

    pub(super) fn terms(&mut self, targets: &[Target], path: &str, depth: usize) -> Vec<Term> {
        if targets.is_empty() {
            let message = "the list is empty, so that there is no term";
            self.collector.mistake(ErrorCode::DeskEmpty, path, message);
        }
        let targets = targets.iter().enumerate();
        targets
            .map(|(place, target)| self.term(target, &format!("{path}/{place}"), depth + 1))
            .collect()
    }

    pub(super) fn after(&mut self, after: &After, path: &str) -> (i64, Option<usize>) {
        let calendar = after.calendar.as_ref();
        let calendar = self.place_if_named("calendar", calendar, &format!("{path}/calendar"));
        (after.total_seconds(), calendar)
    }
}
