//! Numbers with their nouns, durations, and the words that several texts use.

use jiff::Timestamp;

use crate::desk::{ComponentStatus, StoreName};
use crate::texts::{Language, date_time};

/// The three forms of a Russian noun beside a number: 1 час, 2 часа, 5 часов.
pub(super) struct Forms(pub &'static str, pub &'static str, pub &'static str);

/// A number with its noun.
pub(super) fn counted(
    count: u64,
    russian: &Forms,
    english: (&str, &str),
    language: Language,
) -> String {
    let noun = match language {
        Language::Russian => match (count % 10, count % 100) {
            (_, 11..=14) => russian.2,
            (1, _) => russian.0,
            (2..=4, _) => russian.1,
            _ => russian.2,
        },
        Language::English if count == 1 => english.0,
        Language::English => english.1,
    };
    format!("{count} {noun}")
}

/// A duration in days, hours and minutes: `1 час 5 минут`. Seconds are left out from a minute on.
///
/// # Examples
/// ```
/// use kopilka::desk::texts::duration;
/// use kopilka::texts::Language;
///
/// assert_eq!(duration(3_900, Language::Russian), "1 час 5 минут");
/// assert_eq!(duration(93_600, Language::English), "1 day 2 hours");
/// ```
#[must_use]
pub fn duration(seconds: u64, language: Language) -> String {
    let parts = [
        (seconds / 86_400, Forms("день", "дня", "дней"), ("day", "days")),
        (seconds / 3_600 % 24, Forms("час", "часа", "часов"), ("hour", "hours")),
        (seconds / 60 % 60, Forms("минута", "минуты", "минут"), ("minute", "minutes")),
    ];
    let shown = parts.iter().filter(|(count, ..)| *count > 0);
    let texts: Vec<_> = shown
        .map(|(count, russian, english)| counted(*count, russian, *english, language))
        .collect();
    if texts.is_empty() {
        let forms = Forms("секунда", "секунды", "секунд");
        return counted(seconds, &forms, ("second", "seconds"), language);
    }
    texts.join(" ")
}

/// A line of a label and what it says, without the full stop that a label does not want.
pub(in crate::desk) fn labelled(label: (&str, &str), value: &str, language: Language) -> String {
    format!("{}: {value}", language.pick(label.0, label.1))
}

/// The name of a store; its id where the name is not known.
pub(in crate::desk) fn store_name<'a>(
    id: &'a str,
    names: &'a [StoreName],
    language: Language,
) -> &'a str {
    let found = names.iter().find(|store| store.id == id);
    found.map_or(id, |store| language.of(&store.name))
}

/// The names of stores, divided by commas.
pub(super) fn list_of_stores(ids: &[String], names: &[StoreName], language: Language) -> String {
    let names: Vec<&str> = ids.iter().map(|id| store_name(id, names, language)).collect();
    names.join(", ")
}

/// The text with a full stop, unless it ends a sentence already.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let ended = text.is_empty() || text.ends_with(['.', '!', '?', '…', ':', ';']);
    format!("{text}{}", if ended { "" } else { "." })
}

/// From when to when: `24.10.2025 02:00 — 24.10.2025 04:00`; only the beginning if the end is unknown.
pub(super) fn span(
    from: Timestamp,
    to: Option<Timestamp>,
    zone: &str,
    language: Language,
) -> String {
    let begin = date_time(from, zone, language);
    match to {
        Some(to) => {
            let dash = language.pick("—", "–");
            format!("{begin} {dash} {}", date_time(to, zone, language))
        }
        None => format!("{} {begin}", language.pick("с", "from")),
    }
}

/// A component's status as a status page has it.
#[must_use]
pub fn component_status(status: ComponentStatus, language: Language) -> &'static str {
    match status {
        ComponentStatus::Up => language.pick("работает", "up"),
        ComponentStatus::Degraded => language.pick("работает с перебоями", "degraded"),
        ComponentStatus::Maintenance => language.pick("техработы", "under maintenance"),
        ComponentStatus::Down => language.pick("не работает", "down"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Russian};

    #[test]
    fn durations_have_the_forms_that_their_numbers_ask_for() {
        for (seconds, russian, english) in [
            (0, "0 секунд", "0 seconds"),
            (1, "1 секунда", "1 second"),
            (22, "22 секунды", "22 seconds"),
            (59, "59 секунд", "59 seconds"),
            (60, "1 минута", "1 minute"),
            (119, "1 минута", "1 minute"),
            (11 * 60, "11 минут", "11 minutes"),
            (21 * 60, "21 минута", "21 minutes"),
            (3_600, "1 час", "1 hour"),
            (2 * 3_600 + 120, "2 часа 2 минуты", "2 hours 2 minutes"),
            (5 * 3_600, "5 часов", "5 hours"),
            (86_400, "1 день", "1 day"),
            (4 * 86_400 + 3_600, "4 дня 1 час", "4 days 1 hour"),
            (12 * 86_400, "12 дней", "12 days"),
            (101 * 86_400, "101 день", "101 days"),
            (111 * 86_400, "111 дней", "111 days"),
        ] {
            assert_eq!(duration(seconds, Russian), russian);
            assert_eq!(duration(seconds, English), english);
        }
    }
}
