//! One clock of a ticket, while its events are read.

use jiff::Timestamp;

use crate::desk::calendar::Interval;
use crate::desk::policy::{Due, Marks, Metric, Promise, Rules};
use crate::error::Error;

/// Which time of a ticket does not count for a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pausing {
    /// States that pause.
    States,
    /// States in which the customer does not wait for the desk.
    Requester,
    /// States in which nobody of the desk works.
    Agent,
}

/// One clock of a ticket.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    pub metric: Metric,
    pub promise: Promise,
    /// The policy, of those that counted for the ticket.
    pub policy: usize,
    /// The state or step that it is about.
    pub subject: Option<usize>,
    pub cycle: u32,
    pub anchor: Timestamp,
    /// The promises that are for it, and from when each counts.
    pub starts: Vec<(usize, Timestamp)>,
    /// A term that was set by hand.
    pub manual: Option<Timestamp>,
    /// Working seconds that somebody estimated, and the calendar they are counted in.
    pub estimate: Option<(i64, Option<usize>)>,
    /// The first term that passed.
    pub breach: Option<Timestamp>,
    /// Whether a promise was ever for it.
    pub promised: bool,
    pub end: Option<End>,
}

/// How a clock ended. Nothing changes it afterwards.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub at: Timestamp,
    /// Without what it waited for.
    pub cleared: bool,
    pub reading: Reading,
}

/// What a clock says at an instant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    pub due: Option<Due>,
    pub rule: Option<usize>,
    /// From when the promise that counts is measured.
    pub start: Timestamp,
    pub worked: i64,
    pub margin: Option<i64>,
}

impl Clock {
    pub fn new(metric: Metric, promise: Promise, anchor: Timestamp) -> Clock {
        Clock {
            metric,
            promise,
            policy: 0,
            subject: None,
            cycle: 1,
            anchor,
            starts: Vec::new(),
            manual: None,
            estimate: None,
            breach: None,
            promised: false,
            end: None,
        }
    }

    pub fn runs(&self) -> bool {
        self.end.is_none()
    }

    /// Whether anybody asked for it: what the customer waits for is measured always, what teams
    /// promise each other only where they do.
    pub fn is_told(&self) -> bool {
        self.promise == Promise::Customer || self.promised || self.metric == Metric::Estimate
    }

    /// The time that does not count.
    pub fn pausing(&self) -> Pausing {
        match self.metric {
            Metric::RequesterWait => Pausing::Requester,
            Metric::AgentWork => Pausing::Agent,
            _ => Pausing::States,
        }
    }

    /// Whether a promise of the policy is for this clock and ticket.
    fn is_meant(&self, rules: &Rules, rule: usize, marks: &Marks) -> bool {
        rules.targets.get(rule).is_some_and(|target| {
            let here = self.metric != Metric::Stage || self.subject == marks.state;
            here && target.when.matches(marks)
        })
    }

    /// Whether other promises are for it now.
    pub fn is_changed(&self, rules: &Rules, marks: &Marks) -> bool {
        let all = rules.targets_for(self.metric, self.promise).iter();
        let now = all.filter(|rule| self.is_meant(rules, **rule, marks));
        !now.eq(self.starts.iter().map(|(rule, _)| rule))
    }

    /// Takes up the promises that are for it now; those that were before go on as they were, and
    /// `begin` says from when a new one counts.
    pub fn match_rules(
        &mut self,
        rules: &Rules,
        marks: &Marks,
        begin: impl Fn(usize) -> Timestamp,
    ) {
        let before = std::mem::take(&mut self.starts);
        for rule in rules.targets_for(self.metric, self.promise) {
            if self.is_meant(rules, *rule, marks) {
                let known = before.iter().find(|(known, _)| known == rule);
                let start = known.map_or_else(|| begin(*rule), |(_, start)| *start);
                self.starts.push((*rule, start));
            }
        }
        self.promised |= !self.starts.is_empty();
    }

    /// The end of one promise.
    pub fn due_of(
        &self,
        rules: &Rules,
        rule: usize,
        start: Timestamp,
        pauses: &[Interval],
    ) -> Result<Option<Due>, Error> {
        let Some(target) = rules.targets.get(rule) else { return Ok(None) };
        let pauses = if target.pauses { pauses } else { &[] };
        rules.due(&target.term, start, pauses)
    }

    /// What it says at an instant, with the pauses until then.
    pub fn read(
        &self,
        rules: &Rules,
        at: Timestamp,
        pauses: &[Interval],
    ) -> Result<Reading, Error> {
        let mut reading = Reading { start: self.anchor, ..Reading::default() };
        for (rule, start) in &self.starts {
            let due = self.due_of(rules, *rule, *start, pauses)?;
            let earlier = match (due, reading.due) {
                (Some(due), Some(known)) => due.at < known.at,
                (Some(_), None) => true,
                (None, _) => reading.rule.is_none(),
            };
            if earlier {
                reading.due = due;
                reading.rule = Some(*rule);
                reading.start = *start;
            }
        }
        if let Some((seconds, calendar)) = self.estimate {
            let edge = rules.document.edge;
            let at = rules.calendar(calendar).add(self.anchor, seconds, pauses, edge)?;
            reading.due = Some(Due { at, calendar });
        }
        if let Some(at) = self.manual {
            let calendar = reading.due.map_or(Some(0), |due| due.calendar);
            reading.due = Some(Due { at, calendar });
        }
        let pausing = reading.rule.and_then(|rule| rules.targets.get(rule));
        let pauses = if pausing.is_none_or(|target| target.pauses) { pauses } else { &[] };
        let calendar = rules.calendar(reading.due.map_or(Some(0), |due| due.calendar));
        reading.worked = calendar.between(reading.start, at, pauses)?;
        if let Some(due) = reading.due {
            let margin = match at <= due.at {
                true => calendar.between(at, due.at, pauses)?,
                false => -calendar.between(due.at, at, pauses)?,
            };
            reading.margin = Some(margin);
        }
        Ok(reading)
    }

    /// Notes that the term is over, if it is.
    pub fn note_breach(&mut self, at: Timestamp, reading: &Reading) {
        if self.breach.is_none()
            && let Some(due) = reading.due.filter(|due| at > due.at)
        {
            self.breach = Some(due.at);
        }
    }

    /// Ends it for ever.
    pub fn finish(&mut self, at: Timestamp, reading: Reading, cleared: bool) {
        // What ended earlier than it is known to have ended was not late in between.
        self.breach = self.breach.filter(|breach| *breach < at);
        self.note_breach(at, &reading);
        self.end = Some(End { at, cleared, reading });
    }
}
