//! What is announced about maintenance, and what a customer hears as a ticket is registered.

use jiff::Timestamp;

use super::incident::Reader;
use super::words::{duration, labelled, sentence, span};
use super::{DeskText, paragraphs};
use crate::desk::MaintenanceWindow;
use crate::desk::local::seconds_between;
use crate::document::document;

document! {
    /// An announcement of maintenance, planned or not. Texts are in the language of the readers.
    pub struct MaintenanceAnnouncement {
        /// What is worked on: the name of a component.
        pub component: Option<String>,
        /// What people will notice.
        pub impact: Option<String>,
        /// The address of the status page.
        pub status_page: Option<String>,
        /// The window; whether it is planned decides how it is announced.
        pub window: MaintenanceWindow,
        /// What stores can do meanwhile.
        pub workaround: Option<String>,
    }
}

document! {
    /// What a customer hears as soon as a ticket is registered.
    pub struct TicketAcknowledgement {
        /// What the desk understood the matter to be.
        pub matter: Option<String>,
        /// The number of the ticket.
        pub number: String,
        /// The priority, such as `P1`.
        pub priority: Option<String>,
        /// When it was registered.
        pub registered_at: Timestamp,
        /// By when the first reply is promised; absent if nothing is promised.
        pub reply_by: Option<Timestamp>,
        /// What the desk still needs to know.
        pub wanted: Vec<String> = Vec::new(),
    }
}

/// The announcement of a window of maintenance.
pub(super) fn announcement(news: &MaintenanceAnnouncement, reader: &Reader<'_>) -> DeskText {
    let window = &news.window;
    let when = span(window.from, window.to, reader.zone, reader.language);
    let heading = match window.planned {
        true => reader.pick("Плановые технические работы", "Planned maintenance"),
        false => reader.pick("Экстренные технические работы", "Emergency maintenance"),
    };
    let mut facts = vec![reader.label("Когда", "When", &when)];
    if let Some(to) = window.to {
        let length = duration(seconds_between(window.from, to), reader.language);
        facts.push(reader.label("Длительность", "Duration", &length));
    } else {
        let unknown = "Время окончания сообщим дополнительно.";
        facts.push(reader.pick(unknown, "We will tell when it ends.").to_owned());
    }
    if let Some(component) = &news.component {
        facts.push(reader.label("Что затронуто", "Affected", component));
    }
    let label = |value: &Option<String>, russian, english| {
        value.as_ref().map(|value| reader.label(russian, english, &sentence(value)))
    };
    let effects = [
        label(&news.impact, "Что вы заметите", "What you will notice"),
        label(&news.workaround, "Что делать пока", "Meanwhile"),
    ];
    let parts = [
        facts,
        effects.into_iter().flatten().collect(),
        advice(news, reader),
        news.status_page
            .iter()
            .map(|page| labelled(("Состояние сервисов", "Status page"), page, reader.language))
            .collect(),
    ];
    DeskText { lines: paragraphs(parts), subject: format!("{heading}: {when}") }
}

fn advice(news: &MaintenanceAnnouncement, reader: &Reader<'_>) -> Vec<String> {
    let begin = reader.date_time(news.window.from);
    let lines = match news.window.planned {
        true => [
            format!(
                "{} {begin}.",
                reader.pick("Завершите операции до", "Finish transactions before")
            ),
            reader
                .pick(
                    "После работ всё заработает само.",
                    "Everything resumes by itself afterwards.",
                )
                .to_owned(),
        ],
        false => [
            reader
                .pick(
                    "Если операции не проходят, записывайте их вручную.",
                    "If transactions fail, write them down by hand.",
                )
                .to_owned(),
            reader
                .pick(
                    "Когда сервис заработает, внесите их в систему.",
                    "Enter them when the service is back.",
                )
                .to_owned(),
        ],
    };
    lines.to_vec()
}

/// The acknowledgement of a ticket, with its number.
pub(super) fn acknowledgement(news: &TicketAcknowledgement, reader: &Reader<'_>) -> DeskText {
    let subject = match reader.language {
        crate::texts::Language::Russian => format!("Обращение {} зарегистрировано", news.number),
        crate::texts::Language::English => format!("Ticket {} is registered", news.number),
    };
    let mut facts = vec![reader.label("Номер", "Number", &news.number)];
    facts.extend(news.matter.as_ref().map(|matter| reader.label("Вопрос", "Matter", matter)));
    if let Some(priority) = &news.priority {
        facts.push(reader.label("Приоритет", "Priority", priority));
    }
    facts.push(reader.label("Получено", "Received", &reader.date_time(news.registered_at)));
    if let Some(by) = news.reply_by {
        let by = reader.date_time(by);
        facts.push(reader.label("Ответим не позднее", "We will reply by", &by));
    }
    let asked =
        reader.pick("Чтобы помочь быстрее, сообщите:", "To help you sooner, please tell us:");
    let title = Some(asked.to_owned()).filter(|_| !news.wanted.is_empty());
    let wanted = news.wanted.iter().map(|item| format!("– {item}"));
    let thanks =
        reader.pick("Спасибо, мы получили ваше обращение.", "Thank you, we have your message.");
    let keep = reader.pick(
        "Сохраните номер: по нему мы быстро найдём обращение.",
        "Keep the number: with it we find your ticket at once.",
    );
    let parts = [
        vec![thanks.to_owned()],
        facts,
        title.into_iter().chain(wanted).collect(),
        vec![keep.to_owned()],
    ];
    DeskText { lines: paragraphs(parts), subject }
}
