//! What is known of a ticket at an instant, as a document.

use jiff::Timestamp;

use crate::desk::calendar::Skipped;
use crate::desk::policy::{Metric, Promise};
use crate::document::{choice, document};

document! {
    /// What is known of a ticket at an instant.
    pub struct TicketView {
        /// Who works on it.
        pub agent: Option<String>,
        /// What it is about.
        pub category: Option<String>,
        /// The steps of classification that counted, in their order.
        pub classified_by: Vec<String>,
        /// What closing it asks for.
        pub closing: Vec<ClosingView>,
        /// Whom it goes to, the first to try first.
        pub contacts: Vec<String>,
        /// Where it stands on a ladder.
        pub ladder: Option<LadderView>,
        /// The ticket that it became a part of.
        pub merged_into: Option<String>,
        /// What is missing for the next step.
        pub missing: Vec<Missing>,
        /// The states that it may go to now.
        pub moves: Vec<String>,
        /// What comes next, and when.
        pub next: Option<NextAction>,
        /// Its number.
        pub number: Option<String>,
        /// The version of the policy that counts.
        pub policy: String,
        /// The priority.
        pub priority: Option<String>,
        /// The queue that has it.
        pub queue: Option<String>,
        /// When it came in.
        pub registered_at: Timestamp,
        /// How often it went back because a test failed.
        pub rework: u32,
        /// When it was solved, if it is.
        pub solved_at: Option<Timestamp>,
        /// How long it was in which state.
        pub stages: Vec<StageView>,
        /// The state.
        pub state: String,
        /// The store.
        pub store: Option<String>,
        /// Its clocks, in the order in which they began.
        pub timers: Vec<TimerView>,
    }
}

choice! {
    /// How a clock stands.
    pub enum TimerState {
        /// It runs.
        Running = "running",
        /// It runs, and its term is over.
        Late = "late",
        /// It stands still.
        Paused = "paused",
        /// It ended in time, or without a term.
        Met = "met",
        /// It ended too late, or was late already when it ended without what it waited for.
        Missed = "missed",
        /// It ended in time without what it waited for, or nothing is promised any more.
        Cleared = "cleared",
    }
}

document! {
    /// A clock of a ticket.
    pub struct TimerView {
        /// When its term was over, if it ever was: what is changed later does not undo it.
        pub breached_at: Option<Timestamp>,
        /// The how many such clock of the ticket it is, from 1.
        pub cycle: u32,
        /// By when.
        pub due: Option<Timestamp>,
        /// When it ended.
        pub finished_at: Option<Timestamp>,
        /// Whether the term was set by hand.
        pub manual: bool,
        /// Working seconds that were left at its end, or are left now; below zero if it is late.
        pub margin_seconds: Option<i64>,
        /// What is measured.
        pub metric: Metric,
        /// To whom it is promised.
        pub promise: Promise,
        /// The promise that counts.
        pub rule: Option<String>,
        /// All promises that are for it, by their ends.
        pub rules: Vec<RuleDue>,
        /// The time that did not count, from the beginning to the term; only if it was asked for.
        pub skipped: Vec<Skipped>,
        /// When it began.
        pub started_at: Timestamp,
        /// How it stands.
        pub state: TimerState,
        /// The state or step that it is about.
        pub subject: Option<String>,
        /// Whether a warning is due.
        pub warned: bool,
        /// When to warn.
        pub warnings: Vec<Timestamp>,
        /// Working seconds so far.
        pub worked_seconds: i64,
    }
}

document! {
    /// A promise and its end.
    pub struct RuleDue {
        /// By when; not there if nothing is promised.
        pub due: Option<Timestamp>,
        /// The promise.
        pub rule: String,
    }
}

document! {
    /// The time in one state.
    pub struct StageView {
        /// From when.
        pub from: Timestamp,
        /// The state.
        pub state: String,
        /// Until when; not there if it is still there.
        pub to: Option<Timestamp>,
        /// Working seconds, in the calendar of the state.
        pub worked_seconds: i64,
    }
}

document! {
    /// Something that closing a ticket asks for.
    pub struct ClosingView {
        /// When it was done.
        pub done_at: Option<Timestamp>,
        /// By when.
        pub due: Option<Timestamp>,
        /// Whether it is or was late.
        pub late: bool,
        /// The step.
        pub step: String,
    }
}

document! {
    /// Where a ticket stands on a ladder.
    pub struct LadderView {
        /// Who is told.
        pub contacts: Vec<String>,
        /// The ladder.
        pub ladder: String,
        /// The level, if one began.
        pub level: Option<String>,
        /// When the next level begins.
        pub next_at: Option<Timestamp>,
        /// The next level.
        pub next_level: Option<String>,
        /// Whether it stands still because somebody took the ticket on or solved it.
        pub stopped: bool,
    }
}

choice! {
    /// What kind of thing is missing.
    pub enum MissingKind {
        /// An answer to a question of the intake.
        Answer = "answer",
        /// Something that closing asks for.
        Closing = "closing",
        /// Something that a step to another state needs.
        Step = "step",
    }
}

document! {
    /// What is missing for the next step.
    pub struct Missing {
        /// The state that it is needed for.
        pub for_state: Option<String>,
        /// What kind of thing.
        pub kind: MissingKind,
        /// The question or step.
        pub what: String,
    }
}

choice! {
    /// What comes next.
    pub enum ActionKind {
        /// A warning before a term.
        Warning = "warning",
        /// The end of a term.
        Due = "due",
        /// A level of a ladder begins.
        Level = "level",
        /// The people of a level are told again.
        Repeat = "repeat",
        /// The ticket goes to another state by itself.
        Move = "move",
        /// The end of the term of a step of the closing.
        Closing = "closing",
    }
}

document! {
    /// What comes next, and when.
    pub struct NextAction {
        /// When; in the past if it should have been done already.
        pub at: Timestamp,
        /// What.
        pub kind: ActionKind,
        /// The clock.
        pub metric: Option<Metric>,
        /// The level, state or step.
        pub subject: Option<String>,
    }
}
