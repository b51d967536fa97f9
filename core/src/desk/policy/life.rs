//! The states of a ticket: how it goes from one to another, and what its end asks for.

use super::document::Named;
use super::target::{CalendarSpan, Target};
use super::when::When;
use crate::document::{choice, document};

document! {
    /// The states of a ticket and how it goes from one to another.
    pub struct TicketLife {
        /// The state of a new ticket; the first one where it is left out.
        pub begins: Option<String>,
        /// How a ticket that was solved is opened again; never where it is left out.
        pub reopen: Option<Reopen>,
        /// The states.
        pub states: Vec<StateDocument>,
        /// What can be done for a ticket beside what every desk knows and what closing asks for, so
        /// that moves may need it.
        pub steps: Vec<Named> = Vec::new(),
    }
}

choice! {
    /// What a state means to clocks and people.
    pub enum StateKind {
        /// Nobody works on it yet.
        New = "new",
        /// Somebody works on it.
        Open = "open",
        /// The customer must do something.
        Pending = "pending",
        /// Somebody else must do something.
        OnHold = "on_hold",
        /// It is solved, and may be opened again.
        Solved = "solved",
        /// It is over.
        Closed = "closed",
    }
}

document! {
    /// A state of a ticket.
    pub struct StateDocument {
        /// What happens by itself if nothing else does.
        pub auto: Option<AutoMove>,
        /// The calendar in which time in this state is counted; the desk's own where it is left out.
        pub calendar: Option<String>,
        /// The stable id.
        pub id: String,
        /// What it means.
        pub kind: StateKind,
        /// Where it goes from here.
        pub moves: Vec<Move> = Vec::new(),
        /// What people call it.
        pub name: String = String::new(),
        /// Whether clocks stand still.
        pub pauses: bool = false,
        /// The queue that gets it.
        pub queue: Option<String>,
    }
}

document! {
    /// A way from one state to another.
    pub struct Move {
        /// What must have been done: `acknowledged`, `answered` (the customer wrote), `approved`,
        /// `confirmed`, `estimated`, `installed`, `replied` (the desk wrote), `test_passed`, a step of
        /// the desk's own, or one of the closing; what closing does not ask of a ticket is not needed.
        pub needs: Vec<String> = Vec::new(),
        /// What brings it there by itself: one of those, `refused` or `test_failed`.
        pub on: Option<String>,
        /// The state.
        pub to: String,
    }
}

document! {
    /// What happens by itself if nothing else does.
    pub struct AutoMove {
        /// By when something else must happen.
        pub after: Target,
        /// The state.
        pub to: String,
    }
}

document! {
    /// How a ticket that was solved is opened again.
    pub struct Reopen {
        /// Whether a message of the customer does it.
        pub by_message: bool = true,
        /// The state.
        pub to: String,
        /// For how long; for ever where it is left out.
        pub within: Option<CalendarSpan>,
    }
}

document! {
    /// Something that closing a ticket asks for.
    pub struct Closing {
        /// The stable id.
        pub id: String,
        /// What people call it.
        pub name: String = String::new(),
        /// By when, from the solution.
        pub target: Option<Target>,
        /// Which tickets it is asked for.
        pub when: When = When::default(),
    }
}
