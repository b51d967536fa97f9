//! The policy of a desk as a document.

use super::life::{Closing, TicketLife};
use super::target::{After, Target};
use super::when::When;
use crate::desk::calendar::{CalendarDocument, DaysDocument, Edge};
use crate::desk::components::{Component, StoreName};
use crate::desk::maintenance::{EmergencyNotice, PlannedMaintenance};
use crate::desk::numbering::Numbering;
use crate::desk::outcomes::OutcomeTrigger;
use crate::desk::problems::KnownProblem;
use crate::desk::rotation::OnCallRotation;
use crate::desk::stages::CustomerStage;
use crate::document::{choice, document, union};
use crate::program::Localized;

document! {
    /// The policy of a support desk: everything that it promises and how it works.
    pub struct DeskDocument {
        /// Calendars of working time; the first one is the desk's own.
        pub calendars: Vec<CalendarDocument>,
        /// What tickets can be about.
        pub categories: Vec<Category> = Vec::new(),
        /// What a change of priority does to clocks that run.
        pub change: ChangeRule = ChangeRule::default(),
        /// Ways in which customers write or call.
        pub channels: Vec<Channel> = Vec::new(),
        /// How a new ticket gets its priority, category and queue, in this order.
        pub classification: Vec<ClassRule> = Vec::new(),
        /// What closing a ticket asks for.
        pub closing: Vec<Closing> = Vec::new(),
        /// What works or does not: the backend, a link, a database.
        pub components: Vec<Component> = Vec::new(),
        /// People and places that can be reached.
        pub contacts: Vec<Contact> = Vec::new(),
        /// Production calendars: days off, working Saturdays and short days as dated facts.
        pub days: Vec<DaysDocument> = Vec::new(),
        /// What a term that ends exactly at closing means.
        pub edge: Edge = Edge::default(),
        /// The stable id of the desk.
        pub id: String,
        /// What is asked when a ticket is registered.
        pub intake: Vec<Question> = Vec::new(),
        /// Who is told when, as long as nobody solves a ticket.
        pub ladders: Vec<Ladder> = Vec::new(),
        /// The states of a ticket and how it goes from one to another.
        pub life: TicketLife,
        /// Maintenance that is planned, and who is reminded of it.
        pub maintenance: Vec<PlannedMaintenance> = Vec::new(),
        /// What people call the desk.
        pub name: String = String::new(),
        /// Which choices here are the maker's own, because the desk's rules are silent; for readers.
        pub notes: Vec<String> = Vec::new(),
        /// Who is told when maintenance could not be planned.
        pub notices: Vec<EmergencyNotice> = Vec::new(),
        /// How tickets are numbered.
        pub numbering: Numbering = Numbering::default(),
        /// What customers pay for.
        pub plans: Vec<Named> = Vec::new(),
        /// Priorities, the most urgent first.
        pub priorities: Vec<Named> = Vec::new(),
        /// Problems that are known, and what to do in the meantime.
        pub problems: Vec<KnownProblem> = Vec::new(),
        /// Teams or tiers that work on tickets.
        pub queues: Vec<Queue> = Vec::new(),
        /// When a reply is counted, and which one.
        pub replies: Replies = Replies::default(),
        /// Who is on call.
        pub rotations: Vec<OnCallRotation> = Vec::new(),
        /// Whom a ticket goes to; the first that is for it counts.
        pub routes: Vec<Route> = Vec::new(),
        /// Stores.
        pub stores: Vec<DeskStore> = Vec::new(),
        /// Stages of customer success.
        pub success_stages: Vec<CustomerStage> = Vec::new(),
        /// What is promised.
        pub targets: Vec<TargetRule> = Vec::new(),
        /// When failed transactions open a ticket.
        pub triggers: Vec<OutcomeTrigger> = Vec::new(),
        /// The zone of the desk: an IANA name.
        pub zone: String,
    }
}

document! {
    /// Something with a name.
    pub struct Named {
        /// The stable id.
        pub id: String,
        /// What people call it.
        pub name: String = String::new(),
    }
}

document! {
    /// A store.
    pub struct DeskStore {
        /// Where it is.
        pub address: String = String::new(),
        /// The stable id.
        pub id: String,
        /// What people call it.
        pub name: String = String::new(),
    }
}

impl DeskStore {
    /// The store as texts for people name it.
    pub(crate) fn named(&self) -> StoreName {
        let name = if self.name.is_empty() { &self.id } else { &self.name };
        StoreName { id: self.id.clone(), name: Localized { en: name.clone(), ru: name.clone() } }
    }
}

document! {
    /// What a ticket can be about.
    pub struct Category {
        /// The stable id.
        pub id: String,
        /// What people call it.
        pub name: String = String::new(),
        /// What to try, step by step.
        pub playbook: Vec<String> = Vec::new(),
    }
}

document! {
    /// A way in which customers write or call.
    pub struct Channel {
        /// Whether it is in use. Tickets that came by another way are registered all the same.
        pub enabled: bool = true,
        /// The stable id.
        pub id: String,
        /// What people call it.
        pub name: String = String::new(),
    }
}

document! {
    /// A team or tier that works on tickets.
    pub struct Queue {
        /// When it works; the desk's own calendar where it is left out.
        pub calendar: Option<String>,
        /// The stable id.
        pub id: String,
        /// What people call it.
        pub name: String = String::new(),
    }
}

choice! {
    /// From when a changed target counts.
    pub enum CountsFrom {
        /// From the change.
        Change = "change",
        /// From where the clock began.
        Start = "start",
    }
}

document! {
    /// What a change of priority does to clocks that run. Rules that hold before and after it go on as
    /// they were.
    pub struct ChangeRule {
        /// A less urgent priority.
        pub lowered: CountsFrom = CountsFrom::Start,
        /// A more urgent one.
        pub raised: CountsFrom = CountsFrom::Change,
    }
}

document! {
    /// When a reply is counted, and which one.
    pub struct Replies {
        /// Whether a message that was sent by itself is a reply.
        pub automatic: bool = false,
        /// Whether what a program wrote is a reply. Where it is not, it is one all the same if the ticket
        /// is solved by it.
        pub bots: bool = false,
        /// Whether a message that arrives before the first reply starts a cycle of its own.
        pub next_before_first: bool = false,
    }
}

choice! {
    /// A clock of a ticket.
    pub enum Metric {
        /// Working time in states in which the agent works.
        AgentWork = "agent_work",
        /// Something that closing asks for.
        Closing = "closing",
        /// What a developer estimated.
        Estimate = "estimate",
        /// From registration to the first public reply.
        FirstReply = "first_reply",
        /// From the oldest unanswered message of the customer to the reply.
        NextReply = "next_reply",
        /// From one public message of the desk to the next one.
        PeriodicUpdate = "periodic_update",
        /// From the assignment to a queue to its first sign of life.
        QueueReply = "queue_reply",
        /// Working time in which the customer waits for the desk.
        RequesterWait = "requester_wait",
        /// From registration to the solution.
        Resolution = "resolution",
        /// In one state.
        Stage = "stage",
    }
}

choice! {
    /// To whom something is promised.
    pub enum Promise {
        /// To the customer.
        Customer = "customer",
        /// Between the teams.
        Tier = "tier",
    }
}

choice! {
    /// Where a clock begins.
    pub enum Anchor {
        /// Where its metric says.
        Metric = "metric",
        /// At the last assignment to a queue.
        Assigned = "assigned",
        /// At the registration of the ticket.
        Created = "created",
    }
}

document! {
    /// A promise. Where several are for one ticket and metric, the earliest end counts.
    pub struct TargetRule {
        /// Where the clock begins.
        pub anchor: Anchor = Anchor::Metric,
        /// Whether it holds. What does not is there to be read, and to be taken up one day.
        pub enabled: bool = true,
        /// The stable id.
        pub id: String,
        /// What is measured.
        pub metric: Metric,
        /// Whether time in states that pause does not count.
        pub pauses: bool = true,
        /// To whom it is promised.
        pub promise: Promise = Promise::Customer,
        /// By when.
        pub target: Target,
        /// When to warn before the end.
        pub warnings: Vec<Warning> = Vec::new(),
        /// Which tickets it is for.
        pub when: When = When::default(),
    }
}

union! {
    /// When to warn before a term ends.
    pub enum Warning {
        /// Working time before the end, in minutes.
        MinutesBefore(u32) = "minutes_before",
        /// When this share of the working time is used up, in percent.
        Percent(u8) = "percent",
    }
}

document! {
    /// One step of classification.
    pub struct ClassRule {
        /// What the customer answered: every answer that is given here must be the same.
        pub answers: Vec<IntakeAnswer> = Vec::new(),
        /// The stable id.
        pub id: String,
        /// Words of which one must be in the subject or text: beginnings of words, in any case.
        pub keywords: Vec<String> = Vec::new(),
        /// What it does.
        pub set: ClassEffect,
        /// Which tickets it is for, by what is known of them so far.
        pub when: When = When::default(),
    }
}

document! {
    /// What a step of classification does.
    pub struct ClassEffect {
        /// A priority that the ticket has at least: it is raised, and never lowered.
        pub at_least: Option<String>,
        /// The category, unless one was given.
        pub category: Option<String>,
        /// The priority, unless it has one.
        pub priority: Option<String>,
        /// The queue, unless it has one.
        pub queue: Option<String>,
        /// By how many places the priority is raised.
        pub raise: u32 = 0,
    }
}

document! {
    /// An answer to a question of the intake.
    pub struct IntakeAnswer {
        /// The question.
        pub question: String,
        /// The answer.
        pub value: String,
    }
}

document! {
    /// A question that is asked when a ticket is registered.
    pub struct Question {
        /// The stable id.
        pub id: String,
        /// The question in English.
        pub name: String = String::new(),
        /// The question in Russian.
        pub name_ru: String = String::new(),
        /// Whether the ticket lacks something without an answer.
        pub required: bool = true,
        /// Which tickets it is asked for.
        pub when: When = When::default(),
    }
}

document! {
    /// Somebody who can be reached. What is blank, or a line of underscores as in a form that nobody
    /// filled in, is told by the linter.
    pub struct Contact {
        /// When, if not always.
        pub calendar: Option<String>,
        /// The mail address.
        pub email: String = String::new(),
        /// The stable id.
        pub id: String,
        /// The person or place.
        pub name: String = String::new(),
        /// Anywhere else: a messenger, a portal.
        pub other: String = String::new(),
        /// The telephone number.
        pub phone: String = String::new(),
        /// The store that it belongs to: it is named for tickets of that store alone.
        pub store: Option<String>,
    }
}

document! {
    /// Whom a ticket goes to.
    pub struct Route {
        /// Contacts, the first to try first.
        pub contacts: Vec<String> = Vec::new(),
        /// The stable id.
        pub id: String,
        /// Which tickets it is for.
        pub when: When = When::default(),
    }
}

document! {
    /// Who is told when, as long as nobody solves a ticket.
    pub struct Ladder {
        /// Whether the acknowledgement of the ticket stops it.
        pub acknowledged_stops: bool = false,
        /// The stable id.
        pub id: String,
        /// Levels, the first one first.
        pub levels: Vec<Level>,
        /// The ladder that goes on when the last level is over.
        pub next: Option<String>,
        /// Levels at which tickets of a priority begin.
        pub starts: Vec<LadderStart> = Vec::new(),
        /// Which tickets it is for.
        pub when: When = When::default(),
    }
}

document! {
    /// A level of a ladder.
    pub struct Level {
        /// After how much time from registration it begins; only by its reasons where it is left out.
        pub after: Option<After>,
        /// Who is told.
        pub contacts: Vec<String> = Vec::new(),
        /// The stable id.
        pub id: String,
        /// What people call it.
        pub name: String = String::new(),
        /// In which calendar people are told; at once where it is left out.
        pub notify_in: Option<String>,
        /// Reasons that bring a ticket here at once.
        pub reasons: Vec<String> = Vec::new(),
        /// After how many minutes they are told again; never at 0.
        pub repeat_minutes: u32 = 0,
        /// How often they are told again at most.
        pub repeats: u32 = 0,
    }
}

document! {
    /// Where tickets of a priority begin on a ladder.
    pub struct LadderStart {
        /// The level.
        pub level: String,
        /// The priority.
        pub priority: String,
    }
}
