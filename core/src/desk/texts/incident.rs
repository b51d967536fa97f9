//! The report of an incident, and what is announced while it lasts.

use jiff::Timestamp;

use super::words::{Forms, counted, duration, labelled, list_of_stores, sentence, span};
use super::{DeskText, paragraphs};
use crate::desk::StoreName;
use crate::desk::local::seconds_between;
use crate::document::{choice, document};
use crate::texts::{Language, date_time};

document! {
    /// What is known of an incident. Texts are in the language of the readers.
    pub struct Incident {
        /// What is affected: the name of a component.
        pub component: Option<String>,
        /// How many transactions failed.
        pub failed: Option<u64>,
        /// What it means for the stores and their customers.
        pub impact: Option<String>,
        /// The number of the ticket.
        pub number: String,
        /// The priority, such as `P1`.
        pub priority: Option<String>,
        /// When it ended; absent while it lasts.
        pub resolved_at: Option<Timestamp>,
        /// When it began.
        pub started_at: Timestamp,
        /// The affected stores; all of them if empty.
        pub stores: Vec<String> = Vec::new(),
        /// What happened, in a few words.
        pub title: String,
        /// What stores can do meanwhile.
        pub workaround: Option<String>,
    }
}

document! {
    /// The report of an incident, once it is over or while it lasts.
    pub struct IncidentReport {
        /// What caused it.
        pub cause: Option<String>,
        /// What is left to say at the end.
        pub closing: Option<String>,
        /// The incident.
        pub incident: Incident,
        /// What is done so that it does not happen again.
        pub prevention: Vec<String> = Vec::new(),
        /// When the desk heard of it.
        pub reported_at: Option<Timestamp>,
        /// When somebody replied first.
        pub responded_at: Option<Timestamp>,
        /// Why the cause could come about at all.
        pub root_cause: Option<String>,
        /// What was done, in order.
        pub steps: Vec<IncidentStep> = Vec::new(),
        /// What happened, at length.
        pub what: Option<String>,
    }
}

document! {
    /// A step of the work on an incident.
    pub struct IncidentStep {
        /// When.
        pub at: Timestamp,
        /// What was done.
        pub text: String,
    }
}

choice! {
    /// Which announcement of an incident is made.
    pub enum IncidentNews {
        /// It has begun.
        Opened = "opened",
        /// Something new is known.
        Updated = "updated",
        /// It is over.
        Resolved = "resolved",
    }
}

document! {
    /// An announcement of an incident.
    pub struct IncidentAnnouncement {
        /// The incident.
        pub incident: Incident,
        /// Which announcement it is.
        pub news: IncidentNews,
        /// When the next one is to be expected.
        pub next_at: Option<Timestamp>,
        /// What is new.
        pub text: Option<String>,
    }
}

/// For whom a text is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    pub language: Language,
    pub stores: &'a [StoreName],
    pub zone: &'a str,
}

impl Reader<'_> {
    pub fn label(&self, russian: &str, english: &str, value: &str) -> String {
        labelled((russian, english), value, self.language)
    }

    pub fn date_time(&self, at: Timestamp) -> String {
        date_time(at, self.zone, self.language)
    }

    pub fn pick<'a>(&self, russian: &'a str, english: &'a str) -> &'a str {
        self.language.pick(russian, english)
    }
}

/// The report: facts first, then what happened, its causes, and what follows from it.
pub(super) fn report(report: &IncidentReport, reader: &Reader<'_>) -> DeskText {
    let incident = &report.incident;
    let heading = reader.pick("Отчёт об инциденте", "Incident report");
    let subject = format!("{heading} {}: {}", incident.number, incident.title);
    let facts = facts(report, reader);
    let steps: Vec<String> = report
        .steps
        .iter()
        .map(|step| format!("{} — {}", reader.date_time(step.at), step.text))
        .collect();
    let numbered = |(place, text): (usize, &String)| format!("{place}. {text}");
    let prevention: Vec<String> = (1..).zip(&report.prevention).map(numbered).collect();
    let section = |russian, english, text: &Option<String>| {
        let body = text.as_ref().map(|text| sentence(text));
        titled(reader.pick(russian, english), body.into_iter().collect())
    };
    let parts = [
        facts,
        section("Что произошло", "What happened", &report.what),
        section("Последствия", "Impact", &incident.impact),
        section("Обходной путь", "Workaround", &incident.workaround),
        titled(reader.pick("Ход работ", "Timeline"), steps),
        section("Причина", "Cause", &report.cause),
        section("Первопричина", "Root cause", &report.root_cause),
        titled(reader.pick("Чтобы это не повторилось", "Prevention"), prevention),
        report.closing.iter().map(|text| sentence(text)).collect(),
    ];
    DeskText { lines: paragraphs(parts), subject }
}

/// A title over some lines; nothing where there are none.
fn titled(title: &str, lines: Vec<String>) -> Vec<String> {
    let title = Some(title.to_owned()).filter(|_| !lines.is_empty());
    title.into_iter().chain(lines).collect()
}

fn facts(report: &IncidentReport, reader: &Reader<'_>) -> Vec<String> {
    let incident = &report.incident;
    let mut lines = vec![reader.label("Обращение", "Ticket", &incident.number)];
    if let Some(priority) = &incident.priority {
        lines.push(reader.label("Приоритет", "Priority", priority));
    }
    lines.push(stores_line(incident, reader));
    if let Some(component) = &incident.component {
        lines.push(reader.label("Что затронуто", "Affected", component));
    }
    lines.push(reader.label("Начало", "Began", &reader.date_time(incident.started_at)));
    let moments = [
        (report.reported_at, "Сообщили в поддержку", "Reported"),
        (report.responded_at, "Первый ответ", "First reply"),
        (incident.resolved_at, "Устранено", "Resolved"),
    ];
    for (at, russian, english) in moments {
        lines.extend(at.map(|at| reader.label(russian, english, &reader.date_time(at))));
    }
    lines.push(match incident.resolved_at {
        Some(resolved) => length_line(incident.started_at, resolved, reader),
        None => reader.pick("Ещё не устранено", "Not resolved yet").to_owned(),
    });
    lines.extend(failed_line(incident, reader));
    lines
}

fn length_line(from: Timestamp, to: Timestamp, reader: &Reader<'_>) -> String {
    let length = duration(seconds_between(from, to), reader.language);
    reader.label("Длительность", "Duration", &length)
}

fn stores_line(incident: &Incident, reader: &Reader<'_>) -> String {
    if incident.stores.is_empty() {
        return reader.label("Магазины", "Stores", reader.pick("все", "all"));
    }
    let names = list_of_stores(&incident.stores, reader.stores, reader.language);
    match incident.stores.len() {
        1 => reader.label("Магазин", "Store", &names),
        _ => reader.label("Магазины", "Stores", &names),
    }
}

fn failed_line(incident: &Incident, reader: &Reader<'_>) -> Option<String> {
    let forms = Forms("операция", "операции", "операций");
    let text = counted(incident.failed?, &forms, ("transaction", "transactions"), reader.language);
    Some(reader.label("Не прошло", "Failed", &text))
}

/// What is announced as an incident begins, goes on and ends.
pub(super) fn announcement(news: &IncidentAnnouncement, reader: &Reader<'_>) -> DeskText {
    let incident = &news.incident;
    let (stage, opening) = match news.news {
        IncidentNews::Opened => {
            ("", reader.pick("Мы уже занимаемся этим.", "We are working on it."))
        }
        IncidentNews::Updated => (
            reader.pick(", новости", " update"),
            reader.pick("Работы продолжаются.", "The work goes on."),
        ),
        IncidentNews::Resolved => (
            reader.pick(" устранён", " resolved"),
            reader.pick("Всё снова работает.", "Everything works again."),
        ),
    };
    let heading = reader.pick("Инцидент", "Incident");
    let subject = format!("{heading} {}{stage}: {}", incident.number, incident.title);
    let told = [Some(opening.to_owned()), news.text.as_ref().map(|text| sentence(text))];
    let over = news.news == IncidentNews::Resolved;
    let next = news.next_at.filter(|_| !over).map(|at| {
        let at = reader.date_time(at);
        reader.label("Следующее сообщение — не позднее", "Next update no later than", &at)
    });
    let thanks = reader.pick("Спасибо за терпение.", "Thank you for your patience.");
    let parts = [
        told.into_iter().flatten().collect(),
        announced_facts(incident, over, reader),
        announced_advice(incident, over, reader),
        next.into_iter().collect(),
        Some(thanks.to_owned()).filter(|_| over).into_iter().collect(),
    ];
    DeskText { lines: paragraphs(parts), subject }
}

fn announced_facts(incident: &Incident, over: bool, reader: &Reader<'_>) -> Vec<String> {
    let mut facts = vec![stores_line(incident, reader)];
    if let Some(component) = &incident.component {
        facts.push(reader.label("Что затронуто", "Affected", component));
    }
    match incident.resolved_at.filter(|_| over) {
        Some(resolved) => {
            let when = span(incident.started_at, Some(resolved), reader.zone, reader.language);
            facts.push(reader.label("Когда", "When", &when));
            facts.push(length_line(incident.started_at, resolved, reader));
        }
        None => facts.push(reader.label("Начало", "Began", &reader.date_time(incident.started_at))),
    }
    facts.extend(failed_line(incident, reader));
    facts
}

fn announced_advice(incident: &Incident, over: bool, reader: &Reader<'_>) -> Vec<String> {
    let label = |value: &Option<String>, russian, english| {
        value.as_ref().map(|value| reader.label(russian, english, &sentence(value)))
    };
    let impact = label(&incident.impact, "Последствия", "Impact");
    let workaround = label(&incident.workaround, "Что делать пока", "Meanwhile");
    impact.into_iter().chain(workaround.filter(|_| !over)).collect()
}
