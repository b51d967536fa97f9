//! What a policy allows but its makers can hardly have meant.

use std::collections::BTreeSet;

use crate::desk::policy::{Desk, Metric, Named, StateKind, Target, TargetRule};
use crate::document::{choice, document};

choice! {
    /// What may be wrong with a policy.
    pub enum DeskWarningKind {
        /// A contact that nobody can reach: neither telephone, mail nor anything else; or a part of one
        /// that was left as a line of underscores.
        ContactBlank = "contact_blank",
        /// A level of a ladder tells nobody.
        LevelUntold = "level_untold",
        /// A priority without a promise of a first reply.
        PriorityUnpromised = "priority_unpromised",
        /// A promise that the queue's own hours cannot keep.
        TargetUnreachable = "target_unreachable",
        /// A promise for tickets that there cannot be.
        TargetUnused = "target_unused",
        /// A state that is not an end and leads nowhere.
        StateWithoutExit = "state_without_exit",
        /// A state that no ticket comes to.
        StateUnreached = "state_unreached",
        /// Nobody is named for some tickets.
        RouteMissing = "route_missing",
    }
}

document! {
    /// Something in a policy that its makers can hardly have meant.
    pub struct DeskWarning {
        /// What.
        pub kind: DeskWarningKind,
        /// One sentence: what to do.
        pub message: String,
        /// The place in the document, as a JSON Pointer.
        pub path: String,
    }
}

/// What a policy allows but its makers can hardly have meant, in the order of the document.
#[must_use]
pub fn lint_desk(desk: &Desk) -> Vec<DeskWarning> {
    let mut linter = Linter { desk, found: Vec::new() };
    linter.contacts();
    linter.ladders();
    linter.states();
    linter.priorities();
    linter.routes();
    linter.targets();
    linter.found
}

struct Linter<'a> {
    desk: &'a Desk,
    found: Vec<DeskWarning>,
}

impl Linter<'_> {
    fn warn(&mut self, kind: DeskWarningKind, path: String, message: String) {
        self.found.push(DeskWarning { kind, message, path });
    }

    fn contacts(&mut self) {
        for (place, contact) in self.desk.document().contacts.iter().enumerate() {
            let path = format!("/contacts/{place}");
            let ways = [&contact.phone, &contact.email, &contact.other];
            if ways.iter().all(|way| is_blank(way)) {
                let message = format!(
                    "nobody can reach `{}`; fill in a telephone number or an address",
                    contact.id
                );
                self.warn(DeskWarningKind::ContactBlank, path, message);
                continue;
            }
            let parts = [
                ("email", &contact.email),
                ("name", &contact.name),
                ("other", &contact.other),
                ("phone", &contact.phone),
            ];
            for (key, text) in parts {
                if !text.is_empty() && is_blank(text) {
                    let message = format!("`{}` was left blank; fill it in", contact.id);
                    self.warn(DeskWarningKind::ContactBlank, format!("{path}/{key}"), message);
                }
            }
        }
    }

    fn ladders(&mut self) {
        for (place, ladder) in self.desk.document().ladders.iter().enumerate() {
            for (index, level) in ladder.levels.iter().enumerate() {
                if level.contacts.is_empty() {
                    let path = format!("/ladders/{place}/levels/{index}/contacts");
                    let message = format!("the level `{}` tells nobody; name a contact", level.id);
                    self.warn(DeskWarningKind::LevelUntold, path, message);
                }
            }
        }
    }

    fn states(&mut self) {
        let rules = self.desk.rules();
        let mut reached = BTreeSet::from([rules.begins]);
        reached.extend(rules.reopen.as_ref().map(|reopen| reopen.to));
        let mut before = 0;
        while before < reached.len() {
            before = reached.len();
            for state in reached.clone() {
                let Some(state) = rules.states.get(state) else { continue };
                reached.extend(state.moves.iter().map(|way| way.to));
                reached.extend(state.auto.as_ref().map(|(_, to)| *to));
            }
        }
        for (place, state) in rules.states.iter().enumerate() {
            let word = rules.state_word(place).to_owned();
            let path = format!("/life/states/{place}");
            let ends = state.kind == StateKind::Closed
                || (state.kind == StateKind::Solved && rules.reopen.is_some());
            if !ends && state.moves.is_empty() && state.auto.is_none() {
                let message = format!("a ticket stays in `{word}` for ever; give it a way on");
                self.warn(DeskWarningKind::StateWithoutExit, path.clone(), message);
            }
            if !reached.contains(&place) {
                let message =
                    format!("no ticket comes to `{word}`; lead a state there or leave it out");
                self.warn(DeskWarningKind::StateUnreached, path, message);
            }
        }
    }

    fn priorities(&mut self) {
        let document = self.desk.document();
        let replies: Vec<&TargetRule> = document
            .targets
            .iter()
            .filter(|rule| rule.enabled && rule.metric == Metric::FirstReply)
            .filter(|rule| promises(&rule.target))
            .collect();
        if replies.is_empty() {
            return;
        }
        for (place, priority) in document.priorities.iter().enumerate() {
            if !replies.iter().any(|rule| is_for(&rule.when.priorities, priority)) {
                let path = format!("/priorities/{place}");
                let message = format!("`{}` has no promise of a first reply", priority.id);
                self.warn(DeskWarningKind::PriorityUnpromised, path, message);
            }
        }
    }

    fn routes(&mut self) {
        let document = self.desk.document();
        if document.routes.is_empty() {
            return;
        }
        for (place, priority) in document.priorities.iter().enumerate() {
            let named =
                |route: &crate::desk::policy::Route| is_for(&route.when.priorities, priority);
            if !document.routes.iter().any(named) {
                let path = format!("/priorities/{place}");
                let message =
                    format!("no route is for `{}`; say whom its tickets go to", priority.id);
                self.warn(DeskWarningKind::RouteMissing, path, message);
            }
        }
    }

    fn targets(&mut self) {
        let document = self.desk.document();
        for (place, rule) in document.targets.iter().enumerate().filter(|(_, rule)| rule.enabled) {
            let path = format!("/targets/{place}");
            let off = |id: &&String| {
                document.channels.iter().any(|channel| channel.id == **id && !channel.enabled)
            };
            let channels = &rule.when.channels;
            if !channels.is_empty() && channels.iter().all(|id| off(&id)) {
                let message = format!("`{}` is for channels that are not in use", rule.id);
                self.warn(DeskWarningKind::TargetUnused, path.clone(), message);
            }
            for queue in rule.when.queues.iter().filter(|_| rule.when.queues.len() == 1) {
                let queue = document.queues.iter().find(|known| known.id == *queue);
                let Some(calendar) = queue.and_then(|queue| queue.calendar.as_deref()) else {
                    continue;
                };
                if self.is_round_the_clock(&rule.target) && !self.is_always_open(calendar) {
                    let message = format!(
                        "`{}` counts all time, but its queue works in `{calendar}`; nobody is there to \
                         keep it outside those hours",
                        rule.id
                    );
                    self.warn(DeskWarningKind::TargetUnreachable, path.clone(), message);
                }
            }
        }
    }

    /// Whether a target ends at any hour.
    fn is_round_the_clock(&self, target: &Target) -> bool {
        let ends = |target: &Target| self.is_round_the_clock(target);
        match target {
            Target::After(after) => {
                after.calendar.as_ref().is_none_or(|calendar| self.is_always_open(calendar))
            }
            Target::Earliest(all) => all.iter().any(ends),
            Target::Latest(all) => !all.is_empty() && all.iter().all(ends),
            // It asks for the hours itself.
            Target::IfOpen(_) => false,
            Target::ByAgreement(_)
            | Target::CalendarSpan(_)
            | Target::NextBusinessDay(_)
            | Target::Queue(_) => false,
        }
    }

    /// Whether a calendar has no closed hour in a week that has no holiday of most of the world.
    fn is_always_open(&self, id: &str) -> bool {
        let week = |text: &str| text.parse().ok();
        let (Some(from), Some(to)) = (week("2026-04-13T00:00:00Z"), week("2026-04-20T00:00:00Z"))
        else {
            return false;
        };
        let calendar = self.desk.calendar(id);
        calendar.and_then(|calendar| calendar.between(from, to, &[])) == Ok(7 * 86_400)
    }
}

fn is_for(words: &[String], one: &Named) -> bool {
    words.is_empty() || words.contains(&one.id)
}

/// Whether nothing was filled in: forms are often copied with lines of underscores.
fn is_blank(text: &str) -> bool {
    text.chars().all(|letter| letter == '_' || letter.is_whitespace())
}

/// Whether a target has an end.
fn promises(target: &Target) -> bool {
    match target {
        Target::ByAgreement(_) | Target::Queue(_) => false,
        Target::Earliest(all) => all.iter().any(promises),
        Target::Latest(all) => all.iter().all(promises),
        Target::IfOpen(choice) => promises(&choice.then) || promises(&choice.otherwise),
        Target::After(_) | Target::CalendarSpan(_) | Target::NextBusinessDay(_) => true,
    }
}
