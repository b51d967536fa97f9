//! What the desk says to people, in Russian and English.
//!
//! Like everything of [`crate::texts`], these texts are made of facts when somebody asks for them
//! and nothing here fails: a time zone that is unknown is shown as UTC, and a store without a name
//! by its id. Texts come as lines, so that a host joins them as its e-mail, messenger or screen
//! wants them; an empty line divides paragraphs.

mod incident;
mod maintenance;
mod page;
mod words;

pub use incident::{Incident, IncidentAnnouncement, IncidentNews, IncidentReport, IncidentStep};
pub use maintenance::{MaintenanceAnnouncement, TicketAcknowledgement};
pub(super) use page::status_page;
pub use words::{component_status, duration};
pub(super) use words::{labelled, store_name};

use super::components::StoreName;
use crate::document::{document, union};
use crate::texts::Language;
use incident::Reader;

union! {
    /// What a text is about.
    pub enum DeskTextSubject {
        /// A ticket was registered.
        Acknowledgement(TicketAcknowledgement) = "acknowledgement",
        /// News of an incident.
        IncidentAnnouncement(IncidentAnnouncement) = "incident_announcement",
        /// The report of an incident.
        IncidentReport(IncidentReport) = "incident_report",
        /// Maintenance, planned or not.
        Maintenance(MaintenanceAnnouncement) = "maintenance",
    }
}

document! {
    /// Asks for a text.
    pub struct DeskTextQuery {
        /// What it is about.
        pub about: DeskTextSubject,
        /// The language.
        pub language: Language = Language::Russian,
        /// The names of the stores; those of the desk if left out.
        pub stores: Vec<StoreName> = Vec::new(),
        /// The time zone of its dates: an IANA name. That of the desk if left out.
        pub zone: String = String::new(),
    }
}

document! {
    /// A text for people.
    pub struct DeskText {
        /// Its lines; an empty one divides paragraphs.
        pub lines: Vec<String>,
        /// Its subject, as of an e-mail.
        pub subject: String,
    }
}

/// The text that was asked for.
#[must_use]
pub fn answer_desk_text(query: &DeskTextQuery) -> DeskText {
    let (language, zone) = (query.language, query.zone.as_str());
    let reader = Reader { language, stores: &query.stores, zone };
    match &query.about {
        DeskTextSubject::Acknowledgement(news) => maintenance::acknowledgement(news, &reader),
        DeskTextSubject::IncidentAnnouncement(news) => incident::announcement(news, &reader),
        DeskTextSubject::IncidentReport(report) => incident::report(report, &reader),
        DeskTextSubject::Maintenance(news) => maintenance::announcement(news, &reader),
    }
}

/// The lines of all paragraphs that have any, with an empty line between two of them.
fn paragraphs(parts: impl IntoIterator<Item = Vec<String>>) -> Vec<String> {
    let mut lines = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(part);
    }
    lines
}

#[cfg(test)]
mod tests;
