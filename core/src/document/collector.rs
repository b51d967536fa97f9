//! Collecting the mistakes of what a document means, after its form was read.

use std::collections::HashSet;

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::{MISTAKES_MAX, closest};
use crate::error::{ErrorCode, Mistake};

/// The codes of one kind of document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codes {
    /// Of an id that is used twice.
    pub duplicate: ErrorCode,
    /// Of a word that names nothing.
    pub reference: ErrorCode,
    /// Of two settings that cannot both hold.
    pub contradiction: ErrorCode,
    /// What the document is called in messages.
    pub document: &'static str,
}

/// Collects mistakes; what is asked for comes back as a placeholder where it is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Collector {
    pub mistakes: Vec<Mistake>,
    codes: Codes,
}

impl Collector {
    pub fn new(codes: Codes) -> Collector {
        Collector { mistakes: Vec::new(), codes }
    }

    pub fn mistake(&mut self, code: ErrorCode, path: &str, message: impl Into<String>) {
        if self.mistakes.len() < MISTAKES_MAX {
            self.mistakes.push(Mistake::new(code, path, message));
        }
    }

    pub fn contradiction(&mut self, path: &str, message: impl Into<String>) {
        self.mistake(self.codes.contradiction, path, message);
    }

    /// Where a word stands among the known ones.
    pub fn reference(
        &mut self,
        word: &str,
        known: &[&str],
        what: &str,
        path: &str,
    ) -> Option<usize> {
        let found = known.iter().position(|id| *id == word);
        if found.is_none() {
            let near = closest(word, known);
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let message = format!("the {} has no {what} `{word}`{hint}", self.codes.document);
            self.mistake(self.codes.reference, path, message);
        }
        found
    }

    pub fn unique<'a>(&mut self, ids: impl Iterator<Item = &'a String>, list: &str) {
        let mut seen = HashSet::new();
        for (index, id) in ids.enumerate() {
            let path = format!("{list}/{index}/id");
            self.id(id, &path);
            if !seen.insert(id) {
                let message = format!("the id `{id}` is used twice");
                self.mistake(self.codes.duplicate, &path, message);
            }
        }
    }

    pub fn id(&mut self, id: &str, path: &str) {
        if id.is_empty() {
            self.mistake(ErrorCode::DocumentTextEmpty, path, "the id must not be empty");
        } else if id.len() > 64 {
            let message = "the id must not have more than 64 bytes";
            self.mistake(ErrorCode::DocumentTextTooLong, path, message);
        }
    }

    pub fn zone(&mut self, name: &str, path: &str) -> TimeZone {
        find_zone(name).unwrap_or_else(|| {
            let message = format!("`{name}` is no IANA time zone such as `Europe/Moscow`");
            self.mistake(ErrorCode::TimeZone, path, message);
            TimeZone::UTC
        })
    }

    pub fn date(&mut self, text: Option<&String>, path: &str) -> Option<Date> {
        let text = text?;
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == *text);
        if date.is_none() {
            let message = format!("`{text}` is no date such as 2026-01-31");
            self.mistake(ErrorCode::TimeDate, path, message);
        }
        date
    }

    /// Two local dates of which the first must not be after the last.
    pub fn dates(
        &mut self,
        from: &Option<String>,
        until: &Option<String>,
        path: &str,
    ) -> (Option<Date>, Option<Date>) {
        let from = self.date(from.as_ref(), &format!("{path}/from"));
        let until = self.date(until.as_ref(), &format!("{path}/until"));
        if from.zip(until).is_some_and(|(from, until)| from > until) {
            self.contradiction(&format!("{path}/until"), "`until` is before `from`");
        }
        (from, until)
    }

    /// A time of day, HH:MM, in minutes.
    pub fn time_of_day(&mut self, text: &str, path: &str) -> u16 {
        let minutes = minutes_of(text);
        if minutes.is_none() {
            let message = format!("`{text}` is no time of day such as 09:30");
            self.mistake(ErrorCode::TimeOfDay, path, message);
        }
        minutes.unwrap_or(0)
    }
}

/// HH:MM in minutes.
fn minutes_of(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str, below: u16| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|number| digits && *number < below)
    };
    Some(number(hours, 24)? * 60 + number(minutes, 60)?)
}

/// A zone of the database that is bundled with this version of the engine.
pub(crate) fn find_zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}
