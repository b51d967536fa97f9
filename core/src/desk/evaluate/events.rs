//! What each event does to a ticket.

use jiff::Timestamp;

use super::clock::Clock;
use super::fold::Fold;
use crate::desk::policy::{Metric, Promise, StateKind, Step, after_span};
use crate::desk::ticket::{
    Assignment, Author, Estimate, ManualDue, Message, PolicyChange, TicketEvent, TicketFact,
};
use crate::error::{Error, ErrorCode};

impl<'a> Fold<'a> {
    /// Reads one event.
    pub fn read(&mut self, event: &'a TicketEvent) -> Result<(), Error> {
        let at = event.at;
        if let Some(into) = self.merged_into {
            let message = format!("the ticket became a part of `{into}`; go on there");
            return Err(self.wrong(ErrorCode::TicketMerged, "", message));
        }
        match &event.event {
            TicketFact::Acknowledged(_) => self.acknowledged(at),
            TicketFact::Approval(approval) => {
                self.done(if approval.granted { Step::Approved } else { Step::Refused }, at)
            }
            TicketFact::Assignment(assignment) => self.assigned(assignment, at),
            TicketFact::Category(change) => {
                let all = &self.rules.document.categories;
                let category =
                    self.place_of(&change.to, all, |item| &item.id, "category", "category/to");
                self.marks.category = category.or(self.marks.category);
                self.match_again(at, None)
            }
            TicketFact::Confirmed(_) => self.done(Step::Confirmed, at),
            TicketFact::Done(done) => match self.rules.own_step(&done.step) {
                Some(step) => self.done(step, at),
                None => {
                    self.unknown(&done.step, "step", "done/step");
                    Ok(())
                }
            },
            TicketFact::Escalated(escalated) => {
                self.reasons.push((&escalated.reason, at));
                Ok(())
            }
            TicketFact::Estimate(estimate) => self.estimated(estimate, at),
            TicketFact::Installed(_) => {
                self.finish(Metric::Estimate, at, false)?;
                self.done(Step::Installed, at)
            }
            TicketFact::ManualDue(manual) => self.manual(manual, at),
            TicketFact::Merge(merge) => {
                self.merged_into = Some(&merge.into);
                self.merged_at = Some(at);
                self.end_all(at)
            }
            TicketFact::Message(message) => self.message(message, at),
            TicketFact::Policy(change) => self.change_policy(change, at),
            TicketFact::Priority(change) => {
                let all = &self.rules.document.priorities;
                match self.place_of(&change.to, all, |item| &item.id, "priority", "priority/to") {
                    Some(to) => self.prioritised(to, at),
                    None => Ok(()),
                }
            }
            TicketFact::Registered(_) => {
                let message = "a ticket is registered once; give another ticket its own events";
                Err(self.wrong(ErrorCode::TicketTransition, "/event/registered", message.into()))
            }
            TicketFact::Reopened(_) => self.reopened(at),
            TicketFact::State(change) => {
                let all = &self.rules.document.life.states;
                match self.place_of(&change.to, all, |item| &item.id, "state", "state/to") {
                    Some(to) => self.moved(to, at),
                    None => Ok(()),
                }
            }
            TicketFact::TestResult(result) if result.passed => self.done(Step::TestPassed, at),
            TicketFact::TestResult(_) => {
                self.rework = self.rework.saturating_add(1);
                self.steps.retain(|(step, _)| *step != Step::TestPassed);
                self.done(Step::TestFailed, at)
            }
        }
    }

    fn wrong(&self, code: ErrorCode, key: &str, message: String) -> Error {
        Error::new(code, format!("/events/{}{key}", self.place), message)
    }

    fn acknowledged(&mut self, at: Timestamp) -> Result<(), Error> {
        self.acknowledged_at = self.acknowledged_at.or(Some(at));
        self.finish(Metric::QueueReply, at, false)?;
        self.done(Step::Acknowledged, at)
    }

    fn assigned(&mut self, assignment: &'a Assignment, at: Timestamp) -> Result<(), Error> {
        if let Some(agent) = &assignment.agent {
            self.agent = Some(agent);
        }
        let Some(queue) = &assignment.queue else { return Ok(()) };
        let all = &self.rules.document.queues;
        match self.place_of(queue, all, |item| &item.id, "queue", "assignment/queue") {
            Some(queue) => self.queued(queue, at),
            None => Ok(()),
        }
    }

    /// Another queue gets it: what was promised for the old one's reply is over.
    fn queued(&mut self, queue: usize, at: Timestamp) -> Result<(), Error> {
        self.marks.queue = Some(queue);
        self.assigned_at = Some(at);
        self.finish(Metric::QueueReply, at, true)?;
        self.match_again(at, None)?;
        self.begin_all(Metric::QueueReply, at);
        Ok(())
    }

    fn prioritised(&mut self, to: usize, at: Timestamp) -> Result<(), Error> {
        let before = self.marks.priority.replace(to);
        self.most_urgent = Some(self.most_urgent.map_or(to, |known| known.min(to)));
        let raised = match before {
            Some(before) if before == to => None,
            Some(before) => Some(to < before),
            None => None,
        };
        self.match_again(at, raised)
    }

    fn estimated(&mut self, estimate: &Estimate, at: Timestamp) -> Result<(), Error> {
        let rules = self.rules;
        let state = self.marks.state.and_then(|state| rules.states.get(state));
        let calendar = match &estimate.after.calendar {
            None => state.map(|state| state.calendar),
            Some(word) => {
                let all = &rules.document.calendars;
                self.place_of(word, all, |item| &item.id, "calendar", "estimate/after/calendar")
            }
        };
        self.finish(Metric::Estimate, at, true)?;
        let promise = if estimate.promised { Promise::Customer } else { Promise::Tier };
        let mut clock = Clock::new(Metric::Estimate, promise, at);
        clock.policy = self.policies.len().saturating_sub(1);
        clock.estimate = Some((estimate.after.total_seconds(), calendar));
        self.clocks.push(clock);
        self.done(Step::Estimated, at)
    }

    fn manual(&mut self, manual: &ManualDue, at: Timestamp) -> Result<(), Error> {
        self.note_breaches(at)?;
        let same = |clock: &&mut Clock| clock.metric == manual.metric && clock.runs();
        for clock in self.clocks.iter_mut().filter(same) {
            clock.manual = manual.due;
        }
        Ok(())
    }

    fn message(&mut self, message: &'a Message, at: Timestamp) -> Result<(), Error> {
        match message.author {
            Author::Customer => self.customer_wrote(message, at),
            Author::Agent | Author::Bot => self.desk_wrote(message, at),
        }
    }

    fn customer_wrote(&mut self, message: &Message, at: Timestamp) -> Result<(), Error> {
        if !message.public || message.automatic {
            return Ok(());
        }
        let reopens = self.rules.reopen.as_ref().is_some_and(|reopen| reopen.by_message);
        if self.solved_at.is_some() && reopens && self.may_reopen(at)? {
            self.reopened(at)?;
        }
        self.bot_wrote_at = None;
        let before = self.rules.document.replies.next_before_first;
        let counts = before || !self.runs(Metric::FirstReply);
        if counts && self.solved_at.is_none() && !self.runs(Metric::NextReply) {
            self.begin_all(Metric::NextReply, at);
        }
        self.stop(message, &[], at)?;
        self.done(Step::Answered, at)
    }

    fn desk_wrote(&mut self, message: &Message, at: Timestamp) -> Result<(), Error> {
        let replies = &self.rules.document.replies;
        if message.automatic && !replies.automatic {
            return self.stop(message, &[], at);
        }
        if message.author == Author::Bot && !replies.bots {
            // It is a reply if the ticket is solved by it.
            self.bot_wrote_at = self.bot_wrote_at.or(Some(at).filter(|_| message.public));
            return self.stop(message, &[], at);
        }
        if !message.public {
            return self.stop(message, &[Metric::QueueReply], at);
        }
        let stops =
            [Metric::FirstReply, Metric::NextReply, Metric::PeriodicUpdate, Metric::QueueReply];
        self.stop(message, &stops, at)?;
        if self.solved_at.is_none() && !self.runs(Metric::PeriodicUpdate) {
            self.begin_all(Metric::PeriodicUpdate, at);
        }
        self.done(Step::Replied, at)
    }

    /// Stops the clocks that a message names, or those that it stops by its kind.
    fn stop(&mut self, message: &Message, kind: &[Metric], at: Timestamp) -> Result<(), Error> {
        for metric in message.stops.as_deref().unwrap_or(kind) {
            self.finish(*metric, at, false)?;
        }
        Ok(())
    }

    /// Something was done; it may bring the ticket to another state.
    fn done(&mut self, step: Step, at: Timestamp) -> Result<(), Error> {
        self.steps.retain(|(known, _)| *known != step);
        self.steps.push((step, at));
        let state = self.marks.state.and_then(|state| self.rules.states.get(state));
        let moves = state.map(|state| state.moves.as_slice()).unwrap_or_default();
        let found = moves
            .iter()
            .find(|way| way.on == Some(step) && way.needs.iter().all(|need| self.is_met(*need)));
        match found {
            Some(way) => self.go(way.to, at),
            None => Ok(()),
        }
    }

    pub fn has_done(&self, step: Step) -> bool {
        self.steps.iter().any(|(known, _)| *known == step)
    }

    /// Whether something was done, or is not asked of this ticket.
    pub fn is_met(&self, need: Step) -> bool {
        let asked = match need {
            Step::Closing(place) => {
                let closing = self.rules.closing.get(place);
                closing.is_none_or(|closing| closing.when.matches(&self.marks))
            }
            _ => true,
        };
        !asked || self.has_done(need)
    }

    /// Whether the ticket goes to a state by itself by now.
    fn goes_by_itself(&self, to: usize, at: Timestamp) -> Result<bool, Error> {
        let state = self.marks.state.and_then(|state| self.rules.states.get(state));
        let auto = state.and_then(|state| state.auto.as_ref()).filter(|(_, auto)| *auto == to);
        let Some(((term, _), stage)) = auto.zip(self.stages.last()) else { return Ok(false) };
        let due = self.rules.due(term, stage.from, &[])?;
        Ok(due.is_some_and(|due| at >= due.at))
    }

    /// Goes to a state that somebody named.
    fn moved(&mut self, to: usize, at: Timestamp) -> Result<(), Error> {
        let from = self.marks.state.unwrap_or(self.rules.begins);
        let rules = self.rules;
        let moves = rules.states.get(from).map(|state| state.moves.as_slice()).unwrap_or_default();
        if to == from {
            return Ok(());
        }
        if self.goes_by_itself(to, at)? {
            return self.go(to, at);
        }
        let mut ways = moves.iter().filter(|way| way.to == to).peekable();
        if ways.peek().is_none() {
            let mut allowed: Vec<&str> = Vec::new();
            allowed.extend(moves.iter().map(|way| rules.state_word(way.to)));
            allowed.sort_unstable();
            allowed.dedup();
            let message = format!(
                "from `{}` a ticket does not go to `{}`; allowed: {}",
                rules.state_word(from),
                rules.state_word(to),
                listed(&allowed)
            );
            return Err(self.wrong(ErrorCode::TicketTransition, "/event/state/to", message));
        }
        let missing = |way: &crate::desk::policy::MoveRules| -> Vec<&str> {
            let needs = way.needs.iter().filter(|need| !self.is_met(**need));
            needs.map(|need| rules.step_word(*need)).collect()
        };
        let fewest = ways.map(missing).min_by_key(Vec::len).unwrap_or_default();
        if !fewest.is_empty() {
            let to = rules.state_word(to);
            let message = format!("before `{to}` this must be done: {}", listed(&fewest));
            return Err(self.wrong(ErrorCode::TicketTransition, "/event/state/to", message));
        }
        self.go(to, at)
    }

    /// Goes to a state.
    fn go(&mut self, to: usize, at: Timestamp) -> Result<(), Error> {
        if self.stages.len() > super::STAGES_MAX {
            let message = format!("a ticket has at most {} states in all", super::STAGES_MAX);
            return Err(self.wrong(ErrorCode::TicketTransition, "", message));
        }
        let was_over = self.stages.last().is_some_and(|stage| is_over(stage.kind));
        self.finish(Metric::Stage, at, false)?;
        self.enter(to, at);
        let is_over = self.stages.last().is_some_and(|stage| is_over(stage.kind));
        match (was_over, is_over) {
            (false, true) => self.solved(at)?,
            (true, false) => self.resumed(at),
            _ => {}
        }
        let queue = self.rules.states.get(to).and_then(|state| state.queue);
        match queue.filter(|queue| self.marks.queue != Some(*queue)) {
            Some(queue) => self.queued(queue, at)?,
            None => self.match_again(at, None)?,
        }
        self.begin_all(Metric::Stage, at);
        Ok(())
    }

    fn solved(&mut self, at: Timestamp) -> Result<(), Error> {
        self.solved_at = Some(at);
        for metric in [Metric::Resolution, Metric::RequesterWait, Metric::AgentWork] {
            self.finish(metric, at, false)?;
        }
        if let Some(wrote) = self.bot_wrote_at.take() {
            self.finish(Metric::FirstReply, wrote, false)?;
            self.finish(Metric::NextReply, wrote, false)?;
        }
        for metric in [
            Metric::FirstReply,
            Metric::NextReply,
            Metric::PeriodicUpdate,
            Metric::QueueReply,
            Metric::Estimate,
        ] {
            self.finish(metric, at, true)?;
        }
        Ok(())
    }

    /// The ticket is worked on again: what ended stays as it is, and new clocks begin.
    fn resumed(&mut self, at: Timestamp) {
        self.solved_at = None;
        let keeps = |step: Step| matches!(step, Step::Acknowledged | Step::Replied);
        self.steps.retain(|(step, _)| keeps(*step));
        for metric in [Metric::Resolution, Metric::RequesterWait, Metric::AgentWork] {
            self.begin_all(metric, at);
        }
    }

    fn may_reopen(&self, at: Timestamp) -> Result<bool, Error> {
        let (Some(reopen), Some(solved)) = (&self.rules.reopen, self.solved_at) else {
            return Ok(false);
        };
        let Some(within) = &reopen.within else { return Ok(true) };
        Ok(at <= after_span(&self.rules.always, solved, within)?)
    }

    fn reopened(&mut self, at: Timestamp) -> Result<(), Error> {
        let to = self.rules.reopen.as_ref().map(|reopen| reopen.to);
        match to.filter(|_| self.solved_at.is_some()) {
            Some(to) if self.may_reopen(at)? => self.go(to, at),
            _ => {
                let message = "only a ticket that was solved not too long ago is opened again; \
                               register a new one";
                Err(self.wrong(ErrorCode::TicketTransition, "/event/reopened", message.into()))
            }
        }
    }

    fn end_all(&mut self, at: Timestamp) -> Result<(), Error> {
        for metric in Metric::ALL {
            self.finish(*metric, at, true)?;
        }
        Ok(())
    }

    /// Another policy counts from here on. Words mean what they mean there.
    fn change_policy(&mut self, change: &PolicyChange, at: Timestamp) -> Result<(), Error> {
        self.note_breaches(at)?;
        let meant = |desk: &&&crate::desk::policy::Desk| {
            desk.version() == change.version && change.id.as_ref().is_none_or(|id| desk.id() == id)
        };
        let Some(desk) = self.desks.iter().find(meant) else {
            let message = format!("no policy of the version `{}` was given", change.version);
            return Err(self.wrong(ErrorCode::DeskUnknown, "/event/policy/version", message));
        };
        self.adopt(desk.rules(), at)
    }
}

fn is_over(kind: StateKind) -> bool {
    matches!(kind, StateKind::Solved | StateKind::Closed)
}

fn listed(words: &[&str]) -> String {
    match words {
        [] => "nothing".to_owned(),
        words => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
    }
}
