//! The reading of a ticket in words, what is missing, and what comes next.

use jiff::Timestamp;

use super::clock::{Clock, End, Reading};
use super::fold::{Fold, pauses};
use super::view::*;
use crate::desk::calendar::{Edge, Interval};
use crate::desk::policy::{Route, Rules, Step, Warning};
use crate::error::Error;

impl Fold<'_> {
    /// The whole reading at an instant.
    pub fn view(&self, now: Timestamp, explain: bool) -> Result<TicketView, Error> {
        let rules = self.rules;
        let document = &rules.document;
        let mut timers = Vec::with_capacity(self.clocks.len());
        for clock in self.clocks.iter().filter(|clock| clock.is_told()) {
            timers.push(self.timer(clock, now, explain)?);
        }
        let closing = self.closing(now)?;
        let standing = self.standing(now)?;
        let ladder = standing.as_ref().map(|standing| self.ladder_view(standing));
        let repeat = standing.and_then(|standing| standing.repeat);
        let next = self.next(&timers, &closing, ladder.as_ref(), repeat, now)?;
        Ok(TicketView {
            agent: self.agent.map(str::to_owned),
            category: word(self.marks.category, &document.categories, |item| &item.id),
            classified_by: self.classified_by(),
            contacts: self.contacts(),
            ladder,
            merged_into: self.merged_into.map(str::to_owned),
            missing: self.missing(&closing),
            moves: self.moves(),
            next,
            number: self.registered.number.clone(),
            policy: rules.version.clone(),
            priority: word(self.marks.priority, &document.priorities, |item| &item.id),
            queue: word(self.marks.queue, &document.queues, |item| &item.id),
            registered_at: self.registered_at,
            rework: self.rework,
            solved_at: self.solved_at,
            stages: self.stage_views(now)?,
            state: self.marks.state.map(|state| rules.state_word(state)).unwrap_or_default().into(),
            store: word(self.marks.store, &document.stores, |item| &item.id),
            timers,
            closing,
        })
    }

    /// The policy that a clock or stage is under.
    fn policy(&self, place: usize) -> &Rules {
        self.policies.get(place).copied().unwrap_or(self.rules)
    }

    fn classified_by(&self) -> Vec<String> {
        // A ticket is classified once, under the policy that it came in under.
        let rules = self.policy(0);
        let word = |place: &usize| Some(rules.document.classification.get(*place)?.id.clone());
        self.classified_by.iter().filter_map(word).collect()
    }

    fn contacts(&self) -> Vec<String> {
        let mut routes = self.rules.routes.iter();
        let route = routes.position(|route| route.matches(&self.marks));
        let route = route.and_then(|place| self.rules.document.routes.get(place));
        let named = |route: &Route| self.rules.contacts_for(&route.contacts, self.marks.store);
        route.map(named).unwrap_or_default()
    }

    fn moves(&self) -> Vec<String> {
        if self.merged_into.is_some() {
            return Vec::new();
        }
        let rules = self.rules;
        let state = self.marks.state.and_then(|state| rules.states.get(state));
        let ways = state.map(|state| state.moves.as_slice()).unwrap_or_default();
        let ready = ways.iter().filter(|way| way.needs.iter().all(|need| self.is_met(*need)));
        let mut words: Vec<String> = Vec::new();
        words.extend(ready.map(|way| rules.state_word(way.to).to_owned()));
        words.sort_unstable();
        words.dedup();
        words
    }

    fn stage_views(&self, now: Timestamp) -> Result<Vec<StageView>, Error> {
        let mut views = Vec::with_capacity(self.stages.len());
        for stage in &self.stages {
            let rules = self.policy(stage.policy);
            let calendar = rules.states.get(stage.state).map(|state| state.calendar);
            let until = stage.to.unwrap_or(now);
            views.push(StageView {
                from: stage.from,
                state: rules.state_word(stage.state).to_owned(),
                to: stage.to,
                worked_seconds: rules.calendar(calendar).between(stage.from, until, &[])?,
            });
        }
        Ok(views)
    }

    fn timer(&self, clock: &Clock, now: Timestamp, explain: bool) -> Result<TimerView, Error> {
        let rules = self.policy(clock.policy);
        let until = clock.end.as_ref().map_or(now, |end| end.at);
        let pauses = pauses(&self.stages, clock.pausing(), until);
        let reading = match &clock.end {
            Some(end) => end.reading,
            None => clock.read(rules, now, &pauses)?,
        };
        let state = self.state_of(clock, &reading, now);
        let word = |rule: usize| rules.document.targets.get(rule).map(|target| target.id.clone());
        let warnings = warnings(rules, &reading, &pauses)?;
        let warned = clock.runs() && warnings.iter().any(|at| *at <= now);
        let calendar = rules.calendar(reading.due.map_or(Some(0), |due| due.calendar));
        let skipped = match (explain, reading.due) {
            (true, Some(due)) => calendar.skipped(reading.start, due.at)?,
            _ => Vec::new(),
        };
        Ok(TimerView {
            breached_at: clock.breach.or_else(|| {
                let passed = reading.due.filter(|due| clock.runs() && now > due.at);
                passed.map(|due| due.at)
            }),
            cycle: clock.cycle,
            due: reading.due.map(|due| due.at),
            finished_at: clock.end.as_ref().map(|end| end.at),
            manual: clock.manual.is_some(),
            margin_seconds: reading.margin,
            metric: clock.metric,
            promise: clock.promise,
            rule: reading.rule.and_then(word),
            rules: rule_dues(clock, rules, &reading, &pauses)?,
            skipped,
            started_at: clock.anchor,
            state,
            subject: clock.subject.map(|state| rules.state_word(state).to_owned()),
            warned,
            warnings,
            worked_seconds: reading.worked,
        })
    }

    /// Whether a clock stands still.
    fn stands(&self, clock: &Clock, reading: &Reading) -> bool {
        let rules = self.policy(clock.policy);
        let promise = reading.rule.and_then(|rule| rules.targets.get(rule));
        promise.is_none_or(|promise| promise.pauses) && self.is_paused(clock.pausing())
    }

    fn state_of(&self, clock: &Clock, reading: &Reading, now: Timestamp) -> TimerState {
        match &clock.end {
            // What was late by then is not undone by what it waited for never coming.
            Some(_) if clock.breach.is_some() => TimerState::Missed,
            Some(End { cleared: true, .. }) => TimerState::Cleared,
            Some(_) => TimerState::Met,
            None if clock.promised && clock.starts.is_empty() && clock.manual.is_none() => {
                TimerState::Cleared
            }
            None if self.stands(clock, reading) => TimerState::Paused,
            None if reading.due.is_some_and(|due| now > due.at) => TimerState::Late,
            None => TimerState::Running,
        }
    }

    fn closing(&self, now: Timestamp) -> Result<Vec<ClosingView>, Error> {
        let rules = self.rules;
        let Some(solved) = self.solved_at else { return Ok(Vec::new()) };
        let mut views = Vec::new();
        for (place, closing) in rules.closing.iter().enumerate() {
            if !closing.when.matches(&self.marks) {
                continue;
            }
            let step = Step::Closing(place);
            let done = self.steps.iter().find(|(known, _)| *known == step).map(|(_, at)| *at);
            let due = match &closing.term {
                Some(term) => rules.due(term, solved, &[])?.map(|due| due.at),
                None => None,
            };
            views.push(ClosingView {
                done_at: done,
                due,
                late: due.is_some_and(|due| done.unwrap_or(now) > due),
                step: rules.step_word(step).to_owned(),
            });
        }
        Ok(views)
    }

    fn missing(&self, closing: &[ClosingView]) -> Vec<Missing> {
        if self.merged_into.is_some() {
            return Vec::new();
        }
        let rules = self.rules;
        let mut missing = Vec::new();
        for (question, filter) in rules.document.intake.iter().zip(&rules.intake) {
            let mut given = self.registered.answers.iter();
            let answered = given
                .any(|answer| answer.question == question.id && !answer.value.trim().is_empty());
            if question.required && !answered && filter.matches(&self.marks) {
                let (kind, what) = (MissingKind::Answer, question.id.clone());
                missing.push(Missing { for_state: None, kind, what });
            }
        }
        let state = self.marks.state.and_then(|state| rules.states.get(state));
        for way in state.map(|state| state.moves.as_slice()).unwrap_or_default() {
            for need in way.needs.iter().filter(|need| !self.is_met(**need)) {
                missing.push(Missing {
                    for_state: Some(rules.state_word(way.to).to_owned()),
                    kind: MissingKind::Step,
                    what: rules.step_word(*need).to_owned(),
                });
            }
        }
        let told = |missing: &[Missing], step: &str| missing.iter().any(|one| one.what == step);
        for view in closing.iter().filter(|view| view.done_at.is_none()) {
            if told(&missing, &view.step) {
                continue;
            }
            let (kind, what) = (MissingKind::Closing, view.step.clone());
            missing.push(Missing { for_state: None, kind, what });
        }
        missing
    }

    /// The first of what comes next. What should have been done already comes before everything else.
    fn next(
        &self,
        timers: &[TimerView],
        closing: &[ClosingView],
        ladder: Option<&LadderView>,
        repeat: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<NextAction>, Error> {
        if self.merged_into.is_some() {
            return Ok(None);
        }
        let rules = self.rules;
        let mut all = Vec::new();
        let action = |at, kind, metric, subject| NextAction { at, kind, metric, subject };
        for timer in timers {
            if !matches!(timer.state, TimerState::Running | TimerState::Late) {
                continue;
            }
            let (metric, subject) = (Some(timer.metric), timer.subject.clone());
            let coming = timer.warnings.iter().filter(|at| **at > now).min();
            if let Some(at) = coming.filter(|_| timer.state == TimerState::Running) {
                all.push(action(*at, ActionKind::Warning, metric, subject.clone()));
            }
            all.extend(timer.due.map(|at| action(at, ActionKind::Due, metric, subject)));
        }
        for view in closing.iter().filter(|view| view.done_at.is_none()) {
            let subject = Some(view.step.clone());
            all.extend(view.due.map(|at| action(at, ActionKind::Closing, None, subject)));
        }
        if let Some(ladder) = ladder {
            let (level, next_level) = (ladder.level.clone(), ladder.next_level.clone());
            all.extend(ladder.next_at.map(|at| action(at, ActionKind::Level, None, next_level)));
            all.extend(repeat.map(|at| action(at, ActionKind::Repeat, None, level)));
        }
        let stage = self.stages.last();
        let auto = stage.and_then(|stage| {
            rules.states.get(self.marks.state?)?.auto.as_ref().map(|auto| (stage, auto))
        });
        if let Some((stage, (term, to))) = auto {
            let subject = Some(rules.state_word(*to).to_owned());
            let due = rules.due(term, stage.from, &[])?;
            all.extend(due.map(|due| action(due.at, ActionKind::Move, None, subject)));
        }
        Ok(all.into_iter().min_by_key(|action| action.at))
    }
}

/// The word that stands at a place of a list.
fn word<T>(place: Option<usize>, items: &[T], id: impl Fn(&T) -> &String) -> Option<String> {
    items.get(place?).map(|item| id(item).clone())
}

/// All promises that are for a clock, by their ends.
fn rule_dues(
    clock: &Clock,
    rules: &Rules,
    reading: &Reading,
    pauses: &[Interval],
) -> Result<Vec<RuleDue>, Error> {
    let mut all = Vec::with_capacity(clock.starts.len());
    for (rule, start) in &clock.starts {
        let counts = reading.rule == Some(*rule) && clock.manual.is_none();
        let due = match counts {
            true => reading.due,
            false => clock.due_of(rules, *rule, *start, pauses)?,
        };
        let due = due.map(|due| due.at);
        let Some(target) = rules.document.targets.get(*rule) else { continue };
        all.push(RuleDue { due, rule: target.id.clone() });
    }
    // Those without an end come last; the rest keep their order.
    all.sort_by_key(|rule| (rule.due.is_none(), rule.due));
    Ok(all)
}

/// When to warn: before the term by working time, or by a share of it.
fn warnings(
    rules: &Rules,
    reading: &Reading,
    pauses: &[Interval],
) -> Result<Vec<Timestamp>, Error> {
    let (Some(due), Some(rule)) = (reading.due, reading.rule) else { return Ok(Vec::new()) };
    let Some(target) = rules.document.targets.get(rule) else { return Ok(Vec::new()) };
    let calendar = rules.calendar(due.calendar);
    let edge = rules.document.edge;
    let mut all = Vec::with_capacity(target.warnings.len());
    for warning in &target.warnings {
        all.push(match warning {
            Warning::MinutesBefore(minutes) => {
                let at =
                    calendar.subtract(due.at, i64::from(*minutes) * 60, pauses, Edge::Opening)?;
                at.max(reading.start)
            }
            Warning::Percent(percent) => {
                let whole = calendar.between(reading.start, due.at, pauses)?;
                let part = whole.saturating_mul(i64::from(*percent)) / 100;
                calendar.add(reading.start, part, pauses, edge)?
            }
        });
    }
    all.sort_unstable();
    Ok(all)
}
