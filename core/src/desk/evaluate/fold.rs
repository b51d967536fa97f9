//! Reading the events of a ticket, one after another.

use jiff::Timestamp;

use super::clock::{Clock, Pausing};
use crate::desk::calendar::Interval;
use crate::desk::policy::{
    Anchor, ClockRules, CountsFrom, Desk, Marks, Metric, Promise, Rules, StateKind, Step,
};
use crate::desk::ticket::Registered;
use crate::error::{Error, ErrorCode, Mistake};

/// A ticket while its events are read.
#[derive(Debug)]
pub(super) struct Fold<'a> {
    /// The policy that counts.
    pub rules: &'a Rules,
    /// The policies that counted, the newest last.
    pub policies: Vec<&'a Rules>,
    /// The policies that may take over.
    pub desks: &'a [&'a Desk],
    pub registered: &'a Registered,
    pub registered_at: Timestamp,
    pub marks: Marks,
    pub agent: Option<&'a str>,
    pub merged_into: Option<&'a str>,
    pub merged_at: Option<Timestamp>,
    pub classified_by: Vec<usize>,
    pub stages: Vec<Stage>,
    pub clocks: Vec<Clock>,
    /// What was done, and when last.
    pub steps: Vec<(Step, Timestamp)>,
    pub acknowledged_at: Option<Timestamp>,
    pub assigned_at: Option<Timestamp>,
    pub solved_at: Option<Timestamp>,
    /// When a program last wrote to the customer since the customer wrote.
    pub bot_wrote_at: Option<Timestamp>,
    /// The highest priority that it ever had.
    pub most_urgent: Option<usize>,
    /// Reasons that took it up a ladder.
    pub reasons: Vec<(&'a str, Timestamp)>,
    pub rework: u32,
    pub mistakes: Vec<Mistake>,
    /// The place of the event that is read.
    pub place: usize,
}

/// The time in one state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage {
    /// The policy, of those that counted.
    pub policy: usize,
    pub state: usize,
    pub from: Timestamp,
    pub to: Option<Timestamp>,
    /// What the state meant then.
    pub kind: StateKind,
    pub pauses: bool,
}

impl Stage {
    /// Whether its time does not count.
    fn does_not_count(&self, why: Pausing) -> bool {
        match why {
            Pausing::States => self.pauses,
            Pausing::Requester => {
                matches!(self.kind, StateKind::Pending | StateKind::Solved | StateKind::Closed)
            }
            Pausing::Agent => !matches!(self.kind, StateKind::New | StateKind::Open),
        }
    }
}

/// The time until an instant that does not count.
pub(super) fn pauses(stages: &[Stage], why: Pausing, until: Timestamp) -> Vec<Interval> {
    let paused = stages.iter().filter(|stage| stage.does_not_count(why));
    let interval =
        |stage: &Stage| Interval { from: stage.from, to: stage.to.unwrap_or(until).min(until) };
    paused.map(interval).filter(|pause| pause.from < pause.to).collect()
}

impl<'a> Fold<'a> {
    pub fn new(
        desk: &'a Desk,
        desks: &'a [&'a Desk],
        registered: &'a Registered,
        at: Timestamp,
        place: usize,
    ) -> Fold<'a> {
        let rules = desk.rules();
        let mut fold = Fold {
            rules,
            policies: vec![rules],
            desks,
            registered,
            registered_at: at,
            marks: Marks::default(),
            agent: None,
            merged_into: None,
            merged_at: None,
            classified_by: Vec::new(),
            stages: Vec::with_capacity(8),
            clocks: Vec::with_capacity(8),
            steps: Vec::new(),
            acknowledged_at: None,
            assigned_at: None,
            solved_at: None,
            bot_wrote_at: None,
            most_urgent: None,
            reasons: Vec::new(),
            rework: 0,
            mistakes: Vec::new(),
            place,
        };
        fold.register(at);
        fold
    }

    fn register(&mut self, at: Timestamp) {
        let given = self.registered;
        let document = &self.rules.document;
        let marks = Marks {
            category: self.known("category", &given.category, &document.categories, |c| &c.id),
            channel: self.known("channel", &given.channel, &document.channels, |c| &c.id),
            plan: self.known("plan", &given.plan, &document.plans, |plan| &plan.id),
            priority: self.known("priority", &given.priority, &document.priorities, |p| &p.id),
            queue: self.known("queue", &given.queue, &document.queues, |queue| &queue.id),
            state: Some(self.rules.begins),
            store: self.known("store", &given.store, &document.stores, |store| &store.id),
        };
        for (index, answer) in given.answers.iter().enumerate() {
            let key = format!("registered/answers/{index}/question");
            self.place_of(&answer.question, &document.intake, |item| &item.id, "question", &key);
        }
        self.marks = self.rules.classified(given, marks, &mut self.classified_by);
        self.most_urgent = self.marks.priority;
        let state = self.rules.begins;
        let queue = self.rules.states.get(state).and_then(|state| state.queue);
        self.marks.queue = self.marks.queue.or(queue);
        self.enter(state, at);
        self.assigned_at = self.marks.queue.map(|_| at);
        for ClockRules { metric, promise, .. } in &self.rules.clocks {
            let begins = match metric {
                Metric::NextReply | Metric::Closing | Metric::Estimate => false,
                Metric::QueueReply => self.marks.queue.is_some(),
                _ => true,
            };
            if begins {
                self.begin(*metric, *promise, at);
            }
        }
    }

    /// Notes the state from here on.
    pub fn enter(&mut self, state: usize, at: Timestamp) {
        if let Some(stage) = self.stages.last_mut() {
            stage.to = Some(at);
        }
        self.marks.state = Some(state);
        let (kind, pauses) = match self.rules.states.get(state) {
            Some(rules) => (rules.kind, rules.pauses),
            None => (StateKind::New, false),
        };
        let policy = self.policies.len().saturating_sub(1);
        self.stages.push(Stage { policy, state, from: at, to: None, kind, pauses });
    }

    /// Begins a clock.
    pub fn begin(&mut self, metric: Metric, promise: Promise, at: Timestamp) {
        let mut clock = Clock::new(metric, promise, at);
        clock.policy = self.policies.len().saturating_sub(1);
        clock.subject = self.marks.state.filter(|_| metric == Metric::Stage);
        let same = |known: &&Clock| {
            known.metric == metric && known.promise == promise && known.subject == clock.subject
        };
        let before = self.clocks.iter().filter(same).count();
        clock.cycle = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
        let (created, assigned) = (self.registered_at, self.assigned_at);
        let rules = self.rules;
        clock.match_rules(rules, &self.marks, |rule| anchored(rules, rule, at, created, assigned));
        self.clocks.push(clock);
    }

    /// Begins a clock once for each promise that the policy gives for it.
    pub fn begin_all(&mut self, metric: Metric, at: Timestamp) {
        let rules = self.rules;
        for clock in rules.clocks.iter().filter(|clock| clock.metric == metric) {
            self.begin(metric, clock.promise, at);
        }
    }

    /// Whether such a clock runs.
    pub fn runs(&self, metric: Metric) -> bool {
        self.clocks.iter().any(|clock| clock.metric == metric && clock.runs())
    }

    /// Ends all clocks of a kind that run.
    pub fn finish(&mut self, metric: Metric, at: Timestamp, cleared: bool) -> Result<(), Error> {
        for clock in self.clocks.iter_mut().filter(|clock| clock.metric == metric && clock.runs()) {
            let pauses = pauses(&self.stages, clock.pausing(), at);
            let reading = clock.read(self.rules, at, &pauses)?;
            clock.finish(at, reading, cleared);
        }
        Ok(())
    }

    /// Notes what is late by now, before its terms become others: it stays late.
    pub fn note_breaches(&mut self, at: Timestamp) -> Result<(), Error> {
        for clock in self.clocks.iter_mut().filter(|clock| clock.runs()) {
            let pauses = pauses(&self.stages, clock.pausing(), at);
            let reading = clock.read(self.rules, at, &pauses)?;
            clock.note_breach(at, &reading);
        }
        Ok(())
    }

    /// Takes up what is promised now that the ticket is something else; `raised` says that it became
    /// more urgent, or less, or neither.
    pub fn match_again(&mut self, at: Timestamp, raised: Option<bool>) -> Result<(), Error> {
        let rules = self.rules;
        let change = &rules.document.change;
        let counts_from = match raised {
            Some(true) => change.raised,
            Some(false) => change.lowered,
            None => CountsFrom::Start,
        };
        let (created, assigned) = (self.registered_at, self.assigned_at);
        for clock in self.clocks.iter_mut().filter(|clock| clock.runs()) {
            if !clock.is_changed(rules, &self.marks) {
                continue;
            }
            // What was late by the terms until now stays late.
            let pauses = pauses(&self.stages, clock.pausing(), at);
            let reading = clock.read(rules, at, &pauses)?;
            clock.note_breach(at, &reading);
            let anchor = clock.anchor;
            clock.match_rules(rules, &self.marks, |rule| match counts_from {
                CountsFrom::Change => at,
                CountsFrom::Start => anchored(rules, rule, anchor, created, assigned),
            });
        }
        Ok(())
    }
}

/// From when a promise counts.
fn anchored(
    rules: &Rules,
    rule: usize,
    metric: Timestamp,
    created: Timestamp,
    assigned: Option<Timestamp>,
) -> Timestamp {
    match rules.targets.get(rule).map(|target| target.anchor) {
        Some(Anchor::Created) => created,
        Some(Anchor::Assigned) => assigned.unwrap_or(metric),
        Some(Anchor::Metric) | None => metric,
    }
}

impl<'a> Fold<'a> {
    /// The place of a word that was given, if it was.
    fn known<T>(
        &mut self,
        key: &str,
        word: &Option<String>,
        items: &[T],
        id: impl Fn(&T) -> &String,
    ) -> Option<usize> {
        self.place_of(word.as_ref()?, items, id, key, &format!("registered/{key}"))
    }

    /// The place of a word in a list of the policy, or a note that it is not there.
    pub fn place_of<T>(
        &mut self,
        word: &str,
        items: &[T],
        id: impl Fn(&T) -> &String,
        what: &str,
        key: &str,
    ) -> Option<usize> {
        let found = items.iter().position(|item| id(item) == word);
        if found.is_none() {
            self.unknown(word, what, key);
        }
        found
    }

    /// Notes that the policy does not have a word.
    pub fn unknown(&mut self, word: &str, what: &str, key: &str) {
        let path = format!("/events/{}/event/{key}", self.place);
        let message = format!("the desk has no {what} `{word}`");
        self.mistakes.push(Mistake::new(ErrorCode::TicketReference, path, message));
    }

    /// Whether clocks of this kind stand still.
    pub fn is_paused(&self, why: Pausing) -> bool {
        self.stages.last().is_some_and(|stage| stage.does_not_count(why))
    }
}

impl<'a> Fold<'a> {
    /// Another policy counts from here on. Words mean what they mean there; promises of the same name
    /// go on from where they began, and what ended stays under the policy that it ended under.
    pub fn adopt(&mut self, rules: &'a Rules, at: Timestamp) -> Result<(), Error> {
        let old = self.rules;
        let (was, is) = (&old.document, &rules.document);
        let state = self.marks.state.map(|state| old.state_word(state));
        let mut states = is.life.states.iter();
        let Some(state) = states.position(|known| Some(known.id.as_str()) == state) else {
            let message = format!("the policy has no state `{}`", state.unwrap_or_default());
            let path = format!("/events/{}/event/policy/version", self.place);
            return Err(Error::new(ErrorCode::TicketReference, path, message));
        };
        let marks = self.marks;
        self.marks = Marks {
            category: same(marks.category, &was.categories, &is.categories, |item| &item.id),
            channel: same(marks.channel, &was.channels, &is.channels, |item| &item.id),
            plan: same(marks.plan, &was.plans, &is.plans, |item| &item.id),
            priority: same(marks.priority, &was.priorities, &is.priorities, |item| &item.id),
            queue: same(marks.queue, &was.queues, &is.queues, |item| &item.id),
            state: Some(state),
            store: same(marks.store, &was.stores, &is.stores, |item| &item.id),
        };
        self.most_urgent = same(self.most_urgent, &was.priorities, &is.priorities, |item| &item.id);
        let policy = self.policies.len();
        for clock in self.clocks.iter_mut().filter(|clock| clock.runs()) {
            if let Some((seconds, calendar)) = clock.estimate {
                let found = same(calendar, &was.calendars, &is.calendars, |item| &item.id);
                if calendar.is_some() && found.is_none() {
                    // The calendar that it was counted in is gone: the term stays as it was.
                    let pauses = pauses(&self.stages, clock.pausing(), at);
                    clock.manual = clock.read(old, at, &pauses)?.due.map(|due| due.at);
                }
                clock.estimate = Some((seconds, found));
            }
            clock.policy = policy;
            clock.subject = clock.subject.map(|_| state);
            let kept = clock.starts.iter().filter_map(|(rule, start)| {
                let rule = same(Some(*rule), &was.targets, &is.targets, |item| &item.id)?;
                Some((rule, *start))
            });
            clock.starts = kept.collect();
        }
        let steps = std::mem::take(&mut self.steps);
        self.steps = steps
            .into_iter()
            .filter_map(|(step, done)| match step {
                Step::Closing(_) | Step::Own(_) => {
                    rules.own_step(old.step_word(step)).map(|step| (step, done))
                }
                step => Some((step, done)),
            })
            .collect();
        self.policies.push(rules);
        self.rules = rules;
        self.match_again(at, None)
    }
}

/// The place of the same word in another list.
fn same<T>(place: Option<usize>, was: &[T], is: &[T], id: impl Fn(&T) -> &String) -> Option<usize> {
    let word = was.get(place?).map(&id)?;
    is.iter().position(|item| id(item) == word)
}
