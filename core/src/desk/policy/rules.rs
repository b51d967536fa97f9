//! A policy with its names resolved.

use std::collections::HashMap;

use super::document::{Anchor, DeskDocument, Metric, Promise};
use super::life::StateKind;
use super::target::{CalendarSpan, Term};
use super::when::Filter;
use crate::desk::calendar::Calendar;
use crate::desk::words::Keyword;

/// A policy with its names resolved: words are places in the lists of its document.
#[derive(Debug)]
pub(crate) struct Rules {
    pub document: DeskDocument,
    pub version: String,
    pub calendars: Vec<Calendar>,
    /// All time.
    pub always: Calendar,
    pub targets: Vec<TargetRules>,
    /// The clocks that tickets have.
    pub clocks: Vec<ClockRules>,
    pub classification: Vec<ClassRules>,
    pub states: Vec<StateRules>,
    pub begins: usize,
    pub reopen: Option<ReopenRules>,
    pub closing: Vec<ClosingRules>,
    pub intake: Vec<Filter>,
    pub ladders: Vec<LadderRules>,
    pub routes: Vec<Filter>,
    /// The store of each contact that belongs to one.
    pub contact_stores: HashMap<String, usize>,
}

/// A clock that tickets have.
#[derive(Debug)]
pub(crate) struct ClockRules {
    pub metric: Metric,
    pub promise: Promise,
    /// The targets that are for it.
    pub targets: Vec<usize>,
}

#[derive(Debug)]
pub(crate) struct TargetRules {
    pub anchor: Anchor,
    pub enabled: bool,
    pub metric: Metric,
    pub pauses: bool,
    pub promise: Promise,
    pub term: Term,
    pub when: Filter,
}

#[derive(Debug)]
pub(crate) struct ClassRules {
    /// Beginnings of words as they are compared.
    pub keywords: Vec<Keyword>,
    pub at_least: Option<usize>,
    pub category: Option<usize>,
    pub priority: Option<usize>,
    pub queue: Option<usize>,
    pub raise: usize,
    pub when: Filter,
}

#[derive(Debug)]
pub(crate) struct StateRules {
    pub kind: StateKind,
    pub pauses: bool,
    pub calendar: usize,
    pub queue: Option<usize>,
    pub moves: Vec<MoveRules>,
    pub auto: Option<(Term, usize)>,
}

#[derive(Debug)]
pub(crate) struct MoveRules {
    pub to: usize,
    pub needs: Vec<Step>,
    pub on: Option<Step>,
}

/// Something that can be done for a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Acknowledged,
    /// The customer wrote.
    Answered,
    Approved,
    Confirmed,
    Estimated,
    Installed,
    Refused,
    Replied,
    TestFailed,
    TestPassed,
    /// A step of the closing.
    Closing(usize),
    /// A step of the desk's own.
    Own(usize),
}

impl Step {
    /// The steps that every desk has, by their words.
    pub const WORDS: [(&'static str, Step); 10] = [
        ("acknowledged", Step::Acknowledged),
        ("answered", Step::Answered),
        ("approved", Step::Approved),
        ("confirmed", Step::Confirmed),
        ("estimated", Step::Estimated),
        ("installed", Step::Installed),
        ("refused", Step::Refused),
        ("replied", Step::Replied),
        ("test_failed", Step::TestFailed),
        ("test_passed", Step::TestPassed),
    ];
}

#[derive(Debug)]
pub(crate) struct ReopenRules {
    pub by_message: bool,
    pub to: usize,
    pub within: Option<CalendarSpan>,
}

#[derive(Debug)]
pub(crate) struct ClosingRules {
    pub term: Option<Term>,
    pub when: Filter,
}

#[derive(Debug)]
pub(crate) struct LadderRules {
    pub levels: Vec<LevelRules>,
    pub next: Option<usize>,
    /// Priorities and the levels at which their tickets begin.
    pub starts: Vec<(usize, usize)>,
    pub when: Filter,
}

#[derive(Debug)]
pub(crate) struct LevelRules {
    /// Seconds after registration, and the calendar they are counted in.
    pub after: Option<(i64, Option<usize>)>,
    pub notify_in: Option<usize>,
}

impl Rules {
    /// The targets that are for a clock.
    pub fn targets_for(&self, metric: Metric, promise: Promise) -> &[usize] {
        let same = |clock: &&ClockRules| clock.metric == metric && clock.promise == promise;
        self.clocks.iter().find(same).map(|clock| clock.targets.as_slice()).unwrap_or_default()
    }

    /// A calendar by its place; all time where there is none.
    pub fn calendar(&self, place: Option<usize>) -> &Calendar {
        place.and_then(|place| self.calendars.get(place)).unwrap_or(&self.always)
    }

    /// The word of a step.
    pub fn step_word(&self, step: Step) -> &str {
        match step {
            Step::Closing(place) => {
                self.document.closing.get(place).map_or("", |closing| closing.id.as_str())
            }
            Step::Own(place) => {
                self.document.life.steps.get(place).map_or("", |step| step.id.as_str())
            }
            step => {
                let found = Step::WORDS.iter().find(|(_, known)| *known == step);
                found.map_or("", |(word, _)| word)
            }
        }
    }

    /// The step of a word that only this desk has.
    pub fn own_step(&self, word: &str) -> Option<Step> {
        let closing = self.document.closing.iter().position(|closing| closing.id == word);
        let own = || self.document.life.steps.iter().position(|step| step.id == word);
        closing.map(Step::Closing).or_else(|| own().map(Step::Own))
    }

    /// Those of some contacts who are named for a ticket of a store.
    pub fn contacts_for(&self, contacts: &[String], store: Option<usize>) -> Vec<String> {
        let named = |id: &&String| {
            self.contact_stores.get(*id).is_none_or(|belongs| Some(*belongs) == store)
        };
        contacts.iter().filter(named).cloned().collect()
    }

    /// The word of a state.
    pub fn state_word(&self, place: usize) -> &str {
        self.document.life.states.get(place).map_or("", |state| state.id.as_str())
    }
}
