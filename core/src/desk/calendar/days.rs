//! Production calendars: what differs from an ordinary week, by date.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::document::{DayKind, DaysDocument};
use super::local::day_number;
use super::times::day;
use crate::document::{Collector, Reader};
use crate::error::{Error, ErrorCode};
use crate::json::Node;

/// The most bytes that a production calendar or a calendar may have as a document of its own.
pub const CALENDAR_BYTES_MAX: usize = 1 << 20;

/// A production calendar, checked.
#[derive(Clone, Debug)]
pub(super) struct ProductionCalendar {
    pub facts: Vec<ProductionFact>,
    pub source: Arc<str>,
}

/// In what one day differs.
#[derive(Clone, Debug)]
pub(super) struct ProductionFact {
    pub day: i64,
    pub kind: DayKind,
    pub moved_from: Option<i64>,
    pub name: Option<String>,
}

impl DaysDocument {
    /// Reads a production calendar.
    ///
    /// # Errors
    /// Every mistake of form, each with its place. What its dates mean is checked with the
    /// calendars that follow it.
    pub fn from_json(text: &str) -> Result<DaysDocument, Error> {
        let node = Node::parse(text, CALENDAR_BYTES_MAX)?;
        let (document, mistakes) = Reader::document(&node);
        if mistakes.is_empty() { Ok(document) } else { Err(mistakes.into()) }
    }
}

impl ProductionCalendar {
    pub fn compile(check: &mut Collector, document: &DaysDocument, path: &str) -> Self {
        let mut facts = Vec::new();
        // The place at which each day was named as one of a kind.
        let mut seen: BTreeMap<i64, Vec<DayKind>> = BTreeMap::new();
        for (index, entry) in document.days.iter().enumerate() {
            let path = format!("{path}/days/{index}");
            let from = format!("{path}/moved_from");
            let moved_from = check.date(entry.moved_from.as_ref(), &from).map(day_number);
            if entry.kind == DayKind::Working && entry.moved_from.is_none() {
                let message = "name the date with which the working day was swapped";
                check.contradiction(&from, message);
            }
            let place = format!("{path}/date");
            let Some(day) = day(check, &entry.date, || place.clone()) else { continue };
            let kinds = seen.entry(day).or_default();
            if kinds.contains(&entry.kind) {
                let message = format!("the date `{}` stands twice", entry.date);
                check.mistake(ErrorCode::DeskDuplicate, &place, message);
            } else if !kinds.is_empty()
                && (entry.kind == DayKind::Holiday || kinds.contains(&DayKind::Holiday))
            {
                let message = format!("`{}` cannot be a day off and worked", entry.date);
                check.contradiction(&place, message);
            }
            kinds.push(entry.kind);
            let (kind, name) = (entry.kind, entry.name.clone());
            facts.push(ProductionFact { day, kind, moved_from, name });
        }
        ProductionCalendar { facts, source: Arc::from(document.source.as_str()) }
    }
}
