//! States, the ways between them, and what closing asks for.

use super::Check;
use crate::desk::policy::life::{Closing, Move, Reopen, StateDocument};
use crate::desk::policy::rules::*;
use crate::error::ErrorCode;

impl Check<'_> {
    pub(super) fn states(&mut self) -> Vec<StateRules> {
        let states = &self.document.life.states;
        if states.is_empty() {
            let message = "a ticket must be in some state; give at least one";
            self.collector.mistake(ErrorCode::DeskEmpty, "/life/states", message);
        }
        let states = states.iter().enumerate();
        states.map(|(place, state)| self.state(state, &format!("/life/states/{place}"))).collect()
    }

    pub(super) fn state(&mut self, state: &StateDocument, path: &str) -> StateRules {
        let calendar = state.calendar.as_ref();
        let auto = state.auto.as_ref().map(|auto| {
            let term = self.term(&auto.after, &format!("{path}/auto/after"), 0);
            (term, self.place("state", &auto.to, &format!("{path}/auto/to")))
        });
        let moves = state.moves.iter().enumerate();
        StateRules {
            kind: state.kind,
            pauses: state.pauses,
            calendar: self
                .place_if_named("calendar", calendar, &format!("{path}/calendar"))
                .unwrap_or(0),
            queue: self.place_if_named("queue", state.queue.as_ref(), &format!("{path}/queue")),
            moves: moves
                .map(|(place, to)| self.way(to, &format!("{path}/moves/{place}")))
                .collect(),
            auto,
        }
    }

    pub(super) fn way(&mut self, way: &Move, path: &str) -> MoveRules {
        let needs = way.needs.iter().enumerate();
        MoveRules {
            to: self.place("state", &way.to, &format!("{path}/to")),
            needs: needs
                .map(|(place, word)| self.step(word, &format!("{path}/needs/{place}")))
                .collect(),
            on: way.on.as_ref().map(|word| self.step(word, &format!("{path}/on"))),
        }
    }

    pub(super) fn step(&mut self, word: &str, path: &str) -> Step {
        let known = Step::WORDS.iter().find(|(known, _)| *known == word);
        if let Some((_, step)) = known {
            return *step;
        }
        if let Some(place) = self.places.get(&("closing", word)) {
            return Step::Closing(*place);
        }
        if let Some(place) = self.places.get(&("step", word)) {
            return Step::Own(*place);
        }
        let mut words: Vec<&str> = Step::WORDS.iter().map(|(word, _)| *word).collect();
        words.extend(self.document.closing.iter().map(|closing| closing.id.as_str()));
        words.extend(self.document.life.steps.iter().map(|step| step.id.as_str()));
        self.collector.reference(word, &words, "step", path);
        Step::Acknowledged
    }

    pub(super) fn begins(&mut self) -> usize {
        let begins = self.document.life.begins.as_ref();
        self.place_if_named("state", begins, "/life/begins").unwrap_or(0)
    }

    pub(super) fn reopen(&mut self, reopen: &Reopen) -> ReopenRules {
        ReopenRules {
            by_message: reopen.by_message,
            to: self.place("state", &reopen.to, "/life/reopen/to"),
            within: reopen.within.clone(),
        }
    }

    pub(super) fn closing(&mut self) -> Vec<ClosingRules> {
        let rules = |check: &mut Self, (place, closing): (usize, &Closing)| {
            let path = format!("/closing/{place}");
            let target = closing.target.as_ref();
            ClosingRules {
                term: target.map(|target| check.term(target, &format!("{path}/target"), 0)),
                when: check.filter(&closing.when, &path),
            }
        };
        self.document.closing.iter().enumerate().map(|item| rules(self, item)).collect()
    }
}
