//! The store log: what happened at a store and how it was resolved.

use jiff::Timestamp;

use super::components::StoreName;
use super::texts::{labelled, store_name};
use crate::document::document;
use crate::texts::{Language, date_time};

document! {
    /// An entry of a store's log.
    pub struct StoreLogEntry {
        /// When it happened.
        pub at: Timestamp,
        /// Who entered it.
        pub by: Option<String>,
        /// What happened.
        pub issue: String,
        /// How it was resolved; absent while it is not.
        pub resolution: Option<String>,
        /// The store.
        pub store: String,
        /// The number of the ticket.
        pub ticket: Option<String>,
        /// What the store did in the meantime, for the next time.
        pub workaround: Option<String>,
    }
}

document! {
    /// Asks for entries of the store log.
    pub struct StoreLogQuery {
        /// The entries, in any order.
        pub entries: Vec<StoreLogEntry>,
        /// The first instant of the period; without a beginning if left out.
        pub from: Option<Timestamp>,
        /// The language of the text.
        pub language: Language = Language::Russian,
        /// Only entries of this store; of all if left out.
        pub store: Option<String>,
        /// The names of the stores, for the text; those of the desk if left out.
        pub stores: Vec<StoreName> = Vec::new(),
        /// Only entries of this ticket; of all if left out.
        pub ticket: Option<String>,
        /// The first instant after the period; without an end if left out.
        pub to: Option<Timestamp>,
        /// The time zone of the text: an IANA name. That of the desk if left out.
        pub zone: String = String::new(),
    }
}

document! {
    /// Entries of the store log.
    pub struct StoreLogAnswer {
        /// The entries, the oldest first; of one instant by store and then as they were given.
        pub entries: Vec<StoreLogEntry>,
        /// The same as text, a line each; an empty line divides entries.
        pub lines: Vec<String>,
    }
}

/// The entries of a store and a period, sorted, and their text.
#[must_use]
pub fn answer_store_log(query: &StoreLogQuery) -> StoreLogAnswer {
    let wanted =
        |asked: &Option<String>, has: Option<&String>| asked.is_none() || asked.as_ref() == has;
    let mut entries: Vec<StoreLogEntry> = query
        .entries
        .iter()
        .filter(|entry| query.from.is_none_or(|from| from <= entry.at))
        .filter(|entry| query.to.is_none_or(|to| entry.at < to))
        .filter(|entry| wanted(&query.store, Some(&entry.store)))
        .filter(|entry| wanted(&query.ticket, entry.ticket.as_ref()))
        .cloned()
        .collect();
    entries.sort_by(|one, other| (one.at, &one.store).cmp(&(other.at, &other.store)));
    let mut lines = Vec::new();
    for entry in &entries {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(entry.lines(&query.stores, &query.zone, query.language));
    }
    StoreLogAnswer { entries, lines }
}

impl StoreLogEntry {
    /// The entry as lines of text.
    #[must_use]
    pub fn lines(&self, stores: &[StoreName], zone: &str, language: Language) -> Vec<String> {
        let at = date_time(self.at, zone, language);
        let store = store_name(&self.store, stores, language);
        let ticket = self.ticket.iter().map(|ticket| format!(" · {ticket}"));
        let mut lines = vec![format!("{at} · {store}{}", ticket.collect::<String>())];
        lines.push(labelled(("Что случилось", "Issue"), &self.issue, language));
        let open = language.pick("пока нет", "none yet");
        let resolution = self.resolution.as_deref().unwrap_or(open);
        lines.push(labelled(("Решение", "Resolution"), resolution, language));
        let rest = [
            (("Обходной путь", "Workaround"), &self.workaround),
            (("Автор записи", "Entered by"), &self.by),
        ];
        for (label, value) in rest {
            lines.extend(value.iter().map(|value| labelled(label, value, language)));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Localized;

    fn entry(at: &str, store: &str) -> StoreLogEntry {
        StoreLogEntry {
            at: at.parse().unwrap(),
            issue: "Ошибка сети при начислении".into(),
            store: store.into(),
            ..StoreLogEntry::default()
        }
    }

    fn query(entries: Vec<StoreLogEntry>) -> StoreLogQuery {
        StoreLogQuery {
            entries,
            stores: vec![StoreName {
                id: "sapphire".into(),
                name: Localized { en: "Sapphire".into(), ru: "Сапфир".into() },
            }],
            zone: "Europe/Moscow".into(),
            ..StoreLogQuery::default()
        }
    }

    #[test]
    fn a_period_has_its_first_instant_and_not_its_last() {
        let days = ["2025-10-26", "2025-10-24", "2025-10-25", "2025-10-23"];
        let entries = days.map(|day| entry(&format!("{day}T00:00:00+03:00"), "sapphire"));
        let mut query = query(entries.to_vec());
        query.from = Some("2025-10-24T00:00:00+03:00".parse().unwrap());
        query.to = Some("2025-10-26T00:00:00+03:00".parse().unwrap());
        let found: Vec<_> =
            answer_store_log(&query).entries.iter().map(|it| it.at.to_string()).collect();
        assert_eq!(found, ["2025-10-23T21:00:00Z", "2025-10-24T21:00:00Z"]);
    }

    #[test]
    fn only_the_store_and_the_ticket_that_were_asked_for_are_answered() {
        let at = "2025-10-24T14:30:00+03:00";
        let mut one = entry(at, "sapphire");
        one.ticket = Some("INC-2025-00001".into());
        let mut query = query(vec![entry(at, "sapphire"), entry(at, "amber"), one.clone()]);
        query.store = Some("sapphire".into());
        assert_eq!(answer_store_log(&query).entries.len(), 2);
        query.ticket = Some("INC-2025-00001".into());
        assert_eq!(answer_store_log(&query).entries, [one]);
    }

    #[test]
    fn the_text_reads_well_in_both_languages() {
        let full = StoreLogEntry {
            by: Some("Мария".into()),
            resolution: Some("Перезапущен роутер".into()),
            ticket: Some("INC-2025-00001".into()),
            workaround: Some("Номера карт записывали вручную".into()),
            ..entry("2025-10-24T14:30:00+03:00", "sapphire")
        };
        let mut query = query(vec![full, entry("2025-10-25T09:05:00+03:00", "amber")]);
        assert_eq!(
            answer_store_log(&query).lines,
            [
                "24.10.2025 14:30 · Сапфир · INC-2025-00001",
                "Что случилось: Ошибка сети при начислении",
                "Решение: Перезапущен роутер",
                "Обходной путь: Номера карт записывали вручную",
                "Автор записи: Мария",
                "",
                "25.10.2025 09:05 · amber",
                "Что случилось: Ошибка сети при начислении",
                "Решение: пока нет",
            ]
        );
        query.language = Language::English;
        let lines = answer_store_log(&query).lines;
        assert_eq!(lines[0], "24 Oct 2025 14:30 · Sapphire · INC-2025-00001");
        assert_eq!(lines[8], "Resolution: none yet");
    }
}
