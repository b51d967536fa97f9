//! What happened to a ticket: events, of which everything else is a reading.

use jiff::Timestamp;

use crate::command::NoDetails;
use crate::desk::policy::{After, IntakeAnswer, Metric};
use crate::document::{choice, document, union};

document! {
    /// One thing that happened to a ticket.
    pub struct TicketEvent {
        /// When.
        pub at: Timestamp,
        /// Who did it.
        pub by: Option<String>,
        /// What.
        pub event: TicketFact,
    }
}

union! {
    /// What happened to a ticket.
    pub enum TicketFact {
        /// Somebody took it on.
        Acknowledged(NoDetails) = "acknowledged",
        /// It was said that it may be done, or not.
        Approval(Approval) = "approval",
        /// A queue or a person got it.
        Assignment(Assignment) = "assignment",
        /// It is about something else.
        Category(CategoryChange) = "category",
        /// The customer confirmed that it is solved.
        Confirmed(NoDetails) = "confirmed",
        /// A step of the desk's own, or of the closing, was done.
        Done(StepDone) = "done",
        /// Something happened that takes it up a ladder.
        Escalated(Escalated) = "escalated",
        /// A developer said how long it will take.
        Estimate(Estimate) = "estimate",
        /// The customer got the new version.
        Installed(NoDetails) = "installed",
        /// Somebody set a term by hand.
        ManualDue(ManualDue) = "manual_due",
        /// It became a part of another ticket.
        Merge(TicketMerge) = "merge",
        /// Somebody wrote or said something.
        Message(Message) = "message",
        /// Another version of the policy, or another policy, counts from here on.
        Policy(PolicyChange) = "policy",
        /// The priority was set by a person.
        Priority(PriorityChange) = "priority",
        /// It came in.
        Registered(Registered) = "registered",
        /// It was opened again.
        Reopened(NoDetails) = "reopened",
        /// It went to another state.
        State(StateChange) = "state",
        /// It was tested.
        TestResult(TestResult) = "test_result",
    }
}

document! {
    /// Whether something may be done.
    pub struct Approval {
        /// Whether it may.
        pub granted: bool,
    }
}

document! {
    /// Who got the ticket.
    pub struct Assignment {
        /// The person.
        pub agent: Option<String>,
        /// The queue.
        pub queue: Option<String>,
    }
}

document! {
    /// What the ticket is about from now on.
    pub struct CategoryChange {
        /// The category.
        pub to: String,
    }
}

document! {
    /// A step of the desk's own, or of the closing, that was done.
    pub struct StepDone {
        /// The step.
        pub step: String,
    }
}

document! {
    /// What takes a ticket up a ladder.
    pub struct Escalated {
        /// The reason, as a level of the ladder names it.
        pub reason: String,
    }
}

document! {
    /// How long it will take.
    pub struct Estimate {
        /// The working time, in the calendar of the state or in the one that is named.
        pub after: After,
        /// Whether the customer was promised it.
        pub promised: bool = false,
    }
}

document! {
    /// A term that was set by hand: it stays, whatever else changes.
    pub struct ManualDue {
        /// The term; the policy's own counts again where it is left out.
        pub due: Option<Timestamp>,
        /// The clock.
        pub metric: Metric,
    }
}

document! {
    /// The ticket that this one became a part of.
    pub struct TicketMerge {
        /// Its number.
        pub into: String,
    }
}

choice! {
    /// Who wrote.
    pub enum Author {
        /// The customer.
        Customer = "customer",
        /// Somebody of the desk.
        Agent = "agent",
        /// A program of the desk.
        Bot = "bot",
    }
}

document! {
    /// Something that was written or said.
    pub struct Message {
        /// Who wrote.
        pub author: Author,
        /// Whether it was sent by itself, such as an acknowledgement.
        pub automatic: bool = false,
        /// Whether the customer sees it.
        pub public: bool = true,
        /// The clocks that it stops; those that its author and kind stop, where it is left out.
        pub stops: Option<Vec<Metric>>,
    }
}

document! {
    /// Another policy from here on.
    pub struct PolicyChange {
        /// Its id, where it is another desk's.
        pub id: Option<String>,
        /// Its version.
        pub version: String,
    }
}

document! {
    /// A priority that a person set.
    pub struct PriorityChange {
        /// The priority.
        pub to: String,
    }
}

document! {
    /// How a ticket came in.
    pub struct Registered {
        /// Answers to the questions of the intake.
        pub answers: Vec<IntakeAnswer> = Vec::new(),
        /// What it is about, if somebody said so.
        pub category: Option<String>,
        /// The way it came.
        pub channel: Option<String>,
        /// Its number.
        pub number: Option<String>,
        /// What the customer pays for.
        pub plan: Option<String>,
        /// The priority, if somebody said so.
        pub priority: Option<String>,
        /// The queue that got it, if somebody said so.
        pub queue: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The subject.
        pub subject: String = String::new(),
        /// The text.
        pub text: String = String::new(),
    }
}

document! {
    /// The state from now on.
    pub struct StateChange {
        /// The state.
        pub to: String,
    }
}

document! {
    /// What a test said.
    pub struct TestResult {
        /// Whether it passed.
        pub passed: bool,
    }
}
