//! The verbs of a desk: what can be asked of it, as documents.

use jiff::Timestamp;

use super::calendar::{CalendarAnswer, CalendarQuery};
use super::components::{ComponentsAnswer, ComponentsQuery, StoreName, answer_components};
use super::evaluate::TicketView;
use super::lint::{DeskWarning, lint_desk};
use super::log::{StoreLogAnswer, StoreLogQuery, answer_store_log};
use super::maintenance::{MaintenanceAnswer, MaintenanceQuery, answer_maintenance};
use super::numbering::{
    NumberQuery, NumberingQuery, TicketNumber, answer_number, answer_numbering,
};
use super::outcomes::{OutcomesAnswer, OutcomesQuery, answer_outcomes};
use super::policy::{Desk, DeskStore};
use super::problems::{ProblemsAnswer, ProblemsQuery, answer_problems};
use super::report::{Attainment, DeskTicket, DeskWhatIf, GroupBy};
use super::rotation::{RotationAnswer, RotationQuery, answer_rotation};
use super::scores::{ScoresAnswer, ScoresQuery, answer_scores};
use super::stages::{StagesAnswer, StagesQuery, answer_stages};
use super::texts::{DeskText, DeskTextQuery, answer_desk_text};
use super::ticket::TicketEvent;
use crate::command::NoDetails;
use crate::document::{Reader, canonical, document, union};
use crate::error::{Error, ErrorCode, Mistake};
use crate::json::Node;

/// The most bytes that a question to a desk may have: 16 MiB.
pub const DESK_QUERY_BYTES_MAX: usize = 1 << 24;

union! {
    /// A question to a desk. What a question leaves out is as the desk's policy says.
    pub enum DeskQuery {
        /// How well promises were kept.
        Attainment(AttainmentQuery) = "attainment",
        /// Something about business time.
        Calendar(CalendarQuery) = "calendar",
        /// How components are, and how available they were.
        Components(ComponentsQuery) = "components",
        /// What is known of a ticket.
        Evaluate(EvaluateQuery) = "evaluate",
        /// What the policy allows but its makers can hardly have meant.
        Lint(NoDetails) = "lint",
        /// Maintenance, and what people are to be told about it.
        Maintenance(MaintenanceQuery) = "maintenance",
        /// What a ticket's number says.
        Number(NumberQuery) = "number",
        /// The number of a new ticket.
        Numbering(NumberingQuery) = "numbering",
        /// Who is on call.
        OnCall(OnCallQuery) = "on_call",
        /// Which triggers fired.
        Outcomes(OutcomesQuery) = "outcomes",
        /// Which known problems a message may be about.
        Problems(ProblemsQuery) = "problems",
        /// What customers think.
        Scores(ScoresQuery) = "scores",
        /// Entries of the store log.
        StoreLog(StoreLogQuery) = "store_log",
        /// In which stage of success customers are.
        SuccessStages(StagesQuery) = "success_stages",
        /// A text for people.
        Text(DeskTextQuery) = "text",
        /// What tickets would have been under another policy.
        WhatIf(WhatIfQuery) = "what_if",
    }
}

union! {
    /// The answer of a desk.
    pub enum DeskAnswer {
        /// How well promises were kept.
        Attainment(Attainment) = "attainment",
        /// Business time.
        Calendar(CalendarAnswer) = "calendar",
        /// How components are.
        Components(ComponentsAnswer) = "components",
        /// What is known of the ticket.
        Evaluate(TicketView) = "evaluate",
        /// What the makers of the policy can hardly have meant.
        Lint(DeskWarnings) = "lint",
        /// Maintenance.
        Maintenance(MaintenanceAnswer) = "maintenance",
        /// What the number says.
        Number(TicketNumber) = "number",
        /// The number.
        Numbering(TicketNumber) = "numbering",
        /// Who is on call.
        OnCall(RotationAnswer) = "on_call",
        /// Triggers.
        Outcomes(OutcomesAnswer) = "outcomes",
        /// Known problems.
        Problems(ProblemsAnswer) = "problems",
        /// What customers think.
        Scores(ScoresAnswer) = "scores",
        /// Entries of the store log.
        StoreLog(StoreLogAnswer) = "store_log",
        /// Stages of success.
        SuccessStages(StagesAnswer) = "success_stages",
        /// The text.
        Text(DeskText) = "text",
        /// What tickets would have been.
        WhatIf(DeskWhatIf) = "what_if",
    }
}

document! {
    /// How well promises were kept.
    pub struct AttainmentQuery {
        /// By what tickets are divided.
        pub by: GroupBy = GroupBy::All,
        /// What is known at this instant counts.
        pub now: Timestamp,
        /// The tickets.
        pub tickets: Vec<DeskTicket>,
    }
}

document! {
    /// What is known of a ticket at an instant.
    pub struct EvaluateQuery {
        /// What happened to it, in any order.
        pub events: Vec<TicketEvent>,
        /// Whether the time that did not count is told.
        pub explain: bool = false,
        /// The instant.
        pub now: Timestamp,
        /// Other policies that events name.
        pub policies: Vec<Node> = Vec::new(),
    }
}

document! {
    /// Who is on call.
    pub struct OnCallQuery {
        /// At which instant; it is also the first one of the range.
        pub at: Timestamp,
        /// The rotation of the desk.
        pub rotation: String,
        /// The first instant after the range of which shifts are asked; none if left out.
        pub to: Option<Timestamp>,
    }
}

document! {
    /// What tickets would have been under another policy.
    pub struct WhatIfQuery {
        /// By what tickets are divided.
        pub by: GroupBy = GroupBy::All,
        /// What is known at this instant counts.
        pub now: Timestamp,
        /// The other policy.
        pub policy: Node,
        /// The tickets.
        pub tickets: Vec<DeskTicket>,
    }
}

document! {
    /// What the makers of a policy can hardly have meant.
    pub struct DeskWarnings {
        /// In the order of the document.
        pub warnings: Vec<DeskWarning>,
    }
}

impl Desk {
    /// Answers a question.
    ///
    /// # Errors
    /// Those of the verb, with places in the question.
    pub fn call(&self, query: DeskQuery) -> Result<DeskAnswer, Error> {
        let name = query.name();
        self.ask(query).map_err(|error| error.under(&format!("/{name}")))
    }

    fn ask(&self, query: DeskQuery) -> Result<DeskAnswer, Error> {
        Ok(match query {
            DeskQuery::Attainment(query) => {
                let attainment = self.attainment(&query.tickets, query.by, query.now)?;
                DeskAnswer::Attainment(attainment)
            }
            DeskQuery::Calendar(query) => {
                let find = |id: &str| self.calendar(id).ok();
                DeskAnswer::Calendar(query.answer(find)?)
            }
            DeskQuery::Components(query) => DeskAnswer::Components(self.ask_components(query)?),
            DeskQuery::Evaluate(query) => DeskAnswer::Evaluate(self.ask_evaluate(&query)?),
            DeskQuery::Lint(_) => DeskAnswer::Lint(DeskWarnings { warnings: lint_desk(self) }),
            DeskQuery::Maintenance(query) => DeskAnswer::Maintenance(self.ask_maintenance(query)?),
            DeskQuery::Number(mut query) => {
                query.numbering.get_or_insert_with(|| self.document().numbering.clone());
                DeskAnswer::Number(answer_number(&query)?)
            }
            DeskQuery::Numbering(query) => DeskAnswer::Numbering(self.ask_numbering(query)?),
            DeskQuery::OnCall(query) => DeskAnswer::OnCall(self.ask_on_call(&query)?),
            DeskQuery::Outcomes(mut query) => {
                or_of_desk(&mut query.triggers, &self.document().triggers);
                DeskAnswer::Outcomes(answer_outcomes(&query)?)
            }
            DeskQuery::Problems(mut query) => {
                or_of_desk(&mut query.problems, &self.document().problems);
                DeskAnswer::Problems(answer_problems(&query)?)
            }
            DeskQuery::Scores(query) => DeskAnswer::Scores(answer_scores(&query)?),
            DeskQuery::StoreLog(mut query) => {
                self.fill_stores(&mut query.stores);
                self.fill_zone(&mut query.zone);
                DeskAnswer::StoreLog(answer_store_log(&query))
            }
            DeskQuery::SuccessStages(mut query) => {
                or_of_desk(&mut query.stages, &self.document().success_stages);
                self.fill_zone(&mut query.zone);
                DeskAnswer::SuccessStages(answer_stages(&query)?)
            }
            DeskQuery::Text(mut query) => {
                self.fill_stores(&mut query.stores);
                self.fill_zone(&mut query.zone);
                DeskAnswer::Text(answer_desk_text(&query))
            }
            DeskQuery::WhatIf(query) => {
                let other = Desk::from_node(&query.policy);
                let other = other.map_err(|error| error.under("/policy"))?;
                let what_if = self.what_if(&other, &query.tickets, query.by, query.now)?;
                DeskAnswer::WhatIf(what_if)
            }
        })
    }

    /// Answers the text of a question with the canonical text of the answer.
    ///
    /// # Errors
    /// Every mistake of the question, and those of [`Desk::call`].
    pub fn call_json(&self, text: &str) -> Result<String, Error> {
        let node = Node::parse(text, DESK_QUERY_BYTES_MAX)?;
        let (query, mistakes) = Reader::document::<DeskQuery>(&node);
        if !mistakes.is_empty() {
            return Err(mistakes.into());
        }
        self.call(query).map(|answer| canonical(&answer))
    }

    fn ask_evaluate(&self, query: &EvaluateQuery) -> Result<TicketView, Error> {
        let mut others = Vec::with_capacity(query.policies.len());
        let mut mistakes: Vec<Mistake> = Vec::new();
        for (place, node) in query.policies.iter().enumerate() {
            match Desk::from_node(node) {
                Ok(desk) => others.push(desk),
                Err(error) => {
                    let error = error.under(&format!("/policies/{place}"));
                    mistakes.extend(error.mistakes().iter().cloned());
                }
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes.into());
        }
        let others: Vec<&Desk> = others.iter().collect();
        self.evaluate_with(&others, &query.events, query.now, query.explain)
    }

    fn ask_components(&self, mut query: ComponentsQuery) -> Result<ComponentsAnswer, Error> {
        or_of_desk(&mut query.components, &self.document().components);
        self.fill_stores(&mut query.stores);
        self.fill_zone(&mut query.zone);
        answer_components(&query)
    }

    fn ask_maintenance(&self, mut query: MaintenanceQuery) -> Result<MaintenanceAnswer, Error> {
        or_of_desk(&mut query.plans, &self.document().maintenance);
        or_of_desk(&mut query.notices, &self.document().notices);
        self.fill_zone(&mut query.zone);
        answer_maintenance(&query)
    }

    fn ask_numbering(&self, mut query: NumberingQuery) -> Result<TicketNumber, Error> {
        query.numbering.get_or_insert_with(|| self.document().numbering.clone());
        self.fill_zone(&mut query.zone);
        answer_numbering(&query)
    }

    fn ask_on_call(&self, query: &OnCallQuery) -> Result<RotationAnswer, Error> {
        let mut rotations = self.document().rotations.iter();
        let rotation = rotations.find(|rotation| rotation.id == query.rotation);
        let Some(rotation) = rotation else {
            let message = format!("the desk has no rotation `{}`", query.rotation);
            return Err(Error::new(ErrorCode::DeskReference, "/rotation", message));
        };
        answer_rotation(&RotationQuery {
            at: query.at,
            rotation: rotation.clone(),
            to: query.to,
            zone: self.document().zone.clone(),
        })
    }

    fn fill_stores(&self, stores: &mut Vec<StoreName>) {
        if stores.is_empty() {
            stores.extend(self.document().stores.iter().map(DeskStore::named));
        }
    }

    fn fill_zone(&self, zone: &mut String) {
        if zone.is_empty() {
            zone.clone_from(&self.document().zone);
        }
    }
}

/// What a question leaves out is as the desk's policy says.
fn or_of_desk<T: Clone>(list: &mut Vec<T>, of_desk: &[T]) {
    if list.is_empty() {
        list.extend_from_slice(of_desk);
    }
}
